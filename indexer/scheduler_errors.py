"""Errors of a Dask scheduler and its workers, one class per situation.

    SchedulerError
    ├── SchedulerUnavailable  it does not answer, or dask is not installed here
    ├── SchedulerLost         the connection was lost during the run
    ├── NoWorkers             it has had no worker for a while
    └── WorkerMismatch        a worker runs another program than this one

In all cases the live generation stays live. ``scheduler`` is the address.
"""

from search.errors import KlastriError


class SchedulerError(KlastriError):
    """Base class of errors of a scheduler and its workers."""

    code = "scheduler"


class SchedulerUnavailable(SchedulerError):
    """The scheduler cannot be reached because of ``reason``; no run was begun."""

    code = "scheduler-unavailable"
    template = (
        "The scheduler {scheduler} cannot be used ({reason}). The index was left as it was. "
        "{remedy}"
    )


class SchedulerLost(SchedulerError):
    """The connection to the scheduler is lost; the run is rolled back."""

    code = "scheduler-lost"
    template = (
        "The scheduler {scheduler} does not answer any more ({reason}). The index was left as it "
        "was. Start the scheduler and its workers again, and then do this again"
    )


class NoWorkers(SchedulerError):
    """There has been no worker for ``seconds``."""

    code = "no-workers"
    template = (
        "The scheduler {scheduler} has had no worker for {seconds:g} s. The index was left as it "
        "was. Start workers on the machines that are to analyse: dask worker {scheduler}"
    )


class WorkerMismatch(SchedulerError):
    """``worker`` runs another program than this one; ``reason`` is the difference."""

    code = "worker-mismatch"
    template = (
        "The worker {worker} is refused: it has {reason}. The index was left as it was. Install "
        "there what is installed here, and start the worker again"
    )
