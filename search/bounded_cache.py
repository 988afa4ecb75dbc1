"""Cache bounded by bytes that evicts by generations, which comes close to least recently used.

What a process remembers of words would otherwise grow with every word that anybody types.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
#: About how many bytes an entry holds, its key and its place in a dictionary among them.
Weigh = Callable[[K, V], int]


class BoundedCache(Generic[K, V]):
    """Keeps at most about ``most_bytes``, by what ``weigh`` says of each entry.

    Entries stand in two dictionaries, and new ones go into the younger. When it holds half of the
    bytes, it becomes the older, and what that one held is dropped; what is asked for in the older
    moves to the younger. So looking up costs little more than in a dictionary. None is no value.
    Safe for threads as far as dictionaries are: at worst an entry is forgotten or weighed twice.
    """

    __slots__ = ("_half", "_held", "_older", "_weigh", "_younger")

    def __init__(self, most_bytes: int, weigh: Weigh[K, V]) -> None:
        self._half = most_bytes // 2
        self._weigh = weigh
        self._held = 0
        self._younger: dict[K, V] = {}
        self._older: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value of ``key``, None if it is not known (any more)."""
        found = self._younger.get(key)
        if found is None:
            found = self._older.get(key)
            if found is not None:
                self[key] = found
        return found

    def __setitem__(self, key: K, value: V) -> None:
        if self._held >= self._half:
            self._older, self._younger, self._held = self._younger, {}, 0
        self._younger[key] = value
        self._held += self._weigh(key, value)

    def update(self, entries: Iterable[tuple[K, V]]) -> None:
        """Keeps all ``entries``, the last ones longest."""
        for key, value in entries:
            self[key] = value

    def clear(self) -> None:
        """Forgets everything."""
        self._younger, self._older, self._held = {}, {}, 0

    def __contains__(self, key: K) -> bool:
        return key in self._younger or key in self._older

    def __len__(self) -> int:
        return len(self._younger.keys() | self._older.keys())
