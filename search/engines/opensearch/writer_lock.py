"""Writer lock on the server: one writer at a time, by a document with heartbeats.

Only one process can create the document. Its holder renews it every few seconds; the lock of a
process that has ended on this machine, or that was not renewed for long, is taken over. Renewals
compare the version of the document, so a process that was stopped for too long finds out that the
index has another writer.
"""

import contextlib
import os
import platform
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from search.engine_errors import EngineError, WriterLockLost
from search.engines.opensearch.connection import Connection, ServerAnswer
from search.errors import IndexLocked, KlastriError

_ID = "writer"
#: Seconds between two heartbeats, and without any until a lock may be taken over.
_BEAT = 10.0
_DEAD = 120.0


class HeldLock:
    """A lock that this process holds, safe for threads; its document is at ``path``.

    ``begun`` is the generation that a holder who died was writing: its late writes must not reach
    a new one of that name.
    """

    def __init__(
        self, connection: Connection, path: str, clock: Callable[[], float], begun: str
    ) -> None:
        self.begun = begun
        self._connection = connection
        self._path = path
        self._clock = clock
        self._holder = uuid.uuid4().hex
        self._version: dict[str, object] = {}
        self._one_at_a_time = threading.Lock()
        self._is_lost = False

    def take(self, **over: object) -> bool:
        """Tries to take the lock, ``over`` a document of that version; was no other one faster?"""
        path = self._path if over else self._path.replace("/_doc/", "/_create/")
        answer = self._connection.request(
            "PUT", path, self._sign(), over, accept=(409,), repeat=False
        )
        self._remember(answer)
        return answer.status != 409

    def begin(self, name: str) -> None:
        """Notes in the lock that the generation ``name`` is written. Raises WriterLockLost."""
        self.begun = name
        self.check()

    def check(self) -> None:
        """Renews the lock; raises WriterLockLost where another process has it."""
        with self._one_at_a_time:
            if not self._is_lost:
                answer = self._connection.request(
                    "PUT", self._path, self._sign(), self._version, accept=(404, 409)
                )
                # A retry conflicts with the first request, if only its answer was lost.
                self._is_lost = answer.status >= 400 and not self._is_own()
                self._remember(answer)
            if self._is_lost:
                raise WriterLockLost(server=self._connection.server)

    def is_lost(self) -> bool:
        """Has another process the lock, as far as can be found out?"""
        with contextlib.suppress(EngineError):
            self.check()
        return self._is_lost

    def release(self) -> None:
        """Deletes the lock, if it is this holder's."""
        with self._one_at_a_time:
            if not self._is_lost:
                accept = (404, 409)
                self._connection.request(
                    "DELETE", self._path, params=self._version, accept=accept, repeat=False
                )

    def _is_own(self) -> bool:
        """Is the lock still our own? Then its version is remembered."""
        answer = self._connection.request("GET", self._path, accept=(404,))
        if answer.status == 404 or answer.body["_source"].get("holder") != self._holder:
            return False
        self._remember(answer)
        return True

    def _remember(self, answer: ServerAnswer) -> None:
        if answer.status < 400:
            self._version = {
                "if_seq_no": answer.body["_seq_no"],
                "if_primary_term": answer.body["_primary_term"],
            }

    def _sign(self) -> dict[str, Any]:
        return {
            "host": platform.node(),
            "process": os.getpid(),
            "time": self._clock(),
            "holder": self._holder,
            "begun": self.begun,
        }


class WriterLock:
    """The lock of the index called ``name``.

    ``clock`` is in seconds since 1970; the holder renews the lock every ``beat`` seconds.
    """

    def __init__(
        self,
        connection: Connection,
        name: str,
        clock: Callable[[], float] = time.time,
        beat: float = _BEAT,
    ) -> None:
        self._connection = connection
        self._index = f"{name}-lock"
        self._name = name
        self._clock = clock
        self._every = beat

    @contextlib.contextmanager
    def held(self) -> Iterator[HeldLock]:
        """Holds the lock. Raises IndexLocked.

        Raises WriterLockLost in the place of an error within, if another process has taken it.
        """
        held = self._taken()
        done = threading.Event()
        beating = threading.Thread(target=self._beat, args=(held, done), daemon=True)
        beating.start()
        try:
            yield held
        except KlastriError as error:
            if held.is_lost():
                raise WriterLockLost(server=self._connection.server) from error
            raise
        finally:
            done.set()
            beating.join()
            with contextlib.suppress(KlastriError):
                held.release()

    def _taken(self) -> HeldLock:
        body = {
            "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
            "mappings": {"enabled": False},
        }
        self._connection.request("PUT", f"/{self._index}", body, accept=(400,), repeat=False)
        path = f"/{self._index}/_doc/{_ID}"
        held = HeldLock(self._connection, path, self._clock, "")
        if held.take():
            return held
        other = self._connection.request("GET", path, accept=(404,)).body
        if not other.get("found"):
            over: dict[str, object] = {}
        elif self._is_alive(other["_source"]):
            raise IndexLocked(index=self._name)
        else:
            over = {"if_seq_no": other["_seq_no"], "if_primary_term": other["_primary_term"]}
            held = HeldLock(self._connection, path, self._clock, other["_source"].get("begun", ""))
        if not held.take(**over):
            raise IndexLocked(index=self._name)
        return held

    def _is_alive(self, sign: dict[str, Any]) -> bool:
        if self._clock() - sign["time"] > _DEAD:
            return False
        if sign["host"] == platform.node() and Path("/proc").is_dir():
            return Path(f"/proc/{sign['process']}").exists()
        return True

    def _beat(self, held: HeldLock, done: threading.Event) -> None:
        while not done.wait(self._every):
            # The next request of the writer reports errors of the server and the loss of the lock.
            with contextlib.suppress(KlastriError):
                held.check()
