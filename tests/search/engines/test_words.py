"""The words of several segments are found as those of one list of words would be."""

import random
from collections import Counter

import pytest
from search.engines.whoosh.storage.names import key_of
from search.engines.whoosh.storage.words import SegmentWords, Words, word_arrays

from search.analysis.folding import fold
from search.analysis.terms import LEMMA, term

LETTERS = "aäAÄoõtkš-"


def drawn(draw: random.Random, count: int) -> dict[str, int]:
    words = {"".join(draw.choices(LETTERS, k=draw.randint(1, 5))) for _ in range(count)}
    channels = ("lemma", "surface", "part", "reading")
    held = sorted(term(draw.choice(channels), word) for word in words)
    return {each: int(draw.paretovariate(0.7)) for each in held}


@pytest.fixture(params=[0, 1, 4])
def segments(request: pytest.FixtureRequest) -> list[dict[str, int]]:
    draw = random.Random(request.param)
    return [drawn(draw, draw.choice((0, 1, 30, 3000))) for _ in range(request.param)]


@pytest.fixture
def words(segments: list[dict[str, int]]) -> Words:
    encoded = ({text.encode(): count for text, count in each.items()} for each in segments)
    return Words([SegmentWords(word_arrays(each)) for each in encoded])


@pytest.fixture
def counts(segments: list[dict[str, int]]) -> Counter[str]:
    together: Counter[str] = Counter()
    for each in segments:
        together.update(each)
    return together


def test_words_by_folding(words: Words, counts: Counter[str]) -> None:
    every = {text[1:] for text in counts}
    keys = ["aat", "ttk", "", "-", "nope", *sorted(every)[:40]]
    found = words.by_folding(keys)
    for key, some in zip(keys, found, strict=True):
        assert set(some) == {word for word in every if fold(word) == key}
        assert some == sorted(some, key=lambda word: (word != key, word))


@pytest.mark.parametrize("limit", [1, 5, 100])
def test_lemmas_by_their_beginning(words: Words, counts: Counter[str], limit: int) -> None:
    for begin in ("", "a", "Ä", "to", "šok", "aaaaa", "x"):
        wanted = [
            (text[1:], count)
            for text, count in counts.items()
            if text.startswith(LEMMA) and key_of(text[1:]).startswith(key_of(begin))
        ]
        wanted.sort(key=lambda each: (-each[1], key_of(each[0]), each[0]))
        found = words.beginnings(begin, limit)
        assert [(each.value, each.count) for each in found] == wanted[:limit]


def test_counts_and_different_terms(words: Words, counts: Counter[str]) -> None:
    assert words.different() == len(counts)
    for least in (1, 3, 50):
        wanted = {t[1:]: n for t, n in counts.items() if t.startswith(LEMMA) and n >= least}
        assert words.counts("lemma", least) == wanted
