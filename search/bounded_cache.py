"""Cache bounded by bytes, with generational eviction, an approximation of LRU.

Caches of words and queries would otherwise grow with every input.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
#: Approximate size of an entry in bytes, with its key and its slot in a dictionary.
Weigh = Callable[[K, V], int]


class BoundedCache(Generic[K, V]):
    """Keeps at most about ``most_bytes``; ``weigh`` gives the size of an entry.

    New entries go into the younger of two dictionaries. When that holds half of the bytes, it
    replaces the older one; an entry found in the older one moves to the younger. An entry larger
    than half of the bytes is kept alone. So a look-up costs little more than in a dictionary. None
    is no value.
    Safe for threads as far as dictionaries are: at worst an entry is lost or counted twice.
    """

    __slots__ = ("_half", "_held", "_older", "_weigh", "_younger")

    def __init__(self, most_bytes: int, weigh: Weigh[K, V]) -> None:
        self._half = most_bytes // 2
        self._weigh = weigh
        self._held = 0
        self._younger: dict[K, V] = {}
        self._older: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value of ``key``, None if it is not in the cache."""
        found = self._younger.get(key)
        if found is None:
            found = self._older.get(key)
            if found is not None:
                self[key] = found
        return found

    def __setitem__(self, key: K, value: V) -> None:
        weight = self._weigh(key, value)
        if weight > self._half:
            self.clear()
        elif self._held >= self._half:
            self._older, self._younger, self._held = self._younger, {}, 0
        self._younger[key] = value
        self._held += weight

    def update(self, entries: Iterable[tuple[K, V]]) -> None:
        """Adds all ``entries``."""
        for key, value in entries:
            self[key] = value

    def clear(self) -> None:
        """Removes all entries."""
        self._younger, self._older, self._held = {}, {}, 0

    def __contains__(self, key: K) -> bool:
        return key in self._younger or key in self._older

    def __len__(self) -> int:
        return len(self._younger.keys() | self._older.keys())
