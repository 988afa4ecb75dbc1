"""Circuit breaker: while a server does not answer, requests of readers fail at once.

Without it each of a page's requests would wait for its timeout, until the site has no thread left.
"""

import threading
import time
from collections.abc import Callable

from search.engine_errors import EngineError

#: Seconds without attempts after a failure.
QUIET = 1.0


class CircuitBreaker:
    """Repeats the last failure, while one request at a time tries whether the server is back.

    Safe for threads. ``clock`` is in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failure: EngineError | None = None
        self._failed = 0.0
        self._is_tried = False

    def enter(self) -> None:
        """Call before a request, and ``succeeded`` or ``failed`` after. Raises the last failure."""
        with self._lock:
            if self._failure is None:
                return
            if self._is_tried or self._clock() < self._failed + QUIET:
                raise type(self._failure)(**self._failure.values)
            self._is_tried = True

    def succeeded(self) -> None:
        """Call after any answer of the server."""
        with self._lock:
            self._failure, self._is_tried = None, False

    def failed(self, failure: EngineError) -> None:
        """Call where no answer came."""
        with self._lock:
            self._failure, self._failed, self._is_tried = failure, self._clock(), False
