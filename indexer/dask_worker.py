"""Tasks that Dask workers run: analyse batches in child processes of the worker.

:class:`indexer.pool.AnalysisProcesses` has one process for each thread of the worker: an article
that hangs, uses too much memory or crashes its process is reported and skipped.
"""

import multiprocessing
import pickle
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indexer.document_builder import Task, TaskResult
from indexer.pool import AnalysisProcesses
from indexer.program_identity import differing, program_identity
from indexer.scheduler_errors import WorkerMismatch

#: Idle seconds after which processes end, because their run may have ended or been killed.
_IDLE_SECONDS = 60.0
_PLACE = "klastriotsing"


def shared_builder(builder: bytes) -> bytes:
    """Returns ``builder``; Dask sends the result of a task to each worker once."""
    return builder


def analyse(run: str, program: Mapping[str, str], builder: bytes, batch: bytes) -> list[TaskResult]:
    """Analyses ``batch``, pickled tasks, with ``builder``, a pickled BatchBuilder of ``run``.

    Unpickles only if this program is the same as ``program``. Raises WorkerMismatch, WorkerEnded,
    and KlastriErrors of the engine's server.
    """
    from distributed import get_worker

    worker = get_worker()
    if different := differing(program_identity(), program):
        raise WorkerMismatch(worker=worker.address, reason=different)
    runs: WorkerRuns = vars(worker).setdefault(_PLACE, WorkerRuns())
    return runs.build(run, builder, pickle.loads(batch))  # noqa: S301 - of our own program


@dataclass
class _Run:
    """The processes of one run, the number of threads using them, and the timer that ends them."""

    processes: AnalysisProcesses
    busy: int = 0
    ending: threading.Timer | None = field(default=None)


class WorkerRuns:
    """The processes of a Dask worker, by run; they end after an idle time."""

    def __init__(self, idle: float = _IDLE_SECONDS) -> None:
        self._idle = idle
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}

    def build(self, name: str, builder: bytes, batch: Sequence[Task]) -> list[TaskResult]:
        """Builds ``batch`` in the processes of the run ``name``. Raises WorkerEnded."""
        run = self._acquire(name, builder)
        try:
            return run.processes.build(batch)
        finally:
            self._release(name, run)

    def _acquire(self, name: str, builder: bytes) -> _Run:
        with self._lock:
            run = self._runs.get(name)
            if run is None:
                # Dask's workers are daemons, which may not have children; ours end with them.
                multiprocessing.current_process().daemon = False
                run = _Run(AnalysisProcesses(pickle.loads(builder)))  # noqa: S301
                self._runs[name] = run
            if run.ending is not None:
                run.ending.cancel()
            run.busy += 1
            return run

    def _release(self, name: str, run: _Run) -> None:
        with self._lock:
            run.busy -= 1
            if not run.busy:
                run.ending = threading.Timer(self._idle, self._end, (name, run))
                run.ending.daemon = True
                run.ending.start()

    def _end(self, name: str, run: _Run) -> None:
        with self._lock:
            if run.busy:
                return
            del self._runs[name]
        run.processes.close()
