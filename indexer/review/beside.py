"""The lists of the live generation, made in a process beside, so that answers need not wait."""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable

from search.configuration import Configuration
from search.errors import KlastriError, ReviewFailed
from search.review import Review, Reviewed


class ReviewsBeside:
    """Has the lists made when they are looked at, once for each generation.

    ``generation`` names the live one. Safe for several threads.
    """

    def __init__(
        self, configuration: Configuration, limit: int, generation: Callable[[], str]
    ) -> None:
        self._wanted = pickle.dumps((configuration, limit), pickle.HIGHEST_PROTOCOL)
        self._generation = generation
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._made = Reviewed("", None, is_pending=False)

    def latest(self) -> Reviewed:
        """The newest lists there are; those of the live generation are begun if there are none.

        What could not be made is told once, and tried again at the next look.
        """
        with self._lock:
            made, live = self._made, self._generation()
            if self._process is None and made.problem is None and made.generation != live:
                self._process = _start()
                threading.Thread(target=self._make, args=(self._process, live), daemon=True).start()
            if made.problem is not None:
                self._made = Reviewed(made.generation, made.review, is_pending=False)
            is_pending = self._process is not None
        return Reviewed(made.generation, made.review, is_pending, made.problem)

    def close(self) -> None:
        """End what is under way."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def _make(self, process: subprocess.Popen[bytes], generation: str) -> None:
        answer = _answer(process, self._wanted)
        with self._lock:
            self._process = None
            if isinstance(answer, Review):
                self._made = Reviewed(generation, answer, is_pending=False)
            else:
                before = self._made
                self._made = Reviewed(before.generation, before.review, False, answer)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "indexer.review"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        process_group=0,  # Ctrl-C is for this process, which ends the other
    )


def _answer(process: subprocess.Popen[bytes], wanted: bytes) -> Review | KlastriError:
    told, _ = process.communicate(wanted)
    if process.returncode:
        return ReviewFailed(status=process.returncode)
    answer: Review | KlastriError = pickle.loads(told)  # noqa: S301 - our own process wrote it
    return answer
