"""What idle, slow and greedy clients can do to the server: nothing that others notice."""

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from connections import REQUEST, all_sent, ask, connect, idle_connections
from served import served

from webui.serving.http_server import ServerLimits

HASTY = ServerLimits(
    threads=2,
    waiting=4,
    wait_seconds=1.0,
    request_seconds=1.0,
    idle_seconds=1.0,
    taken_seconds=1.0,
    memory_bytes=64 * 1024,
)


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Waits until ``condition`` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_more_connections_than_there_may_be_shut_nobody_out() -> None:
    """101 idle ones used to shut the site; the longest idle make room instead."""
    limits = ServerLimits(connections=120, idle_seconds=60)
    with served(limits) as here, idle_connections(here.address, 300):
        began = time.monotonic()
        assert ask(here.address).status == 200
        assert time.monotonic() - began < 5
        assert here.server.connections <= 120
        assert "room" in here.noted.ends


def test_a_connection_in_use_is_not_the_one_to_make_room() -> None:
    with served(ServerLimits(connections=40)) as here, ThreadPoolExecutor() as pool:
        answer = pool.submit(ask, here.address, "/?seconds=1")
        time.sleep(0.2)
        with idle_connections(here.address, 100):
            assert answer.result().status == 200


def test_idle_connections_are_ended_in_silence() -> None:
    with served(HASTY) as here, connect(here.address) as idle:
        assert all_sent(idle) == b""
        assert here.noted.ends == []


@pytest.mark.parametrize("body", [b"", b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n"])
def test_a_client_that_never_finishes_its_request_is_ended(body: bytes) -> None:
    """A byte now and then is not enough, in the headers or in the body."""
    with served(HASTY) as here, connect(here.address) as slow:
        slow.sendall(body or REQUEST)
        began = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() - began < 5:
                slow.sendall(b"x")
                time.sleep(0.1)
        assert time.monotonic() - began < 5
        assert here.noted.ends == ["slow request"]


def test_a_client_that_does_not_read_is_ended_and_holds_no_thread() -> None:
    """Its answer waits in a file, and not for ever."""
    with served(HASTY) as here, connect(here.address) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.sendall(b"GET /?bytes=12000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.3)
        for _ in range(4):
            assert ask(here.address).status == 200
        until(lambda: here.noted.ends == ["slow reader"])


def test_answers_that_nobody_takes_do_not_fill_the_disk() -> None:
    """Those with most left go first, and at once. Each has 16 MB made for it, and no more."""
    limits = ServerLimits(pending_bytes=20_000_000)
    with served(limits) as here, contextlib.ExitStack() as opened:
        for _ in range(3):
            lazy = opened.enter_context(connect(here.address))
            lazy.sendall(b"GET /?bytes=40000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        until(lambda: len(here.noted.ends) == 2 and here.server.connections == 1)
        assert here.noted.ends == ["slow reader"] * 2


def test_a_client_that_reads_slowly_but_steadily_gets_everything() -> None:
    size = 3_000_000
    with served(HASTY) as here, connect(here.address) as steady:
        steady.sendall(f"GET /?bytes={size} HTTP/1.0\r\nHost: a\r\n\r\n".encode())
        got = 0
        while piece := steady.recv(40_000):
            got += len(piece)
            time.sleep(0.02)
        assert got > size


def test_the_queue_has_an_end_and_it_is_told_when_to_come_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        caplog.at_level(logging.INFO),
        served(HASTY) as here,
        ThreadPoolExecutor(40) as pool,
    ):
        asked = list(pool.map(lambda _: ask(here.address, "/?seconds=0.2"), range(40)))
        refused = [each for each in asked if each.status == 503]
        assert len(asked) == len(refused) + sum(each.status == 200 for each in asked)
        assert len(refused) > 20
        assert all(int(each.headers["retry-after"]) >= 1 for each in refused)
        assert all(each.headers["cache-control"] == "no-store" for each in refused)
        assert "otsijaid liiga palju" in refused[0].body.decode()
        assert "content-security-policy" in refused[0].headers
        began = time.monotonic()
        assert ask(here.address).status == 200  # at once
        assert time.monotonic() - began < 5
    assert "queue depth" not in caplog.text


def test_programs_are_refused_in_json_and_visitors_in_their_language() -> None:
    with served(HASTY, per_minute=1) as here:
        assert ask(here.address).status == 200
        told = ask(here.address, "/api/search?q=a")
        assert told.status == 429
        assert json.loads(told.body)["error"]["code"] == "too-many-requests"
        english = ask(here.address, headers={"Accept-Language": "en"})
        assert "Too many requests from your address" in english.body.decode()
        assert ask(here.address, "/static/style.css").status == 200
        assert ask(here.address, "/article/static/uudis").status == 429


def test_who_has_waited_too_long_is_not_answered_late() -> None:
    with served(HASTY) as here, ThreadPoolExecutor(6) as pool:
        asked = pool.map(lambda _: ask(here.address, "/?seconds=1.3").status, range(5))
        assert sorted(asked) == [200, 200, 503, 503, 503]


def test_a_large_body_is_refused_before_it_is_taken() -> None:
    """190 MB used to be written to a file first."""
    with served(HASTY) as here, connect(here.address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 190000000\r\n\r\n")
        answer = all_sent(client)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"Connection: close" in answer


def test_who_is_refused_while_sending_can_read_why() -> None:
    with served(HASTY) as here, connect(here.address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 190000000\r\n\r\n")
        for _ in range(100):
            client.sendall(b"x" * 100_000)
        assert all_sent(client).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_cut_off() -> None:
    with served(HASTY) as here, connect(here.address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(12):
            client.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        assert all_sent(client).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("requests", "trusted", "statuses"),
    [
        ((("", 1),), 0, [200]),
        ((("", 3),), 0, [200, 200, 429]),
        ((("192.0.2.1", 2), ("192.0.2.2", 2)), 1, [200] * 4),
        # Whatever a client says of itself counts for nothing without a trusted proxy …
        ((("192.0.2.1", 2), ("192.0.2.2", 2)), 0, [200, 200, 429, 429]),
        # … and behind one, what stands before the proxy's word.
        ((("1.1.1.1, 192.0.2.1", 2), ("2.2.2.2, 192.0.2.1", 1)), 1, [200, 200, 429]),
        # A household has an IPv6 network.
        ((("2001:db8::1", 2), ("2001:db8::2", 1)), 1, [200, 200, 429]),
    ],
)
def test_rate_limit_per_client(
    requests: tuple[tuple[str, int], ...], trusted: int, statuses: list[int]
) -> None:
    with served(HASTY, per_minute=2, trusted_proxies=trusted) as here:
        got = [
            ask(here.address, headers={"X-Forwarded-For": name} if name else {}).status
            for name, count in requests
            for _ in range(count)
        ]
    assert got == statuses


def test_many_connections_at_once_are_all_accepted() -> None:
    with served(ServerLimits()) as here, idle_connections(here.address, 500) as idle:
        threads = [threading.Thread(target=one.sendall, args=(REQUEST + b"\r\n",)) for one in idle]
        for each in threads:
            each.start()
        refused = sum(b" 503 " in one.recv(4096)[:20] for one in idle)
        assert refused < 500
        until(lambda: len(here.noted.refusals) == refused)
