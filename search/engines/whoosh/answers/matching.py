"""Evaluating a query tree on arrays: which documents match, fully or in part, and how well."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.analysis.terms import LEMMA, SURFACE
from search.engines.contract import TextField
from search.engines.whoosh.answers.columns import BoolArray, Columns, FacetColumn, FloatArray
from search.engines.whoosh.answers.impacts import Impacts
from search.engines.whoosh.answers.matches import KeptMatch, Match, numbers_of
from search.engines.whoosh.answers.scoring import Claim, Scorer
from search.engines.whoosh.answers.sought import (
    phrase_terms,
    placed_terms,
    related_of,
    sought,
)
from search.engines.whoosh.native.functions import Library
from search.engines.whoosh.postings.cache import Cache
from search.engines.whoosh.postings.lists import Beginning, PostingLists
from search.engines.whoosh.postings.metered import RecordedPostings
from search.engines.whoosh.postings.nearness import Nearness
from search.engines.whoosh.postings.phrasing import Phrases
from search.engines.whoosh.postings.postings import EMPTY, DocumentArray
from search.query.ast import (
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
#: How far on in the query the next words are that proximity looks for.
_NEAR_IN_QUERY = 2

#: What the ways of saying a thing that are not the best one in an article add to its score.
_OTHER_WAYS = 0.1
#: What stands for the term of a phrase, which has none.
_PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class _Unit:
    """What a word, or a thing with several names, matches.

    ``full`` holds all of it, ``some`` at least a part; ``covered`` says how much of ``weight``, the
    weight of the whole, each document holds: all of it where there is nothing in between.
    """

    full: BoolArray
    some: BoolArray
    weight: float
    covered: FloatArray | None = None

    def coverage(self, documents: DocumentArray) -> FloatArray:
        """How much of the weight each of some documents holds."""
        if self.covered is not None:
            return self.covered[documents]
        return np.where(self.full[documents], self.weight, 0.0)


class _Scores:
    """Scores of all documents while they are added up; what words are ``related`` comes last.

    By related words nothing matches, so they need only be looked for in documents that do.
    """

    __slots__ = ("related", "sums")

    def __init__(self, size: int) -> None:
        self.sums: FloatArray = np.zeros(size)
        self.related: list[Word] = []


class Matcher:
    """Evaluates query trees over one open generation."""

    def __init__(
        self,
        columns: Columns,
        postings: PostingLists,
        scorer: Scorer,
        impacts: Impacts,
        nearness: Nearness,
        phrases: Phrases,
        cache: Cache,
        library: Library | None = None,
    ) -> None:
        self._columns = columns
        self._postings = postings
        self._scorer = scorer
        self._impacts = impacts
        self._nearness = nearness
        self._phrases = phrases
        self._cache = cache
        self._library = library
        self._size = columns.size

    def reading(self, postings: PostingLists) -> "Matcher":
        """The same over the same generation, reading through ``postings``."""
        view = object.__new__(Matcher)
        view.__dict__.update(self.__dict__)
        view._postings = postings
        return view

    def match(self, node: Node) -> Match:
        """Evaluate ``node``; deleted documents never match.

        What matched last is kept, as whoever narrows an answer asks for it time and again.
        """
        key = ("match", node)
        kept = self._cache.get(key, KeptMatch)
        if kept is not None:
            self._postings.note(kept.looked, kept.postings)
            return kept.match(self._size)
        lists = RecordedPostings(self._postings)
        match = self.reading(lists)._matched(node)
        self._cache.put(key, KeptMatch.of(match, tuple(lists.looked), lists.entries))
        return match

    def _matched(self, node: Node) -> Match:
        words = node.children if isinstance(node, And | Or) else (node,)
        plain = [each for each in words if isinstance(each, Word)]
        found = None
        if len(plain) == len(words):
            found = self._together(plain, joint=isinstance(node, And))
        if found is not None:
            sums, full = found
            some = full
        else:
            scores = _Scores(self._size)
            full, some = self._evaluate(node, scores)
            self._lift(scores, some)
            sums = scores.sums
        alive = self._columns.alive
        partial = np.zeros(self._size, dtype=bool) if some is full else some & alive & ~full
        full = full & alive
        return Match(full, partial, sums, numbers_of(full, self._library))

    def prefix_terms(self, node: Prefix, field: TextField) -> list[str]:
        """The terms a prefix stands for in one field, with channel prefix."""
        return [each for found in self._beginning(node, field) for each in found.terms]

    def is_cut(self, node: Prefix) -> bool:
        """Do more words begin so than ``prefix_terms`` gives?"""
        return any(
            found.cut
            for field in _text_fields(node.field)
            for found in self._beginning(node, field)
        )

    def _beginning(self, node: Prefix, field: TextField) -> list[Beginning]:
        """What begins so, by channel."""
        return [
            self._postings.beginning(field, channel + node.text, MAX_PREFIX_TERMS)
            for channel in (LEMMA, SURFACE)
        ]

    def _together(
        self, words: Sequence[Word], *, joint: bool, among: BoolArray | None = None
    ) -> tuple[FloatArray, BoolArray] | None:
        """Scores by ``words``, and who holds one or, if ``joint``, all of them, at least of those
        of ``among``; their related words, too. None if that cannot be worked out in one go.
        """
        sums, mask = np.zeros(self._size), np.zeros(self._size, dtype=bool)
        asked, related, lists = [sought(each) for each in words], related_of(words), self._postings
        done = self._impacts.add_all(asked, related, sums, mask, lists, joint=joint, among=among)
        return (sums, mask) if done else None

    def _evaluate(self, node: Node, scores: _Scores) -> tuple[BoolArray, BoolArray]:
        """Full matches, and documents that also partial matching would admit."""
        if isinstance(node, Words | Choice):
            unit = self._unit(node, scores)
            return unit.full, unit.some
        if isinstance(node, And):
            return self._joint(node, scores)
        strict = self._strict(node, scores)
        return strict, strict

    def _joint(self, node: And, scores: _Scores) -> tuple[BoolArray, BoolArray]:
        """As :meth:`_evaluate`: whatever lacks one of the children is no answer to the query.

        So words come last, and are looked for only where all else is.
        """
        words = [each for each in node.children if isinstance(each, Word)]
        pairs = [self._evaluate(e, scores) for e in node.children if not isinstance(e, Word)]
        if not pairs:
            every = _all([self._word(each, scores) for each in words])
            return every, every
        full = some = _all([each for each, _ in pairs])
        if any(one is not other for one, other in pairs):
            some = _all([each for _, each in pairs])
        if not words:
            return full, some
        found = self._together(words, joint=True, among=some)
        if found is not None:
            sums, mask = found
            scores.sums += sums
        else:
            mask = _all([self._word(each, scores) for each in words])
        both = full & mask
        return both, both if some is full else some & mask

    def _strict(self, node: Node, scores: _Scores) -> BoolArray:
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
            return ~self._strict(node.child, _Scores(self._size))
        assert isinstance(node, Everything)  # noqa: S101 - the tree has no other nodes
        return np.ones(self._size, dtype=bool)

    def _unit(self, node: Word | Words | Phrase | Choice, scores: _Scores) -> _Unit:
        """Evaluate what a person would call one thing, adding to ``scores``."""
        if isinstance(node, Choice):
            return self._choice(node, scores)
        if isinstance(node, Words):
            return self._words(node, scores)
        mask = self._strict(node, scores)
        weight = self._scorer.idf(int(np.count_nonzero(mask))) * _length(node)
        return _Unit(mask, mask, weight)

    def _words(self, node: Words, scores: _Scores) -> _Unit:
        """All words, or some: a partial match counts by the weight of the words it holds."""
        own = _Scores(self._size)
        units = [self._unit(each, own) for each in node.children]
        weight = sum(each.weight for each in units)
        full, some = _all([each.full for each in units]), _any([each.some for each in units])
        self._add_proximity(node, units, own.sums)
        self._lift(own, some)
        documents = np.flatnonzero(some)
        held = np.zeros(len(documents))
        for each in units:
            held += each.coverage(documents)
        # What covers nothing is worth nothing, whatever related words it has.
        scores.sums[documents] += own.sums[documents] * _share(held / (weight or 1.0))
        covered = np.zeros(self._size)
        covered[documents] = held
        return _Unit(full, some, weight, covered)

    def _add_proximity(self, node: Words, units: list[_Unit], scores: FloatArray) -> None:
        """Words that were typed near each other and stand near each other belong together."""
        typed = [each.typed if isinstance(each, Choice) else each for each in node.children]
        for i, first in enumerate(typed):
            for j in range(i + 1, min(i + 1 + _NEAR_IN_QUERY, len(typed))):
                second = typed[j]
                if not isinstance(first, Word) or not isinstance(second, Word):
                    continue
                both = units[i].full & units[j].full
                words = placed_terms(first), placed_terms(second)
                documents, counts = self._nearness.of(words, both, self._postings)
                weight = min(units[i].weight, units[j].weight)
                scores[documents] += weight * counts / (counts + 1.0)

    def _choice(self, node: Choice, scores: _Scores) -> _Unit:
        """One thing by its several names: the best of them counts, the others a little.

        A rare name must not outweigh a common one of the same thing, nor three words one acronym:
        all weigh what the thing does, by the articles that name it in whatever way.
        """
        own = [_Scores(self._size) for _ in range(len(node.others) + 1)]
        typed = self._unit(node.typed, own[0])
        units = [
            self._unit(each.node, mine) for each, mine in zip(node.others, own[1:], strict=True)
        ]
        for each_own in own:
            self._lift(each_own, None)  # the query may have other words, which match elsewhere
        sums = [each_own.sums for each_own in own]
        weight = typed.weight
        if not isinstance(node.typed, Words):
            same = [u.full for u, each in zip(units, node.others, strict=True) if each.weight >= 1]
            count = int(np.count_nonzero(_any([typed.full, *same])))
            weight = self._scorer.idf(count) * _length(node.typed)
        factor = weight / (typed.weight or 1.0)
        sums[0] *= factor
        covered = (
            np.where(typed.full, weight, 0.0) if typed.covered is None else typed.covered * factor
        )
        for each, unit, mine in zip(node.others, units, sums[1:], strict=True):
            factor = weight / (unit.weight or 1.0)
            mine *= factor if each.weight >= 1 else each.weight * min(factor, 1.0)
            np.maximum(covered, unit.full * (each.weight * weight), out=covered)
        best, total = sums[0].copy(), sums[0]
        for mine in sums[1:]:
            np.maximum(best, mine, out=best)
            total += mine
        scores.sums += best + _OTHER_WAYS * (total - best)
        masks = [each.full for each in units]
        full, some = _any([typed.full, *masks]), _any([typed.some, *masks])
        return _Unit(full, some, weight, covered)

    def _word(self, word: Word, scores: _Scores) -> BoolArray:
        """The documents that hold ``word``."""
        mask = np.zeros(self._size, dtype=bool)
        self._impacts.add(sought(word), scores.sums, mask, self._postings)
        if word.related:
            scores.related.append(word)
        return mask

    def _lift(self, scores: _Scores, among: BoolArray | None) -> None:
        """Add what related words are worth to the documents of ``among``, at least to those."""
        for each in related_of(scores.related):
            marks = np.zeros(self._size, dtype=bool)
            self._impacts.add(each, scores.sums, marks, self._postings, among)
        scores.related.clear()

    def _prefix(self, node: Prefix, scores: _Scores) -> BoolArray:
        mask = np.zeros(self._size, dtype=bool)
        for field in _text_fields(node.field):
            for found in self._beginning(node, field):
                self._postings.note(found.looked, found.postings)
                mask[found.documents] = True
        scores.sums[mask] += _PREFIX_WEIGHT * self._scorer.idf(int(np.count_nonzero(mask)))
        return mask

    def _phrase(self, node: Phrase, scores: _Scores) -> BoolArray:
        mask = np.zeros(self._size, dtype=bool)
        words = phrase_terms(node)
        lists = {
            field: self._phrases.of(words, node.slop, field, self._postings)
            for field in _text_fields(node.field)
        }
        phrase = Claim((_PHRASE,), float(len(node.words)), (_PHRASE,))
        both = (lists["title"], lists.get("body", EMPTY))
        self._scorer.impact([phrase], {_PHRASE: both}).add(scores.sums, mask)
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


def year_mask(column: FacetColumn, chosen: tuple[str, ...], size: int) -> BoolArray:
    """Documents whose year is one of ``chosen``: years, spans or ``unknown``."""
    spans = [(value, year_range(value)) for value in chosen]

    def fits(value: str) -> bool:
        if value == UNKNOWN_YEAR:
            return any(span is None for _, span in spans)
        return any(span is not None and span[0] <= int(value) <= span[1] for _, span in spans)

    return column.mask(fits, size)


def _share(covered: FloatArray) -> FloatArray:
    """What an article keeps of its score when so much is covered: the fourth root.

    The scores of the words it lacks are missing from it already.
    """
    return np.asarray(np.sqrt(np.sqrt(covered)), dtype=np.float64)


def _length(node: Word | Phrase) -> int:
    return len(node.words) if isinstance(node, Phrase) else 1


def _all(masks: Sequence[BoolArray]) -> BoolArray:
    return functools.reduce(np.bitwise_and, masks)


def _any(masks: Sequence[BoolArray]) -> BoolArray:
    return functools.reduce(np.bitwise_or, masks)


def _text_fields(field: FieldName) -> tuple[TextField, ...]:
    return ("title",) if field == "title" else ("title", "body")
