"""Converts sentences all in capitals to sentence case, so that rules for names can read them."""

from dataclasses import replace

from indexer.extract.organisations.lexicon import LEADING_FORMS
from indexer.text_view import Sentence
from search.analysis import Analyzer

_VERB = "V"


def in_sentence_case(sentence: Sentence, analyzer: Analyzer) -> Sentence:
    """Restores sentence case if ``sentence`` is all in capitals (truecasing); offsets stay.

    „MTÜ ROHEKODA SAI AUHINNA“ becomes „MTÜ Rohekoda sai auhinna“: the word beside a legal form is
    a name; for other words the lexicon decides.
    """
    found = analyzer.decapitalised(sentence.tokens)
    if found is None:
        return sentence
    forms = list(found.forms)
    for i, token in enumerate(sentence.tokens):
        if token.text in LEADING_FORMS:
            forms[i] = token.text
            _capitalise_name_beside(forms, i, analyzer)
    forms[0] = forms[0][:1].upper() + forms[0][1:]
    text = list(sentence.text)
    for form, token in zip(forms, sentence.tokens, strict=True):
        if len(form) == token.end - token.start:
            text[token.start - sentence.start : token.end - sentence.start] = form
    tokens = (each._replace(text=form) for form, each in zip(forms, sentence.tokens, strict=True))
    return replace(sentence, text="".join(text), tokens=tuple(tokens))


def _capitalise_name_beside(forms: list[str], legal: int, analyzer: Analyzer) -> None:
    """Capitalises the name behind a legal form, or before it if a verb follows."""
    behind = legal + 1
    follows = behind < len(forms) and not any(
        each.pos == _VERB for each in analyzer.readings(forms[behind])
    )
    at = behind if follows else legal - 1
    if at >= 0:
        forms[at] = forms[at][:1].upper() + forms[at][1:]
