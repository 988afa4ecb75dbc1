"""Explains in a sentence how a query was understood."""

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
    way_of,
)
from search.request import UNKNOWN_YEAR

_LISTED_NAMES = 6
_LISTED_RELATIVES = 3


def explain(node: Node, translate: Translator) -> str:
    """``node`` as a sentence in the translator's language; empty for an empty query."""
    if isinstance(node, Everything):
        return ""
    return translate.gettext("Searched: {what}.", what=_say(node, translate))


def _say(node: Node, translate: Translator) -> str:
    _ = translate.gettext
    if isinstance(node, Word):
        return _say_word(node, translate)
    if isinstance(node, Phrase):
        return _say_phrase(node, translate)
    if isinstance(node, Choice):
        return _say_choice(node, translate)
    if isinstance(node, Prefix):
        said = _("words beginning with “{text}”", text=node.text)
        if node.cut:
            said = _("{what} (too many: only the first in the alphabet)", what=said)
        return _("{what} in the title", what=said) if node.field == "title" else said
    if isinstance(node, FacetTerm):
        return _say_facet(node, translate)
    if isinstance(node, Or):
        return _join([_nested(each, translate) for each in node.children], _("or"))
    if isinstance(node, Not):
        return _("without {what}", what=_nested(node.child, translate))
    if isinstance(node, And | Words):
        children = [each for each in node.children if not isinstance(each, Everything)]
        return _join([_nested(each, translate) for each in children], _("and"))
    return _("all articles")


def _say_word(node: Word, translate: Translator) -> str:
    _ = translate.gettext
    lemmas = [each.term for each in node.alternatives if each.channel == "lemma"]
    if not lemmas:
        said = _("“{text}” exactly so", text=node.text)
    elif node.way == "folded":
        meant = _join(list(dict.fromkeys(lemmas)), _("or"))
        said = _("“{text}” read as {lemmas}, in any form", text=node.text, lemmas=meant)
    elif lemmas == [node.text] or lemmas == [node.text.lower()]:
        said = _("“{text}” in any form", text=node.text)
    else:
        said = _("“{text}” in any form ({lemmas})", text=node.text, lemmas=_join(lemmas, _("or")))
    if node.family:
        said = _("{what} or derived ({lemmas})", what=said, lemmas=_some(node.family.lemmas))
    return _("{what} in the title", what=said) if node.field == "title" else said


def _some(lemmas: Sequence[str]) -> str:
    """The first of ``lemmas``, and a sign where there are more."""
    listed = ", ".join(lemmas[:_LISTED_RELATIVES])
    return f"{listed} …" if len(lemmas) > _LISTED_RELATIVES else listed


def _say_choice(node: Choice, translate: Translator) -> str:
    _ = translate.gettext
    said = _nested(node.typed, translate)
    spaced = [each.node for each in node.others if way_of(each.node) != "synonym"]
    texts = dict.fromkeys(
        _text(each.node) for each in node.others if way_of(each.node) == "synonym"
    )
    if texts:
        said = _say_synonyms(said, texts, translate)
    whole = next((each.text for each in spaced if isinstance(each, Word)), None)
    if whole is not None:
        said = _("{what}, also written together as “{text}”", what=said, text=whole)
    elif spaced:
        said = _("{what}, also written apart", what=said)
    if node.apart is None:
        return said
    parts = [_("“{text}”", text=leaf.text) for leaf in node.apart.words]
    return _("{what}, in part also {parts}", what=said, parts=_join(parts, _("and")))


def _say_synonyms(said: str, texts: Iterable[str], translate: Translator) -> str:
    _ = translate.gettext
    texts = list(texts)
    names = [_("“{text}”", text=text) for text in texts[:_LISTED_NAMES]]
    if len(texts) > _LISTED_NAMES:
        names.append("…")
    return translate.ngettext(
        "{what} or its synonym {others}",
        "{what} or its synonyms {others}",
        len(names),
        what=said,
        others=", ".join(names),
    )


def _text(name: Word | Phrase) -> str:
    return " ".join(map(_word_text, name.words)) if isinstance(name, Phrase) else name.text


def _word_text(word: Word) -> str:
    """Text of a phrase word; with its restored form if typed without diacritics."""
    if word.way != "folded":
        return word.text
    lemmas = dict.fromkeys(each.term for each in word.alternatives if each.channel == "lemma")
    return f"{word.text} ({', '.join(lemmas)})"


def _say_phrase(node: Phrase, translate: Translator) -> str:
    _ = translate.gettext
    text = _text(node)
    if node.exact:
        said = _("the words “{text}” exactly so", text=text)
    elif node.slop:
        said = _(
            "the words “{text}” in this order, at most {slop} others between",
            text=text,
            slop=node.slop,
        )
    else:
        said = _("the phrase “{text}” in any form", text=text)
    return _("{what} in the title", what=said) if node.field == "title" else said


def _say_facet(node: FacetTerm, translate: Translator) -> str:
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
    said = _say(node, translate)
    several = isinstance(node, Choice) or (
        isinstance(node, And | Or | Words) and len(node.children) > 1
    )
    return f"({said})" if several else said


def _join(pieces: list[str], conjunction: str) -> str:
    if len(pieces) < 2:
        return "".join(pieces)
    return f"{', '.join(pieces[:-1])} {conjunction} {pieces[-1]}"
