"""Facet counts over rows of codes, against counting."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from search.engines.whoosh.answers.columns import FacetColumn
from search.engines.whoosh.answers.groups import Groups
from search.engines.whoosh.answers.tallies import Tally
from search.engines.whoosh.native.functions import Library, load

from search.engines.contract import FacetCount

SIZE = 300
VALUES = ("Aa", "Bb", "Õõ", "Ää", "Cc")


def drawn(draw: random.Random) -> tuple[list[list[int]], Groups]:
    """Codes by document, most with few, and groups of documents that tell the same story."""
    sizes = [draw.choice((0, 1, 1, 1, 2, 5)) for _ in range(SIZE)]
    held = [sorted(draw.sample(range(len(VALUES)), size)) for size in sizes]
    stories = np.arange(SIZE)
    for number in draw.sample(range(1, SIZE), 60):
        stories[number] = stories[draw.randrange(number)]
    grouped = np.bincount(stories, minlength=SIZE)[stories] > 1
    return held, Groups(stories, stories == np.arange(SIZE), grouped, are_any=True)


def column(held: list[list[int]]) -> FacetColumn:
    sizes = [len(each) for each in held]
    return FacetColumn(
        VALUES,
        np.array([code for each in held for code in each], dtype=np.int64),
        np.repeat(np.arange(SIZE), sizes),
        np.concatenate(([0], np.cumsum(sizes))),
    )


@pytest.fixture(params=["arrays", pytest.param("library", marks=pytest.mark.compiled)])
def library(request: pytest.FixtureRequest) -> Library | None:
    return load() if request.param == "library" else None


def test_counts_are_those_of_counting(library: Library | None) -> None:
    draw = random.Random(8)
    held, groups = drawn(draw)
    tally = Tally.of(column(held), SIZE, library)
    assert len(tally.more)  # some documents have more values than a row
    alone = replace(groups, are_any=False)
    for count in (0, 1, 7, 100, SIZE):
        documents = np.array(sorted(draw.sample(range(SIZE), count)), dtype=np.int64)
        pairs = {(groups.stands_for[n], code) for n in documents.tolist() for code in held[n]}
        expected = Counter(VALUES[code] for _, code in pairs)
        counts = tally.counts(documents, groups)
        assert {v: c for v, c in zip(VALUES, counts.tolist(), strict=True) if c} == expected
        given = tally.found(documents, groups, frozenset())
        every = Counter(VALUES[code] for n in documents.tolist() for code in held[n])
        assert {e.value: e.count for e in tally.found(documents, alone, frozenset())} == every
        assert [(e.value, e.count) for e in given] == sorted(
            expected.items(), key=lambda each: (-each[1], each[0])
        )


def test_what_was_chosen_is_listed_behind_what_occurs(library: Library | None) -> None:
    held = [[1]] + [[] for _ in range(SIZE - 1)]
    alone = Groups(np.arange(SIZE), np.ones(SIZE, bool), np.zeros(SIZE, bool), are_any=False)
    tally = Tally.of(column(held), SIZE, library)
    given = tally.found(np.arange(SIZE), alone, frozenset(("Muu", "Bb", "Aa")))
    assert list(given) == [FacetCount("Bb", 1), FacetCount("Aa", 0), FacetCount("Muu", 0)]
    assert (len(given), given[0], list(given[1:])) == (3, FacetCount("Bb", 1), list(given)[1:])
