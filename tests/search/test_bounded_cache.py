"""A cache bounded by bytes: what is asked for stays, what is not goes, and it never holds more."""

from search.bounded_cache import BoundedCache


def test_it_never_holds_more_than_it_may() -> None:
    cache: BoundedCache[int, str] = BoundedCache(1000, lambda _, value: len(value))
    for number in range(500):
        cache[number] = "a" * 10
        assert len(cache) <= 100
        assert cache.get(number) == "a" * 10
    assert 0 not in cache
    assert cache.get(0) is None


def test_what_is_asked_for_stays() -> None:
    cache: BoundedCache[int, str] = BoundedCache(1000, lambda _, value: len(value))
    cache[-1] = "jääb"
    for number in range(500):
        cache[number] = "a" * 10
        if not number % 40:
            assert cache.get(-1) == "jääb"


def test_many_at_once_and_none() -> None:
    cache: BoundedCache[str, int] = BoundedCache(8, lambda *_: 1)
    cache.update((letter, ord(letter)) for letter in "abcdefghij")
    assert cache.get("j") == ord("j")
    assert len(cache) <= 8
    cache.clear()
    assert len(cache) == 0
    assert cache.get("j") is None
