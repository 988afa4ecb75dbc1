"""Evaluating a query tree on arrays: which documents match, fully or in part, and how well."""

from dataclasses import dataclass

import numpy as np

from search.analysis.channels import LEMMA, SURFACE, Channel, term
from search.engines.whoosh.columns import BoolArray, Columns, FacetColumn, FloatArray
from search.engines.whoosh.phrases import NOWHERE, decode, near, phrase_ends, position_keys
from search.engines.whoosh.postings import DocumentArray, PostingLists, Postings, TextField
from search.engines.whoosh.scoring import Scorer
from search.query.tree import (
    And,
    Choice,
    Everything,
    FacetTerm,
    FieldName,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    Words,
)
from search.request import UNKNOWN_YEAR, year_range

MAX_PREFIX_TERMS = 1000
_PREFIX_WEIGHT = 0.5
#: How much an article loses by the words it lacks; their scores are missing from it already.
_COVERAGE = 0.25
#: How far on in the query the next words are that proximity looks for.
_NEAR_IN_QUERY = 2


#: What the ways of saying a thing that are not the best one in an article add to its score.
_OTHER_WAYS = 0.1


@dataclass(frozen=True, slots=True)
class Match:
    """Masks and scores over all documents.

    ``full`` matches everything asked; ``partial`` (apart from ``full``) only some plain words.
    """

    full: BoolArray
    partial: BoolArray
    scores: FloatArray


@dataclass(frozen=True, slots=True)
class _Unit:
    """What a word, or a thing with several names, matches.

    ``full`` holds all of it, ``some`` at least a part; ``covered`` says how much of ``weight``, the
    weight of the whole, each document holds.
    """

    full: BoolArray
    some: BoolArray
    covered: FloatArray
    weight: float


class Matcher:
    """Evaluates query trees over one open generation."""

    def __init__(self, columns: Columns, postings: PostingLists, scorer: Scorer) -> None:
        self._columns = columns
        self._postings = postings
        self._scorer = scorer

    def match(self, node: Node) -> Match:
        """Evaluate ``node``; deleted documents never match."""
        scores = np.zeros(self._columns.size)
        full, some = self._evaluate(node, scores)
        full = full & self._columns.alive
        return Match(full, some & self._columns.alive & ~full, scores)

    def slots(self, phrase: Phrase, field: TextField) -> list[list[Postings]]:
        """Posting lists of a phrase's words: their lemmas and surface forms, never parts."""
        return [
            [
                self._postings.postings(field, term(each.channel, each.term))
                for each in word.alternatives
                if each.channel != "part"
            ]
            for word in phrase.words
        ]

    def prefix_terms(self, node: Prefix, field: TextField) -> list[str]:
        """The terms a prefix stands for in one field, with channel prefix."""
        return [each for found in self._beginning(node, field) for each in found[:MAX_PREFIX_TERMS]]

    def is_cut(self, node: Prefix) -> bool:
        """Do more words begin so than ``prefix_terms`` gives?"""
        return any(
            len(found) > MAX_PREFIX_TERMS
            for field in _text_fields(node.field)
            for found in self._beginning(node, field)
        )

    def _beginning(self, node: Prefix, field: TextField) -> list[list[str]]:
        """The terms that begin so, by channel; where there are more than are searched, one more."""
        return [
            self._postings.expand(field, channel + node.text, MAX_PREFIX_TERMS + 1)
            for channel in (LEMMA, SURFACE)
        ]

    def _evaluate(self, node: Node, scores: FloatArray) -> tuple[BoolArray, BoolArray]:
        """Full matches, and documents that also partial matching would admit."""
        if isinstance(node, Words | Choice):
            unit = self._unit(node, scores)
            return unit.full, unit.some
        if isinstance(node, And):
            pairs = [self._evaluate(child, scores) for child in node.children]
            return _all([full for full, _ in pairs]), _all([some for _, some in pairs])
        strict = self._strict(node, scores)
        return strict, strict

    def _strict(self, node: Node, scores: FloatArray) -> BoolArray:
        if isinstance(node, Word):
            return self._word(node, scores)
        if isinstance(node, Phrase):
            return self._phrase(node, scores)
        if isinstance(node, Prefix):
            return self._prefix(node, scores)
        if isinstance(node, FacetTerm):
            return self._facet_term(node)
        if isinstance(node, Or):
            return _any([self._strict(each, scores) for each in node.children])
        if isinstance(node, Choice):
            return self._unit(node, scores).full
        if isinstance(node, And | Words):
            return _all([self._strict(each, scores) for each in node.children])
        if isinstance(node, Not):
            return ~self._strict(node.child, np.zeros_like(scores))
        assert isinstance(node, Everything)  # noqa: S101 - the tree has no other nodes
        return np.ones(self._columns.size, dtype=bool)

    def _unit(self, node: Word | Words | Phrase | Choice, scores: FloatArray) -> _Unit:
        """Evaluate what a person would call one thing, adding to ``scores``."""
        if isinstance(node, Choice):
            return self._choice(node, scores)
        if isinstance(node, Words):
            return self._words(node, scores)
        mask = self._strict(node, scores)
        weight = self._scorer.idf(int(np.count_nonzero(mask))) * _length(node)
        return _Unit(mask, mask, np.where(mask, weight, 0.0), weight)

    def _words(self, node: Words, scores: FloatArray) -> _Unit:
        """All words, or some: a partial match counts by the weight of the words it holds."""
        own = np.zeros_like(scores)
        units = [self._unit(each, own) for each in node.children]
        weight = sum(each.weight for each in units)
        covered = np.zeros_like(scores)
        for each in units:
            covered += each.covered
        self._add_proximity(node, units, own)
        scores += own * np.power(covered / (weight or 1.0), _COVERAGE)
        return _Unit(
            _all([each.full for each in units]),
            _any([each.some for each in units]),
            covered,
            weight,
        )

    def _add_proximity(self, node: Words, units: list[_Unit], scores: FloatArray) -> None:
        """Words that were typed near each other and stand near each other belong together."""
        typed = [each.typed if isinstance(each, Choice) else each for each in node.children]
        places = [self._places(each) if isinstance(each, Word) else NOWHERE for each in typed]
        for i, first in enumerate(places):
            for j in range(i + 1, min(i + 1 + _NEAR_IN_QUERY, len(places))):
                documents, counts = near(first, places[j])
                weight = min(units[i].weight, units[j].weight)
                scores[documents] += weight * counts / (counts + 1.0)

    def _places(self, word: Word) -> DocumentArray:
        """Where ``word`` stands in bodies, whole or as a part."""
        return position_keys(
            [
                self._postings.postings("body", term(each.channel, each.term))
                for each in word.alternatives
                if each.channel != "surface"
            ]
        )

    def _choice(self, node: Choice, scores: FloatArray) -> _Unit:
        """One thing by its several names: the best of them counts, the others a little.

        A rare name must not outweigh a common one of the same thing, nor three words one acronym:
        all weigh what the thing does, by the articles that name it in whatever way.
        """
        own = [np.zeros_like(scores) for _ in range(len(node.others) + 1)]
        typed = self._unit(node.typed, own[0])
        units = [
            self._unit(each.node, mine) for each, mine in zip(node.others, own[1:], strict=True)
        ]
        weight = typed.weight
        if not isinstance(node.typed, Words):
            same = [u.full for u, each in zip(units, node.others, strict=True) if each.weight >= 1]
            count = int(np.count_nonzero(_any([typed.full, *same])))
            weight = self._scorer.idf(count) * _length(node.typed)
        factor = weight / (typed.weight or 1.0)
        own[0] *= factor
        covered = typed.covered * factor
        for each, unit, mine in zip(node.others, units, own[1:], strict=True):
            factor = weight / (unit.weight or 1.0)
            mine *= factor if each.weight >= 1 else each.weight * min(factor, 1.0)
            covered = np.maximum(covered, unit.full * (each.weight * weight))
        best = np.maximum.reduce(own)
        scores += best + _OTHER_WAYS * (np.add.reduce(own) - best)
        masks = [each.full for each in units]
        return _Unit(_any([typed.full, *masks]), _any([typed.some, *masks]), covered, weight)

    def _word(self, word: Word, scores: FloatArray) -> BoolArray:
        mask = np.zeros(self._columns.size, dtype=bool)
        for each in word.alternatives:
            title, body = self._lists(term(each.channel, each.term), word.field)
            for postings in (title, body):
                if postings is not None:
                    mask[postings.documents] = True
            lists = [(title, body)]
            if each.channel == "part":
                lists.append(self._lists(term("lemma", each.term), word.field))
            self._scorer.add(scores, lists, each.weight)
        for each in word.related:
            channels: list[Channel] = [each.channel]
            if each.channel == "part":
                channels.append("lemma")
            lists = [self._lists(term(channel, each.term), word.field) for channel in channels]
            self._scorer.add(scores, lists, each.weight)
        return mask

    def _prefix(self, node: Prefix, scores: FloatArray) -> BoolArray:
        mask = np.zeros(self._columns.size, dtype=bool)
        for field in _text_fields(node.field):
            for each in self.prefix_terms(node, field):
                mask[self._postings.postings(field, each).documents] = True
        scores[mask] += _PREFIX_WEIGHT * self._scorer.idf(int(np.count_nonzero(mask)))
        return mask

    def _phrase(self, node: Phrase, scores: FloatArray) -> BoolArray:
        mask = np.zeros(self._columns.size, dtype=bool)
        lists: dict[TextField, Postings] = {}
        for field in _text_fields(node.field):
            documents, positions = decode(phrase_ends(self.slots(node, field), node.slop))
            found, counts = np.unique(documents, return_counts=True)
            mask[found] = True
            lists[field] = Postings.of(found, counts, positions.astype(np.uint32))
        self._scorer.add(scores, [(lists.get("title"), lists.get("body"))], float(len(node.words)))
        return mask

    def _facet_term(self, node: FacetTerm) -> BoolArray:
        wanted = node.value.casefold()
        if node.facet == "year":
            return year_mask(self._columns.facets["year"], (node.value,), self._columns.size)
        column = (
            self._columns.languages
            if node.facet == "language"
            else self._columns.facets["focus" if node.facet == "focus" else "org"]
        )
        return column.mask(lambda value: value.casefold() == wanted, self._columns.size)

    def _lists(self, text: str, field: FieldName) -> tuple[Postings | None, Postings | None]:
        title = self._postings.postings("title", text)
        return title, None if field == "title" else self._postings.postings("body", text)


def year_mask(column: FacetColumn, chosen: tuple[str, ...], size: int) -> BoolArray:
    """Documents whose year is one of ``chosen``: years, spans or ``unknown``."""
    spans = [(value, year_range(value)) for value in chosen]

    def fits(value: str) -> bool:
        if value == UNKNOWN_YEAR:
            return any(span is None for _, span in spans)
        return any(span is not None and span[0] <= int(value) <= span[1] for _, span in spans)

    return column.mask(fits, size)


def _length(node: Word | Phrase) -> int:
    return len(node.words) if isinstance(node, Phrase) else 1


def _all(masks: list[BoolArray]) -> BoolArray:
    return np.asarray(np.logical_and.reduce(masks), dtype=bool)


def _any(masks: list[BoolArray]) -> BoolArray:
    return np.asarray(np.logical_or.reduce(masks), dtype=bool)


def _text_fields(field: FieldName) -> tuple[TextField, ...]:
    return ("title",) if field == "title" else ("title", "body")
