"""Reader manager: shares the open reader of the live generation between threads.

Where the next generation cannot be opened, the reader that is open goes on answering; where none is
open, another generation is. That is said once in the log, counted, and tried again now and then.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from search.errors import KlastriError

#: So many seconds pass before what could not be opened is tried again.
RETRY_SECONDS = 5.0
#: A writer may remove a generation while it is being opened; the next one is tried so many times.
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
    """``live`` is what was named as live when the reader was opened, whatever that reads."""

    live: str
    reader: R
    users: int = field(default=0)


class _Thread(threading.local, Generic[R]):
    """What one thread has pinned, for each block that it is in: a lease, or none so far."""

    def __init__(self) -> None:
        self.pins: list[list[_Lease[R]]] = []


class ReaderManager(Generic[R]):
    """Lends the reader of the live generation, reopened after a switch.

    ``current`` names the live generation, and what it says holds for ``patience`` seconds;
    ``open_reader`` opens it. Where that raises and nothing is open, ``open_fallback`` opens another
    one, or gives None. A reader is closed when another one is lent and its last borrower has gone.
    Safe for threads.
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
        """Why the live generation is not what is lent; None if it is."""
        return self._problem

    @property
    def failures(self) -> int:
        """How many times the live generation could not be opened."""
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
        """Lends this thread one and the same reader within a ``with`` block, the first it borrows.

        Which generation is live is then asked once.
        """
        pinned: list[_Lease[R]] = []
        self._thread.pins.append(pinned)
        try:
            yield
        finally:
            # A stream that is read on while the next request is answered may end after it.
            self._thread.pins = [each for each in self._thread.pins if each is not pinned]
            for lease in pinned:
                self._give_back(lease)

    def close(self) -> None:
        """Closes the reader as soon as nobody uses it."""
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
            # Whoever has a reader answers by that while another thread opens the next one.
            if self._is_outdated(live) and self._refreshing.acquire(blocking=self._lease is None):
                try:
                    if self._is_outdated(live):
                        self._refresh(live)
                finally:
                    self._refreshing.release()
            with self._lock:
                if self._lease is not None:  # nobody has closed it in between
                    self._lease.users += 1
                    return self._lease

    def _give_back(self, lease: _Lease[R]) -> None:
        with self._lock:
            lease.users -= 1
            self._close_unused(lease)

    def _is_outdated(self, live: str) -> bool:
        """Is the live generation to be opened?"""
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
        """A lease of the live generation, or of another one; None if the one before is to stay."""
        attempt = 0
        while True:
            attempt += 1
            try:
                opened = _Lease(live, self._open())
            except (KlastriError, OSError) as error:
                now = self._current() or ""
                if now == live or attempt == _ATTEMPTS:
                    return self._instead(live, error)
                live = now
            else:
                self._problem = None
                return opened

    def _instead(self, live: str, error: KlastriError | OSError) -> _Lease[R] | None:
        """What to lend while the live generation cannot be opened; None for what is lent."""
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
