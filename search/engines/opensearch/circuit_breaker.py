"""Circuit breaker: while a server does not answer, readers are told so at once.

Without it each of a page's requests would wait as long as a search may take, and so would each
reader, until no thread of the site is left.
"""

import threading
import time
from collections.abc import Callable

from search.engine_errors import EngineError

#: Seconds after a failure in which nobody tries.
QUIET = 1.0


class CircuitBreaker:
    """Remembers the last failure; then one request at a time tries whether all is well again.

    Safe for threads. ``clock`` is in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failure: EngineError | None = None
        self._failed = 0.0
        self._is_tried = False

    def enter(self) -> None:
        """Before a request; ``succeeded`` or ``failed`` follows. Raises the last failure."""
        with self._lock:
            if self._failure is None:
                return
            if self._is_tried or self._clock() < self._failed + QUIET:
                raise type(self._failure)(**self._failure.values)
            self._is_tried = True

    def succeeded(self) -> None:
        """The server has answered, whatever it said."""
        with self._lock:
            self._failure, self._is_tried = None, False

    def failed(self, failure: EngineError) -> None:
        """There was no answer."""
        with self._lock:
            self._failure, self._failed, self._is_tried = failure, self._clock(), False
