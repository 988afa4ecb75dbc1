"""Counts facet values over documents, and filters by them."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property

import numpy as np

from search.engines.contract import FacetCounts
from search.engines.whoosh.kernels.interface import Documents, FacetRows, Kernels, Mask
from search.engines.whoosh.segment.arrays import Array, CorruptArray, check_codes, check_starts
from search.engines.whoosh.segment.doc_values import FACET_FIELDS
from search.engines.whoosh.snapshot.snapshot import DuplicateClusters, FacetPairs, Snapshot
from search.request import UNKNOWN_YEAR, year_range

#: Limit of the places in rows, as a multiple of the number of values; values beyond the width of a
#: row are stored separately.
_ROOM = 3.0


class FacetCounter:
    """Counts the values of one facet, near-duplicates once.

    ``pairs.documents[i]`` has the value ``values[pairs.codes[i]]``; the last of ``values`` may be
    that of documents without any. Raises CorruptArray where codes are of no values.
    """

    def __init__(
        self,
        values: Sequence[str],
        pairs: FacetPairs,
        clusters: DuplicateClusters,
        kernels: Kernels,
        same: Array | None = None,
    ) -> None:
        """``same`` gives for each code the one that is counted, -1 for none."""
        self.values = tuple(values)
        self._same = same
        self._pairs = pairs
        self._clusters = clusters
        self._kernels = kernels
        self._size = len(clusters.shown)
        check_codes(pairs.codes, len(self.values))
        check_codes(pairs.documents, self._size)
        check_starts(pairs.starts, len(pairs.codes))
        if len(pairs.starts) != self._size + 1 or len(pairs.documents) != len(pairs.codes):
            raise CorruptArray("a facet is not of all documents")

    def mask(self, chosen: Callable[[str], bool]) -> Mask:
        """Documents that have a value for which ``chosen`` holds. Raises CorruptArray."""
        wanted = np.fromiter((chosen(each) for each in self.values), bool, len(self.values))
        result = np.zeros(self._size, dtype=bool)
        if self._same is not None:  # another name of an organisation finds it, too
            same = self._same[wanted]
            wanted[same[same >= 0]] = True
        if wanted.any():
            try:
                result[self._pairs.documents[wanted[self._pairs.codes]]] = True
            except IndexError as error:  # the file was written over after it had been checked
                raise CorruptArray("a facet has other values than it had") from error
        return result

    def year_mask(self, chosen: Sequence[str]) -> Mask:
        """Documents whose year is one of ``chosen``: years, spans or ``unknown``."""
        spans = [year_range(value) for value in chosen]

        def fits(value: str) -> bool:
            if value == UNKNOWN_YEAR:
                return None in spans
            return any(span is not None and span[0] <= int(value) <= span[1] for span in spans)

        return self.mask(fits)

    def counted(
        self, documents: Documents, clustered: Documents, selected: Collection[str] = ()
    ) -> FacetCounts:
        """The :meth:`ordered` counts of ``documents``, which ascend.

        ``clustered`` are those of them that have near-duplicates.
        """
        if self._only is None:
            return self.ordered(self._counts(documents, clustered), selected)
        clusters = len(set(self._clusters.representatives[clustered].tolist()))
        count = len(documents) - len(clustered) + clusters
        found = FacetCounts(self.values, [self._only] * bool(count), [count] * bool(count))
        return found.with_values(selected) if selected else found

    def counts(self, documents: Documents) -> Documents:
        """The count of each value over ``documents``, which ascend, by code."""
        return self._counts(documents, self._clusters.among(documents))

    def _counts(self, documents: Documents, clustered: Documents) -> Documents:
        counts = self._kernels.facet_counts(self._rows, documents)
        if len(clustered) > 1:
            size = len(self.values)
            numbers, codes = self._pairs_of(clustered)
            # A value of a cluster counts once, however many of its documents have it.
            values = self._clusters.representatives[numbers].astype(np.int64) * size + codes
            values.sort()
            repeated = values[1:][values[1:] == values[:-1]]
            if len(repeated):
                counts -= np.bincount(repeated % size, minlength=size)
        return counts

    def ordered(self, counts: Documents, selected: Collection[str] = ()) -> FacetCounts:
        """Values that occur by count and then by name, then ``selected`` ones that do not."""
        codes, ordered = self._kernels.facet_order(self._rows, counts)
        found = FacetCounts(self.values, codes.tolist(), ordered.tolist())
        return found.with_values(selected) if selected else found

    @cached_property
    def _only(self) -> int | None:
        """The code of all documents where they have the same one, else None."""
        codes = self._pairs.codes
        has_one = len(codes) == self._size > 0 and bool((np.diff(self._pairs.starts) == 1).all())
        return int(codes[0]) if has_one and bool((codes == codes[0]).all()) else None

    @cached_property
    def _rows(self) -> FacetRows:
        values, (codes, documents, starts) = self.values, self._pairs
        # The place of each value among those of its document.
        places = np.arange(len(documents)) - starts[documents]
        width = _width(np.diff(starts))
        rows = np.full((self._size, width), len(values), dtype=np.int32)
        inside = places < width
        rows[documents[inside], places[inside]] = codes[inside]
        more = documents[~inside].astype(np.int64), codes[~inside].astype(np.int64)
        by_name = np.array(sorted(range(len(values)), key=values.__getitem__), dtype=np.int64)
        return FacetRows(rows, *more, by_name)

    def _pairs_of(self, documents: Documents) -> tuple[Array, Array]:
        """The pairs of some documents: their numbers and codes."""
        starts = self._pairs.starts.astype(np.int64)
        begins, sizes = starts[documents], starts[documents + 1] - starts[documents]
        shifts = begins - (np.cumsum(sizes) - sizes)
        at = np.repeat(shifts, sizes) + np.arange(int(sizes.sum()))
        return np.repeat(documents, sizes), self._pairs.codes[at]


def facet_counter(
    snapshot: Snapshot, name: str, clusters: DuplicateClusters, kernels: Kernels
) -> FacetCounter:
    """Counter for one of ``FACETS`` in a snapshot."""
    missing = FACET_FIELDS[name]
    values = (*snapshot.ordinals(name).values, *([missing] if missing is not None else ()))
    same = snapshot.shown.org if name == "org" else None
    return FacetCounter(values, snapshot.facet(name), clusters, kernels, same)


def _width(counts: Array) -> int:
    """Width of rows for the numbers of values per document, so that few places are empty."""
    sizes = np.bincount(counts) if len(counts) else np.zeros(1)
    width = len(sizes) - 1
    while width > 1 and len(counts) * width > _ROOM * max(int(counts.sum()), len(counts)):
        width -= 1
    return max(width, 1)
