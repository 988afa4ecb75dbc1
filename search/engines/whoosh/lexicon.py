"""The words of a generation, to be found by their letters without diacritics, or nearly so.

Sorted in one run of bytes, an index of a million terms takes some thirty megabytes.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import overload

from search.analysis.folding import fold

_LETTERS = "abcdefghijklmnopqrstuvwxyz-"
_TAB = b"\t"
_LONGEST = 40
_SHORTEST = 3
_MOST_SIMILAR = 50


class Lexicon:
    """Words by their folding."""

    def __init__(self, words: Iterable[str]) -> None:
        self._entries = _Entries(_entry(word) for word in words)

    def folded(self, text: str) -> tuple[str, ...]:
        """Words that are ``text`` once their diacritics are off, other than ``text`` itself."""
        return tuple(each for each in self._words(text) if each != text)

    def similar(self, text: str) -> tuple[str, ...]:
        """Words within one edit of ``text``; diacritics count only if ``text`` has some."""
        if not _SHORTEST <= len(text) <= _LONGEST:
            return ()
        key = fold(text)
        found: dict[str, None] = {}
        for each in dict.fromkeys((key, *_edits(key))):
            for word in self._words(each):
                if word != text and (key == text or within_one_edit(text, word)):
                    found[word] = None
            if len(found) >= _MOST_SIMILAR:
                break
        return tuple(found)

    def _words(self, key: str) -> Iterator[str]:
        begin = key.encode() + _TAB
        for i in range(bisect_left(self._entries, begin), len(self._entries)):
            entry = self._entries[i]
            if not entry.startswith(begin):
                return
            yield entry[len(begin) :].decode() or key


def within_one_edit(one: str, other: str) -> bool:
    """Does a letter more, less or else, or two neighbours swapped, turn ``one`` into ``other``?"""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((i for i, letter in enumerate(one) if letter != other[i]), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = other[at : at + 2][::-1]
    return one[at + 1 :] == other[at + 1 :] or one[at:] == swapped + other[at + 2 :]


def _edits(word: str) -> Iterator[str]:
    """Every string one edit away, the likelier slips first."""
    cuts = range(len(word))
    yield from (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in cuts[:-1])
    yield from (word[:i] + word[i + 1 :] for i in cuts)
    yield from (word[:i] + c + word[i:] for i in range(len(word) + 1) for c in _LETTERS)
    yield from (word[:i] + c + word[i + 1 :] for i in cuts for c in _LETTERS)


def _entry(word: str) -> bytes:
    folded = fold(word)
    return folded.encode() + _TAB + (b"" if folded == word else word.encode())


class _Entries(Sequence[bytes]):
    """Sorted entries, each once, end to end."""

    def __init__(self, entries: Iterable[bytes]) -> None:
        ordered = sorted(set(entries))
        self._text = b"".join(ordered)
        self._ends = array("Q", accumulate(map(len, ordered), initial=0))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        return self._text[self._ends[at] : self._ends[at + 1]]
