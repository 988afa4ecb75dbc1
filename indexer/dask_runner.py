"""Dask runner: distributes analysis over the workers of a Dask scheduler.

Sources are read and results collected in this process, in order, so the index is the same as with
one process. When a worker is lost, its tasks are run again by another: packing is idempotent.
"""

import asyncio
import collections
import concurrent.futures
import contextlib
import ipaddress
import logging
import pickle
import re
import socket
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from indexer.analysis_limits import AnalysisLimits
from indexer.dask_worker import analyse, shared_builder
from indexer.document_builder import Task, TaskResult
from indexer.pool import DEFAULT_LIMITS, BatchBuilder, BuilderFactory, batches
from indexer.program_identity import differing, program_identity
from indexer.scheduler_errors import (
    NoWorkers,
    SchedulerLost,
    SchedulerUnavailable,
    WorkerMismatch,
)
from search.configuration import DaskSettings
from search.engines.contract import Pack, StoredReader
from search.errors import ConfigurationError, KlastriError, WorkerEnded

if TYPE_CHECKING:
    from distributed import Client, Future

#: Used instead of an address for temporary workers on this machine.
LOCAL = "local"
ADDRESS = re.compile(r"(tcp|tls)://(?:([\w.-]+)|\[([0-9a-fA-F:.]+)\]):\d{1,5}")
INSTALL = 'Install it: make dask, or pip install "klastriotsing[dask]"'
#: Address of a ``local`` scheduler; the dashboard would listen on all interfaces by default.
_LOOPBACK = "127.0.0.1:0"
#: Batches in flight for each thread of the workers, so that a slow one does not stall the others.
_BATCHES_PER_THREAD = 4
#: Seconds between checks for workers.
_LOOK_SECONDS = 2.0
#: Raised by all futures when the scheduler is lost; one of them is a BaseException.
_CANCELLED = (asyncio.CancelledError, concurrent.futures.CancelledError)


class DaskRunner:
    """A :class:`~indexer.pool.TaskRunner` over the workers of the scheduler at ``address``.

    With the address ``local`` there are ``jobs`` workers on this machine, which end with the run.
    ``timeout`` is the seconds within which a scheduler must answer, ``patience`` those without any
    worker before the run fails. A worker that runs another program raises WorkerMismatch; settings
    are those of this process.
    """

    def __init__(
        self,
        factory: BuilderFactory,
        address: str,
        settings: DaskSettings,
        jobs: int = 1,
        *,
        limits: AnalysisLimits = DEFAULT_LIMITS,
        timeout: float = 10.0,
        patience: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._factory = factory
        self._address = address
        self._settings = settings
        self._jobs = jobs
        self._limits = limits
        self._timeout = timeout
        self._patience = patience
        self._clock = clock

    def run(
        self, tasks: Iterable[Task], pack: Pack, live: StoredReader | None = None
    ) -> Generator[TaskResult, None, None]:
        """Runs ``tasks``, see :class:`~indexer.pool.TaskRunner`. Raises SchedulerError, too."""
        builder = BatchBuilder(self._factory, pack, live is not None, self._limits)
        with self._connected() as client:
            yield from _DaskRun(client, self._address, self._patience, self._clock).run(
                tasks, builder
            )

    @contextlib.contextmanager
    def _connected(self) -> Iterator["Client"]:
        try:
            import dask
            import distributed
        except ModuleNotFoundError as error:
            raise SchedulerUnavailable(
                scheduler=self._address, reason=f"{error.name} is not installed", remedy=INSTALL
            ) from None
        # This program reports errors itself, once.
        for name in ("distributed", "distributed.client", "distributed.core", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        with contextlib.ExitStack() as stack:
            # The dashboard's HTTP servers are not needed.
            stack.enter_context(dask.config.set({"distributed.scheduler.http.routes": []}))
            stack.enter_context(dask.config.set({"distributed.worker.http.routes": []}))
            client = stack.enter_context(self._client(distributed, stack))
            yield client

    def _client(self, distributed: Any, stack: contextlib.ExitStack) -> Any:
        if self._address == LOCAL:
            security = distributed.Security.temporary()
            cluster = distributed.LocalCluster(
                n_workers=self._jobs,
                threads_per_worker=1,
                host=_LOOPBACK.partition(":")[0],
                protocol="tls",
                security=security,
                dashboard_address=_LOOPBACK,
                worker_dashboard_address=_LOOPBACK,
                silence_logs=logging.CRITICAL,
            )
            stack.enter_context(cluster)
            return distributed.Client(cluster, security=security, set_as_default=False)
        self._check_address()
        security = self._security(distributed)
        try:
            return distributed.Client(
                self._address,
                security=security,
                timeout=self._timeout,
                set_as_default=False,
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise SchedulerUnavailable(
                scheduler=self._address,
                reason=_reason(error),
                remedy="Check that it runs: dask scheduler",
            ) from None

    def _security(self, distributed: Any) -> Any:
        """TLS settings of the connection; those of Dask's configuration if none are set."""
        chosen = self._settings
        if chosen.ca is None:
            security = distributed.Security()
            if self._address.startswith("tls:") and security.tls_client_cert is None:
                raise SchedulerUnavailable(
                    scheduler=self._address,
                    reason="there are no certificates for it",
                    remedy="Name them in klastriotsing.toml: [dask] with ca, certificate and key",
                )
            return security
        for each in filter(None, (chosen.ca, chosen.certificate, chosen.key)):
            if not each.is_file():
                raise ConfigurationError(
                    file=each, problem="there is no such file", remedy="Check it in [dask]"
                )
        ca, certificate, key = map(str, (chosen.ca, chosen.certificate, chosen.key))
        return distributed.Security(
            tls_ca_file=ca,
            tls_client_cert=certificate,
            tls_client_key=key,
            require_encryption=True,
        )

    def _check_address(self) -> None:
        """Refuses unencrypted public addresses: altered pickles could run any code."""
        match = ADDRESS.fullmatch(self._address)
        if match is None:
            raise SchedulerUnavailable(
                scheduler=self._address,
                reason="that is no address of a scheduler",
                remedy="Write tcp://host:8786, tls://host:8786 or local",
            )
        if match[1] == "tcp" and any(map(_is_public, _addresses(match[2] or match[3]))):
            raise SchedulerUnavailable(
                scheduler=self._address,
                reason="it would be reached over a public network without encryption",
                remedy="Write tls:// and name the certificates in [dask]",
            )


class _DaskRun:
    """One run of tasks over the workers of ``client``."""

    def __init__(
        self, client: "Client", address: str, patience: float, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._address = address
        self._patience = patience
        self._clock = clock
        self._name = uuid.uuid4().hex

    def run(self, tasks: Iterable[Task], builder: BatchBuilder) -> Iterator[TaskResult]:
        try:
            self._check_workers()
            yield from self._results(batches(tasks), pickle.dumps(builder))
        except KlastriError:
            raise
        except (Exception, *_CANCELLED) as error:
            if self._client.status == "running" and not isinstance(error, (OSError, *_CANCELLED)):
                raise  # a bug of this program
            raise SchedulerLost(scheduler=self._address, reason=_reason(error)) from None

    def _check_workers(self) -> None:
        """Raises WorkerMismatch for a worker with another program, NoWorkers without any."""
        try:
            self._client.wait_for_workers(1, timeout=self._patience)
        except TimeoutError:
            raise NoWorkers(scheduler=self._address, seconds=self._patience) from None
        ours = program_identity()
        identities = self._client.run(program_identity, on_error="return")
        for worker, found in sorted(identities.items()):
            if isinstance(found, Exception):
                reason = f"no klastriotsing that can be asked ({_reason(found)})"
                raise WorkerMismatch(worker=worker, reason=reason)
            if different := differing(found, ours):
                raise WorkerMismatch(worker=worker, reason=different)

    def _results(self, waiting: Iterable[Sequence[Task]], builder: bytes) -> Iterator[TaskResult]:
        """Results of the batches, in order."""
        # Another key prefix than that of the batches, which Dask then holds until a worker is free:
        # with the same prefix they would all be queued at the worker that has the builder.
        order = self._client.submit(shared_builder, builder, key=f"builder-{self._name}")
        in_flight: collections.deque[Future[list[TaskResult]]] = collections.deque()
        for number, batch in enumerate(waiting):
            in_flight.append(
                self._client.submit(
                    analyse,
                    self._name,
                    program_identity(),
                    order,
                    pickle.dumps(batch),
                    key=f"analyse-{self._name}-{number}",
                )
            )
            while in_flight and (len(in_flight) > self._most_in_flight() or in_flight[0].done()):
                yield from self._wait_for(in_flight.popleft())
        while in_flight:
            yield from self._wait_for(in_flight.popleft())

    def _most_in_flight(self) -> int:
        """Most batches in flight, by the present number of threads."""
        threads: dict[str, int] = self._client.nthreads()
        return _BATCHES_PER_THREAD * max(sum(threads.values()), 1)

    def _wait_for(self, future: "Future[list[TaskResult]]") -> list[TaskResult]:
        """Result of a batch. Raises NoWorkers, WorkerEnded, and any error of the batch."""
        from distributed import KilledWorker

        alone_since: float | None = None
        timeout: float | None = _LOOK_SECONDS
        while True:
            try:
                done: list[TaskResult] = future.result(timeout=timeout)
                return done
            except TimeoutError:
                if timeout is None:
                    raise  # raised by the batch itself
                if future.done():
                    timeout = None
                    continue
            except KilledWorker as error:
                reason = f"{error.allowed_failures + 1} of Dask at the same articles"
                raise WorkerEnded(reason=reason) from None
            if self._client.nthreads():
                alone_since = None
            elif alone_since is None:
                alone_since = self._clock()
            elif self._clock() - alone_since > self._patience:
                raise NoWorkers(scheduler=self._address, seconds=self._patience)


def _addresses(host: str) -> Iterator[str]:
    with contextlib.suppress(OSError, UnicodeError):
        for *_, place in socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP):
            yield str(place[0])


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global


def _reason(error: BaseException) -> str:
    """Shortens an error of Dask to a few words."""
    if isinstance(error, _CANCELLED):
        return "the connection to it is lost"
    said = str(error.__cause__ or error) or type(error).__name__
    # Without the name of Dask's internal object.
    return re.sub(r"^in <.*?>: ", "", said.splitlines()[0])[:300]
