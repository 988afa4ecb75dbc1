"""Finding the compiled library, and calling it.

It is built when the package is installed, if there is a C compiler; without it, and wherever it
cannot make sense of a file, the same is worked out with arrays.
"""

import ctypes
import struct
from collections.abc import Sequence
from mmap import mmap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.native.compiling import LIBRARY, ROOM, digest

Numbers = npt.NDArray[Any]
_POINTER, _INTEGER = ctypes.c_void_p, ctypes.c_int64
_FIELDS = 2
#: Numbers of a place, and for how many places there is room at first: more than ten hits have.
_ROW, _PLACES = 4, 2000


class _Segment(ctypes.Structure):
    _fields_ = (
        ("terms", _POINTER),
        ("lists", _POINTER),
        ("terms_size", _INTEGER),
        ("lists_size", _INTEGER),
        ("tables", _POINTER),
        ("base", _INTEGER),
        ("fields", _INTEGER * _FIELDS),
        ("numbers", _INTEGER),
    )


class _Scoring(ctypes.Structure):
    _fields_ = (
        ("size", _INTEGER),
        ("alive", _INTEGER),
        ("gains", _POINTER * _FIELDS),
        ("k1", ctypes.c_double),
        ("early_boost", ctypes.c_float),
    )


class _Results(ctypes.Structure):
    _fields_ = (
        ("documents", _POINTER),
        ("matching", _POINTER),
        ("scores", _POINTER),
        ("sums", _POINTER),
        ("marks", _POINTER),
        ("count", _INTEGER),
        ("matching_count", _INTEGER),
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


class Scored(NamedTuple):
    """``documents`` that hold any term, ascending, their ``scores``, and those ``matching``.

    ``postings`` has how many each term has. The arrays are part of larger ones: keep copies.
    """

    postings: list[int]
    documents: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    matching: npt.NDArray[np.int64]


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
    """Places at which documents hold terms: ``rows`` of document, term, field and position.

    The document is its place among those asked about, the term its place among those asked for,
    and the field 0 for the title and 1 for the body. ``postings`` has how many each term has.
    """

    postings: list[int]
    rows: npt.NDArray[np.int64]


class Library:
    """The functions of the compiled library."""

    def __init__(self, loaded: ctypes.CDLL) -> None:
        self.impact, self.near, self.places = loaded.impact, loaded.near, loaded.places
        self.phrase, self._tally = loaded.phrase, loaded.tally
        for each in (self.impact, self.near, self.places, self.phrase, self._tally):
            each.restype = _INTEGER
        asked = (_POINTER, _INTEGER)
        self.impact.argtypes = (
            *(_POINTER, _INTEGER, _POINTER, _POINTER, *asked, *asked, _INTEGER),
            *(_POINTER, _POINTER, _POINTER),
        )
        self.near.argtypes = (
            *(_POINTER, _INTEGER, _INTEGER, _POINTER, *asked, _INTEGER, _POINTER),
            *(_POINTER, _POINTER, _POINTER),
        )
        self.places.argtypes = (
            *(_POINTER, _INTEGER, _POINTER, *asked, *asked),
            *(_INTEGER, _POINTER, _POINTER),
        )
        self.phrase.argtypes = (
            *(_POINTER, _INTEGER, _INTEGER, _POINTER, *asked, _INTEGER, _INTEGER, _INTEGER),
            *(_POINTER, _POINTER, _POINTER, _POINTER),
        )
        self._tally.argtypes = (_POINTER, _INTEGER, _POINTER, _INTEGER, _INTEGER, _POINTER)

    def tally(
        self, rows: npt.NDArray[np.int32], documents: npt.NDArray[np.int64], size: int
    ) -> npt.NDArray[np.int64] | None:
        """How often each code below ``size`` stands in the rows of ``documents``.

        Rows are filled up with ``size``. None if there is no memory for it.
        """
        counts = np.empty(size + 1, dtype=np.int64)
        held = (_address(rows), rows.shape[1], _address(documents), len(documents))
        failed = self._tally(*held, size, _address(counts))
        return None if failed else counts[:size]


def load(room: Path = ROOM) -> Library | None:
    """The library built in ``room``, None if it was not, or from sources that are others now."""
    path = room / LIBRARY
    if not path.exists():
        return None
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError:
        return None
    loaded.built_from.restype = ctypes.c_char_p
    return Library(loaded) if loaded.built_from() == digest(room).encode() else None


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

    def impact(
        self,
        scoring: Scoring,
        asked: Sequence[Asked],
        weights: Sequence[float],
        *,
        title_only: bool,
        sums: npt.NDArray[np.float64] | None = None,
        marks: npt.NDArray[np.bool_] | None = None,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> Scored | None:
        """What a word adds to the scores (of ``among``); ``weights`` are those of the claims.

        It is also added to ``sums`` and, what matches, marked in ``marks``, which are about all
        documents; if None is returned, nothing is.
        """
        postings = np.empty(len(asked), dtype=np.int64)
        documents, matching = (np.empty(self._size + 1, dtype=np.int64) for _ in range(2))
        scores = np.empty(self._size + 1, dtype=np.float64)
        given = [None if each is None else _address(each) for each in (sums, marks, among)]
        found = _Results(*map(_address, (documents, matching, scores)), *given[:2])
        gains = (_address(scoring.title_gain), _address(scoring.body_gain))
        scored = _Scoring(self._size, scoring.alive, gains, scoring.k1, scoring.early_boost)
        count = self._library.impact(
            self._segments,
            len(self._segments),
            ctypes.addressof(scored),
            *_packed(asked),
            struct.pack(f"{len(weights)}d", *weights),
            len(weights),
            1 if title_only else _FIELDS,
            given[2],
            _address(postings),
            ctypes.addressof(found),
        )
        if count < 0:
            return None
        matches = matching[: found.matching_count]
        return Scored(postings.tolist(), documents[:count], scores[:count], matches)

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
            *map(_address, (among, postings, documents, counts)),
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
            *map(_address, (postings, documents, counts, early)),
        )
        if count < 0:
            return None
        found = (each[:count].copy() for each in (documents, counts, early))
        return Phrased(postings.tolist(), *found)

    def places(self, asked: Sequence[Asked], documents: npt.NDArray[np.int64]) -> Placed | None:
        """Where ``documents`` (ascending) hold terms.

        Bit 0 of a claim asks for the title, bit 1 for the body. Rows stand in the order of the
        terms, and of these by field and document.
        """
        postings = np.empty(len(asked), dtype=np.int64)
        room = _PLACES
        while True:
            rows = np.empty((room, _ROW), dtype=np.int64)
            count = self._library.places(
                self._segments,
                len(self._segments),
                *_packed(asked),
                _address(documents),
                len(documents),
                room,
                *map(_address, (postings, rows)),
            )
            if count < 0:
                return None
            if count <= room:
                return Placed(postings.tolist(), rows[:count])
            room = count


def _segment(files: SegmentFiles, tables: Numbers) -> _Segment:
    return _Segment(
        _address(files.terms),
        _address(files.lists),
        len(files.terms),
        len(files.lists),
        _address(tables),
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


def _address(data: Numbers | bytes | mmap) -> int:
    """Where an array, a map or a string of bytes stands in memory."""
    array = data if isinstance(data, np.ndarray) else np.frombuffer(data, dtype=np.uint8)
    return int(array.__array_interface__["data"][0])
