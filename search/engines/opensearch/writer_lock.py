"""A lock on the server that one writer holds at a time, and that goes with whoever held it.

It is a document that only one can create. Its holder says every few seconds that it still lives; a
lock of a process that has ended on this machine, or of one that has said nothing for long, is taken
over. What the holder writes there is written only where its own sign still stands, so one that was
stopped for too long finds out that the index has another writer.
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
#: Seconds between two signs of life, and after how many without any a lock is nobody's.
_BEAT = 10.0
_DEAD = 120.0


class HeldLock:
    """A lock that this process holds, safe for threads; its document is at ``path``.

    ``begun`` is what the holder before, who died, was writing: what still comes from there must not
    meet what is written now.
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
        """Writes the first sign, ``over`` another one of this version; was nobody quicker?"""
        path = self._path if over else self._path.replace("/_doc/", "/_create/")
        answer = self._connection.request(
            "PUT", path, self._sign(), over, accept=(409,), repeat=False
        )
        self._remember(answer)
        return answer.status != 409

    def begin(self, name: str) -> None:
        """Says that the holder writes the generation ``name``. Raises WriterLockLost."""
        self.begun = name
        self.check()

    def check(self) -> None:
        """A sign of life; raises WriterLockLost where the lock is another's."""
        with self._one_at_a_time:
            if not self._is_lost:
                answer = self._connection.request(
                    "PUT", self._path, self._sign(), self._version, accept=(404, 409)
                )
                # It may have arrived, and been sent again as no answer came.
                self._is_lost = answer.status >= 400 and not self._stands()
                self._remember(answer)
            if self._is_lost:
                raise WriterLockLost(server=self._connection.server)

    def is_lost(self) -> bool:
        """Is it known that another process has the lock?"""
        with contextlib.suppress(EngineError):
            self.check()
        return self._is_lost

    def release(self) -> None:
        """Takes the sign away, if it is this holder's."""
        with self._one_at_a_time:
            if not self._is_lost:
                accept = (404, 409)
                self._connection.request(
                    "DELETE", self._path, params=self._version, accept=accept, repeat=False
                )

    def _stands(self) -> bool:
        """Is the sign that is there our own? Then its version is known again."""
        told = self._connection.request("GET", self._path, accept=(404,))
        if told.status == 404 or told.body["_source"].get("holder") != self._holder:
            return False
        self._remember(told)
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

    ``clock`` is in seconds since 1970; its holder gives a sign of life every ``beat`` seconds.
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
        """Holds the lock. Raises IndexLocked, and WriterLockLost in the place of whatever went
        wrong because another one has taken it meanwhile.
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
        told = self._connection.request("GET", path, accept=(404,)).body
        if not told.get("found"):
            over: dict[str, object] = {}
        elif self._is_alive(told["_source"]):
            raise IndexLocked(index=self._name)
        else:
            over = {"if_seq_no": told["_seq_no"], "if_primary_term": told["_primary_term"]}
            held = HeldLock(self._connection, path, self._clock, told["_source"].get("begun", ""))
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
            # A server that does not answer has more to say elsewhere; so has the loss of the lock.
            with contextlib.suppress(KlastriError):
                held.check()
