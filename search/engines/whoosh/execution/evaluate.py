"""Evaluates a query tree: full and partial matches, and their scores."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from search.analysis.terms import LEMMA, SURFACE
from search.engines.contract import TEXT_FIELDS, TextField
from search.engines.query_terms import (
    part_terms,
    phrase_terms,
    position_terms,
    text_fields,
    whole_terms,
)
from search.engines.scoring_parameters import (
    NEAR_IN_QUERY,
    OTHER_READING,
    OTHER_WAYS,
    PARTS_ALONE,
    PREFIX_WEIGHT,
)
from search.engines.whoosh.execution.cache import CachedMatch, Match
from search.engines.whoosh.execution.facet_counts import FacetCounter
from search.engines.whoosh.execution.positions import Budget, CachedLists, RecordedBudget
from search.engines.whoosh.execution.scoring import (
    TermScorer,
    WordGroups,
    reading_groups,
    related_groups,
    word_groups,
)
from search.engines.whoosh.kernels.interface import Documents, Kernels, Mask, PrefixTerms, Scores
from search.query.ast import (
    And,
    Apart,
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
)
from search.request import FacetName

MAX_PREFIX_TERMS = 1000
_NONE: Documents = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _UnitMatch:
    """Matches of a word, a phrase or a choice.

    ``full`` are full matches, ``some`` full and partial ones; ``covered`` is how much of
    ``weight``, the weight of the whole, each document covers, None if all matches are full.
    """

    full: Mask
    some: Mask
    weight: float
    covered: Scores | None = None

    def coverage(self, documents: Documents) -> Scores:
        """How much of the weight each of some documents covers."""
        if self.covered is not None:
            return self.covered[documents]
        return np.where(self.full[documents], self.weight, 0.0)

    def most_covered(self) -> float:
        """The greatest share of the weight that a document covers."""
        if self.covered is None or not self.weight or self.full.any():
            return 1.0
        return float(self.covered.max(initial=0.0)) / self.weight


class _Scores:
    """Scores of all documents while they are added up; ``related`` terms of words come last.

    No document matches by them, so they are only looked up in documents that match.
    """

    __slots__ = ("related", "sums")

    def __init__(self, size: int) -> None:
        self.sums: Scores = np.zeros(size)
        self.related: list[Word] = []

    def taken_related(self) -> list[WordGroups]:
        """Takes the term groups of related terms out."""
        found = list(related_groups(self.related))
        self.related.clear()
        return found


@dataclass(frozen=True, slots=True)
class OpenGeneration:
    """The parts of an open generation that queries read; ``alive`` documents can match."""

    alive: Mask
    lists: CachedLists
    scorer: TermScorer
    facets: Mapping[FacetName, FacetCounter]
    kernels: Kernels

    @property
    def size(self) -> int:
        """Number of documents, deleted ones among them."""
        return len(self.alive)


class Evaluator:
    """Evaluates the trees of one query; what it reads counts against ``budget``."""

    def __init__(self, opened: OpenGeneration, budget: Budget) -> None:
        self._opened = opened
        self._size = opened.size
        self._lists = opened.lists
        self._scorer = opened.scorer
        self._budget = budget

    def match(self, node: Node) -> Match:
        """Evaluate ``node``; deleted documents never match.

        Matches are cached, as filters and pages of the same query ask for them again.
        """
        key, cache = ("match", node), self._lists.cache
        kept = cache.get(key, CachedMatch)
        if kept is not None:
            self._budget.spend(kept.terms, kept.cost)
            return kept.match(self._size)
        recorded = RecordedBudget(self._budget)
        match = Evaluator(self._opened, recorded)._match(node)
        cache.put(key, CachedMatch.of(match, tuple(recorded.terms), recorded.cost))
        return match

    def prefix_terms(self, node: Prefix, field: TextField) -> list[str]:
        """The terms that match a prefix in one field, with channel prefix."""
        return [term for found in self._prefix_terms(node, field) for term in found.terms]

    def is_cut(self, node: Prefix) -> bool:
        """Do more terms match than ``prefix_terms`` gives?"""
        fields = text_fields(node.field)
        return any(each.is_cut for field in fields for each in self._prefix_terms(node, field))

    def _prefix_terms(self, node: Prefix, field: TextField) -> list[PrefixTerms]:
        """Matching terms by channel; callers that read their postings count the cost."""
        found = [
            self._lists.prefix(field, channel + beginning, MAX_PREFIX_TERMS)
            for channel in (LEMMA, SURFACE)
            for beginning in node.beginnings
        ]
        for each in found:
            self._budget.spend((field, term) for term in each.terms)
        return found

    def _match(self, node: Node) -> Match:
        words = node.children if isinstance(node, And | Or) else (node,)
        covered = 1.0
        if all(isinstance(each, Word) for each in words) and not (
            isinstance(node, Word) and node.readings
        ):
            plain = [each for each in words if isinstance(each, Word)]
            sums, full = self._together(plain, joint=isinstance(node, And))
            some = full
        else:
            scores = _Scores(self._size)
            if isinstance(node, Words | Choice):
                unit = self._unit(node, scores)
                full, some, covered = unit.full, unit.some, unit.most_covered()
            else:
                full, some = self._evaluate(node, scores)
            self._boost_related(scores, some)
            sums = scores.sums
        alive, collect = self._opened.alive, self._opened.kernels.collect
        if some is full:
            partial, others = np.zeros(self._size, dtype=bool), _NONE
        else:
            partial = some & alive & ~full
            others = collect(partial)
        full = full & alive
        return Match(full, partial, sums, collect(full), others, covered)

    def _together(
        self, words: Sequence[Word], *, joint: bool, among: Mask | None = None
    ) -> tuple[Scores, Mask]:
        """Scores by ``words`` and their related terms, and documents that hold any of the words.

        If ``joint``, documents that hold all. Those not in ``among`` may be left out.
        """
        groups = [word_groups(each) for each in words]
        steps = [[each] for each in groups] if joint else [groups]
        count = len(steps)
        related = list(related_groups(words))
        if related:
            steps.append(related)
        sums, mask = np.zeros(self._size), np.zeros(self._size, dtype=bool)
        self._scorer.add(steps, sums, mask, self._budget, joint=count, among=among)
        return sums, mask

    def _evaluate(self, node: Node, scores: _Scores) -> tuple[Mask, Mask]:
        """Full matches, and full or partial ones."""
        if isinstance(node, Words | Choice):
            unit = self._unit(node, scores)
            return unit.full, unit.some
        if isinstance(node, Word) and node.readings:
            full = self._strict(node, scores)
            return full, self._with_readings(node, full, scores, scores.taken_related())
        if isinstance(node, And):
            return self._joint(node, scores)
        strict = self._strict(node, scores)
        return strict, strict

    def _joint(self, node: And, scores: _Scores) -> tuple[Mask, Mask]:
        """Evaluate a conjunction: words last, and only in documents that match all else."""
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
        sums, mask = self._together(words, joint=True, among=some)
        scores.sums += sums
        both = full & mask
        return both, both if some is full else some & mask

    def _strict(self, node: Node, scores: _Scores) -> Mask:
        """Full matches of a node."""
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

    def _unit(self, node: Word | Words | Phrase | Choice, scores: _Scores) -> _UnitMatch:
        """Evaluate what counts as one word, adding to ``scores``."""
        if isinstance(node, Choice):
            return self._choice(node, scores)
        if isinstance(node, Words):
            return self._words(node, scores)
        mask = self._strict(node, scores)
        weight = self._scorer.idf(int(np.count_nonzero(mask))) * _length(node)
        if isinstance(node, Phrase) or not node.readings:
            return _UnitMatch(mask, mask, weight)
        some = self._with_readings(node, mask, scores)
        return _UnitMatch(mask, some, weight, np.where(mask, weight, OTHER_READING * weight * some))

    def _with_readings(
        self, word: Word, full: Mask, scores: _Scores, related: Sequence[WordGroups] = ()
    ) -> Mask:
        """``full`` and the documents with another reading of ``word``, which are scored.

        ``related`` groups add to their scores.
        """
        some = full.copy()
        steps = [[reading_groups(word)], *([related] if related else [])]
        self._scorer.add(steps, scores.sums, some, self._budget)
        return some

    def _words(self, node: Words, scores: _Scores) -> _UnitMatch:
        """Words that may match in part: a partial match counts by the weight that it covers."""
        own = _Scores(self._size)
        units = [self._unit(each, own) for each in node.children]
        weight = sum(each.weight for each in units)
        full, some = _all([each.full for each in units]), _any([each.some for each in units])
        self._add_proximity(node, units, own.sums)
        self._boost_related(own, some)
        documents = np.flatnonzero(some)
        coverage = np.zeros(len(documents))
        for each in units:
            coverage += each.coverage(documents)
        # A document that covers nothing scores 0, even if it has related terms.
        scores.sums[documents] += own.sums[documents] * _share(coverage / (weight or 1.0))
        covered = np.zeros(self._size)
        covered[documents] = coverage
        return _UnitMatch(full, some, weight, covered)

    def _add_proximity(self, node: Words, units: list[_UnitMatch], scores: Scores) -> None:
        """Add scores for words that are near each other in the query and in a document."""
        typed = [each.typed if isinstance(each, Choice) else each for each in node.children]
        for i, first in enumerate(typed):
            for j in range(i + 1, min(i + 1 + NEAR_IN_QUERY, len(typed))):
                second = typed[j]
                if not isinstance(first, Word) or not isinstance(second, Word):
                    continue
                both = units[i].full & units[j].full
                words = position_terms(first), position_terms(second)
                found = self._lists.proximity(words, both, self._budget)
                scores[found.documents] += min(units[i].weight, units[j].weight)

    def _choice(self, node: Choice, scores: _Scores) -> _UnitMatch:
        """Alternative names of one thing: the best of them counts, the others a little.

        All have the same weight, by the articles with any of them: else a rare name would outweigh
        a common one, and three words an acronym.
        """
        own = [_Scores(self._size) for _ in range(len(node.others) + 1)]
        typed = self._unit(node.typed, own[0])
        units = [
            self._unit(each.node, mine) for each, mine in zip(node.others, own[1:], strict=True)
        ]
        for each_own in own:
            # Not only in its own matches: other words of the query may match elsewhere.
            self._boost_related(each_own, None)
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
        best = sums[0]
        if units:
            best, total = sums[0].copy(), sums[0]
            for mine in sums[1:]:
                np.maximum(best, mine, out=best)
                total += mine
            best += OTHER_WAYS * (total - best)
        masks = [each.full for each in units]
        full, some = _any([typed.full, *masks]), _any([typed.some, *masks])
        unit = _UnitMatch(full, some, weight, covered)
        if node.apart is not None:
            unit = self._with_parts(node.apart, unit, best)
        scores.sums += best
        return unit

    def _with_parts(self, apart: Apart, unit: _UnitMatch, scores: Scores) -> _UnitMatch:
        """The ``unit`` of a compound with documents that have all its parts instead.

        These add to ``scores``.
        """
        own = _Scores(self._size)
        parts = self._words(Words(apart.words), own)
        documents = np.flatnonzero(self._parts_standing_alone(apart.words, parts.full & ~unit.full))
        factor = PARTS_ALONE * min(unit.weight / (parts.weight or 1.0), 1.0)
        scores[documents] += own.sums[documents] * factor
        some, covered = unit.some.copy(), np.asarray(unit.covered).copy()
        some[documents] = True
        covered[documents] = np.maximum(covered[documents], apart.weight * unit.weight)
        return _UnitMatch(unit.full, some, unit.weight, covered)

    def _parts_standing_alone(self, words: Sequence[Word], among: Mask) -> Mask:
        """Documents ``among`` those with all ``words``, not just in other compounds of them.

        At least one word occurs by itself, and if another is in a compound, the two are no elliptic
        pair: „metsa- ja puiduklaster“ does not mention a *metsapuit*.
        """
        whole = [self._containing(whole_terms(each)) for each in words]
        found = among & _any(whole)
        for i, j in permutations(range(len(words)), 2):
            pair = whole_terms(words[i]), part_terms(words[j])
            candidates = found & whole[i] & ~whole[j]
            if pair[1] and candidates.any():
                side_by_side, one_between = (
                    self._lists.proximity(pair, candidates, self._budget, near).documents
                    for near in (1, 2)
                )
                found[np.setdiff1d(one_between, side_by_side)] = False
        return found

    def _containing(self, terms: Sequence[str]) -> Mask:
        mask = np.zeros(self._size, dtype=bool)
        for each in terms:
            for field in TEXT_FIELDS:
                mask[self._lists.read(field, each, self._budget).documents] = True
        return mask

    def _word(self, word: Word, scores: _Scores) -> Mask:
        """The documents with ``word``."""
        mask = np.zeros(self._size, dtype=bool)
        self._scorer.add([[word_groups(word)]], scores.sums, mask, self._budget)
        if word.related:
            scores.related.append(word)
        return mask

    def _boost_related(self, scores: _Scores, among: Mask | None) -> None:
        """Add the scores of related terms, at least to the documents of ``among``."""
        for each in scores.taken_related():
            matches = np.zeros(self._size, dtype=bool)
            self._scorer.add([[each]], scores.sums, matches, self._budget, among=among)

    def _prefix(self, node: Prefix, scores: _Scores) -> Mask:
        mask = np.zeros(self._size, dtype=bool)
        for field in text_fields(node.field):
            for found in self._prefix_terms(node, field):
                self._budget.spend((), found.postings)
                mask[found.documents] = True
        scores.sums[mask] += PREFIX_WEIGHT * self._scorer.idf(int(np.count_nonzero(mask)))
        return mask

    def _phrase(self, node: Phrase, scores: _Scores) -> Mask:
        mask = np.zeros(self._size, dtype=bool)
        words = phrase_terms(node)
        found = {
            field: self._lists.phrase(words, node.slop, field, self._budget)
            for field in text_fields(node.field)
        }
        weight = float(len(node.words))
        self._scorer.add_phrase(
            found["title"], found.get("body"), weight, scores.sums, mask, once=node.slop > 0
        )
        return mask

    def _facet_term(self, node: FacetTerm) -> Mask:
        wanted, facet = node.value.casefold(), self._opened.facets[node.facet]
        if node.facet == "year":
            return facet.year_mask((node.value,))
        return facet.mask(lambda value: value.casefold() == wanted)


def _share(covered: Scores) -> Scores:
    """The factor of a score by the share of the query covered: its fourth root.

    It is mild, as the scores of words that lack are missing already.
    """
    return np.asarray(np.sqrt(np.sqrt(covered)), dtype=np.float64)


def _length(node: Word | Phrase) -> int:
    return len(node.words) if isinstance(node, Phrase) else 1


def _all(masks: Sequence[Mask]) -> Mask:
    return functools.reduce(np.bitwise_and, masks)


def _any(masks: Sequence[Mask]) -> Mask:
    return functools.reduce(np.bitwise_or, masks)
