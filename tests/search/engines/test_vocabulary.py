"""The words of several segments are found as those of one list of words would be."""

import random
from collections import Counter

import pytest
from term_dictionaries import dictionary_of

from search.analysis.folding import fold, folded_key
from search.analysis.terms import LEMMA, term
from search.engines.contract import FacetCount
from search.engines.whoosh.execution.vocabulary import Vocabulary

LETTERS = "aäAÄoõtkš-"


def drawn(draw: random.Random, count: int) -> dict[str, int]:
    words = {"".join(draw.choices(LETTERS, k=draw.randint(1, 5))) for _ in range(count)}
    channels = ("lemma", "surface", "part", "reading")
    held = sorted(term(draw.choice(channels), word) for word in words)
    return {each: min(int(draw.paretovariate(0.7)), 700) for each in held}


@pytest.fixture(params=[0, 1, 4])
def segments(request: pytest.FixtureRequest) -> list[dict[str, int]]:
    draw = random.Random(request.param)
    return [drawn(draw, draw.choice((0, 1, 30, 3000))) for _ in range(request.param)]


@pytest.fixture
def words(segments: list[dict[str, int]]) -> Vocabulary:
    return Vocabulary(map(dictionary_of, segments))


@pytest.fixture
def counts(segments: list[dict[str, int]]) -> Counter[str]:
    together: Counter[str] = Counter()
    for each in segments:
        together.update(each)
    return together


def test_words_by_folding(words: Vocabulary, counts: Counter[str]) -> None:
    every = {text[1:] for text in counts}
    keys = ["aat", "ttk", "", "-", "nope", *sorted(every)[:40]]
    for key, some in zip(keys, words.folded(keys), strict=True):
        assert list(some) == sorted(word for word in every if fold(word) == key and word != key)


@pytest.mark.parametrize("limit", [1, 5, 100])
def test_lemmas_by_their_beginning(words: Vocabulary, counts: Counter[str], limit: int) -> None:
    for begin in ("", "a", "Ä", "to", "šok", "aaaaa", "x"):
        wanted = [
            (text[1:], count)
            for text, count in counts.items()
            if text.startswith(LEMMA) and folded_key(text[1:]).startswith(folded_key(begin))
        ]
        wanted.sort(key=lambda each: (-each[1], folded_key(each[0]), each[0]))
        found = words.complete(begin, limit)
        assert [(each.value, each.count) for each in found] == wanted[:limit]


def test_counts_and_different_terms(words: Vocabulary, counts: Counter[str]) -> None:
    assert words.different() == len(counts)
    for least in (1, 3, 50):
        wanted = [(t[1:], n) for t, n in counts.items() if t.startswith(LEMMA) and n >= least]
        wanted.sort(key=lambda each: (-each[1], each[0]))
        assert words.counts("lemma", least) == tuple(FacetCount(*each) for each in wanted)
