"""Values that take a while to make and that few searches need."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """A value that is made when it is first asked for, once for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: list[T] = []

    def get(self, make: Callable[[], T]) -> T:
        """The value; ``make`` makes it if nobody has asked before."""
        with self._lock:
            if not self._made:
                self._made.append(make())
            return self._made[0]
