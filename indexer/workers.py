"""How work is spread: in this process where there is little, over several where there is much."""

import collections
import contextlib
import itertools
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from indexer.analyst import Analyst, Done, Task
from indexer.worker import Recipe
from search.engines.contract import StoredReader
from search.errors import KlastriError, WorkerEnded

#: A batch is full at so many characters of text or so many tasks.
BATCH_CHARACTERS = 100_000
BATCH_TASKS = 100
#: Batches after which other processes are worth their start.
WORTHWHILE_BATCHES = 2
#: Batches on their way, for each process: one that is worked at, and one that waits.
_AHEAD = 2
_ENDING_SECONDS = 5.0


class Hands(Protocol):
    """Does tasks; what is done comes back in their order, in batches."""

    def do(
        self, tasks: Iterable[Task], live: StoredReader | None = None
    ) -> Generator[Done, None, None]:
        """Do ``tasks``, taking only a bounded number of them ahead of what has been given back.

        ``live`` reads the generation that their numbers belong to. Closing ends what is under way.
        Raises WorkerEnded.
        """
        ...


class Workers:
    """Does little in this process, and much in ``jobs`` others, each with its own analyst.

    An analyst is made as ``recipe`` says, when there is something to do.
    """

    def __init__(self, recipe: Recipe, jobs: int) -> None:
        self._recipe = recipe
        self._jobs = jobs
        self._analyst: Analyst | None = None

    def do(
        self, tasks: Iterable[Task], live: StoredReader | None = None
    ) -> Generator[Done, None, None]:
        waiting = batches(tasks)
        first = list(itertools.islice(waiting, WORTHWHILE_BATCHES))
        rest = itertools.chain(first, waiting)
        if self._jobs > 1 and len(first) == WORTHWHILE_BATCHES:
            yield from self._spread(rest, live is not None)
            return
        for batch in rest:
            self._analyst = self._analyst or self._recipe.analyst()
            yield self._analyst.do(batch, live)

    def _spread(self, waiting: Iterable[Sequence[Task]], has_live: bool) -> Iterator[Done]:
        with contextlib.closing(_Crew(self._recipe, self._jobs, has_live)) as crew:
            under_way: collections.deque[Future[Done]] = collections.deque()
            for batch in waiting:
                under_way.append(crew.submit(batch))
                while len(under_way) > _AHEAD * self._jobs or under_way[0].done():
                    yield under_way.popleft().result()
                    if not under_way:
                        break
            while under_way:
                yield under_way.popleft().result()


def batches(tasks: Iterable[Task]) -> Iterator[Sequence[Task]]:
    """``tasks`` in pieces that cost about the same; the cuts depend on nothing but the tasks."""
    batch: list[Task] = []
    weight = 0
    for each in tasks:
        batch.append(each)
        weight += each.weight
        if weight >= BATCH_CHARACTERS or len(batch) >= BATCH_TASKS:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


class _Crew:
    """Up to ``jobs`` processes, each with a thread here that hands it batches."""

    def __init__(self, recipe: Recipe, jobs: int, has_live: bool) -> None:
        self._beginning = pickle.dumps((recipe, has_live), pickle.HIGHEST_PROTOCOL)
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="worker")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._own = threading.local()
        self._lock = threading.Lock()
        self._is_closed = False

    def submit(self, batch: Sequence[Task]) -> Future[Done]:
        return self._threads.submit(self._ask, batch)

    def close(self) -> None:
        """End all processes at once, whatever they are doing."""
        with self._lock:
            self._is_closed = True
            for each in self._processes:
                each.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def _ask(self, batch: Sequence[Task]) -> Done:
        """What the process of this thread makes of ``batch``."""
        process: subprocess.Popen[bytes] | None = getattr(self._own, "process", None)
        if process is None:
            process = self._own.process = self._start()
        answer = _exchange(process, batch)
        if isinstance(answer, KlastriError):
            raise answer
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_closed:
                raise WorkerEnded(reason="the run is over")
            # Not forked: a copy of this process would hold the lock of the index as long as it
            # lives. A group of its own: Ctrl-C is for this process, which ends the others.
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "indexer.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                process_group=0,
            )
            self._processes.append(process)
        _send(process, self._beginning)
        return process


def _exchange(process: subprocess.Popen[bytes], batch: Sequence[Task]) -> Done | KlastriError:
    _send(process, pickle.dumps(batch, pickle.HIGHEST_PROTOCOL))
    assert process.stdout is not None  # noqa: S101 - it was started with a pipe
    try:
        answer: Done | KlastriError = pickle.load(process.stdout)  # noqa: S301 - our own process
    except (EOFError, OSError, pickle.UnpicklingError) as error:
        raise _ended(process) from error
    return answer


def _send(process: subprocess.Popen[bytes], message: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - it was started with a pipe
    try:
        process.stdin.write(message)
        process.stdin.flush()
    except (OSError, ValueError) as error:
        raise _ended(process) from error


def _ended(process: subprocess.Popen[bytes]) -> WorkerEnded:
    try:
        status = process.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    reason = f"killed by signal {-status}" if status < 0 else f"with exit status {status}"
    return WorkerEnded(reason=reason)
