"""The snapshot of a generation: what is known of all its documents, mapped into memory.

Each segment has its own columns (:mod:`search.engines.whoosh.segment.doc_values`), which
generations share. A snapshot says what concerns all of them: which documents are alive, their order
by id, codes that facets have in common, near-duplicates, and organisations that only boilerplate
speaks for.
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
    """``documents[i]``, which ascend, has the value with the code ``codes[i]``.

    The pairs of document ``n`` stand from ``starts[n]`` to ``starts[n + 1]``. The code behind those
    of all values is that of documents that have none.
    """

    codes: Array
    documents: Array
    starts: Array


class DuplicateClusters(NamedTuple):
    """``representatives`` names for each document the one that stands for its near-duplicates.

    ``shown`` are these, one of each cluster; ``clustered`` the documents that have duplicates.
    """

    representatives: Array
    shown: BoolArray
    clustered: BoolArray

    def among(self, documents: Array) -> Array:
        """Those of some ``documents`` that have duplicates."""
        return documents[self.clustered[documents]]


class HiddenValues:
    """The organisations of documents for which nothing but boilerplate speaks.

    ``pairs``, in order, have the number of a document and the hash of a value, both in a number.
    """

    def __init__(self, pairs: Array) -> None:
        self.pairs = pairs
        self._numbers: memoryview = pairs.data  # gives one in less time than the array does

    def get(self, number: int) -> frozenset[int]:
        """The hashes of what is not shown of a document."""
        start = bisect_left(self._numbers, number << _VALUE_BITS)
        end = bisect_left(self._numbers, number + 1 << _VALUE_BITS, start)
        return frozenset(each & ((1 << _VALUE_BITS) - 1) for each in self._numbers[start:end])


class Snapshot:
    """A snapshot as it was written; what is long is mapped into memory.

    What is asked for is checked: codes and document numbers are of what there is. Everything
    raises CorruptArray.
    """

    def __init__(self, directory: Path, known: Iterable[Segment] = ()) -> None:
        """Open that of a generation; ``known`` are segments that are open already.

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
        """How many documents there are, deleted ones among them."""
        return self.segments.size

    @cached_property
    def alive(self) -> BoolArray:
        """Which documents are not deleted."""
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
        """Organisations that are not shown."""
        held = self._file.whole("hidden", "<i8", None)
        if (held[1:] <= held[:-1]).any():
            raise CorruptArray("hidden values are not in order")
        check_codes(held[[0, -1]] >> _VALUE_BITS if len(held) else held, self.size)
        return HiddenValues(held)

    def digest(self, number: int) -> str:
        """The digest of a document."""
        segment, place = self.segments.locate(number)
        return segment.doc_values.texts("digests")[place]

    def column(self, name: str) -> Array:
        """A column that has a number for each document."""
        return self.segments.column(name)

    def clusters(self) -> DuplicateClusters:
        """Which documents are near-duplicates."""
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
        """The values of a facet, without the one of documents that have none."""
        values = self._file.texts(facet + "_values")
        codes = len(values) + (FACET_FIELDS[facet] is not None)
        ends = np.cumsum([0, *(len(each.doc_values.facet(facet).values) for each in self.segments)])
        held = check_codes(self._file.whole(facet + "_maps", "<i4", int(ends[-1])), codes)
        maps = np.split(held, ends[1:-1])
        return OrdinalMap(values, dict(zip(self.segments.names, maps, strict=False)))

    def facet(self, name: str) -> FacetPairs:
        """The values of all documents, without those that are not shown."""
        return self._organisations() if name == "org" else self._written(name)

    @cached_property
    def shown(self) -> ShownOrganisations:
        """What names of organisations are shown as."""
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
        """Which documents are similar."""
        pairs = self._file.whole("pairs", "<i4", None, 2)
        support = self._file.whole("support", "|u1", len(pairs))
        rows = check_codes(pairs, self.size).astype(np.int64)
        originals = check_codes(
            self._file.whole("originals", "<i4", self.size), self.size, least=-1
        )
        return SimilarPairs(originals.astype(np.int64), rows, support.astype(np.int64))

    def signatures(self) -> SegmentSignatures:
        """The signatures in the order in which documents stand for others."""
        return SegmentSignatures(self.segments, self.id_rank)

    def names(self) -> NamePrefixIndex:
        """The beginnings of organisations in order."""
        names = NamePrefixIndex(self._file.whole("names", "<i8", None))
        check_codes(names.codes, len(self._file.texts("org_values")))
        return names

    def _written(self, name: str) -> FacetPairs:
        """The values of all documents as their segments have them, but for hidden ones."""
        maps = self.ordinals(name).maps
        held = [(maps[each.name], each.doc_values.facet(name)) for each in self.segments]
        codes = _joined([_called(own, each.codes) for own, each in held])
        pairs = _pairs(codes, _end_to_end([each.starts for _, each in held]))
        hides = name in ("org", "maybe") and len(self.hidden.pairs)
        return self._without_hidden(name, pairs) if hides else pairs

    def _organisations(self) -> FacetPairs:
        """The organisations of all documents as they are shown, each once a document."""
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
    """The place of each number in ``order``."""
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank


def hidden_pairs(documents: Numbers, values: Array) -> Array:
    """Documents and hashes of values, each pair in a number."""
    return documents.astype(np.int64) << _VALUE_BITS | values.astype(np.int64)


def _called(codes: Array, own: Array) -> Array:
    """What each of a segment's ``own`` codes is called in the map."""
    return own if np.array_equal(codes, np.arange(len(codes))) else codes[own]


def _end_to_end(starts: list[Array]) -> Array:
    """Where values begin, over all segments, and where the last ones end."""
    if len(starts) == 1:
        return starts[0]
    ends = np.cumsum([0, *(each[-1] for each in starts)])
    moved = [each[:-1] + base for each, base in zip(starts, ends.tolist(), strict=False)]
    return np.concatenate([*moved, ends[-1:]]).astype(np.int32)


def _pairs(codes: Array, starts: Array) -> FacetPairs:
    """``codes`` of documents that begin at ``starts``."""
    numbers = np.arange(len(starts), dtype=np.int32)
    if np.array_equal(starts, numbers):  # everyone has one
        return FacetPairs(codes, numbers[:-1], starts)
    return FacetPairs(codes, np.repeat(numbers[:-1], np.diff(starts)), starts)


def _joined(arrays: list[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate([_EMPTY, *arrays])
