"""Query explanation: describes the interpreted query in a sentence."""

from collections.abc import Iterable, Sequence

from search.i18n import Translator
from search.query.ast import (
    And,
    Choice,
    Everything,
    FacetTerm,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    Words,
    lemmas_of,
    way_of,
)
from search.request import UNKNOWN_YEAR

_LISTED_NAMES = 6
_LISTED_RELATIVES = 3


def explain(node: Node, translate: Translator) -> str:
    """``node`` as a sentence in the translator's language; empty for an empty query."""
    if isinstance(node, Everything):
        return ""
    return translate.gettext("Searched: {what}.", what=_describe(node, translate))


def _describe(node: Node, translate: Translator) -> str:
    _ = translate.gettext
    if isinstance(node, Word):
        return _describe_word(node, translate)
    if isinstance(node, Phrase):
        return _describe_phrase(node, translate)
    if isinstance(node, Choice):
        return _describe_choice(node, translate)
    if isinstance(node, Prefix):
        description = _("words beginning with “{text}”", text=node.text)
        if node.cut:
            description = _("{what} (too many: only the first in the alphabet)", what=description)
        return _("{what} in the title", what=description) if node.field == "title" else description
    if isinstance(node, FacetTerm):
        return _describe_facet(node, translate)
    if isinstance(node, Or):
        return _join([_nested(each, translate) for each in node.children], _("or"))
    if isinstance(node, Not):
        return _("without {what}", what=_nested(node.child, translate))
    if isinstance(node, And | Words):
        children = [each for each in node.children if not isinstance(each, Everything)]
        return _join([_nested(each, translate) for each in children], _("and"))
    return _("all articles")


def _describe_word(node: Word, translate: Translator) -> str:
    _ = translate.gettext
    lemmas = list(lemmas_of(node))
    if not lemmas:
        description = _("“{text}” exactly so", text=node.text)
    elif node.way == "folded":
        joined = _join(list(dict.fromkeys(lemmas)), _("or"))
        description = _("“{text}” read as {lemmas}, in any form", text=node.text, lemmas=joined)
    elif lemmas == [node.text] or lemmas == [node.text.lower()]:
        description = _("“{text}” in any form", text=node.text)
    else:
        description = _(
            "“{text}” in any form ({lemmas})", text=node.text, lemmas=_join(lemmas, _("or"))
        )
    if node.family:
        description = _(
            "{what} or derived ({lemmas})",
            what=description,
            lemmas=_listed_lemmas(node.family.lemmas),
        )
    return _("{what} in the title", what=description) if node.field == "title" else description


def _listed_lemmas(lemmas: Sequence[str]) -> str:
    """The first of ``lemmas``, with an ellipsis if there are more."""
    listed = ", ".join(lemmas[:_LISTED_RELATIVES])
    return f"{listed} …" if len(lemmas) > _LISTED_RELATIVES else listed


def _describe_choice(node: Choice, translate: Translator) -> str:
    _ = translate.gettext
    description = _nested(node.typed, translate)
    spaced = [each.node for each in node.others if way_of(each.node) != "synonym"]
    texts = dict.fromkeys(
        _text(each.node) for each in node.others if way_of(each.node) == "synonym"
    )
    if texts:
        description = _describe_synonyms(description, texts, translate)
    whole = next((each.text for each in spaced if isinstance(each, Word)), None)
    if whole is not None:
        description = _("{what}, also written together as “{text}”", what=description, text=whole)
    elif spaced:
        description = _("{what}, also written apart", what=description)
    if node.apart is None:
        return description
    parts = [_("“{text}”", text=leaf.text) for leaf in node.apart.words]
    return _("{what}, in part also {parts}", what=description, parts=_join(parts, _("and")))


def _describe_synonyms(description: str, texts: Iterable[str], translate: Translator) -> str:
    _ = translate.gettext
    texts = list(texts)
    names = [_("“{text}”", text=text) for text in texts[:_LISTED_NAMES]]
    if len(texts) > _LISTED_NAMES:
        names.append("…")
    return translate.ngettext(
        "{what} or its synonym {others}",
        "{what} or its synonyms {others}",
        len(names),
        what=description,
        others=", ".join(names),
    )


def _text(name: Word | Phrase) -> str:
    return " ".join(map(_word_text, name.words)) if isinstance(name, Phrase) else name.text


def _word_text(word: Word) -> str:
    """Text of a phrase word; with its restored form if typed without diacritics."""
    if word.way != "folded":
        return word.text
    lemmas = dict.fromkeys(lemmas_of(word))
    return f"{word.text} ({', '.join(lemmas)})"


def _describe_phrase(node: Phrase, translate: Translator) -> str:
    _ = translate.gettext
    text = _text(node)
    if node.exact:
        description = _("the words “{text}” exactly so", text=text)
    elif node.slop:
        description = _(
            "the words “{text}” in this order, at most {slop} others between",
            text=text,
            slop=node.slop,
        )
    else:
        description = _("the phrase “{text}” in any form", text=text)
    return _("{what} in the title", what=description) if node.field == "title" else description


def _describe_facet(node: FacetTerm, translate: Translator) -> str:
    _ = translate.gettext
    if node.facet == "year":
        if node.value == UNKNOWN_YEAR:
            return _("year unknown")
        return _("year {value}", value=node.value.replace("-", "–"))
    if node.facet == "focus":
        return _("focus area {value}", value=node.value)
    if node.facet == "org":
        return _("organisation {value}", value=node.value)
    if node.facet == "source":
        return _("source {value}", value=node.value)
    return _("language {value}", value=node.value)


def _nested(node: Node, translate: Translator) -> str:
    description = _describe(node, translate)
    several = isinstance(node, Choice) or (
        isinstance(node, And | Or | Words) and len(node.children) > 1
    )
    return f"({description})" if several else description


def _join(pieces: list[str], conjunction: str) -> str:
    if len(pieces) < 2:
        return "".join(pieces)
    return f"{', '.join(pieces[:-1])} {conjunction} {pieces[-1]}"
