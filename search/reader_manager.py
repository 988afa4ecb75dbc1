"""Reader manager: shares the open reader of the live generation between threads.

If the live generation cannot be opened, the open reader is kept, or a fallback generation is opened
if there is none. That is logged once, counted, and retried from time to time.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from search.errors import KlastriError

#: Interval of the attempts to open what could not be opened.
RETRY_SECONDS = 5.0
#: A writer may remove a generation while it is being opened; then the next one is tried.
_ATTEMPTS = 3
_log = logging.getLogger(__name__)


class GenerationReader(Protocol):
    """A reader that holds the files of a generation open."""

    @property
    def generation(self) -> str:
        """Name of the generation."""

    def close(self) -> None: ...


R = TypeVar("R", bound=GenerationReader)


@dataclass
class _Lease(Generic[R]):
    """A reader with its number of users; ``live`` is the generation it was opened for."""

    live: str
    reader: R
    users: int = field(default=0)


class _Thread(threading.local, Generic[R]):
    """Leases that one thread has pinned: for each open block one, or none so far."""

    def __init__(self) -> None:
        self.pins: list[list[_Lease[R]]] = []


class ReaderManager(Generic[R]):
    """Lends the reader of the live generation, reopened after a switch. Safe for threads.

    ``current`` gives the name of the live generation, which is cached for ``patience`` seconds, and
    ``open_reader`` opens it. If that raises and no reader is open, ``open_fallback`` opens another
    one, or gives None. A replaced reader is closed when its last borrower has returned it.
    """

    def __init__(
        self,
        current: Callable[[], str | None],
        open_reader: Callable[[], R],
        open_fallback: Callable[[], R | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        patience: float = 0.0,
    ) -> None:
        self._current = current
        self._patience = patience
        self._named = "", clock() - patience
        self._open = open_reader
        self._open_fallback = open_fallback
        self._clock = clock
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._lease: _Lease[R] | None = None
        self._problem: KlastriError | OSError | None = None
        self._tried = "", 0.0
        self._failures = 0
        self._thread: _Thread[R] = _Thread()

    @property
    def problem(self) -> KlastriError | OSError | None:
        """Why the live generation is not the one that is lent; None if it is."""
        return self._problem

    @property
    def failures(self) -> int:
        """Number of failures to open the live generation."""
        return self._failures

    @contextlib.contextmanager
    def acquire(self) -> Iterator[R]:
        """Borrows the reader for a ``with`` block. Raises what ``open_reader`` does."""
        pins = self._thread.pins
        if pins:
            pinned = pins[-1]
            if not pinned:
                pinned.append(self._take())
            yield pinned[0].reader
            return
        lease = self._take()
        try:
            yield lease.reader
        finally:
            self._give_back(lease)

    @contextlib.contextmanager
    def pinned(self) -> Iterator[None]:
        """Lends this thread the same reader throughout a ``with`` block, the first it borrows."""
        pinned: list[_Lease[R]] = []
        self._thread.pins.append(pinned)
        try:
            yield
        finally:
            # A streamed answer may end after the block of the next request has begun.
            self._thread.pins = [each for each in self._thread.pins if each is not pinned]
            for lease in pinned:
                self._give_back(lease)

    def close(self) -> None:
        """Closes the reader when its last borrower has returned it."""
        with self._lock:
            lease, self._lease = self._lease, None
            if lease is not None:
                self._close_unused(lease)

    def _live(self) -> str:
        """Name of the live generation, empty if there is none."""
        name, at = self._named
        if self._clock() >= at + self._patience:
            name = self._current() or ""
            self._named = name, self._clock()
        return name

    def _take(self) -> _Lease[R]:
        while True:
            live = self._live()
            # Only one thread opens the next reader; the others go on with the open one.
            if self._is_outdated(live) and self._refreshing.acquire(blocking=self._lease is None):
                try:
                    if self._is_outdated(live):
                        self._refresh(live)
                finally:
                    self._refreshing.release()
            with self._lock:
                if self._lease is not None:  # not closed in between
                    self._lease.users += 1
                    return self._lease

    def _give_back(self, lease: _Lease[R]) -> None:
        with self._lock:
            lease.users -= 1
            self._close_unused(lease)

    def _is_outdated(self, live: str) -> bool:
        """True if the live generation is to be opened, or to be tried again."""
        lease = self._lease
        if lease is None:
            return True
        if self._problem is None:
            return lease.live != live
        name, at = self._tried
        return name != live or self._clock() >= at + RETRY_SECONDS

    def _refresh(self, live: str) -> None:
        opened = self._opened(live)
        if opened is None:
            return
        with self._lock:
            outdated, self._lease = self._lease, opened
            if outdated is not None:
                self._close_unused(outdated)

    def _opened(self, live: str) -> _Lease[R] | None:
        """Opens the live generation or a fallback; None to keep the current lease."""
        attempt = 0
        while True:
            attempt += 1
            try:
                opened = _Lease(live, self._open())
            except (KlastriError, OSError) as error:
                now = self._current() or ""
                if now == live or attempt == _ATTEMPTS:
                    return self._fallback(live, error)
                live = now
            else:
                self._problem = None
                return opened

    def _fallback(self, live: str, error: KlastriError | OSError) -> _Lease[R] | None:
        """A lease of a fallback generation; None to keep the current lease."""
        self._failures += 1
        is_new = str(error) != str(self._problem)
        before = self._lease
        fallback = self._open_fallback() if before is None else None
        reader = before.reader if before else fallback
        if reader is None:
            raise error
        self._problem, self._tried = error, (live, self._clock())
        if is_new:
            _log.warning("%s. Until then %s answers", error, reader.generation)
        return _Lease(live, fallback) if fallback else None

    def _close_unused(self, lease: _Lease[R]) -> None:
        if lease.users == 0 and lease is not self._lease:
            lease.reader.close()
