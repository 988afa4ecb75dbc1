"""What begins with the letters typed: words, names and titles, sorted once per generation."""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from search.analysis.folding import fold
from search.engines.contract import FacetCount
from search.engines.whoosh.vocabulary import word_counts

_LAST = "\U0010ffff"


class Beginnings:
    """Values with their counts, found by the first letters of a key, case and diacritics aside."""

    def __init__(self, entries: Iterable[tuple[str, str, int]]) -> None:
        ordered = sorted((fold(key.casefold()), value, count) for key, value, count in entries)
        # A value that is its own key is kept once.
        self._keys = [value if key == value else key for key, value, _ in ordered]
        self._values = [value for _, value, _ in ordered]
        self._counts = np.array([count for _, _, count in ordered], dtype=np.int64)

    def find(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` values whose key begins with ``text``, the greatest counts first."""
        begin = fold(text.casefold())
        start, end = bisect_left(self._keys, begin), bisect_left(self._keys, begin + _LAST)
        # Several keys of a value can begin alike; a few more are looked at, so that all are found.
        best = np.argsort(-self._counts[start:end], kind="stable")[: 4 * limit] + start
        found = {self._values[i]: int(self._counts[i]) for i in best.tolist()}
        return tuple(FacetCount(value, count) for value, count in islice(found.items(), limit))


def words(reader: Any, lock: threading.Lock) -> Beginnings:
    """The lemmas of a generation, counted by the documents of the field where most have it."""
    counts = word_counts(reader, lock, "lemma")
    return Beginnings((text, text, count) for text, count in counts.items())


def names(counts: Iterable[FacetCount]) -> Beginnings:
    """Names, by the beginning of any of their words."""
    return Beginnings(
        (key, each.value, each.count) for each in counts for key in _from_each_word(each.value)
    )


def _from_each_word(name: str) -> Iterator[str]:
    pieces = [piece.lstrip("„“”\"'(«»") for piece in name.split()]
    return (" ".join(pieces[i:]) for i in range(len(pieces)))
