"""What begins with the letters typed: names and titles, in orders that the snapshot holds."""

from bisect import bisect_left, bisect_right
from collections import Counter
from itertools import compress, islice

import numpy as np

from search.engines.contract import FacetCount
from search.engines.whoosh.storage.arrays import Array, Texts
from search.engines.whoosh.storage.names import NameOrder, key_of
from search.engines.whoosh.storage.parts import Parts

#: No letter comes behind it.
_LAST = "\U0010ffff"


class Names:
    """Organisations by the beginning of any of their words, case and diacritics aside."""

    def __init__(self, values: Texts, order: NameOrder, counts: Array) -> None:
        """``counts`` are the articles of each of ``values``."""
        self._values = values
        self._order = order
        self._counts = counts

    def find(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` names with articles, those with most of them first."""
        begin = key_of(text)
        start = self._order.place(self._values, begin)
        end = self._order.place(self._values, begin + _LAST)
        codes = self._order.codes[start:end]
        counts = self._counts[codes]
        # Several words of a name can begin alike; a few more are looked at, so that all are found.
        best = np.argsort(-counts, kind="stable")[: 4 * limit]
        found = {self._values[code]: int(self._counts[code]) for code in codes[best].tolist()}
        each = (FacetCount(value, count) for value, count in found.items() if count)
        return tuple(islice(each, limit))


class Titles:
    """The titles of the documents that stand for all with the same story."""

    def __init__(self, parts: Parts, shown: Array) -> None:
        self._parts = parts
        self._shown = shown

    def find(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` titles, those of most documents first."""
        counts: Counter[str] = Counter()
        first: set[str] = set()
        for base, segment in self._parts:
            ordered = segment.texts("titles")
            start, end = _beginning(ordered, key_of(text))
            shown = self._shown[segment.column("title_documents")[start:end] + base]
            titles = list(compress(ordered.between(start, end), shown.tolist()))
            counts.update(titles)
            first.update(islice(dict.fromkeys(titles), limit))
        # Nearly all are there once: of those only the first in the alphabet matter.
        several = {title for title, count in counts.items() if count > 1}
        candidates = several if len(several) >= limit else several | first
        best = sorted(candidates, key=lambda title: (-counts[title], key_of(title), title))
        return tuple(FacetCount(title, counts[title]) for title in best[:limit])


def _beginning(titles: Texts, begin: str) -> tuple[int, int]:
    """Where the titles stand whose key begins so."""
    start = bisect_left(titles, begin, key=key_of)
    return start, bisect_right(titles, begin + _LAST, start, key=key_of)
