"""Socket-level clients of a running server: idle, slow, hostile and normal ones."""

import http.client
import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

REQUEST = b"GET /?q=klaster HTTP/1.1\r\nHost: localhost\r\n"


@dataclass(frozen=True)
class Reply:
    """An answer: its status, headers by lower-case name, and body."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    address: str, path: str = "/", headers: dict[str, str] | None = None, method: str = "GET"
) -> Reply:
    """Sends one request on a connection of its own."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, named, answer.read())
    finally:
        connection.close()


def connect(address: str, timeout: float = 30.0) -> socket.socket:
    """A connection to the server at ``address``."""
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname or "", parts.port or 80), timeout)


@contextmanager
def idle_connections(address: str, count: int) -> Iterator[list[socket.socket]]:
    """Opens ``count`` connections that send nothing."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with ExitStack() as closing:
        yield [closing.enter_context(connect(address)) for _ in range(count)]


def all_sent(connection: socket.socket) -> bytes:
    """Reads everything that the server sends until it closes."""
    pieces = []
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pieces.append(b"<reset>")
    return b"".join(pieces)


def times(address: str, path: str, count: int) -> list[float]:
    """Milliseconds of ``count`` requests one after the other on one connection, sorted."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    taken = []
    try:
        for _ in range(count):
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            taken.append((time.perf_counter() - began) * 1000)
    finally:
        connection.close()
    return sorted(taken)


def percentile(ordered: list[float], share: float) -> float:
    """The value below which ``share`` of the sorted values are."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def figures(line: str) -> None:
    """Prints measurements, shown by pytest with -s."""
    sys.stdout.write(f"\n{line}\n")


def memory_mb(process: int) -> float:
    """Resident memory of a process in megabytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def open_files(process: int) -> int:
    """Number of files and sockets a process has open."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))
