"""Runs the real HTTP server with a small application controlled by its URL."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from answers import ScriptedService

from search.configuration import Configuration
from webui import create_app
from webui.app import SECURITY_HEADERS
from webui.serving.http_server import HttpServer, ServerLimits
from webui.serving.rate_limit import RateLimiter
from webui.serving.refusals import Refusal, RefusalPages


def patient(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answers after ``seconds``, with ``bytes`` of text."""
    asked = parse_qs(environ["QUERY_STRING"])
    time.sleep(float(asked.get("seconds", ["0"])[0]))
    size = int(asked.get("bytes", ["2"])[0])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(size))])
    return (b"x" * min(65536, size - done) for done in range(0, size, 65536))


@dataclass
class Noted:
    """Records refusals and closed connections of a server."""

    refusals: list[tuple[str, str]] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def refused(self, refusal: Refusal, client: str) -> None:
        self.refusals.append((refusal.reason, client))

    def ended(self, reason: str) -> None:
        self.ends.append(reason)


@dataclass(frozen=True)
class Served:
    """A running server with its address and its recorded refusals."""

    server: HttpServer
    address: str
    noted: Noted


@contextmanager
def served(
    limits: ServerLimits,
    *,
    per_minute: int = 0,
    trusted_proxies: int = 0,
    application: Any = patient,
) -> Iterator[Served]:
    """Runs ``application`` on a free port with ``limits``."""
    site = create_app(ScriptedService(), Configuration())  # type: ignore[arg-type]
    noted = Noted()
    server = HttpServer(
        application,
        RefusalPages(site, "", SECURITY_HEADERS),
        host="127.0.0.1",
        port=0,
        limits=limits,
        trusted_proxies=trusted_proxies,
        limiter=RateLimiter(per_minute),
        watcher=noted,
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Served(server, f"http://127.0.0.1:{server.port}", noted)
    finally:
        server.close()
        thread.join(timeout=20)
        assert not thread.is_alive()
