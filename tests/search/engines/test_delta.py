"""An array and what has changed of it are the array as it is now."""

import random

import numpy as np
import pytest

from search.engines.whoosh.segment.arrays import Array, CorruptArray
from search.engines.whoosh.snapshot.delta import DeltaArrays, by_member, by_number, deltas

WAYS = {"order": by_number(200), "set": by_member}


def state(draw: random.Random, known: dict[str, Array], size: int) -> dict[str, Array]:
    """Arrays that come of ``known`` by some changes: places, an order of numbers, a set."""
    places = np.concatenate((known["places"], np.zeros(size - len(known["places"]), np.int32)))
    for _ in range(draw.choice((0, 1, 9))):
        places[draw.randrange(size)] = draw.randrange(1000)
    order = [each for each in known["order"].tolist() if each < 200]
    for number in range(200, size):
        order.insert(draw.randint(0, len(order)), number)
    held = set(known["set"].tolist())
    held -= set(draw.sample(sorted(held), min(draw.choice((0, 1, 30)), len(held))))
    held |= {draw.randrange(5000) for _ in range(draw.choice((0, 1, 20)))}
    return {
        "places": places,
        "order": np.array(order, dtype=np.int32),
        "set": np.array(sorted(held), dtype=np.int64),
    }


@pytest.mark.parametrize("seed", range(20))
def test_deltas_lead_to_what_there_is(seed: int) -> None:
    draw = random.Random(seed)
    base: dict[str, Array] = {
        "places": np.arange(200, dtype=np.int32),
        "order": np.array(draw.sample(range(200), 200), dtype=np.int32),
        "set": np.array(sorted(draw.sample(range(5000), 150)), dtype=np.int64),
    }
    now = base
    for size in (200, 201, 209, 260):
        now = state(draw, now, size)
        top = deltas(base, {**now, "fresh": np.arange(3)}, WAYS)
        found = DeltaArrays(base, top)
        assert set(found) == {*now, "fresh"}
        assert len(found) == len(now) + 1
        for name, each in now.items():
            assert found[name].dtype == each.dtype
            assert found[name].tolist() == each.tolist()
        assert found["fresh"].tolist() == [0, 1, 2]


def test_what_has_not_changed_is_not_written() -> None:
    base: dict[str, Array] = {name: np.arange(100) for name in ("places", "order", "set")}
    assert deltas(base, base, WAYS) == {}


def test_little_is_written_of_a_little_change() -> None:
    base: dict[str, Array] = {"places": np.zeros(10_000, np.int32), "set": np.arange(10_000)}
    after = base["places"].copy()
    after[77] = 5
    held = np.delete(base["set"], 4000)
    top = deltas(base, {"places": np.append(after, 6).astype(np.int32), "set": held}, WAYS)
    assert sum(each.nbytes for each in top.values()) < 100
    assert DeltaArrays(base, top)["places"].tolist() == [*after.tolist(), 6]
    assert DeltaArrays(base, top)["set"].tolist() == held.tolist()


def test_what_has_changed_for_the_most_part_is_written_as_it_is() -> None:
    base: dict[str, Array] = {"places": np.arange(100), "shorter": np.arange(100)}
    now: dict[str, Array] = {"places": np.arange(100)[::-1], "shorter": np.arange(7)}
    top = deltas(base, now, {})
    assert set(top) == set(now)
    assert DeltaArrays(base, top)["shorter"].tolist() == list(range(7))


def array(*numbers: int, dtype: str = "i4") -> Array:
    return np.array(numbers, dtype=dtype)


@pytest.mark.parametrize(
    "top",
    [
        {"a:gone": array(10), "a:rows": array(1, dtype="i8")},
        {"a:gone": array(-1), "a:rows": array(1, dtype="i8")},
        {"a:gone": array(3, 3), "a:rows": array(1, 2, dtype="i8")},
        {"a:gone": array(3, 4), "a:rows": array(1, dtype="i8")},
        {"a:gone": array(3), "a:rows": array(1)},
        {"a:gone": array(3, dtype="i8"), "a:rows": array(1, dtype="i8")},
        {"a:gone": array(3), "a:rows": array(1, dtype="i8"), "a:at": array(10)},
        {"a:gone": array(3), "a:rows": array(1, dtype="i8"), "a:at": array(5, 4)},
        {"a:gone": array(3), "a:rows": array(1, dtype="i8"), "a:at": array()},
    ],
)
def test_a_delta_of_something_else_is_damage(top: dict[str, Array]) -> None:
    with pytest.raises(CorruptArray):
        DeltaArrays({"a": np.arange(10)}, top)["a"]
