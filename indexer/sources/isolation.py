"""Sandboxes parsers in a child process with limits of time and memory; kills it at a limit."""

import contextlib
import resource
import threading
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, cast

from indexer.sources.limits import Limits
from indexer.unexpected_errors import described
from indexer.worker_process import ProcessEndedError, WorkerProcess
from search.errors import KlastriError, ReadingFailed, TooMuchMemory, TooSlow

P = ParamSpec("P")
R = TypeVar("R")
_Call = tuple[str, Callable[..., Any], tuple[Any, ...], Mapping[str, Any], float]
_MEGABYTE = 1_000_000


class ParserProcess:
    """An :class:`~indexer.sources.base.Isolation` in one long-lived child process.

    The child is started with the first call, and again after it was killed.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: WorkerProcess[[_Call], Any] | None = None

    def __call__(
        self, file: str, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Calls ``function`` in the child process.

        Raises TooSlow, TooMuchMemory, ReadingFailed and each KlastriError of ``function``.
        """
        process = self._process = self._process or WorkerProcess(_called)
        slow = threading.Event()
        timer = threading.Timer(self._limits.parse_seconds, _end, (process, slow))
        timer.daemon = True
        timer.start()
        try:
            call = (file, function, args, kwargs, self._limits.parse_megabytes)
            return cast("R", process.call(call))
        except ProcessEndedError as error:
            if slow.is_set():
                raise TooSlow(file=file, seconds=f"{self._limits.parse_seconds:g}") from error
            problem = f"its process has ended with status {error.status}"
            raise ReadingFailed(file=file, problem=problem) from error
        except TooMuchMemory:
            process.kill()  # its memory may be fragmented
            raise
        finally:
            timer.cancel()
            if slow.is_set() or not process.is_alive:
                self.close()

    def close(self) -> None:
        """Ends the child process, even during a call."""
        if self._process is not None:
            self._process.kill()
            self._process.close()
            self._process = None


def _end(process: WorkerProcess[[_Call], Any], slow: threading.Event) -> None:
    slow.set()
    process.kill()


def _called(call: _Call) -> Any:
    """Runs a call in the child process."""
    file, function, args, kwargs, megabytes = call
    most = int(megabytes * _MEGABYTE)
    with contextlib.suppress(ValueError):  # a lower limit is already set
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        return function(*args, **kwargs)
    except KlastriError:
        raise
    except MemoryError:
        raise TooMuchMemory(file=file, megabytes=f"{megabytes:g}") from None
    except Exception as error:
        raise ReadingFailed(file=file, problem=described(error)) from None
