"""Finding where positions stand in the texts of documents, with the compiled library."""

import ctypes
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.native.functions import INTEGER, POINTER, Library, address

_FIELDS = 2
_Integers = npt.NDArray[np.int64]
#: A document, the number of its field, and a position there.
Spot = tuple[int, int, int]


class SpanFiles(NamedTuple):
    """The spans of a segment's documents, of which ``base`` is the first.

    Of title and body: the bytes of all, one document behind the other, and where each ends.
    """

    base: int
    data: tuple[memoryview, memoryview]
    ends: tuple[_Integers, _Integers]


class _Spans(ctypes.Structure):
    _fields_ = (
        ("data", POINTER * _FIELDS),
        ("ends", POINTER * _FIELDS),
        ("sizes", INTEGER * _FIELDS),
        ("base", INTEGER),
        ("count", INTEGER),
    )


class NativeSpans:
    """The spans of all documents of a generation; safe for threads."""

    def __init__(self, library: Library, segments: Sequence[SpanFiles]) -> None:
        self._library = library
        self._kept = segments  # as long as there are pointers to them
        self.segments = (_Spans * len(segments))(*map(_spans, segments))

    def locate(self, spots: Sequence[Spot]) -> list[tuple[int, int]] | None:
        """Where each spot begins, and how long it is; None if that cannot be made out."""
        numbers = np.zeros((len(spots), 5), dtype=np.int64)
        if spots:
            numbers[:, :3] = spots
        held = (self.segments, len(self.segments))
        if self._library.locate(*held, address(numbers), len(spots)):
            return None
        return list(map(tuple, numbers[:, 3:].tolist()))


def _spans(files: SpanFiles) -> _Spans:
    sizes = tuple(map(len, files.data))
    data, ends = (tuple(map(address, each)) for each in (files.data, files.ends))
    return _Spans(data, ends, sizes, files.base, len(files.ends[0]))
