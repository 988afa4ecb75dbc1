"""Makes the review lists in a background process, so that searches need not wait."""

import functools
import os
import threading
from collections.abc import Callable

from indexer.pool import ProcessEndedError, WorkerProcess
from search.errors import KlastriError, ReviewFailed
from search.review import Review, Reviewed

#: Searches have precedence.
_NICENESS = 10


_ReviewProcess = WorkerProcess[[], Review]


class BackgroundReview:
    """Makes the review lists on request, once for each generation.

    ``make`` makes them, in the other process; ``generation`` names the live generation. Safe for
    several threads.
    """

    def __init__(self, make: Callable[[], Review], generation: Callable[[], str]) -> None:
        self._make = functools.partial(_in_the_background, make)
        self._generation = generation
        self._lock = threading.Lock()
        self._process: _ReviewProcess | None = None
        self._made = Reviewed("", None, is_pending=False)

    def latest(self) -> Reviewed:
        """The newest lists; starts making those of the live generation.

        An error is given once, and the lists are tried again at the next call.
        """
        with self._lock:
            made, live = self._made, self._generation()
            if self._process is None and made.problem is None and made.generation != live:
                self._process = WorkerProcess(self._make)
                threading.Thread(target=self._run, args=(self._process, live), daemon=True).start()
            if made.problem is not None:
                self._made = Reviewed(made.generation, made.review, is_pending=False)
            is_pending = self._process is not None
        return Reviewed(made.generation, made.review, is_pending, made.problem)

    def close(self) -> None:
        """Stops a running review."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def _run(self, process: "_ReviewProcess", generation: str) -> None:
        result = _result(process)
        process.close()
        with self._lock:
            self._process = None
            if isinstance(result, Review):
                self._made = Reviewed(generation, result, is_pending=False)
            else:
                before = self._made
                self._made = Reviewed(before.generation, before.review, False, result)


def _result(process: "_ReviewProcess") -> Review | KlastriError:
    try:
        return process.call()
    except KlastriError as error:
        return error
    except ProcessEndedError as error:
        return ReviewFailed(status=error.status)
    except Exception:
        return ReviewFailed(status=1)


def _in_the_background(make: Callable[[], Review]) -> Review:
    os.nice(_NICENESS)
    return make()
