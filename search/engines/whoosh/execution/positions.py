"""Posting lists of a generation: read, counted against the query's budget, compared by position."""

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
    """What is told of the work of a query, see :class:`~search.engines.contract.QueryBudget`."""

    def spend(self, terms: Iterable[Hashable], cost: int = 0) -> None:
        """Count looked-up ``terms`` and entries of lists. May raise QueryTooBroad."""
        ...


class NoBudget:
    """No-op: whoever is not answering a query may read what they like."""

    def spend(self, terms: Iterable[Hashable], cost: int = 0) -> None:
        """Nothing is counted."""


class RecordedBudget:
    """Writes down what is spent of another budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.terms: set[Hashable] = set()
        self.cost = 0

    def spend(self, terms: Iterable[Hashable], cost: int = 0) -> None:
        """Count it there and here."""
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
    """The posting lists of an open generation, of which the last ones read are kept.

    ``lists`` are the same for kernels, which read the files themselves. Safe for threads.
    """

    def __init__(self, lists: OpenLists, cache: Cache) -> None:
        self.lists = lists
        self.cache = cache

    def read(self, field: TextField, term: str, budget: Budget) -> Postings:
        """The postings of ``term`` (with channel prefix), none if it is nowhere."""
        key = (field, term)
        found = self.cache.get(key, _CachedPostings)
        if found is None:
            held = self.lists.read(TEXT_FIELDS.index(field), term)
            found = self.cache.put(key, _CachedPostings(held))
        budget.spend((key,), len(found.postings.documents))
        return found.postings

    def prefix(self, field: TextField, prefix: str, limit: int) -> PrefixTerms:
        """The first ``limit`` terms that begin with ``prefix`` (with channel prefix).

        Whoever goes through their entries spends their ``postings``.
        """
        key = ("prefix", field, prefix, limit)
        found = self.cache.get(key, _CachedPrefix)
        if found is None:
            held = self.lists.prefix(TEXT_FIELDS.index(field), prefix, limit)
            found = self.cache.put(key, _CachedPrefix(held))
        return found.found

    def starting(self, texts: Sequence[str], budget: Budget) -> tuple[bool, ...]:
        """For each text whether a word begins so, in any channel but that of first letters."""
        budget.spend(("starting", each) for each in texts)
        asked = [channel + each for each in texts for channel in _WORDS]
        found = self.lists.has_prefixes(asked)
        size = len(_WORDS)
        return tuple(any(found[at : at + size]) for at in range(0, len(found), size))

    def phrase(
        self, words: Sequence[Sequence[str]], slop: int, field: TextField, budget: Budget
    ) -> PhraseMatches:
        """Where one of the terms of each word follows one of the word before.

        Between two words are at most ``slop`` positions.
        """
        found = self.lists.phrase(words, TEXT_FIELDS.index(field), slop)
        budget.spend(((field, term) for terms in words for term in terms), sum(found.postings))
        return found

    def proximity(
        self, words: WordPair, among: BoolArray, budget: Budget, near: int = NEAR
    ) -> NearMatches:
        """Documents of ``among`` in which two words stand near each other, in either order.

        That is at most ``near`` positions apart.
        """
        found = self.lists.proximity(words, near, among)
        budget.spend((("body", term) for terms in words for term in terms), sum(found.postings))
        return found

    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]], budget: Budget
    ) -> tuple[tuple[int, ...], ...]:
        """At how many places each surface form stands for each of its lemmas."""
        counts, postings = self.lists.shared_positions(readings)
        terms = [each for surface, lemmas in readings for each in (surface, *lemmas)]
        budget.spend(((field, each) for each in terms for field in TEXT_FIELDS), sum(postings))
        return tuple(map(tuple, counts))

    def holding(self, term: str, budget: Budget) -> Documents:
        """The documents that hold ``term`` (with channel prefix), deleted ones among them."""
        title, body = (self.read(field, term, budget).documents for field in TEXT_FIELDS)
        return np.union1d(title, body)


def position_keys(places: Iterable[tuple[int, int]]) -> Documents:
    """Documents and positions, each pair as one number, ascending and all different."""
    found = {document << _SHIFT | position for document, position in places}
    return np.array(sorted(found), dtype=np.int64)


def places_of(keys: Documents) -> Iterator[tuple[int, int]]:
    """Undo :func:`position_keys`."""
    documents, positions = keys >> _SHIFT, keys & ((1 << _SHIFT) - 1)
    return zip(documents.tolist(), positions.tolist(), strict=True)


def phrase_places(words: Sequence[Documents], slop: int) -> tuple[Documents, ...]:
    """For each word of a phrase the places at which it is part of a whole one.

    ``words`` are the places of each word in one field, as keys. The phrases are never listed one by
    one: a repeated word makes too many of them.
    """
    reached: list[Documents] = []
    for keys in words:
        reached.append(_within_reach(keys, reached[-1], slop + 1) if reached else keys)
    places = reached[-1:]
    for before in reversed(reached[:-1]):
        # Negated and turned round, what comes before is what comes after.
        left = _within_reach(-before[::-1], -places[0][::-1], slop + 1)
        places.insert(0, -left[::-1])
    return tuple(places)


def _within_reach(keys: Documents, starts: Documents, most: int) -> Documents:
    """Those of ``keys`` that stand at most ``most`` positions after one of ``starts``."""
    if not len(starts):
        return _NOWHERE
    last = np.searchsorted(starts, keys) - 1  # the last start before each key
    return keys[(last >= 0) & (keys - starts[np.maximum(last, 0)] <= most)]
