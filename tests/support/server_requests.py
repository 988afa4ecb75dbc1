"""Records the requests of this process to a server, from the log of its client."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class SentRequests(logging.Handler):
    """URLs of the requests, in order."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.addresses: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and len(record.args) == 4:
            self.addresses.append(str(record.args[1]))

    @property
    def of_articles(self) -> int:
        """Number of requests that were not to the words index."""
        return sum("-words/" not in each for each in self.addresses)


@contextmanager
def sent_requests() -> Iterator[SentRequests]:
    """Records the requests in the block."""
    log, requests = logging.getLogger("opensearch"), SentRequests()
    level = log.level
    log.addHandler(requests)
    log.setLevel(logging.INFO)
    try:
        yield requests
    finally:
        log.setLevel(level)
        log.removeHandler(requests)
