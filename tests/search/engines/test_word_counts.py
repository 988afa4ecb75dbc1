"""Words are counted alike in memory, in files, and by others."""

import random

import pytest
from drawn import draw_documents

from search.engines.opensearch.word_counts import TermCounts, WordCounts, WordRuns


def plain(rows: list[TermCounts]) -> list[tuple[object, ...]]:
    return [(*each[:-1], {name: n for name, n in each.readings.items() if n}) for each in rows]


@pytest.mark.parametrize(("most_terms", "most_runs"), [(10**6, 10**6), (20, 3), (5, 2)])
def test_counts_are_the_same_however_few_fit_into_memory(most_terms: int, most_runs: int) -> None:
    documents = draw_documents(40, seed=5)
    expected = WordCounts()
    for each in documents[:30]:
        expected.add(each)
    runs = WordRuns(most_terms, most_runs)
    rng = random.Random(3)
    for each in documents:
        if rng.random() < 0.5:
            elsewhere = WordCounts()
            elsewhere.add(each)
            runs.add_run(elsewhere.to_run())
        else:
            runs.add(each)
    for each in documents[30:]:
        runs.add(each, -1)
    found = list(runs.changed())
    assert plain(found) == plain(list(expected.rows()))
    assert [each.term for each in found] == sorted({each.term for each in found})
    runs.close()


def test_half_a_surrogate_is_counted_as_anything_else() -> None:
    counts = WordCounts()
    (document,) = draw_documents(1, seed=1)
    postings = {**document.body.postings, "spool\ud800\nrida": [1]}
    object.__setattr__(document.body, "postings", postings)
    counts.add(document)
    runs = WordRuns()
    runs.add_run(counts.to_run())
    assert plain(list(runs.changed())) == plain(list(counts.rows()))
