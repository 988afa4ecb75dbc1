"""Deltas of arrays: what of an earlier array goes and comes, where little of it has changed.

Every generation has a snapshot; of what is long and was there before, only a delta is written.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.segment.arrays import Array, CorruptArray
from search.near_duplicates.boilerplate import is_among

#: A delta that is a larger share of what it leads to is not worth it.
_WORTH = 0.5
#: What the names of the arrays of a delta end with.
_GONE, _AT, _ROWS = ":gone", ":at", ":rows"


@dataclass(frozen=True, slots=True)
class Delta:
    """The entries at the places ``gone`` go, then ``rows`` come to stand at the places ``at``.

    Places ascend; the entries that are left stand in the order in which they were. Without ``at``
    all stay where they are: the first ``rows`` stand in for those that go, the others behind all.
    """

    gone: Array
    rows: Array
    at: Array | None = None

    @property
    def size(self) -> int:
        """Bytes to write."""
        return self.gone.nbytes + self.rows.nbytes + (0 if self.at is None else self.at.nbytes)

    def apply(self, before: Array) -> Array:
        """What comes of ``before``. Raises CorruptArray where this cannot be a delta of it."""
        count = len(self.gone)
        if self.at is None:
            _check_places(self.gone, len(before))
            if len(self.rows) < count or self.rows.dtype != before.dtype:
                raise CorruptArray("a delta has other rows than places")
            after = np.concatenate((before, self.rows[count:]))
            after[self.gone] = self.rows[:count]
            return after
        _check_places(self.gone, len(before))
        _check_places(self.at, len(before) - count + len(self.at))
        if len(self.rows) != len(self.at) or self.rows.dtype != before.dtype:
            raise CorruptArray("a delta has other rows than places")
        is_kept = np.ones(len(before), dtype=bool)
        is_kept[self.gone] = False
        is_new = np.zeros(len(before) - count + len(self.at), dtype=bool)
        is_new[self.at] = True
        after = np.empty(len(is_new), dtype=before.dtype)
        after[is_new], after[~is_new] = self.rows, before[is_kept]
        return after

    def arrays(self, name: str) -> dict[str, Array]:
        """What to write for the array ``name``."""
        held = {name + _GONE: self.gone, name + _ROWS: self.rows}
        return held if self.at is None else {**held, name + _AT: self.at}

    @classmethod
    def read(cls, arrays: Mapping[str, Array], name: str) -> "Delta | None":
        """Undo :meth:`arrays`; None if the array is as it was."""
        if name + _GONE not in arrays:
            return None
        at = arrays[name + _AT] if name + _AT in arrays else None  # noqa: SIM401 - see ArrayFile
        return cls(arrays[name + _GONE], arrays[name + _ROWS], at)


#: Finds what makes one array of another, None if that cannot be said.
Difference = Callable[[Array, Array], Delta | None]


def by_place(before: Array, after: Array) -> Delta | None:
    """For an array whose entries belong to their places; None if it is shorter now."""
    count = len(before)
    if count > len(after):
        return None
    gone = np.flatnonzero(before != after[:count]).astype(np.int32)
    return Delta(gone, np.concatenate((after[gone], after[count:])))


def by_member(before: Array, after: Array) -> Delta:
    """For entries in ascending order, each once."""
    gone = np.flatnonzero(~is_among(before, after)).astype(np.int32)
    at = np.flatnonzero(~is_among(after, before)).astype(np.int32)
    return Delta(gone, after[at], at)


def by_number(least: int) -> Difference:
    """For entries that all stay in their order, while those from ``least`` on come in between."""

    def delta(_: Array, after: Array) -> Delta:
        at = np.flatnonzero(after >= least).astype(np.int32)
        return Delta(np.empty(0, dtype=np.int32), after[at], at)

    return delta


def _check_places(places: Array, count: int) -> None:
    """Do ``places`` ascend, all of them below ``count``?"""
    if places.dtype != np.int32 or places.ndim != 1:
        raise CorruptArray("a delta has no places")
    if len(places) and (places[0] < 0 or places[-1] >= count or (places[1:] <= places[:-1]).any()):
        raise CorruptArray("a delta has places outside of what it is of")


class DeltaArrays(Mapping[str, Array]):
    """Arrays as they are after deltas: those of ``top`` and, where it has none, of ``base``."""

    def __init__(self, base: Mapping[str, Array], top: Mapping[str, Array]) -> None:
        self._base = base
        self._top = top
        self._known: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._base, **{name: None for name in self._top if ":" not in name}})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _found(self, name: str) -> Array:
        if name in self._top:
            return self._top[name]
        delta = Delta.read(self._top, name)
        return self._base[name] if delta is None else delta.apply(self._base[name])


def deltas(
    base: Mapping[str, Array], arrays: Mapping[str, Array], ways: Mapping[str, Difference]
) -> dict[str, Array]:
    """What :class:`DeltaArrays` needs above ``base`` to have ``arrays``.

    ``ways`` says how their differences are found, by their places where it does not.
    """
    top: dict[str, Array] = {}
    for name, after in arrays.items():
        before = base[name] if name in base else None  # noqa: SIM401 - see ArrayFile
        delta = None if before is None else ways.get(name, by_place)(before, after)
        if delta is None or delta.size > _WORTH * after.nbytes:
            top[name] = after
        elif delta.size:
            top |= delta.arrays(name)
    return top
