"""Process pool for indexing: few tasks run in this process, many in spawned workers.

Each worker has a connection of its own to a thread of this process, which sends it one batch at a
time. A :class:`concurrent.futures.ProcessPoolExecutor` would do with less, but it waits for ever
where a worker is killed while it sends a result: the pipe it reads is open for writing in itself.
"""

import collections
import contextlib
import gc
import itertools
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from indexer.document_builder import DocumentBuilder, Task, TaskResult
from indexer.worker_process import ProcessEndedError, WorkerProcess
from search.engines.contract import StoredReader
from search.errors import WorkerEnded

#: A batch is full at so many characters of text or so many tasks.
BATCH_CHARACTERS = 100_000
BATCH_TASKS = 100
#: Batches from which on worker processes are worth their start.
WORTHWHILE_BATCHES = 2
#: Batches under way for each process: one that is worked at, and one that waits.
_AHEAD = 2
#: Thresholds of the garbage collector: caches are large, and nearly nothing in them is garbage.
_GC_THRESHOLDS = (100_000, 50, 50)


class TaskRunner(Protocol):
    """Protocol: runs tasks in batches, results in task order."""

    def run(
        self, tasks: Iterable[Task], live: StoredReader | None = None
    ) -> Generator[TaskResult, None, None]:
        """Runs ``tasks``, with a bounded number of batches in flight.

        ``live`` reads the generation that their keys belong to. Closing ends what is under way.
        Raises WorkerEnded.
        """


class BuilderFactory(Protocol):
    """Protocol: creates the builder of a process; must be picklable."""

    def builder(self) -> DocumentBuilder: ...

    def open_live(self) -> StoredReader:
        """Opens the live generation, which must stay during indexing."""


class WorkerPool:
    """Runs few tasks in this process, many in ``jobs`` workers with a builder each.

    Builders are made by ``factory``, when there is something to do.
    """

    def __init__(self, factory: BuilderFactory, jobs: int) -> None:
        self._factory = factory
        self._jobs = jobs
        self._builder: DocumentBuilder | None = None

    def run(
        self, tasks: Iterable[Task], live: StoredReader | None = None
    ) -> Generator[TaskResult, None, None]:
        waiting = batches(tasks)
        first = list(itertools.islice(waiting, WORTHWHILE_BATCHES))
        rest = itertools.chain(first, waiting)
        if self._jobs > 1 and len(first) == WORTHWHILE_BATCHES:
            yield from self._spread(rest, live is not None)
            return
        for batch in rest:
            self._builder = self._builder or self._factory.builder()
            yield self._builder.build(batch, live)

    def _spread(self, waiting: Iterable[Sequence[Task]], has_live: bool) -> Iterator[TaskResult]:
        with contextlib.closing(_Workers(self._factory, self._jobs, has_live)) as workers:
            under_way: collections.deque[Future[TaskResult]] = collections.deque()
            for batch in waiting:
                under_way.append(workers.submit(batch))
                while len(under_way) > _AHEAD * self._jobs or under_way[0].done():
                    yield under_way.popleft().result()
                    if not under_way:
                        break
            while under_way:
                yield under_way.popleft().result()


def batches(tasks: Iterable[Task]) -> Iterator[Sequence[Task]]:
    """``tasks`` in batches of about equal cost; deterministic."""
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


_BuilderProcess = WorkerProcess[[Sequence[Task]], TaskResult]


class _Workers:
    """Up to ``jobs`` worker processes, each fed by a thread."""

    def __init__(self, factory: BuilderFactory, jobs: int, has_live: bool) -> None:
        self._builder = _BatchBuilder(factory, has_live)
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="worker")
        self._processes: list[_BuilderProcess] = []
        self._own = threading.local()
        self._lock = threading.Lock()
        self._is_closed = False

    def submit(self, batch: Sequence[Task]) -> Future[TaskResult]:
        return self._threads.submit(self._build, batch)

    def close(self) -> None:
        """Kills all workers at once."""
        with self._lock:
            self._is_closed = True
            for each in self._processes:
                each.kill()
        self._threads.shutdown(cancel_futures=True)
        for each in self._processes:
            each.close()

    def _build(self, batch: Sequence[Task]) -> TaskResult:
        """Builds ``batch`` in the worker process of this thread."""
        process: _BuilderProcess | None = getattr(self._own, "process", None)
        if process is None:
            process = self._own.process = self._start()
        try:
            return process.call(batch)
        except ProcessEndedError as error:
            status = error.status
            reason = f"killed by signal {-status}" if status < 0 else f"with exit status {status}"
            raise WorkerEnded(reason=reason) from error

    def _start(self) -> "_BuilderProcess":
        with self._lock:
            if self._is_closed:
                raise WorkerEnded(reason="the run is over")
            self._processes.append(WorkerProcess(self._builder.build))
            return self._processes[-1]


class _BatchBuilder:
    """Builds batches in a worker process; its builder is created with the first batch."""

    def __init__(self, factory: BuilderFactory, has_live: bool) -> None:
        self._factory = factory
        self._has_live = has_live
        self._builder: DocumentBuilder | None = None
        self._live: StoredReader | None = None

    def build(self, batch: Sequence[Task]) -> TaskResult:
        if self._builder is None:
            self._builder = self._factory.builder()
            # Lexicons, models and rules stay until the end: no garbage to look for.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_GC_THRESHOLDS)
        if self._has_live and self._live is None:
            self._live = self._factory.open_live()
        return self._builder.build(batch, self._live)
