"""Words of a query tree as documents can hold them: claims of terms."""

from collections.abc import Sequence
from typing import NamedTuple

from search.analysis.terms import term
from search.engines.whoosh.answers.scoring import Claim
from search.query.ast import Alternative, Phrase, Word


class Sought(NamedTuple):
    """A word as documents can hold it, anywhere or in their titles alone."""

    claims: tuple[Claim, ...]
    title_only: bool = False


def sought(word: Word) -> Sought:
    """``word`` as documents can hold it."""
    return Sought(_claims(word), word.field == "title")


def related_of(words: Sequence[Word]) -> list[Sought]:
    """What ranks higher by some words: in the whole text, and in titles alone."""
    found = []
    for field in ("any", "title"):
        related = [other for each in words if each.field == field for other in each.related]
        if related:
            claims = tuple(Claim(_taken_together(each), each.weight) for each in related)
            found.append(Sought(claims, field == "title"))
    return found


def phrase_terms(phrase: Phrase) -> list[list[str]]:
    """The terms of each word of a phrase: lemmas and surface forms, never parts."""
    return [
        [_term(each) for each in word.alternatives if each.channel != "part"]
        for word in phrase.words
    ]


def placed_terms(word: Word) -> tuple[str, ...]:
    """The terms that say where ``word`` stands, whole or as a part."""
    return tuple(_term(each) for each in word.alternatives if each.channel != "surface")


def _claims(word: Word) -> tuple[Claim, ...]:
    """The ways in which a document can hold ``word``, by some of which it matches."""
    wholes = {each.term for each in word.alternatives if each.channel == "lemma"}
    claims = []
    for each in word.alternatives:
        terms = _taken_together(each)
        # A part is taken together with the whole word, even where that is not asked for.
        is_asked = each.channel != "part" or each.term in wholes
        claims.append(Claim(terms, each.weight, terms if is_asked else terms[:1]))
    return tuple(claims)


def _taken_together(each: Alternative) -> tuple[str, ...]:
    if each.channel == "part":
        return _term(each), term("lemma", each.term)
    return (_term(each),)


def _term(each: Alternative) -> str:
    return term(each.channel, each.term)
