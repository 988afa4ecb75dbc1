"""Counting the values of a facet with the compiled library."""

import ctypes

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.native.functions import INTEGER, POINTER, Library, address

_Integers = npt.NDArray[np.int64]


class _Facet(ctypes.Structure):
    _fields_ = (
        ("rows", POINTER),
        ("more", POINTER),
        ("more_codes", POINTER),
        ("named", POINTER),
        ("width", INTEGER),
        ("size", INTEGER),
        ("more_count", INTEGER),
    )


class NativeFacet:
    """The codes of all documents in one facet; safe for threads.

    ``rows`` has those of each document, filled up with the number of codes that there are; ``more``
    are documents, ascending, that have one of ``more_codes`` beside; ``named`` are all codes by the
    names of their values. Where there is no memory for what is asked, None is given.
    """

    def __init__(
        self,
        library: Library,
        rows: npt.NDArray[np.int32],
        more: _Integers,
        more_codes: _Integers,
        named: _Integers,
    ) -> None:
        self._library = library
        arrays = (np.ascontiguousarray(each) for each in (rows, more, more_codes, named))
        self._kept = kept = tuple(arrays)  # as long as there are pointers to them
        self._size = size = len(named)
        self._facet = _Facet(*map(address, kept), rows.shape[1], size, len(more))
        self._address = ctypes.addressof(self._facet)

    def counts(self, documents: _Integers) -> _Integers | None:
        """How many of ``documents``, which ascend, have each code."""
        counts = np.empty(self._size + 1, dtype=np.int64)
        held = (address(documents), len(documents))
        failed = self._library.tally(self._address, *held, address(counts))
        return None if failed else counts[:-1]

    def ordered(self, counts: _Integers) -> tuple[_Integers, _Integers]:
        """The codes that occur, by their counts and then by names; and their counts."""
        codes, held = (np.empty(self._size, dtype=np.int64) for _ in range(2))
        found = self._library.order(self._address, *map(address, (counts, codes, held)))
        return codes[:found], held[:found]

    def counted_in_order(self, documents: _Integers) -> tuple[_Integers, _Integers] | None:
        """As :meth:`ordered` has what :meth:`counts` counts."""
        counts, codes, held = np.empty((3, self._size + 1), dtype=np.int64)
        found = self._library.tally_in_order(
            *(self._address, address(documents), len(documents)),
            *map(address, (counts, codes, held)),
        )
        return None if found < 0 else (codes[:found], held[:found])
