"""Global ordinals of facet values, and a prefix index of names by their words."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.analysis.folding import folded_key
from search.engines.whoosh.segment.arrays import Array, Texts

_OPENING = "„“”\"'(«»"
#: An entry of the prefix index in one number: a code, and the word in the last bits.
_WORD_BITS = 16


@dataclass(frozen=True, slots=True)
class OrdinalMap:
    """Global ordinals (codes) of the ``values`` of a facet; the next code is for documents without.

    ``maps`` gives for each segment the global code of each of its own.
    """

    values: Texts
    maps: Mapping[str, Array]

    def following(self, segments: Mapping[str, Texts], missing: str | None) -> "OrdinalMap":
        """The map for ``segments`` with their values, ``missing`` last if it is among them.

        Known segments are not read, as they never change. Values keep their codes, new ones are
        appended in order, and removed ones stay.
        """
        new = {name: list(values) for name, values in segments.items() if name not in self.maps}
        values = list(self.values)
        codes = {value: code for code, value in enumerate(values)}
        found = {each for own in new.values() for each in own if each != missing}
        for each in sorted(found - codes.keys()):
            codes[each] = len(values)
            values.append(each)
        if missing is not None:
            codes[missing] = len(values)
        maps = {
            name: np.array([codes[each] for each in new[name]], dtype=np.int32)
            if name in new
            else np.where(
                self.maps[name] == len(self.values), np.int32(len(values)), self.maps[name]
            )
            for name in segments
        }
        return OrdinalMap(Texts.of(values), maps)


class NamePrefixIndex:
    """Prefix index of names from each of their words on, without case and diacritics.

    Entry ``i`` is the name ``codes[i]`` from one of its words on; both are in ``entries[i]``.
    """

    def __init__(self, entries: Array) -> None:
        self.entries = entries
        self.codes: Array = entries >> _WORD_BITS

    @classmethod
    def of(cls, names: Sequence[str]) -> "NamePrefixIndex":
        ordered = sorted(_entries(names, range(len(names))))
        return cls(np.array([entry for *_, entry in ordered], dtype=np.int64))

    def following(self, names: Texts, known: int) -> "NamePrefixIndex":
        """The index of ``names``, of which the first ``known`` are in this one."""
        fresh = sorted(_entries(names, range(known, len(names))))
        places = [self.place(names, key, name) for key, name, _ in fresh]
        return NamePrefixIndex(np.insert(self.entries, places, [entry for *_, entry in fresh]))

    def place(self, names: Texts, key: str, name: str = "") -> int:
        """The place of the entry with this key and name, or where it would be inserted."""

        def of(at: int) -> tuple[str, str]:
            entry = int(self.entries[at])
            own = names[entry >> _WORD_BITS]
            return _key(_pieces(own), entry & ((1 << _WORD_BITS) - 1)), own

        return bisect_left(range(len(self.entries)), (key, name), key=of)


def _entries(names: Sequence[str], codes: range) -> Iterator[tuple[str, str, int]]:
    """Key, name and number of each entry for some names."""
    for code in codes:
        pieces = _pieces(names[code])
        for word in range(len(pieces)):
            yield _key(pieces, word), names[code], code << _WORD_BITS | word


def _pieces(name: str) -> list[str]:
    return [piece.lstrip(_OPENING) for piece in name.split()]


def _key(pieces: list[str], word: int) -> str:
    return folded_key(" ".join(pieces[word:]))
