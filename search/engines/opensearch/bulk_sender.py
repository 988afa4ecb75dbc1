"""Asynchronous bulk requests: some are in flight while the next documents are packed."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from search.engines.opensearch.connection import BulkOperation, Connection

#: So many requests are on their way at once; more would wait in the server's queue.
_AT_ONCE = 2


class BulkSender:
    """Sends bulk requests over ``connection``, for one thread that gives them.

    Several are on their way at once, so those of one document must be parted by :meth:`wait`.
    What a request raises is raised by one of the following calls.
    """

    def __init__(self, connection: Connection, at_once: int = _AT_ONCE) -> None:
        self._connection = connection
        self._at_once = at_once
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="bulk")
        self._sent: deque[Future[frozenset[str]]] = deque()

    def send(self, index: str, operations: Sequence[BulkOperation]) -> None:
        """Sends ``operations`` as soon as fewer than ``at_once`` requests are in flight."""
        if not operations:
            return
        while len(self._sent) >= self._at_once:
            self._sent.popleft().result()
        self._sent.append(self._threads.submit(self._connection.bulk, index, operations))

    def wait(self) -> None:
        """Returns when the server has done all that was sent."""
        while self._sent:
            self._sent.popleft().result()

    def close(self) -> None:
        """Ends, for a writer that is done or gives up: nothing is in flight any more.

        What a request has raised since the last :meth:`wait` is not told: its index is given up.
        """
        self._threads.shutdown(cancel_futures=True)
        self._sent.clear()
