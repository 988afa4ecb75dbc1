"""Process pool for indexing: few tasks run in this process, many in spawned workers.

Each worker has its own connection to a thread of this process, which sends it one batch at a time.
If a worker is killed, crashes or does not answer, one article is lost, not the run. A
:class:`concurrent.futures.ProcessPoolExecutor` would be simpler, but hangs when a worker is killed
while it sends a result, because its own end of the pipe is open for writing, too.
"""

import collections
import contextlib
import gc
import itertools
import signal
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from indexer.analysis_limits import AnalysisLimits
from indexer.document_builder import DocumentBuilder, Task, TaskResult, failure
from indexer.worker_process import ProcessEndedError, WorkerProcess
from search.engines.contract import Pack, StoredReader
from search.errors import WorkerEnded

#: Most characters of text, and most tasks, of a batch.
BATCH_CHARACTERS = 100_000
BATCH_TASKS = 100
#: Least number of batches for which worker processes are started.
WORTHWHILE_BATCHES = 2
#: An article with more characters is always analysed in a worker: this process has no memory limit
#: and must not be killed.
HEAVY_CHARACTERS = 100_000
#: Batches in flight for each worker: one running, one waiting.
_BATCHES_PER_WORKER = 2
#: Thresholds of the garbage collector: caches are large and contain almost no garbage.
_GC_THRESHOLDS = (100_000, 50, 50)
DEFAULT_LIMITS = AnalysisLimits()


class TaskRunner(Protocol):
    """Protocol: runs tasks in batches, results in task order."""

    def run(
        self, tasks: Iterable[Task], pack: Pack, live: StoredReader | None = None
    ) -> Generator[TaskResult, None, None]:
        """Runs ``tasks``, with a bounded number of batches in flight, and packs the documents.

        ``live`` reads the generation that their keys belong to. Closing cancels batches in flight.
        Raises WorkerEnded, and KlastriErrors of a server that ``pack`` writes to.
        """


class BuilderFactory(Protocol):
    """Protocol: creates the builder of a process; must be picklable."""

    def builder(self) -> DocumentBuilder: ...

    def open_live(self) -> StoredReader:
        """Opens the live generation, which must not be removed during indexing."""


class WorkerPool:
    """Runs few short tasks in this process, many in ``jobs`` workers with a builder each.

    ``factory`` creates builders at first use; ``limits`` apply to each article.
    """

    def __init__(
        self, factory: BuilderFactory, jobs: int, limits: AnalysisLimits = DEFAULT_LIMITS
    ) -> None:
        self._factory = factory
        self._jobs = jobs
        self._limits = limits
        self._builder: DocumentBuilder | None = None

    def run(
        self, tasks: Iterable[Task], pack: Pack, live: StoredReader | None = None
    ) -> Generator[TaskResult, None, None]:
        waiting = batches(tasks)
        first = list(itertools.islice(waiting, WORTHWHILE_BATCHES))
        rest = itertools.chain(first, waiting)
        if self._jobs > 1 and len(first) == WORTHWHILE_BATCHES:
            yield from self._spread(rest, self._processes(pack, live))
            return
        with contextlib.closing(self._processes(pack, live)) as processes:
            for batch in rest:
                if any(each.weight > HEAVY_CHARACTERS for each in batch):
                    yield from processes.build(batch)
                    continue
                self._builder = self._builder or self._factory.builder()
                yield self._builder.build(batch, pack, live, self._limits.interrupting)

    def _spread(
        self, waiting: Iterable[Sequence[Task]], processes: "AnalysisProcesses"
    ) -> Iterator[TaskResult]:
        threads = ThreadPoolExecutor(self._jobs, thread_name_prefix="worker")
        in_flight: collections.deque[Future[list[TaskResult]]] = collections.deque()
        try:
            for batch in waiting:
                in_flight.append(threads.submit(processes.build, batch))
                while len(in_flight) > _BATCHES_PER_WORKER * self._jobs or in_flight[0].done():
                    yield from in_flight.popleft().result()
                    if not in_flight:
                        break
            while in_flight:
                yield from in_flight.popleft().result()
        finally:
            processes.kill()
            threads.shutdown(cancel_futures=True)
            processes.close()

    def _processes(self, pack: Pack, live: StoredReader | None) -> "AnalysisProcesses":
        return AnalysisProcesses(BatchBuilder(self._factory, pack, live is not None, self._limits))


def batches(tasks: Iterable[Task]) -> Iterator[Sequence[Task]]:
    """Splits ``tasks`` into batches of about equal cost; deterministic."""
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


class _LostWorkerError(Exception):
    """Raised if a worker process ended during a call; ``reason`` describes how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnalysisProcesses:
    """Worker processes for analysis, one for each calling thread, restarted when one ends."""

    def __init__(self, builder: "BatchBuilder") -> None:
        self._builder = builder
        self._limits = builder.limits
        self._processes: list[_BuilderProcess] = []
        self._own = threading.local()
        self._lock = threading.Lock()
        self._is_closed = False
        self._lost = 0

    def kill(self) -> None:
        """Kills all at once; pending calls raise WorkerEnded."""
        with self._lock:
            self._is_closed = True
            for each in self._processes:
                each.kill()

    def close(self) -> None:
        """Kills all and frees their resources, once no call is pending."""
        self.kill()
        for each in self._processes:
            each.close()

    def build(self, batch: Sequence[Task]) -> list[TaskResult]:
        """Builds ``batch``; if that ends the process, each task alone to find the culprit.

        Raises WorkerEnded, and KlastriErrors of packing.
        """
        try:
            return [self._build_in_worker(batch)]
        except _LostWorkerError:
            return [self._build_alone(each) for each in batch]

    def _build_alone(self, task: Task) -> TaskResult:
        try:
            return self._build_in_worker([task])
        except _LostWorkerError as lost:
            with self._lock:
                self._lost += 1
                if self._lost > self._limits.lost:
                    raise WorkerEnded(reason=lost.reason) from lost
            problem = f"the process that did it has ended: {lost.reason}"
            return TaskResult(1, (), b"", (failure(task, None, problem),))

    def _build_in_worker(self, batch: Sequence[Task]) -> TaskResult:
        """Builds ``batch`` in the worker process of this thread. Raises _LostWorkerError."""
        process: _BuilderProcess | None = getattr(self._own, "process", None)
        if process is None or not process.is_alive:
            process = self._own.process = self._start(process)
            self._call(process, [])  # load models before the batch is timed
        is_late = threading.Event()
        timer = threading.Timer(self._limits.silence, _end, (process, is_late))
        timer.daemon = True
        timer.start()
        try:
            return self._call(process, batch)
        except _LostWorkerError as lost:
            if is_late.is_set():
                reason = f"no answer for {self._limits.silence:g} seconds"
                raise _LostWorkerError(reason) from lost
            raise
        finally:
            timer.cancel()

    @staticmethod
    def _call(process: _BuilderProcess, batch: Sequence[Task]) -> TaskResult:
        try:
            return process.call(batch)
        except ProcessEndedError as error:
            raise _LostWorkerError(_how_ended(error.status)) from error

    def _start(self, ended: "_BuilderProcess | None") -> "_BuilderProcess":
        with self._lock:
            if self._is_closed:
                raise WorkerEnded(reason="the run is over")
            if ended is not None:
                self._processes.remove(ended)
                ended.close()
            self._processes.append(WorkerProcess(self._builder.build))
            return self._processes[-1]


def _end(process: _BuilderProcess, is_late: threading.Event) -> None:
    is_late.set()
    process.kill()


def _how_ended(status: int) -> str:
    if -status in (signal.SIGVTALRM, signal.SIGXCPU):
        return "it took too long"
    return f"killed by signal {-status}" if status < 0 else f"with exit status {status}"


class BatchBuilder:
    """Builds batches in a worker process; its builder is created with the first batch."""

    def __init__(
        self, factory: BuilderFactory, pack: Pack, has_live: bool, limits: AnalysisLimits
    ) -> None:
        self._factory = factory
        self._pack = pack
        self._has_live = has_live
        self.limits = limits
        self._builder: DocumentBuilder | None = None
        self._live: StoredReader | None = None

    def build(self, batch: Sequence[Task]) -> TaskResult:
        if self._builder is None:
            self.limits.limit_memory()
            self._builder = self._factory.builder()
            # Lexicons, models and rules are permanent, so the collector need not scan them.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_GC_THRESHOLDS)
        if self._has_live and self._live is None:
            self._live = self._factory.open_live()
        return self._builder.build(batch, self._pack, self._live, self.limits.ending)
