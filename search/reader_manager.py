"""Reader manager: shares the open reader of the live generation between threads."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """A reader that holds files open."""

    def close(self) -> None: ...


R = TypeVar("R", bound=Closable)


@dataclass
class _Lease(Generic[R]):
    name: str
    reader: R
    users: int = field(default=0)


class ReaderManager(Generic[R]):
    """Lends the reader of the live generation, reopened after a switch.

    ``current`` names the live generation, cheaply; ``open_reader`` opens it. A reader is closed
    when its generation is no longer live and its last borrower has gone. Safe for threads.
    """

    def __init__(self, current: Callable[[], str | None], open_reader: Callable[[], R]) -> None:
        self._current = current
        self._open = open_reader
        self._lock = threading.Lock()
        self._lease: _Lease[R] | None = None

    @contextlib.contextmanager
    def acquire(self) -> Iterator[R]:
        """Borrows the reader of the live generation for a ``with`` block."""
        lease = self._take()
        try:
            yield lease.reader
        finally:
            with self._lock:
                lease.users -= 1
                self._close_unused(lease)

    def close(self) -> None:
        """Closes the reader as soon as nobody uses it."""
        with self._lock:
            lease, self._lease = self._lease, None
            if lease is not None:
                self._close_unused(lease)

    def _take(self) -> _Lease[R]:
        with self._lock:
            name = self._current() or ""
            if self._lease is None or self._lease.name != name:
                opened = _Lease(name, self._open())
                outdated, self._lease = self._lease, opened
                if outdated is not None:
                    self._close_unused(outdated)
            self._lease.users += 1
            return self._lease

    def _close_unused(self, lease: _Lease[R]) -> None:
        if lease.users == 0 and lease is not self._lease:
            lease.reader.close()
