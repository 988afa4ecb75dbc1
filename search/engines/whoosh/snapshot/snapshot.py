"""Snapshot of a generation: memory-mapped data over all its documents.

Each segment has its own columns (:mod:`search.engines.whoosh.segment.doc_values`), which
generations share. A snapshot has what concerns all of them: living documents, the order of ids,
global ordinals of facets, near-duplicates, and organisations named only in boilerplate.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.arrays import Array, ArrayFile, CorruptArray, check_codes
from search.engines.whoosh.segment.doc_values import FACET_FIELDS
from search.engines.whoosh.snapshot.ordinal_map import NamePrefixIndex, OrdinalMap
from search.engines.whoosh.snapshot.organisations import NOT_SHOWN, ShownOrganisations
from search.engines.whoosh.snapshot.segment_set import DocumentIds, SegmentSet, SegmentSignatures
from search.near_duplicates.boilerplate import is_among
from search.near_duplicates.lsh import SimilarPairs
from search.near_duplicates.minhash import Numbers

SNAPSHOT = "snapshot.arrays"
BoolArray = npt.NDArray[np.bool_]
_EMPTY = np.empty(0, dtype=np.int32)
#: Names of segments, which are names of files.
_NAME = re.compile(r"MAIN_[0-9a-f]{16}")
#: A document and the hash of a value as one number.
_VALUE_BITS = 32


class FacetPairs(NamedTuple):
    """Pairs of documents and facet values: ``documents[i]`` has the value with ``codes[i]``.

    Documents ascend; the pairs of document ``n`` are from ``starts[n]`` to ``starts[n + 1]``. The
    code after those of all values is for documents without any.
    """

    codes: Array
    documents: Array
    starts: Array


class DuplicateClusters(NamedTuple):
    """Clusters of near-duplicates: ``representatives`` has that of each document's cluster.

    ``shown`` are the living representatives, one of each cluster; ``clustered`` the documents with
    duplicates.
    """

    representatives: Array
    shown: BoolArray
    clustered: BoolArray

    def among(self, documents: Array) -> Array:
        """Those of ``documents`` that have duplicates."""
        return documents[self.clustered[documents]]


class HiddenValues:
    """Hidden organisations of documents: those named only in boilerplate.

    ``pairs``, in order, have the number of a document and the hash of a value in one number.
    """

    def __init__(self, pairs: Array) -> None:
        self.pairs = pairs
        self._numbers: memoryview = pairs.data  # faster than the array for single numbers

    def get(self, number: int) -> frozenset[int]:
        """The hashes of the hidden values of a document."""
        start = bisect_left(self._numbers, number << _VALUE_BITS)
        end = bisect_left(self._numbers, number + 1 << _VALUE_BITS, start)
        return frozenset(each & ((1 << _VALUE_BITS) - 1) for each in self._numbers[start:end])


class Snapshot:
    """An open snapshot; long arrays are memory-mapped.

    Codes and document numbers are checked when they are read. Everything raises CorruptArray.
    """

    def __init__(self, directory: Path, known: Iterable[Segment] = ()) -> None:
        """Open the snapshot of a generation; ``known`` are segments that are open already.

        Raises OSError or CorruptArray.
        """
        self.directory = directory
        self._file = ArrayFile(directory / SNAPSHOT)
        names = tuple(self._file.texts("segments"))
        if len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
            raise CorruptArray(f"{self._file.name} names no segments")
        self.segments = SegmentSet(directory, names, known)
        self.ids = DocumentIds(self.segments)

    @property
    def size(self) -> int:
        """Number of documents, deleted ones among them."""
        return self.segments.size

    @cached_property
    def alive(self) -> BoolArray:
        """Mask of the documents that are not deleted."""
        alive = self._file.whole("alive", "|u1", self.size)
        return check_codes(alive, 2).view(np.bool_)

    @cached_property
    def id_order(self) -> Array:
        """All documents in the order of their ids."""
        order = check_codes(self._file.whole("id_order", "<i4", self.size), self.size)
        seen = np.zeros(self.size, dtype=bool)
        seen[order] = True
        if not seen.all():
            raise CorruptArray("the order of ids leaves documents out")
        return order

    @cached_property
    def id_rank(self) -> Array:
        """The place of each document in the order of ids."""
        return ranks(self.id_order)

    @cached_property
    def hidden(self) -> HiddenValues:
        """The hidden organisations of all documents."""
        pairs = self._file.whole("hidden", "<i8", None)
        if (pairs[1:] <= pairs[:-1]).any():
            raise CorruptArray("hidden values are not in order")
        check_codes(pairs[[0, -1]] >> _VALUE_BITS if len(pairs) else pairs, self.size)
        return HiddenValues(pairs)

    def digest(self, number: int) -> str:
        """The digest of a document."""
        segment, place = self.segments.locate(number)
        return segment.doc_values.texts("digests")[place]

    def column(self, name: str) -> Array:
        """A column that has a number for each document."""
        return self.segments.column(name)

    def clusters(self) -> DuplicateClusters:
        """The clusters of near-duplicates."""
        size, alive = self.size, self.alive
        representatives = check_codes(self._file.whole("representatives", "<i4", self.size), size)
        is_own = representatives == np.arange(size)
        if is_own.all():
            return DuplicateClusters(representatives, alive, np.zeros(size, dtype=bool))
        counts = np.bincount(representatives[alive], minlength=size)
        return DuplicateClusters(
            representatives, alive & is_own, alive & (counts[representatives] > 1)
        )

    def ordinals(self, facet: str) -> OrdinalMap:
        """The ordinals of a facet, without the value of documents that have none."""
        values = self._file.texts(facet + "_values")
        codes = len(values) + (FACET_FIELDS[facet] is not None)
        ends = np.cumsum([0, *(len(each.doc_values.facet(facet).values) for each in self.segments)])
        every = check_codes(self._file.whole(facet + "_maps", "<i4", int(ends[-1])), codes)
        maps = np.split(every, ends[1:-1])
        return OrdinalMap(values, dict(zip(self.segments.names, maps, strict=False)))

    def facet(self, name: str) -> FacetPairs:
        """The values of a facet of all documents, without hidden ones."""
        return self._organisations() if name == "org" else self._written(name)

    @cached_property
    def shown(self) -> ShownOrganisations:
        """The names shown for organisations."""
        ordinals = {each: self.ordinals(each) for each in ("org", "maybe")}
        count = len(ordinals["org"].values)
        org, maybe = (
            check_codes(
                self._file.whole(f"{each}_shown", "<i4", len(ordinals[each].values)),
                count,
                least=NOT_SHOWN,
            )
            for each in ("org", "maybe")
        )
        return ShownOrganisations(org, maybe, ordinals)

    def similar(self) -> SimilarPairs:
        """The pairs of similar documents."""
        pairs = self._file.whole("pairs", "<i4", None, 2)
        support = self._file.whole("support", "|u1", len(pairs))
        rows = check_codes(pairs, self.size).astype(np.int64)
        originals = check_codes(
            self._file.whole("originals", "<i4", self.size), self.size, least=-1
        )
        return SimilarPairs(originals.astype(np.int64), rows, support.astype(np.int64))

    def signatures(self) -> SegmentSignatures:
        """The MinHash signatures of all documents."""
        return SegmentSignatures(self.segments, self.id_rank)

    def names(self) -> NamePrefixIndex:
        """The prefix index of organisations."""
        names = NamePrefixIndex(self._file.whole("names", "<i8", None))
        check_codes(names.codes, len(self._file.texts("org_values")))
        return names

    def _written(self, name: str) -> FacetPairs:
        """The values of all documents as they are written, without hidden ones."""
        maps = self.ordinals(name).maps
        parts = [(maps[each.name], each.doc_values.facet(name)) for each in self.segments]
        codes = _joined([_global_codes(own, each.codes) for own, each in parts])
        pairs = _pairs(codes, _joined_starts([each.starts for _, each in parts]))
        hides = name in ("org", "maybe") and len(self.hidden.pairs)
        return self._without_hidden(name, pairs) if hides else pairs

    def _organisations(self) -> FacetPairs:
        """The organisations of all documents by the names shown, each once a document."""
        written, shown = self._written("org"), self.shown
        if shown.is_plain:
            return written
        doubtful = self._written("maybe")
        codes = np.concatenate((shown.org[written.codes], shown.maybe[doubtful.codes]))
        documents = np.concatenate((written.documents, doubtful.documents)).astype(np.int64)
        kept = codes != NOT_SHOWN
        width = max(len(shown.org), 1)
        pairs = np.unique(documents[kept] * width + codes[kept])
        counts = np.bincount(pairs // width, minlength=self.size)
        starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        return _pairs((pairs % width).astype(np.int32), starts)

    def _without_hidden(self, name: str, pairs: FacetPairs) -> FacetPairs:
        """Pairs of documents and organisations without those that are hidden."""
        values = [each.doc_values for each in self.segments]
        hashes = _joined([each.name_hashes(name)[each.facet(name).codes] for each in values])
        touched = np.zeros(self.size, dtype=bool)
        touched[self.hidden.pairs >> _VALUE_BITS] = True
        rows = np.flatnonzero(touched[pairs.documents])
        keep = np.ones(len(pairs.codes), dtype=bool)
        found = hidden_pairs(pairs.documents[rows], hashes[rows])
        keep[rows] = ~is_among(found, self.hidden.pairs)
        return _pairs(pairs.codes[keep], np.append(0, np.cumsum(keep))[pairs.starts])


def ranks(order: Array) -> Array:
    """The rank of each number in ``order``."""
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank


def hidden_pairs(documents: Numbers, values: Array) -> Array:
    """Pairs of documents and hashes of values, each in one number."""
    return documents.astype(np.int64) << _VALUE_BITS | values.astype(np.int64)


def _global_codes(codes: Array, own: Array) -> Array:
    """The global codes of a segment's ``own`` ones, by the segment's map ``codes``."""
    return own if np.array_equal(codes, np.arange(len(codes))) else codes[own]


def _joined_starts(starts: list[Array]) -> Array:
    """The starts of the values of all documents, from those of each segment."""
    if len(starts) == 1:
        return starts[0]
    ends = np.cumsum([0, *(each[-1] for each in starts)])
    moved = [each[:-1] + base for each, base in zip(starts, ends.tolist(), strict=False)]
    return np.concatenate([*moved, ends[-1:]]).astype(np.int32)


def _pairs(codes: Array, starts: Array) -> FacetPairs:
    """Pairs of documents and ``codes``, which begin at ``starts``."""
    numbers = np.arange(len(starts), dtype=np.int32)
    if np.array_equal(starts, numbers):  # each document has one
        return FacetPairs(codes, numbers[:-1], starts)
    return FacetPairs(codes, np.repeat(numbers[:-1], np.diff(starts)), starts)


def _joined(arrays: list[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate([_EMPTY, *arrays])
