"""Ordinal maps of a facet: codes of values over all segments, and each segment's codes in them."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.segment.arrays import Array, Texts

#: So many values are looked up in texts that are decoded once for all.
_MANY = 300


@dataclass(frozen=True, slots=True)
class OrdinalMap:
    """``values`` numbered by codes; the next code means that a document has none.

    The first ``ordered`` of them are in order, the others came later. ``maps`` gives for each
    segment the codes of what it knows by codes of its own.
    """

    values: Texts
    ordered: int
    maps: Mapping[str, Array]

    @classmethod
    def empty(cls) -> "OrdinalMap":
        return cls(Texts.of(()), 0, {})

    def codes(self, wanted: Iterable[str]) -> dict[str, int]:
        """The codes of those of ``wanted`` (in order) that are in the map."""
        wanted = list(wanted)
        ordered = self.values[: self.ordered] if len(wanted) > _MANY else self.values
        places = ((each, bisect_left(ordered, each, 0, self.ordered)) for each in wanted)
        found = {
            each: place for each, place in places if place < self.ordered and ordered[place] == each
        }
        later = self.values.between(self.ordered, len(self.values)) if wanted else []
        known = {each: code for code, each in enumerate(later, self.ordered)}
        return found | {each: known[each] for each in wanted if each in known}


def follow(before: OrdinalMap, segments: Mapping[str, Texts], missing: str | None) -> OrdinalMap:
    """The map for ``segments`` by the values they hold, each in order, ``missing`` last.

    A segment never changes; those that ``before`` knows are not looked through. Values keep their
    codes, those that are new come behind them in order, and those that are gone stay.
    """
    new = {name: list(values) for name, values in segments.items() if name not in before.maps}
    wanted = sorted({each for values in new.values() for each in values if each != missing})
    codes = before.codes(wanted)
    size = len(before.values)
    fresh = [each for each in wanted if each not in codes]
    codes |= {each: code for code, each in enumerate(fresh, size)}
    values = before.values.followed_by(fresh)
    if missing is not None:
        codes[missing] = len(values)
    maps = {
        name: np.array([codes[each] for each in new[name]], dtype=np.int32)
        if name in new
        else np.where(before.maps[name] == size, np.int32(len(values)), before.maps[name])
        for name in segments
    }
    return OrdinalMap(values, before.ordered or len(values), maps)
