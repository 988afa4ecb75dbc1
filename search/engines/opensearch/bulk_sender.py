"""Asynchronous bulk requests: some are in flight while the next documents are packed."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from search.engines.opensearch.connection import BulkOperation, Connection

#: Maximum of requests in flight; more would wait in the server's queue.
_AT_ONCE = 2


class BulkSender:
    """Sends bulk requests over ``connection``, for one calling thread.

    Several are in flight at once, so :meth:`wait` must come between two for the same document. An
    error of a request is raised by one of the following calls.
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
        """Waits until all requests are done."""
        while self._sent:
            self._sent.popleft().result()

    def close(self) -> None:
        """Waits for requests in flight, and drops those not sent yet.

        Errors since the last :meth:`wait` are not raised: the index is given up then.
        """
        self._threads.shutdown(cancel_futures=True)
        self._sent.clear()
