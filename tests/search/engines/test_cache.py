"""The cache holds what was used last, and no more than it may."""

from dataclasses import dataclass

from search.engines.whoosh.execution.cache import Cache


@dataclass(frozen=True)
class Thing:
    size: int


@dataclass(frozen=True)
class Other:
    size: int


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = Cache(10)
    for name in "abc":
        cache.put(name, Thing(3))
    assert cache.get("a", Thing)
    cache.put("d", Thing(3))
    assert [name for name in "abcd" if cache.get(name, Thing)] == ["a", "c", "d"]


def test_a_value_put_again_counts_once() -> None:
    cache = Cache(10)
    for _ in range(5):
        cache.put("a", Thing(5))
    cache.put("b", Thing(5))
    assert cache.get("a", Thing)
    assert cache.get("b", Thing)


def test_the_last_value_stays_even_if_it_is_too_large() -> None:
    cache = Cache(10)
    cache.put("a", Thing(5))
    large = cache.put("b", Thing(50))
    assert (cache.get("a", Thing), cache.get("b", Thing)) == (None, large)


def test_a_value_of_another_kind_is_not_known() -> None:
    cache = Cache(10)
    cache.put("a", Other(1))
    assert cache.get("a", Thing) is None
