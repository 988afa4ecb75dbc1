"""A lock on the server that one writer holds at a time, and that goes with whoever held it.

It is a document that only one can create. Its holder says every few seconds that it still lives; a
lock of a process that has ended on this machine, or of one that has said nothing for long, is taken
over.
"""

import contextlib
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from search.engines.opensearch.connection import Connection
from search.errors import IndexLocked, KlastriError

_ID = "writer"
#: Seconds between two signs of life, and after how many without any a lock is nobody's.
_BEAT = 10.0
_DEAD = 120.0


class WriterLock:
    """The lock of the index called ``name``; ``clock`` is in seconds since 1970."""

    def __init__(
        self, connection: Connection, name: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._connection = connection
        self._index = f"{name}-lock"
        self._name = name
        self._clock = clock

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Holds the lock. Raises IndexLocked."""
        self._take()
        done = threading.Event()
        beating = threading.Thread(target=self._beat, args=(done,), daemon=True)
        beating.start()
        try:
            yield
        finally:
            done.set()
            beating.join()
            with contextlib.suppress(KlastriError):
                self._connection.request("DELETE", f"/{self._index}/_doc/{_ID}", accept=(404,))

    def _take(self) -> None:
        body = {
            "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
            "mappings": {"enabled": False},
        }
        self._connection.request("PUT", f"/{self._index}", body, accept=(400,), repeat=False)
        path = f"/{self._index}/_create/{_ID}"
        answer = self._connection.request("PUT", path, self._sign(), accept=(409,), repeat=False)
        if answer.status == 409:
            self._take_over()

    def _take_over(self) -> None:
        """Replaces the sign of a dead holder, if nobody else has done so."""
        path = f"/{self._index}/_doc/{_ID}"
        told = self._connection.request("GET", path, accept=(404,)).body
        if told.get("found") and self._is_alive(told["_source"]):
            raise IndexLocked(index=self._name)
        params: dict[str, object] = {}
        if told.get("found"):
            params = {"if_seq_no": told["_seq_no"], "if_primary_term": told["_primary_term"]}
        else:
            path = f"/{self._index}/_create/{_ID}"
        answer = self._connection.request(
            "PUT", path, self._sign(), params, accept=(409,), repeat=False
        )
        if answer.status == 409:
            raise IndexLocked(index=self._name)

    def _is_alive(self, sign: dict[str, Any]) -> bool:
        if sign["host"] == platform.node() and Path("/proc").is_dir():
            return Path(f"/proc/{sign['process']}").exists()
        return bool(self._clock() - sign["time"] < _DEAD)

    def _sign(self) -> dict[str, Any]:
        return {"host": platform.node(), "process": os.getpid(), "time": self._clock()}

    def _beat(self, done: threading.Event) -> None:
        while not done.wait(_BEAT):
            # A server that does not answer has more to say elsewhere.
            with contextlib.suppress(KlastriError):
                self._connection.request("PUT", f"/{self._index}/_doc/{_ID}", self._sign())
