"""Bulk requests in the background: so many at once, and none of their errors is lost."""

import threading
from collections.abc import Sequence
from typing import cast

import pytest

from search.engine_errors import EngineUnavailable
from search.engines.opensearch.bulk_sender import BulkSender
from search.engines.opensearch.connection import BulkOperation, Connection


class SlowServer:
    """Takes bulk requests, each when it ``may``; fails with those that delete."""

    def __init__(self) -> None:
        self.may = threading.Semaphore(0)
        self.done: list[str] = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def bulk(self, index: str, operations: Sequence[BulkOperation]) -> frozenset[str]:
        del index
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        self.may.acquire()
        with self._lock:
            self.at_once -= 1
            self.done += [each.id for each in operations]
        if operations[0].action == "delete":
            raise EngineUnavailable(server="test", reason="it is gone")
        return frozenset()


def of(number: int) -> list[BulkOperation]:
    return [BulkOperation("index", str(number), {})]


def test_only_so_many_are_on_their_way_and_all_arrive() -> None:
    server = SlowServer()
    sender = BulkSender(cast("Connection", server), at_once=2)
    sender.send("news", of(0))
    sender.send("news", of(1))
    sender.send("news", [])
    threading.Timer(0.05, server.may.release, (10,)).start()
    for number in range(2, 10):
        sender.send("news", of(number))
    sender.wait()
    assert sorted(map(int, server.done)) == list(range(10))
    assert server.most_at_once == 2
    sender.close()


def test_what_goes_wrong_is_told_and_nothing_is_sent_afterwards() -> None:
    server = SlowServer()
    server.may.release(10)
    sender = BulkSender(cast("Connection", server))
    sender.send("news", [BulkOperation("delete", "0")])
    with pytest.raises(EngineUnavailable):
        sender.wait()
    sender.close()
    with pytest.raises(RuntimeError):
        sender.send("news", of(1))
    assert server.done == ["0"]
