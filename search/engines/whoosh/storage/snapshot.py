"""What a generation knows of all its documents, mapped into memory when it is opened.

Each segment has its own columns among its files
(:mod:`search.engines.whoosh.storage.segment_columns`), which generations share. A snapshot says
what concerns all of them: which documents live, their order by id, codes that facets have in
common, near-duplicates, and organisations that only boilerplate speaks for.

Most of it is about the large segments and stands in a file that generations share as well, the
base; what has changed since, and what the small ones add, stands in the snapshot of each
(:mod:`search.engines.whoosh.storage.edits`).
"""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.storage.arrays import Array, Arrays, Texts
from search.engines.whoosh.storage.edits import Edited
from search.engines.whoosh.storage.names import NameOrder
from search.engines.whoosh.storage.parts import Ids, Parts
from search.engines.whoosh.storage.segment_columns import SegmentColumns
from search.engines.whoosh.storage.signed import SignedParts
from search.engines.whoosh.storage.values import ValueTable
from search.engines.whoosh.storage.words import SegmentWords, Words
from search.near_duplicates.boilerplate import is_among
from search.near_duplicates.lsh import Likes
from search.near_duplicates.minhash import Numbers

SNAPSHOT, BASE = "snapshot.arrays", "snapshot.base"
BoolArray = npt.NDArray[np.bool_]
_EMPTY = np.empty(0, dtype=np.int32)
#: A pair of likes as one number: the two documents, and their support in the last bits.
_SECOND, _FIRST = 8, 36
#: An entry of the names as one number: the code, and the word in the last bits.
NAME_BITS = 16
#: A document and the hash of a value as one number.
_VALUE_BITS = 32


class FacetPairs(NamedTuple):
    """``documents[i]``, which ascend, has the value of the table with the code ``codes[i]``.

    The pairs of document ``n`` stand from ``starts[n]`` to ``starts[n + 1]``.
    """

    codes: Array
    documents: Array
    starts: Array


class Stories(NamedTuple):
    """``stands_for`` names for each document the one that stands for its story.

    ``shown`` are these, one of each story; ``grouped`` the documents that have duplicates.
    """

    stands_for: Array
    shown: BoolArray
    grouped: BoolArray


class Snapshot:
    """A snapshot as it was written; what is long is mapped into memory."""

    def __init__(self, directory: Path, known: Iterable[SegmentColumns] = ()) -> None:
        """Open that of a generation; ``known`` are columns that are open already.

        Raises OSError or ValueError.
        """
        self.directory = directory
        self.base = Arrays(directory / BASE)
        top = Arrays(directory / SNAPSHOT)
        self.arrays = Edited(self.base, top)
        self.parts = Parts(directory, Texts.read(top, "segments"), known)
        self.ids = Ids(self.parts)

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments."""
        return tuple(each.segment for each in self.parts.segments)

    @property
    def covered(self) -> tuple[str, ...]:
        """Names of the segments that the base is about, the first ones."""
        return tuple(Texts.read(self.base, "segments"))

    @property
    def alive(self) -> BoolArray:
        """Which documents are not deleted."""
        return self.arrays["alive"]

    @cached_property
    def id_rank(self) -> Array:
        """The place of each document in the order of ids."""
        return ranks(self.arrays["id_order"])

    @cached_property
    def hidden(self) -> tuple[Array, Array]:
        """Documents, ascending, and hashes of their organisations that are not shown."""
        held = self.arrays["hidden"]
        return held >> _VALUE_BITS, held & ((1 << _VALUE_BITS) - 1)

    def column(self, name: str) -> Array:
        """A column that has a value for each document."""
        return self.parts.column(name)

    def stories(self) -> Stories:
        """Which documents tell the same."""
        stands_for, alive = self.arrays["stands_for"], self.alive
        is_own = stands_for == np.arange(self.parts.size)
        if is_own.all():
            return Stories(stands_for, alive, np.zeros(len(alive), dtype=bool))
        alike = np.bincount(stands_for[alive], minlength=self.parts.size)
        return Stories(stands_for, alive & is_own, alive & (alike[stands_for] > 1))

    def table(self, facet: str) -> ValueTable:
        """The values of a facet, without the one of documents that have none."""
        maps, at = {}, 0
        held = self.arrays[facet + "_maps"]
        for each in self.parts.segments:
            count = len(each.facet(facet).values)
            maps[each.segment] = held[at : at + count]
            at += count
        ordered = len(Texts.read(self.base, facet + "_values"))
        return ValueTable(Texts.read(self.arrays, facet + "_values"), ordered, maps)

    def facet(self, name: str) -> FacetPairs:
        """The values of all documents, without those that are not shown."""
        maps = self.table(name).maps
        held = [(maps[each.segment], each.facet(name)) for each in self.parts.segments]
        codes = _joined([_called(own, each.codes) for own, each in held])
        pairs = _pairs(codes, _end_to_end([each.starts for _, each in held]))
        return self._shown(pairs) if name == "org" and len(self.arrays["hidden"]) else pairs

    def likes(self) -> Likes:
        """Which documents are alike."""
        pairs = self.arrays["pairs"].astype(np.int64)
        first, second = pairs >> _FIRST, pairs >> _SECOND & ((1 << _FIRST - _SECOND) - 1)
        leaders = self.arrays["leaders"].astype(np.int64)
        return Likes(leaders, np.stack((first, second), axis=1), pairs & ((1 << _SECOND) - 1))

    def signed(self) -> SignedParts:
        """The signatures in the order in which documents stand for others."""
        return SignedParts(self.parts, self.id_rank)

    def names(self) -> NameOrder:
        """The beginnings of organisations in order."""
        held = self.arrays["names"]
        words = held & ((1 << NAME_BITS) - 1)
        return NameOrder((held >> NAME_BITS).astype(np.int32), words.astype(np.uint16))

    def words(self) -> Words:
        """The words of all segments."""
        return Words([SegmentWords(each.arrays) for each in self.parts.segments])

    def _shown(self, pairs: FacetPairs) -> FacetPairs:
        """Pairs of documents and organisations without those that are hidden."""
        segments = self.parts.segments
        hashes = _joined([each.column("name_hashes")[each.facet("org").codes] for each in segments])
        touched = np.zeros(self.parts.size, dtype=bool)
        touched[self.hidden[0]] = True
        rows = np.flatnonzero(touched[pairs.documents])
        keep = np.ones(len(pairs.codes), dtype=bool)
        found = hidden_pairs(pairs.documents[rows], hashes[rows])
        keep[rows] = ~is_among(found, self.arrays["hidden"])
        return _pairs(pairs.codes[keep], np.append(0, np.cumsum(keep))[pairs.starts])


def ranks(order: Array) -> Array:
    """The place of each number in ``order``."""
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank


def packed_pairs(likes: Likes) -> Array:
    """The pairs and their support, each in a number, in order."""
    pairs = np.sort(likes.pairs.astype(np.int64), axis=1)
    return np.sort(pairs[:, 0] << _FIRST | pairs[:, 1] << _SECOND | likes.support.astype(np.int64))


def packed_names(names: NameOrder) -> Array:
    """The entries of names, each in a number."""
    return names.codes.astype(np.int64) << NAME_BITS | names.words.astype(np.int64)


def hidden_pairs(documents: Numbers, values: Array) -> Array:
    """Documents and hashes of values, each pair in a number."""
    return documents.astype(np.int64) << _VALUE_BITS | values.astype(np.int64)


def _called(codes: Array, own: Array) -> Array:
    """What each of a segment's ``own`` codes is called in the table."""
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
