"""What stands under many articles tells nothing of any of them."""

import numpy as np
import pytest

from search.near_duplicates.boilerplate import (
    MANY_STORIES,
    OWN,
    passage_hash,
    unsupported,
    value_hash,
)


def rows(*claims: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Documents, and hashes of values and passages."""
    table = np.array(claims, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1:]


def hidden(*claims: tuple[int, int, int], stories: list[int]) -> list[tuple[int, int]]:
    found = unsupported(*rows(*claims), np.array(stories, dtype=np.int64))
    return [(document, value) for document, value in found.tolist()]


def test_equal_passages_have_equal_hashes():
    known = passage_hash("Projekti rahastab EAS, leping nr 12.")
    assert passage_hash("PROJEKTI  rahastab „EAS“ – leping nr 45") == known
    assert passage_hash("Projekti rahastas EAS, leping nr 12.") != known
    assert passage_hash("…") != OWN
    assert 0 <= value_hash("EAS") < 2**32


def test_a_passage_under_many_stories_speaks_for_nothing():
    many = range(MANY_STORIES)
    everywhere = [(document, 7, 70) for document in many]
    assert hidden(*everywhere, stories=list(many)) == [(document, 7) for document in many]
    assert hidden(*everywhere[:-1], stories=list(many)) == []


def test_a_value_with_a_passage_of_its_own_stays():
    many = range(MANY_STORIES)
    everywhere = [(document, 7, 70) for document in many]
    found = hidden(*everywhere, (2, 7, 71), (2, 8, 70), stories=list(many))
    assert (2, 7) not in found
    assert (2, 8) in found
    assert len(found) == MANY_STORIES


def test_copies_of_a_story_count_once():
    copies = [(document, 7, 70) for document in range(10)]
    assert hidden(*copies, stories=[0] * 10) == []
    assert hidden(*copies, stories=[0, 1, 2, 3, 3, 3, 3, 3, 3, 3]) == []
    assert len(hidden(*copies, stories=[0, 1, 2, 3, 4, 4, 4, 4, 4, 4])) == 10


def test_what_is_an_articles_own_never_is_boilerplate():
    many = range(MANY_STORIES)
    assert hidden(*((document, 7, OWN) for document in many), stories=list(many)) == []
    assert hidden(stories=[]) == []


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_counting_one_by_one_finds(seed):
    draw = np.random.default_rng(seed)
    size = int(draw.integers(1, 400))
    claims = np.stack(
        (
            np.sort(draw.integers(0, 60, size)),
            draw.integers(0, 6, size),
            # Passages that differ in their first bits only, and rare ones.
            draw.choice([OWN, 1, 2, 3, 1 << 30, 1 << 31, (1 << 31) + 1, *range(100, 140)], size),
        ),
        axis=1,
    )
    stories = draw.integers(0, 60, 60)
    held: dict[tuple[int, int], set[int]] = {}
    standing: dict[int, set[int]] = {}
    for document, value, passage in claims.tolist():
        held.setdefault((document, value), set()).add(passage)
        standing.setdefault(passage, set()).add(int(stories[document]))
    common = {p for p, where in standing.items() if p != OWN and len(where) >= MANY_STORIES}
    wanted = sorted(pair for pair, passages in held.items() if passages <= common)
    found = unsupported(claims[:, 0], claims[:, 1:].astype(np.uint32), stories)
    assert [tuple(row) for row in found.tolist()] == wanted
