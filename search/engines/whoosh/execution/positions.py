"""Reads posting lists of a generation, counted against a query's budget, and compares positions."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from search.analysis.terms import LEMMA, PART, READING, STEM, SURFACE
from search.engines.contract import TEXT_FIELDS, TextField
from search.engines.scoring_parameters import NEAR
from search.engines.whoosh.execution.cache import Cache
from search.engines.whoosh.kernels.interface import (
    Documents,
    NearMatches,
    OpenLists,
    PhraseMatches,
    Postings,
    PrefixTerms,
)
from search.engines.whoosh.kernels.interface import Mask as BoolArray

#: The channels that hold whole words or parts of them.
_WORDS = (LEMMA, PART, SURFACE, READING, STEM)
#: A field and a term looked up in it.
LookedUp = tuple[TextField, str]
#: The terms of each of two words.
WordPair = tuple[Sequence[str], Sequence[str]]
# A position and its document in one integer; positions stay far below this.
_SHIFT = 32
_NOWHERE: Documents = np.empty(0, dtype=np.int64)


class Budget(Protocol):
    """Budget of a query's work, see :class:`~search.query_budget.QueryBudget`."""

    def spend(self, terms: Iterable[Hashable], cost: int = 0) -> None:
        """Count looked-up ``terms`` and entries of lists. May raise QueryTooBroad."""
        ...


class NoBudget:
    """Unlimited budget, for work outside of queries."""

    def spend(self, terms: Iterable[Hashable], cost: int = 0) -> None:
        """Counts nothing."""


class RecordedBudget:
    """Records what is spent of another budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.terms: set[Hashable] = set()
        self.cost = 0

    def spend(self, terms: Iterable[Hashable], cost: int = 0) -> None:
        """Spends and records it."""
        known = tuple(terms)
        self._budget.spend(known, cost)
        self.terms.update(known)
        self.cost += cost


class _CachedPostings(NamedTuple):
    postings: Postings

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return sum(each.nbytes for each in self.postings) + 300


class _CachedPrefix(NamedTuple):
    found: PrefixTerms

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return self.found.documents.nbytes + 200 * len(self.found.terms)


class CachedLists:
    """The posting lists of an open generation, with a cache. Safe for threads.

    ``lists`` are the same for kernels, which read the files themselves.
    """

    def __init__(self, lists: OpenLists, cache: Cache) -> None:
        self.lists = lists
        self.cache = cache

    def read(self, field: TextField, term: str, budget: Budget) -> Postings:
        """The postings of ``term`` (with channel prefix), none if it is nowhere."""
        key = (field, term)
        found = self.cache.get(key, _CachedPostings)
        if found is None:
            postings = self.lists.read(TEXT_FIELDS.index(field), term)
            found = self.cache.put(key, _CachedPostings(postings))
        budget.spend((key,), len(found.postings.documents))
        return found.postings

    def prefix(self, field: TextField, prefix: str, limit: int) -> PrefixTerms:
        """The first ``limit`` terms that begin with ``prefix`` (with channel prefix).

        Whoever reads their postings spends these.
        """
        key = ("prefix", field, prefix, limit)
        found = self.cache.get(key, _CachedPrefix)
        if found is None:
            terms = self.lists.prefix(TEXT_FIELDS.index(field), prefix, limit)
            found = self.cache.put(key, _CachedPrefix(terms))
        return found.found

    def starting(self, texts: Sequence[str], budget: Budget) -> tuple[bool, ...]:
        """For each text whether any word begins with it, first letters of names left out."""
        budget.spend(("starting", each) for each in texts)
        asked = [channel + each for each in texts for channel in _WORDS]
        found = self.lists.has_prefixes(asked)
        size = len(_WORDS)
        return tuple(any(found[at : at + size]) for at in range(0, len(found), size))

    def phrase(
        self, words: Sequence[Sequence[str]], slop: int, field: TextField, budget: Budget
    ) -> PhraseMatches:
        """Matches of a phrase, with at most ``slop`` positions between two words."""
        found = self.lists.phrase(words, TEXT_FIELDS.index(field), slop)
        budget.spend(((field, term) for terms in words for term in terms), sum(found.postings))
        return found

    def proximity(
        self, words: WordPair, among: BoolArray, budget: Budget, near: int = NEAR
    ) -> NearMatches:
        """Documents of ``among`` with two words at most ``near`` positions apart, in any order."""
        found = self.lists.proximity(words, near, among)
        budget.spend((("body", term) for terms in words for term in terms), sum(found.postings))
        return found

    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]], budget: Budget
    ) -> tuple[tuple[int, ...], ...]:
        """Number of positions at which each surface form is read as each of its lemmas."""
        counts, postings = self.lists.shared_positions(readings)
        terms = [each for surface, lemmas in readings for each in (surface, *lemmas)]
        budget.spend(((field, each) for each in terms for field in TEXT_FIELDS), sum(postings))
        return tuple(map(tuple, counts))

    def containing(self, term: str, budget: Budget) -> Documents:
        """The documents with ``term`` (with channel prefix), deleted ones among them."""
        title, body = (self.read(field, term, budget).documents for field in TEXT_FIELDS)
        return np.union1d(title, body)


def position_keys(places: Iterable[tuple[int, int]]) -> Documents:
    """Documents and positions, each pair as one number, sorted and distinct."""
    found = {document << _SHIFT | position for document, position in places}
    return np.array(sorted(found), dtype=np.int64)


def places_of(keys: Documents) -> Iterator[tuple[int, int]]:
    """Undo :func:`position_keys`."""
    documents, positions = keys >> _SHIFT, keys & ((1 << _SHIFT) - 1)
    return zip(documents.tolist(), positions.tolist(), strict=True)


def phrase_places(words: Sequence[Documents], slop: int) -> tuple[Documents, ...]:
    """For each word of a phrase the positions at which it is part of a whole phrase.

    ``words`` are the positions of each word in one field, as keys. The phrases are not enumerated,
    as a repeated word makes too many of them.
    """
    reached: list[Documents] = []
    for keys in words:
        reached.append(_within_reach(keys, reached[-1], slop + 1) if reached else keys)
    places = reached[-1:]
    for before in reversed(reached[:-1]):
        # Negated and reversed, the positions before a word are those after it.
        left = _within_reach(-before[::-1], -places[0][::-1], slop + 1)
        places.insert(0, -left[::-1])
    return tuple(places)


def _within_reach(keys: Documents, starts: Documents, most: int) -> Documents:
    """Those of ``keys`` that are at most ``most`` positions after one of ``starts``."""
    if not len(starts):
        return _NOWHERE
    last = np.searchsorted(starts, keys) - 1  # the last start before each key
    return keys[(last >= 0) & (keys - starts[np.maximum(last, 0)] <= most)]
