"""Counting facet values over the documents of an answer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search.engines.contract import FacetCounts
from search.engines.whoosh.answers.columns import FacetColumn
from search.engines.whoosh.answers.groups import Groups
from search.engines.whoosh.native.facets import NativeFacet
from search.engines.whoosh.native.functions import Library
from search.engines.whoosh.postings.postings import DocumentArray

#: Rows may hold so many times as many places as there are values; documents with more values
#: than a row has places have theirs beside.
_ROOM = 3.0
_Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tally:
    """The values of one facet by document.

    ``rows`` has the codes of each document, filled up with the number of values; ``more`` are
    documents with more values than a row holds, each with its code in ``codes``. ``named`` are all
    codes in the order of their values' names. ``native`` counts faster.
    """

    values: tuple[str, ...]
    rows: _Codes
    more: DocumentArray
    codes: DocumentArray
    named: DocumentArray
    native: NativeFacet | None = None

    @classmethod
    def of(cls, column: FacetColumn, size: int, library: Library | None = None) -> "Tally":
        """Arrange ``column`` over ``size`` documents."""
        values, documents, codes = column.values, column.documents, column.codes
        held = np.diff(column.starts)
        # The place of each value among those of its document.
        places = np.arange(len(documents)) - column.starts[documents]
        width = _width(held)
        rows = np.full((size, width), len(values), dtype=np.int32)
        inside = places < width
        rows[documents[inside], places[inside]] = codes[inside]
        named = np.array(sorted(range(len(values)), key=values.__getitem__), dtype=np.int64)
        arranged = (rows, documents[~inside], codes[~inside], named)
        native = NativeFacet(library, *arranged) if library is not None else None
        return cls(values, *arranged, native)

    def found(
        self, documents: DocumentArray, groups: Groups, selected: frozenset[str]
    ) -> FacetCounts:
        """Values that stories among ``documents``, which ascend, have, as :meth:`ordered`."""
        if self.native is not None and not groups.are_any:
            listed = self.native.counted_in_order(documents)
            if listed is not None:
                return self._listed(*listed, selected)
        return self.ordered(self.counts(documents, groups), selected)

    def counts(self, documents: DocumentArray, groups: Groups) -> DocumentArray:
        """How many stories among ``documents``, which ascend, have each value."""
        counts = self._counts(documents)
        if not groups.are_any:
            return counts
        held = documents[groups.grouped[documents]]
        if len(held):
            # What several tell together counts once.
            numbers, codes = self._pairs(held)
            size = len(self.values)
            stories = np.unique(groups.stands_for[numbers].astype(np.int64) * size + codes)
            counts += np.bincount(stories % size, minlength=size) if size else 0
            counts -= self._counts(held)
        return counts

    def ordered(self, counts: DocumentArray, selected: frozenset[str]) -> FacetCounts:
        """Values that occur, or are selected, by count and then by name."""
        if self.native is not None:
            return self._listed(*self.native.ordered(counts), selected)
        codes = self.named[counts[self.named] > 0]
        codes = codes[np.argsort(-counts[codes], kind="stable")]
        return self._listed(codes, counts[codes], selected)

    def _listed(
        self, codes: DocumentArray, counts: DocumentArray, selected: frozenset[str]
    ) -> FacetCounts:
        found = FacetCounts(self.values, codes.tolist(), counts.tolist())
        return found.with_values(selected) if selected else found

    def _counts(self, documents: DocumentArray) -> DocumentArray:
        if self.native is not None:
            counted = self.native.counts(documents)
            if counted is not None:
                return counted
        size = len(self.values)
        is_whole = len(documents) == len(self.rows)
        codes = (self.rows if is_whole else self.rows.take(documents, axis=0)).ravel()
        counts = np.bincount(codes, minlength=size + 1)[:size]
        if len(self.more):
            wanted = np.zeros(len(self.rows), dtype=bool)
            wanted[documents] = True
            counts += np.bincount(self.codes[wanted[self.more]], minlength=size)
        return counts

    def _pairs(self, documents: DocumentArray) -> tuple[DocumentArray, DocumentArray]:
        """Documents and codes, one of each for every value."""
        rows = self.rows.take(documents, axis=0)
        at, place = np.nonzero(rows < len(self.values))
        more = np.isin(self.more, documents)
        numbers = np.concatenate((documents[at], self.more[more]))
        return numbers, np.concatenate((rows[at, place], self.codes[more]))


def _width(held: DocumentArray) -> int:
    """How many places a row needs, so that rows are not mostly empty."""
    sizes = np.bincount(held)
    width = len(sizes) - 1
    while width > 1 and len(held) * width > _ROOM * max(int(held.sum()), len(held)):
        width -= 1
    return max(width, 1)
