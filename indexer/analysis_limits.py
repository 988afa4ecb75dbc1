"""Limits of CPU time and memory for the analysis of one article.

At its limit an analysis is interrupted by an exception; in a worker, the system also kills the
process if compiled code keeps the exception from being raised.
"""

import contextlib
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

_MEGABYTE = 1_000_000
#: Characters for which ``seconds`` are allowed, each time begun.
_CHARACTERS = 100_000
#: Multiple of the time limit after which the system kills the process.
_PATIENCE = 2.0
#: Limits the time of a task by its weight, the characters of its text.
TimeLimit = Callable[[int], contextlib.AbstractContextManager[None]]


class AnalysisTooLong(Exception):
    """Raised within the analysis of an article at its time limit."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it takes more than {seconds:g} seconds")


@dataclass(frozen=True, slots=True)
class AnalysisLimits:
    """Limits of the analysis of one article.

    ``seconds`` of CPU time for every 100,000 characters begun, ``megabytes`` of data of its
    process, and ``silence``, the seconds until a worker must answer. If more than ``lost`` articles
    of a run end their workers, the run fails.
    """

    seconds: float = 60.0
    megabytes: float = 3_000.0
    silence: float = 3_600.0
    lost: int = 20

    @contextlib.contextmanager
    def interrupting(self, weight: int) -> Iterator[None]:
        """A :data:`TimeLimit` that raises AnalysisTooLong; no limit outside the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        seconds = self._seconds(weight)

        def interrupt(_signal: int, _frame: FrameType | None) -> None:
            raise AnalysisTooLong(seconds)

        earlier = signal.signal(signal.SIGPROF, interrupt)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, earlier)

    @contextlib.contextmanager
    def ending(self, weight: int) -> Iterator[None]:
        """The same, but also kills this process if the exception comes too late."""
        signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE * self._seconds(weight))
        try:
            with self.interrupting(weight):
                yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def limit_memory(self) -> None:
        """Limits the memory of this process permanently."""
        most = int(self.megabytes * _MEGABYTE)
        with contextlib.suppress(ValueError):  # a lower limit is already set
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))

    def _seconds(self, weight: int) -> float:
        return self.seconds * (1 + weight // _CHARACTERS)


def unlimited(weight: int) -> contextlib.AbstractContextManager[None]:  # noqa: ARG001
    """A :data:`TimeLimit` without any limit."""
    return contextlib.nullcontext()
