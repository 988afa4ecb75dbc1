"""Going through the posting lists of an open generation with the compiled library."""

import ctypes
import struct
from collections.abc import Sequence
from mmap import mmap
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.native.functions import INTEGER, POINTER, Library, Numbers, address
from search.engines.whoosh.native.spans import NativeSpans

_FIELDS = 2
#: Numbers of a place, and for how many places there is room at first: more than ten hits have.
_ROW, _PLACES = 6, 2000
#: A claim as it is asked for.
_WANTED = struct.Struct("dqq")


class _Segment(ctypes.Structure):
    _fields_ = (
        ("terms", POINTER),
        ("lists", POINTER),
        ("terms_size", INTEGER),
        ("lists_size", INTEGER),
        ("tables", POINTER),
        ("base", INTEGER),
        ("fields", INTEGER * _FIELDS),
        ("numbers", INTEGER),
    )


class _Scoring(ctypes.Structure):
    _fields_ = (
        ("size", INTEGER),
        ("alive", INTEGER),
        ("gains", POINTER * _FIELDS),
        ("k1", ctypes.c_double),
        ("early_boost", ctypes.c_float),
    )


class SegmentFiles(NamedTuple):
    """A segment as ``segment.h`` has it: two files in memory, and where things are in them.

    ``tables`` are, of 256 hash tables, where it begins and how many slots it has; ``base`` is the
    number of the first document; ``fields`` are the numbers of title and body, -1 if there is none;
    ``numbers`` says where in a block its numbers begin.
    """

    terms: bytes | mmap
    lists: bytes | mmap
    tables: Sequence[tuple[int, int]]
    base: int
    fields: tuple[int, int]
    numbers: int


class Scoring(NamedTuple):
    """What scores depend on: documents ``alive``, what a count is worth in each title and body."""

    alive: int
    title_gain: npt.NDArray[np.float32]
    body_gain: npt.NDArray[np.float32]
    k1: float
    early_boost: float


class Asked(NamedTuple):
    """A term (with channel prefix), the claim or word it is of, and does a document match by it."""

    term: str
    claim: int
    is_matching: bool = True


class Wanted(NamedTuple):
    """A claim, as it is asked for: what it counts, of which step it is, and of the title alone?"""

    weight: float
    step: int = 0
    title_only: bool = False


class Near(NamedTuple):
    """``documents`` in which two words stand near each other, ascending, and how often they do.

    ``postings`` has how many each term has.
    """

    postings: list[int]
    documents: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


class Phrased(NamedTuple):
    """``documents`` that hold a phrase, ascending: ``counts`` places, ``early`` ones among them.

    ``postings`` has how many each term has.
    """

    postings: list[int]
    documents: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    early: npt.NDArray[np.int64]


class Placed(NamedTuple):
    """Places at which documents hold terms, and how many ``postings`` each term has.

    ``rows`` are of document, field (0 for the title), position, where it begins in the text and how
    long it is there, and the term by its place among those asked for.
    """

    postings: list[int]
    rows: npt.NDArray[np.int64]


class NativeLists:
    """The posting lists of an open generation, gone through by the library; safe for threads.

    None is given for what it cannot make sense of.
    """

    def __init__(self, library: Library, segments: Sequence[SegmentFiles], size: int) -> None:
        self._library = library
        self._size = size
        tables = [np.array(each.tables, dtype=np.int64) for each in segments]
        self._segments = (_Segment * len(segments))(
            *(_segment(each, own) for each, own in zip(segments, tables, strict=True))
        )
        self._kept = (segments, tables)  # as long as there are pointers to them

    def add(
        self,
        scoring: Scoring,
        asked: Sequence[Asked],
        wanted: Sequence[Wanted],
        sums: npt.NDArray[np.float64],
        marks: npt.NDArray[np.bool_],
        *,
        joint: int = 1,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> list[int] | None:
        """Add what claims are worth to ``sums``, and mark what matches the first ``joint`` steps.

        The claims stand in the order of their steps; those of one behind these only add to the
        scores of what matches. Of documents that are not ``among`` both may be left out. How many
        postings each term has is returned; if it is None, ``sums`` and ``marks`` are of no use
        where there are several steps, and as they were where there is one.
        """
        postings = np.empty(len(asked), dtype=np.int64)
        gains = (address(scoring.title_gain), address(scoring.body_gain))
        scored = _Scoring(self._size, scoring.alive, gains, scoring.k1, scoring.early_boost)
        claims = b"".join(
            _WANTED.pack(each.weight, each.step, 1 if each.title_only else _FIELDS)
            for each in wanted
        )
        failed = self._library.impact(
            self._segments,
            len(self._segments),
            ctypes.addressof(scored),
            *_packed(asked),
            claims,
            len(wanted),
            joint,
            None if among is None else address(among),
            *map(address, (postings, sums, marks)),
        )
        return None if failed else postings.tolist()

    def near(self, asked: Sequence[Asked], most: int, among: npt.NDArray[np.bool_]) -> Near | None:
        """Where in the bodies of ``among`` two words stand at most ``most`` positions apart."""
        postings = np.empty(len(asked), dtype=np.int64)
        documents = np.empty(self._size, dtype=np.int64)
        counts = np.empty(self._size, dtype=np.int64)
        count = self._library.near(
            self._segments,
            len(self._segments),
            self._size,
            *_packed(asked),
            most,
            *map(address, (among, postings, documents, counts)),
        )
        if count < 0:
            return None
        return Near(postings.tolist(), documents[:count], counts[:count])

    def phrase(self, asked: Sequence[Asked], words: int, field: int, slop: int) -> Phrased | None:
        """Where so many ``words`` stand in a field, one after the other, ``slop`` apart at most.

        The claim of a term is the number of its word; field 0 is the title.
        """
        postings = np.empty(len(asked), dtype=np.int64)
        documents, counts, early = (np.empty(self._size, dtype=np.int64) for _ in range(3))
        count = self._library.phrase(
            self._segments,
            len(self._segments),
            self._size,
            *_packed(asked),
            words,
            field,
            slop,
            *map(address, (postings, documents, counts, early)),
        )
        if count < 0:
            return None
        found = (each[:count].copy() for each in (documents, counts, early))
        return Phrased(postings.tolist(), *found)

    def places(
        self,
        asked: Sequence[Asked],
        documents: npt.NDArray[np.int64],
        spans: NativeSpans | None = None,
    ) -> Placed | None:
        """Where ``documents`` (ascending) hold terms; in their texts, too, by ``spans``.

        Bit 0 of a claim asks for the title, bit 1 for the body. Rows stand in the order of the
        terms, and of these by field and document.
        """
        postings = np.empty(len(asked), dtype=np.int64)
        packed, room = _packed(asked), _PLACES
        located = (None, 0) if spans is None else (spans.segments, len(spans.segments))
        while True:
            rows = np.empty((room, _ROW), dtype=np.int64)
            count = self._library.places(
                self._segments,
                len(self._segments),
                *packed,
                address(documents),
                len(documents),
                *located,
                room,
                *map(address, (postings, rows)),
            )
            if count < 0:
                return None
            if count <= room:
                return Placed(postings.tolist(), rows[:count])
            room = count


def _segment(files: SegmentFiles, tables: Numbers) -> _Segment:
    return _Segment(
        address(files.terms),
        address(files.lists),
        len(files.terms),
        len(files.lists),
        address(tables),
        files.base,
        files.fields,
        files.numbers,
    )


def _packed(asked: Sequence[Asked]) -> tuple[bytes, bytes, int]:
    """The texts of terms end to end, what is asked of each, and how many they are."""
    texts = [each.term.encode() for each in asked]
    numbers: list[int] = []
    for text, each in zip(texts, asked, strict=True):
        numbers += (len(text), each.claim, each.is_matching)
    return b"".join(texts), struct.pack(f"{len(numbers)}q", *numbers), len(asked)
