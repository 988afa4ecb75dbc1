"""Fuzzy lookup of words within one edit, ignoring diacritics."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from search.analysis.folding import fold, within_one_edit

_LETTERS = "abcdefghijklmnopqrstuvwxyz-"
_SHORTEST, _LONGEST = 3, 40
_MOST_SIMILAR = 50


def similar_words(
    text: str, by_folding: Callable[[Sequence[str]], Mapping[str, Sequence[str]]]
) -> tuple[str, ...]:
    """Words within one edit of ``text``, some dozens; diacritics count only if it has some.

    ``by_folding`` gives the words of an index by what they fold to.
    """
    if not _SHORTEST <= len(text) <= _LONGEST:
        return ()
    folded = fold(text)
    keys = list(dict.fromkeys((folded, *_edits(folded))))
    words = by_folding(keys)
    found: dict[str, None] = {}
    for key in keys:
        for word in words.get(key, ()):
            if word != text and (folded == text or within_one_edit(text, word)):
                found[word] = None
        if len(found) >= _MOST_SIMILAR:
            break
    return tuple(found)


def folding_order(key: str, words: Iterable[str]) -> list[str]:
    """``words`` that fold to ``key`` in order, the key itself first."""
    return sorted(words, key=lambda word: "" if word == key else word)


def _edits(word: str) -> Iterator[str]:
    """Every string one edit away, the likelier slips first."""
    cuts = range(len(word))
    yield from (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in cuts[:-1])
    yield from (word[:i] + word[i + 1 :] for i in cuts)
    yield from (word[:i] + c + word[i:] for i in range(len(word) + 1) for c in _LETTERS)
    yield from (word[:i] + c + word[i + 1 :] for i in cuts for c in _LETTERS)
