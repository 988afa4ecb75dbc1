"""What makes an array of an earlier one, where little of it has changed.

Every generation has a snapshot; of what is long and was there before, only this is written.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.storage.arrays import Array
from search.near_duplicates.boilerplate import is_among

#: An edit that is a larger share of what it leads to is not worth it.
_WORTH = 0.5
#: What the names of the arrays of an edit end with.
_GONE, _AT, _ROWS = ":gone", ":at", ":rows"


@dataclass(frozen=True, slots=True)
class Edit:
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
        """What comes of ``before``."""
        count = len(self.gone)
        if self.at is None:
            after = np.concatenate((before, self.rows[count:]))
            after[self.gone] = self.rows[:count]
            return after
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
    def read(cls, arrays: Mapping[str, Array], name: str) -> "Edit | None":
        """Undo :meth:`arrays`; None if the array is as it was."""
        if name + _GONE not in arrays:
            return None
        return cls(arrays[name + _GONE], arrays[name + _ROWS], arrays.get(name + _AT))


#: Finds what makes one array of another, None if that cannot be said.
Difference = Callable[[Array, Array], Edit | None]


def by_place(before: Array, after: Array) -> Edit | None:
    """For an array whose entries belong to their places; None if it is shorter now."""
    count = len(before)
    if count > len(after):
        return None
    gone = np.flatnonzero(before != after[:count]).astype(np.int32)
    return Edit(gone, np.concatenate((after[gone], after[count:])))


def by_member(before: Array, after: Array) -> Edit:
    """For entries in ascending order, each once."""
    gone = np.flatnonzero(~is_among(before, after)).astype(np.int32)
    at = np.flatnonzero(~is_among(after, before)).astype(np.int32)
    return Edit(gone, after[at], at)


def by_number(least: int) -> Difference:
    """For entries that all stay in their order, while those from ``least`` on come in between."""

    def edit(_: Array, after: Array) -> Edit:
        at = np.flatnonzero(after >= least).astype(np.int32)
        return Edit(np.empty(0, dtype=np.int32), after[at], at)

    return edit


class Edited(Mapping[str, Array]):
    """Arrays as they are after edits: those of ``top`` and, where it has none, of ``base``."""

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
        edit = Edit.read(self._top, name)
        return self._base[name] if edit is None else edit.apply(self._base[name])


def edited(
    base: Mapping[str, Array], arrays: Mapping[str, Array], ways: Mapping[str, Difference]
) -> dict[str, Array]:
    """What :class:`Edited` needs above ``base`` to have ``arrays``.

    ``ways`` says how their differences are found, by their places where it does not.
    """
    top: dict[str, Array] = {}
    for name, after in arrays.items():
        before = base.get(name)
        edit = None if before is None else ways.get(name, by_place)(before, after)
        if edit is None or edit.size > _WORTH * after.nbytes:
            top[name] = after
        elif edit.size:
            top |= edit.arrays(name)
    return top
