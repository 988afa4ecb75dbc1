"""The first documents of an order, against putting all of them in order."""

import random
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest

from search.engines.whoosh.answers.ranking import Ranking
from search.request import Sort

SIZE = 20_000


@pytest.fixture(scope="module")
def columns() -> Any:
    draw = np.random.default_rng(1)
    published = draw.choice([0, 20140000, 20140101, 20150607, 20160000], SIZE)
    added = draw.choice([0, 100, 200], SIZE)
    return SimpleNamespace(
        size=SIZE, published=published, added=added, id_rank=draw.permutation(SIZE)
    )


def slowly(columns: Any, first: Any, documents: Any, scores: Any, sort: Sort) -> list[int]:
    def key(number: int) -> tuple[Any, ...]:
        ties = (-round(scores[number], 9), not first[number], columns.id_rank[number])
        date = columns.published[number]
        dates = (date == 0, date if sort == "oldest" else -date)
        if sort == "added":
            return (-columns.added[number], *dates, *ties)
        return ties if sort == "relevance" else (*dates, *ties)

    return sorted(documents.tolist(), key=key)


@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("levels", [1, 5, 1_000_000])
def test_the_first_are_those_of_the_whole_order(columns: Any, sort: Sort, levels: int) -> None:
    numbers = np.random.default_rng(levels)
    first = numbers.random(SIZE) < 0.5
    # Equal scores that were added up in another order differ in their last bits.
    scores = numbers.integers(0, levels, SIZE) / 7 + numbers.choice([0.0, 1e-14], SIZE)
    ranking = Ranking(columns, first)
    draw = random.Random(levels)
    for count in (0, 1, 10, 300, 7000, SIZE):
        documents = np.sort(numbers.choice(SIZE, count, replace=False))
        expected = slowly(columns, first, documents, scores, sort)
        for wanted in (1, 10, draw.randint(11, 500), SIZE):
            found = ranking.first(documents, scores, sort, wanted)
            assert found.tolist() == expected[:wanted]
