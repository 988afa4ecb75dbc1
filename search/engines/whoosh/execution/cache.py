"""Cache of a generation's matches, posting lists and counts, bounded by bytes."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from search.bounded_cache import BoundedCache
from search.engines.whoosh.kernels.interface import Documents, Mask, Scores


class Sized(Protocol):
    """A value with its size in memory."""

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        ...


V = TypeVar("V", bound=Sized)


class Cache:
    """A :class:`BoundedCache` for values of several kinds, distinguished by keys. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._kept: BoundedCache[Hashable, Sized] = BoundedCache(most, lambda _, value: value.size)

    def get(self, key: Hashable, kind: type[V]) -> V | None:
        """The value of ``key`` if one of ``kind`` is cached, else None."""
        found = self._kept.get(key)
        return found if isinstance(found, kind) else None

    def put(self, key: Hashable, value: V) -> V:
        """Caches ``value``, and returns it."""
        self._kept[key] = value
        return value


@dataclass(frozen=True, slots=True)
class Match:
    """Matches of a query: masks and scores over all documents.

    ``full`` matches everything asked, ``partial`` (apart from ``full``) only some plain words;
    ``documents`` and ``others`` are the same as numbers, ascending. ``covered`` is the greatest
    share of the query, by weight, that a document covers.
    """

    full: Mask
    partial: Mask
    scores: Scores
    documents: Documents
    others: Documents
    covered: float = 1.0


@dataclass(frozen=True, slots=True)
class CachedMatch:
    """A match in few bytes: only the scores of matching documents.

    ``terms`` and ``cost`` are what was spent of the budget to find it.
    """

    documents: Documents
    others: Documents
    scores: Scores
    other_scores: Scores
    covered: float
    terms: tuple[Hashable, ...]
    cost: int

    @classmethod
    def of(cls, match: Match, terms: tuple[Hashable, ...], cost: int) -> "CachedMatch":
        """Packs ``match``."""
        scores = match.scores[match.documents], match.scores[match.others]
        return cls(match.documents, match.others, *scores, match.covered, terms, cost)

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return 16 * (len(self.documents) + len(self.others)) + 200 * (len(self.terms) + 5)

    def match(self, size: int) -> Match:
        """Unpacks the match over all ``size`` documents."""
        full, partial = np.zeros((2, size), dtype=bool)
        scores = np.zeros(size)
        full[self.documents] = True
        scores[self.documents] = self.scores
        if len(self.others):
            partial[self.others] = True
            scores[self.others] = self.other_scores
        return Match(full, partial, scores, self.documents, self.others, self.covered)
