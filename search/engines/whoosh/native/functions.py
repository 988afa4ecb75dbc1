"""Finding the compiled library, and calling what it does with arrays.

It is built when the package is installed, if there is a C compiler; without it, and wherever it
cannot make sense of a file, the same is worked out with arrays.
"""

import ctypes
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.native.compiling import LIBRARY, ROOM, digest

Numbers = npt.NDArray[Any]
_Integers = npt.NDArray[np.int64]
POINTER, INTEGER = ctypes.c_void_p, ctypes.c_int64
_REAL = ctypes.c_double


class Library:
    """The functions of the compiled library."""

    def __init__(self, loaded: ctypes.CDLL) -> None:
        self.impact, self.near, self.places = loaded.impact, loaded.near, loaded.places
        self.phrase, self.tally, self.order = loaded.phrase, loaded.tally, loaded.order
        self.tally_in_order, self.locate = loaded.tally_in_order, loaded.locate
        self._collect, self._first = loaded.collect, loaded.first
        some, two = (POINTER, INTEGER), (POINTER, POINTER)  # an array and its length; two arrays
        asked = (POINTER, *some)
        functions: tuple[tuple[Any, ...], ...] = (
            (self.impact, *some, POINTER, *asked, *some, INTEGER, POINTER, *two, POINTER),
            (self.near, *some, INTEGER, *asked, INTEGER, *two, *two),
            (self.places, *some, *asked, *some, *some, INTEGER, *two),
            (self.phrase, *some, INTEGER, *asked, INTEGER, INTEGER, INTEGER, *two, *two),
            (self.tally, POINTER, *some, POINTER),
            (self.order, POINTER, POINTER, *two),
            (self.tally_in_order, POINTER, *some, POINTER, *two),
            (self.locate, *some, *some),
            (self._collect, *some, POINTER),
            (self._first, *some, *two, _REAL, INTEGER, POINTER),
        )
        for function, *arguments in functions:
            function.restype = INTEGER
            function.argtypes = arguments
        for function in (self.impact, self.tally, self.locate):
            function.restype = ctypes.c_int

    def collect(self, marks: npt.NDArray[np.bool_]) -> _Integers:
        """The numbers of the documents that are marked, ascending."""
        documents = np.empty(np.count_nonzero(marks), dtype=np.int64)
        self._collect(address(marks), len(marks), address(documents))
        return documents

    def first(
        self,
        documents: _Integers,
        scores: npt.NDArray[np.float64],
        ties: _Integers,
        decimals: int,
        most: int,
    ) -> _Integers | None:
        """The first ``most`` of ``documents`` by rounded scores, and by the least of ``ties``.

        These are those of all documents. None if there is no memory for it.
        """
        firsts = np.empty(min(most, len(documents)), dtype=np.int64)
        held = (address(documents), len(documents), address(scores), address(ties))
        found = self._first(*held, 10.0**decimals, most, address(firsts))
        return None if found < 0 else firsts[:found]


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


def address(data: Numbers | bytes | mmap | memoryview) -> int:
    """Where an array, a map or a string of bytes stands in memory."""
    array = data if isinstance(data, np.ndarray) else np.frombuffer(data, dtype=np.uint8)
    return int(array.__array_interface__["data"][0])
