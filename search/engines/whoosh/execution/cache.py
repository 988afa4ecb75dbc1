"""A cache bounded by bytes, and what matched a query as it is kept there."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from search.engines.whoosh.kernels.interface import Documents, Mask, Scores


class Sized(Protocol):
    """A value that knows its size in memory."""

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        ...


V = TypeVar("V", bound=Sized)


class Cache:
    """Keeps what was used last, at most ``most`` bytes of it. Safe for threads.

    Values of several kinds share the bytes; their keys say which kind they are of.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Sized] = OrderedDict()

    def get(self, key: Hashable, kind: type[V]) -> V | None:
        """The value of ``key``, None if none of ``kind`` is known (any more)."""
        with self._lock:
            found = self._values.get(key)
            if not isinstance(found, kind):
                return None
            self._values.move_to_end(key)
        return found

    def put(self, key: Hashable, value: V) -> V:
        """Keep ``value``, and give it back."""
        with self._lock:
            before = self._values.pop(key, None)
            self._bytes += value.size - (before.size if before is not None else 0)
            self._values[key] = value
            while self._bytes > self._most and len(self._values) > 1:
                _, oldest = self._values.popitem(last=False)
                self._bytes -= oldest.size
        return value


@dataclass(frozen=True, slots=True)
class Match:
    """What matches a query: masks and scores over all documents.

    ``full`` matches everything asked, ``partial`` (apart from ``full``) only some plain words;
    ``documents`` and ``others`` are the same as numbers, ascending. ``covered`` is the greatest
    share of the query, by weight, that a document holds.
    """

    full: Mask
    partial: Mask
    scores: Scores
    documents: Documents
    others: Documents
    covered: float = 1.0


@dataclass(frozen=True, slots=True)
class CachedMatch:
    """A match in few bytes: of all scores those of ``documents`` and of ``others``.

    ``terms`` and ``cost`` are what was spent to find it.
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
        """What is to be kept of ``match``."""
        scores = match.scores[match.documents], match.scores[match.others]
        return cls(match.documents, match.others, *scores, match.covered, terms, cost)

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return 16 * (len(self.documents) + len(self.others)) + 200 * (len(self.terms) + 5)

    def match(self, size: int) -> Match:
        """The same over all ``size`` documents."""
        full, partial = np.zeros((2, size), dtype=bool)
        scores = np.zeros(size)
        full[self.documents] = True
        scores[self.documents] = self.scores
        if len(self.others):
            partial[self.others] = True
            scores[self.others] = self.other_scores
        return Match(full, partial, scores, self.documents, self.others, self.covered)
