"""Comparing after a change finds exactly what comparing everything anew finds."""

from dataclasses import dataclass

import numpy as np
import pytest

from search.near_duplicates.lsh import (
    SimilarPairs,
    band_values,
    find_similar,
    representatives,
    representatives_of,
)
from search.near_duplicates.lsh_incremental import Keys, band_keys, changed_only, update_similar
from search.near_duplicates.minhash import PLACES, RUN_PLACES


@dataclass(frozen=True)
class State:
    """Some rows by number, and their places in order."""

    signatures: np.ndarray
    places: np.ndarray

    def rows(self, numbers: np.ndarray | None = None) -> np.ndarray:
        return self.signatures if numbers is None else self.signatures[numbers]

    @property
    def size(self) -> int:
        return len(self.signatures)

    def sharing(self, keys: Keys) -> tuple[np.ndarray, np.ndarray]:
        return np.nonzero(band_keys(band_values(self.signatures)) == keys[:, None])

    def in_order(self, numbers: np.ndarray) -> np.ndarray:
        return numbers[np.argsort(self.places[numbers])]

    def all_in_order(self) -> np.ndarray:
        return self.in_order(np.flatnonzero(self.places >= 0))


def canonical(similar: SimilarPairs) -> tuple[list[int], dict[tuple[int, ...], int]]:
    pairs = map(tuple, np.sort(similar.pairs, axis=1).tolist())
    return similar.originals.tolist(), dict(zip(pairs, similar.support.tolist(), strict=True))


def drawn(draw: np.random.Generator, count: int) -> np.ndarray:
    """Signatures of a few series, whose members share much, little or everything."""
    series = draw.integers(1, 65536, (6, PLACES)).astype(np.uint16)
    rows = series[draw.integers(0, 6, count)]
    share = draw.choice([0.0, 0.03, 0.15, 0.4], count)[:, None]
    other = draw.integers(1, 65536, rows.shape).astype(np.uint16)
    rows = np.where(draw.random(rows.shape) < share, other, rows)
    rows[:, RUN_PLACES + 72] = 200  # words: long enough to be compared
    rows[draw.random(count) < 0.05] = 0
    return rows


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(each, marks=pytest.mark.slow) for each in range(8, 40))]
)
def test_a_change_finds_what_comparing_anew_finds(seed: int) -> None:
    draw = np.random.default_rng(seed)
    pool = drawn(draw, 160)
    standing = draw.permutation(len(pool))  # the order of all that ever come
    held = np.flatnonzero(draw.random(len(pool)) < 0.7)  # articles by number
    known, state = None, None
    before: list[int] = []
    for _ in range(8):
        places = standing[held].copy()
        dead = draw.random(len(held)) < 0.05
        places[dead] = -1
        now = State(pool[held], places)
        whole = find_similar(now.signatures, now.all_in_order())
        if known is not None and state is not None:
            number = {article: i for i, article in enumerate(held.tolist()) if not dead[i]}
            moved = np.array([number.get(a, -1) for a in before], dtype=np.int64)
            joined = np.setdiff1d(np.flatnonzero(~dead), moved[moved >= 0])
            # Rows that came to life again are new ones.
            again = np.flatnonzero((state.places < 0) & (moved >= 0))
            joined = np.union1d(joined, moved[again])
            moved[again] = -1
            joined = joined[now.signatures[joined].any(axis=1)]
            takes_part = (places >= 0) & now.signatures.any(axis=1)
            assert canonical(update_similar(known, state, now, moved, takes_part)) == canonical(
                whole
            )
            changed = changed_only(known, state, now, moved, joined)
            assert changed is not None
            assert canonical(changed) == canonical(whole)
            expected = representatives(now.signatures, now.all_in_order())
            assert representatives_of(changed, now.in_order).tolist() == expected.tolist()
            known = changed
        else:
            known = whole
        assert len(known.pairs)
        state, before = now, held.tolist()
        left = held[draw.random(len(held)) > 0.06]
        came = np.setdiff1d(np.flatnonzero(draw.random(len(pool)) < 0.06), left)
        held = draw.permutation(np.concatenate((left, came)))


def test_too_much_change_is_left_to_comparing_anew() -> None:
    pool = drawn(np.random.default_rng(1), 400)
    state = State(pool, np.arange(400))
    nobody = SimilarPairs(
        np.empty(0, dtype=np.int64), np.empty((0, 2), np.int64), np.empty(0, np.int64)
    )
    empty = State(pool[:0], np.arange(0))
    moved = np.empty(0, np.int64)
    assert changed_only(nobody, empty, state, moved, np.arange(400)) is None
    everyone = np.ones(400, dtype=bool)
    whole = find_similar(pool, np.arange(400))
    assert canonical(update_similar(nobody, empty, state, moved, everyone)) == canonical(whole)
