"""A cache bounded by the bytes that its values hold."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Protocol, TypeVar


class Sized(Protocol):
    @property
    def size(self) -> int:
        """Bytes held in memory."""
        ...


V = TypeVar("V", bound=Sized)


class Cache:
    """Keeps what was used last, at most ``most`` bytes of it. Safe for threads.

    Values of several kinds share the bytes; their keys say which kind they are of.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Sized] = OrderedDict()

    def get(self, key: Hashable, kind: type[V]) -> V | None:
        """The value of ``key``, None if none of ``kind`` is known (any more)."""
        with self._lock:
            found = self._values.get(key)
            if not isinstance(found, kind):
                return None
            self._values.move_to_end(key)
        return found

    def put(self, key: Hashable, value: V) -> V:
        """Keep ``value``, and give it back."""
        with self._lock:
            before = self._values.pop(key, None)
            self._bytes += value.size - (before.size if before is not None else 0)
            self._values[key] = value
            while self._bytes > self._most and len(self._values) > 1:
                _, oldest = self._values.popitem(last=False)
                self._bytes -= oldest.size
        return value
