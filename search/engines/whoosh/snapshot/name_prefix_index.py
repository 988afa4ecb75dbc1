"""Index of names by the beginnings of their words, whatever their case and diacritics."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.segment.arrays import Array, Texts
from search.engines.whoosh.segment.term_dictionary import prefix_key

_OPENING = "„“”\"'(«»"
#: With more fresh names than one in so many, sorting all is cheaper than placing each.
_FEW = 30


def from_word(name: str, word: int) -> str:
    """``name`` from one of its words on."""
    return " ".join(_pieces(name)[word:])


@dataclass(frozen=True, slots=True)
class NamePrefixIndex:
    """Entry ``i`` is the name ``codes[i]`` from its word ``words[i]`` on; they stand in order."""

    codes: Array
    words: Array

    @classmethod
    def empty(cls) -> "NamePrefixIndex":
        return cls(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.uint16))

    def after(self, values: Texts, known: int) -> "NamePrefixIndex":
        """The order of ``values``, of which the first ``known`` stand in this one."""
        if (len(values) - known) * _FEW > len(values):
            return _of(sorted(_entries(list(values), range(len(values)))))
        entries = sorted(_entries(values, range(known, len(values))))
        places = [self.place(values, key, name) for key, name, _, _ in entries]
        fresh = _of(entries)
        return NamePrefixIndex(
            np.insert(self.codes, places, fresh.codes).astype(np.int32),
            np.insert(self.words, places, fresh.words).astype(np.uint16),
        )

    def place(self, values: Texts, key: str, name: str = "") -> int:
        """Where an entry with this key and name stands or would stand."""

        def entry(at: int) -> tuple[str, str]:
            value = values[int(self.codes[at])]
            return prefix_key(from_word(value, int(self.words[at]))), value

        return bisect_left(range(len(self.codes)), (key, name), key=entry)


def _entries(values: Texts | list[str], codes: range) -> Iterator[tuple[str, str, int, int]]:
    """Keys, names, codes and first words of all entries for some names."""
    for code in codes:
        value = values[code]
        for word in range(len(_pieces(value))):
            yield prefix_key(from_word(value, word)), value, code, word


def _pieces(name: str) -> list[str]:
    return [piece.lstrip(_OPENING) for piece in name.split()]


def _of(entries: list[tuple[str, str, int, int]]) -> NamePrefixIndex:
    codes = np.array([code for _, _, code, _ in entries], dtype=np.int32)
    return NamePrefixIndex(codes, np.array([word for *_, word in entries], dtype=np.uint16))
