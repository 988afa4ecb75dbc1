"""The values of a facet over all segments, and what each is called in every one of them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.storage.arrays import Array, Texts

_MANY = 300
_NO_CODES = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class ValueTable:
    """``values`` in order, numbered by codes; the next code means that a document has none.

    ``maps`` gives for each segment the codes of what it knows by codes of its own.
    """

    values: Texts
    maps: Mapping[str, Array]

    @classmethod
    def empty(cls) -> "ValueTable":
        return cls(Texts.of(()), {})


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A table after a change.

    ``recoded`` gives the codes by what they were, -1 where no segment has the value any more;
    ``fresh`` are the codes of values that were not there.
    """

    table: ValueTable
    recoded: Array
    fresh: Array


def follow(before: ValueTable, segments: Mapping[str, Texts], missing: str | None) -> ValueChange:
    """The table for ``segments`` by the values they hold, each in order, ``missing`` last.

    A segment never changes; those that ``before`` knows are not looked through.
    """
    new = {name: list(values) for name, values in segments.items() if name not in before.maps}
    wanted = sorted({each for values in new.values() for each in values if each != missing})
    known: Sequence[str] = list(before.values) if len(wanted) > _MANY else before.values
    places = [bisect_left(known, each) for each in wanted]
    added = [
        (place, each)
        for place, each in zip(places, wanted, strict=True)
        if place == len(known) or known[place] != each
    ]
    size = len(before.values)
    at = np.array([place for place, _ in added], dtype=np.int64)
    # A value moves up by those that come in before it; so does the code that means none.
    recoded = np.arange(size + 1) + np.searchsorted(at, np.arange(size + 1), side="right")
    texts = before.values
    if added:
        texts = texts.inserted(at.tolist(), [each for _, each in added])
    fresh = at + np.arange(len(at))
    known = list(texts) if len(wanted) > _MANY else texts
    code = {each: bisect_left(known, each) for each in wanted}
    if missing is not None:
        code[missing] = len(texts)
    maps = {
        name: np.array([code[each] for each in new[name]], dtype=np.int32)
        if name in new
        else recoded[before.maps[name]].astype(np.int32)
        for name in segments
    }
    return _without_unused(ValueTable(texts, maps), recoded, fresh)


def _without_unused(table: ValueTable, recoded: Array, fresh: Array) -> ValueChange:
    """Leave out values that no segment has."""
    size = len(table.values)
    held = np.concatenate([_NO_CODES, *table.maps.values()])
    used = np.bincount(held, minlength=size + 1)[:size] > 0
    if used.all():
        return ValueChange(table, recoded, fresh)
    codes = np.append(np.where(used, np.cumsum(used) - 1, -1), np.count_nonzero(used))
    maps = {name: codes[each].astype(np.int32) for name, each in table.maps.items()}
    return ValueChange(
        ValueTable(table.values.only(used), maps), codes[recoded], codes[fresh].astype(np.int64)
    )
