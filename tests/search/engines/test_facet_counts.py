"""Facet counts over rows of codes, against counting."""

import random
from collections import Counter

import numpy as np
import pytest
from open_reader import KERNELS

from search.engines.contract import FacetCount
from search.engines.whoosh.execution.facet_counts import FacetCounter
from search.engines.whoosh.kernels import load
from search.engines.whoosh.kernels.interface import FacetRows, Kernels
from search.engines.whoosh.segment.arrays import CorruptArray
from search.engines.whoosh.snapshot.snapshot import DuplicateClusters, FacetPairs

SIZE = 300
VALUES = ("Aa", "Bb", "Õõ", "Ää", "Cc")
ALONE = DuplicateClusters(np.arange(SIZE), np.ones(SIZE, bool), np.zeros(SIZE, bool))


@pytest.fixture(params=KERNELS)
def kernels(request: pytest.FixtureRequest) -> Kernels:
    found = load(request.param)
    assert found is not None
    return found


def drawn(draw: random.Random) -> tuple[list[list[int]], DuplicateClusters]:
    """Codes by document, most with few, and clusters of near-duplicates."""
    sizes = [draw.choice((0, 1, 1, 1, 2, 5)) for _ in range(SIZE)]
    held = [sorted(draw.sample(range(len(VALUES)), size)) for size in sizes]
    first = np.arange(SIZE)
    for number in draw.sample(range(1, SIZE), 60):
        first[number] = first[draw.randrange(number)]
    clustered = np.bincount(first, minlength=SIZE)[first] > 1
    return held, DuplicateClusters(first, first == np.arange(SIZE), clustered)


def pairs(held: list[list[int]]) -> FacetPairs:
    sizes = [len(each) for each in held]
    return FacetPairs(
        np.array([code for each in held for code in each], dtype=np.int32),
        np.repeat(np.arange(SIZE, dtype=np.int32), sizes),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
    )


def test_counts_are_those_of_counting(kernels: Kernels) -> None:
    draw = random.Random(8)
    held, clusters = drawn(draw)
    counter = FacetCounter(VALUES, pairs(held), clusters, kernels)
    alone = FacetCounter(VALUES, pairs(held), ALONE, kernels)
    for count in (0, 1, 7, 100, SIZE):
        documents = np.array(sorted(draw.sample(range(SIZE), count)), dtype=np.int64)
        found = {
            (clusters.representatives[n], code) for n in documents.tolist() for code in held[n]
        }
        expected = Counter(VALUES[code] for _, code in found)
        counts = counter.counts(documents)
        assert {v: c for v, c in zip(VALUES, counts.tolist(), strict=True) if c} == expected
        every = Counter(VALUES[code] for n in documents.tolist() for code in held[n])
        given = alone.ordered(alone.counts(documents))
        assert {each.value: each.count for each in given} == every
        assert [(each.value, each.count) for each in counter.ordered(counts)] == sorted(
            expected.items(), key=lambda each: (-each[1], each[0])
        )


def test_what_was_chosen_is_listed_behind_what_occurs(kernels: Kernels) -> None:
    held = [[1]] + [[] for _ in range(SIZE - 1)]
    counter = FacetCounter(VALUES, pairs(held), ALONE, kernels)
    counts = counter.counts(np.arange(SIZE))
    given = counter.ordered(counts, frozenset(("Muu", "Bb", "Aa")))
    assert list(given) == [FacetCount("Bb", 1), FacetCount("Aa", 0), FacetCount("Muu", 0)]
    assert (len(given), given[0], list(given[1:])) == (3, FacetCount("Bb", 1), list(given)[1:])


def test_codes_are_in_order_of_counts_and_names(kernels: Kernels) -> None:
    draw = np.random.default_rng(18)
    for size in (1, 7, 900):
        by_name = draw.permutation(size)
        none = np.empty(0, dtype=np.int64)
        facet = FacetRows(np.empty((0, 1), dtype=np.int32), none, none, by_name)
        place = np.argsort(by_name)
        for greatest in (0, 1, 3, 300, 70_000):
            counts = draw.integers(0, greatest + 1, size)
            codes, ordered = kernels.facet_order(facet, counts)
            expected = sorted(np.flatnonzero(counts), key=lambda at: (-counts[at], place[at]))
            assert codes.tolist() == [int(each) for each in expected]
            assert ordered.tolist() == counts[codes].tolist()


def test_codes_that_are_of_no_value_are_damage(kernels: Kernels) -> None:
    codes, documents, starts = pairs([[0]] * SIZE)
    for changed in (
        FacetPairs(codes + np.int32(5), documents, starts),
        FacetPairs(codes - np.int32(1), documents, starts),
        FacetPairs(codes, documents + np.int32(1), starts),
        FacetPairs(codes, documents, starts[::-1].copy()),
        FacetPairs(codes, documents[1:], starts),
    ):
        with pytest.raises(CorruptArray):
            FacetCounter(VALUES, changed, ALONE, kernels)


def test_a_file_written_over_after_it_was_checked_is_damage(kernels: Kernels) -> None:
    codes, documents, starts = pairs([[0]] * SIZE)
    counter = FacetCounter(VALUES, FacetPairs(codes, documents, starts), ALONE, kernels)
    codes[7] = 67
    with pytest.raises(CorruptArray):
        counter.mask("Aa".__eq__)
