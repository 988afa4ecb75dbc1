"""The words of a generation, to be found by their letters without diacritics, or nearly so."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from search.analysis.folding import fold

_LETTERS = "abcdefghijklmnopqrstuvwxyz-"
_LONGEST = 40
_SHORTEST = 3
_MOST_SIMILAR = 50


class FoldedWords(Protocol):
    """Words by their folding."""

    def by_folding(self, keys: Sequence[str]) -> list[list[str]]:
        """For each of ``keys`` the words that are it without their diacritics."""
        ...


class Lexicon:
    """Finds words that may be meant by another."""

    def __init__(self, words: FoldedWords) -> None:
        self._words = words

    def folded(self, text: str) -> tuple[str, ...]:
        """Words that are ``text`` once their diacritics are off, other than ``text`` itself."""
        (found,) = self._words.by_folding([text])
        return tuple(each for each in found if each != text)

    def similar(self, text: str) -> tuple[str, ...]:
        """Words within one edit of ``text``; diacritics count only if ``text`` has some."""
        if not _SHORTEST <= len(text) <= _LONGEST:
            return ()
        key = fold(text)
        found: dict[str, None] = {}
        for words in self._words.by_folding(list(dict.fromkeys((key, *_edits(key))))):
            for word in words:
                if word != text and (key == text or within_one_edit(text, word)):
                    found[word] = None
            if len(found) >= _MOST_SIMILAR:
                break
        return tuple(found)


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
