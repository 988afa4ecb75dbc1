"""Index terms of the words and phrases of a query, for all engines."""

from search.analysis.terms import LEMMA, PART, term
from search.engines.contract import TEXT_FIELDS, TextField
from search.query.ast import Alternative, FieldName, Phrase, Word


def text_fields(name: FieldName) -> tuple[TextField, ...]:
    """The fields in which a leaf of the query is searched."""
    return ("title",) if name == "title" else TEXT_FIELDS


def group_terms(alternative: Alternative) -> tuple[str, ...]:
    """The terms that are scored as one: a part of a compound goes with the whole word."""
    own = term(alternative.channel, alternative.term)
    return (own, term("lemma", alternative.term)) if alternative.channel == "part" else (own,)


def phrase_terms(phrase: Phrase) -> list[list[str]]:
    """The terms of each word of a phrase: lemmas and surface forms, never parts."""
    return [
        [term(each.channel, each.term) for each in word.alternatives if each.channel != "part"]
        for word in phrase.words
    ]


def position_terms(word: Word) -> tuple[str, ...]:
    """The terms at the positions of ``word``: whole, as a part or as a word of its family."""
    lemmas = (each for each in word.alternatives if each.channel != "surface")
    own = (term(each.channel, each.term) for each in lemmas)
    return tuple(dict.fromkeys((*own, *(word.family.terms if word.family else ()))))


def whole_terms(word: Word) -> tuple[str, ...]:
    """Those of :func:`position_terms` for the word, or one of its family, as a word of its own."""
    return tuple(each for each in position_terms(word) if each.startswith(LEMMA))


def part_terms(word: Word) -> tuple[str, ...]:
    """Those of :func:`position_terms` where the word, or one of its family, is in a compound."""
    return tuple(each for each in position_terms(word) if each.startswith(PART))
