"""A spawned process that runs one function on call, and never outlives its parent.

Processes are spawned, not forked: a forked one would hold the lock of the index.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: Seconds that a process may take to end after its connection is closed.
_ENDING_SECONDS = 5.0
P = ParamSpec("P")
R = TypeVar("R")


class ProcessEndedError(Exception):
    """A worker process has died; ``status`` is its exit status, or minus the signal."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WorkerProcess(Generic[P, R]):
    """A spawned process that runs ``function`` on call; it never outlives its parent.

    ``function`` may keep state between calls. Ctrl-C reaches only the parent. Output of the worker
    goes to stderr.
    """

    def __init__(self, function: Callable[P, R]) -> None:
        context = multiprocessing.get_context("spawn")
        self._is_killed = False
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, function), daemon=True)
        with _spawning():
            self._process.start()
        theirs.close()

    def call(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls the function in the worker process. Raises ProcessEndedError."""
        try:
            self._connection.send((args, kwargs))
            result, error = self._connection.recv()
        except (EOFError, OSError) as gone:
            self._process.join(_ENDING_SECONDS)
            self.kill()
            self._process.join()
            raise ProcessEndedError(self._process.exitcode or 0) from gone
        if error is not None:
            raise error
        returned: R = result
        return returned

    @property
    def is_alive(self) -> bool:
        """False once the process has ended or been killed."""
        return not self._is_killed and self._process.is_alive()

    def kill(self) -> None:
        """Kills the process; waiting calls raise ProcessEndedError."""
        self._is_killed = True
        self._process.kill()

    def close(self) -> None:
        """Ends the process when no call is waiting."""
        self._connection.close()
        self._process.join()


@contextlib.contextmanager
def _spawning() -> Iterator[None]:
    """Sets up spawning: workers ignore Ctrl-C and import nothing from the working directory.

    Otherwise a file there could replace a module of the standard library.
    """
    earlier = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    # If started later, it would unblock the signal again.
    resource_tracker.ensure_running()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if earlier is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = earlier


def _serve(connection: "Connection[Any, Any]", function: Callable[..., Any]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.dup2(2, 1)
    # The connection is closed only when no call is pending.
    with contextlib.suppress(EOFError, OSError):
        while True:
            args, kwargs = connection.recv()
            result, failure = None, None
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                failure = error
            connection.send((result, failure))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(0)
