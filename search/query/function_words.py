"""Function words (stop words) of a query: conjunctions, pronouns, question words, *olema*, *ei*.

Questions contain them, but no article is about them. Closed word classes are recognised by the part
of speech of every reading; the reviewed lists hold those that Vabamorf calls adverbs and verbs. In
another language they are its most common words.
"""

from collections.abc import Iterator, Sequence

from search.analysis import ESTONIAN, Analyzer, common_words, identify_language
from search.analysis.acronyms import acronym_base
from search.analysis.morphology import PROPER_NOUN

_CONJUNCTION, _PRONOUN = "J", "P"
_LEMMAS = frozenset({"olema", "ei"})
_QUESTIONS = frozenset(
    "kas kuidas miks mispärast milleks millal kus kuhu kust kui kunas kuna".split()
)
#: Words that make a question phrase with the word before them.
_QUESTION_PHRASES = {
    "kui": frozenset({"palju", "kaua", "tihti", "sageli"}),
    "mida": frozenset({"teha"}),
}


def function_words(words: Sequence[str], analyzer: Analyzer) -> Iterator[bool]:
    """For each of ``words``, in the order of the query, whether it is a function word.

    An empty one represents a phrase or a choice.
    """
    foreign = _common_foreign_words(words, analyzer)
    before = ""
    for word in words:
        low = word.lower()
        # EAS is no form of *iga*, and IT no English word.
        is_acronym = not word or acronym_base(word) is not None
        is_listed = low in _QUESTION_PHRASES.get(before, ()) or low in _QUESTIONS or low in foreign
        yield not is_acronym and (is_listed or _is_function_word(word, analyzer))
        before = low


def _is_function_word(word: str, analyzer: Analyzer) -> bool:
    # The capital that begins a question makes no name.
    found = [each for each in analyzer.readings(word) if each.pos != PROPER_NOUN]
    return bool(found) and all(
        each.pos in (_CONJUNCTION, _PRONOUN) or each.lemma in _LEMMAS for each in found
    )


def _common_foreign_words(words: Sequence[str], analyzer: Analyzer) -> frozenset[str]:
    """The most common words of the language of ``words``; none if that is Estonian.

    A single *of* identifies English if the lexicon knows no other word.
    """
    language = identify_language(" ".join(words))
    if language != ESTONIAN:
        return common_words(language)
    english = common_words("en")
    others = [each for each in words if each.lower() not in english]
    is_english = len(others) < len(words) and not any(map(analyzer.is_known, others))
    return english if is_english else frozenset()
