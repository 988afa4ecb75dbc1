"""An HTTP server with scripted answers, for those that a real one rarely gives."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class ScriptedServer:
    """``answers`` are pairs of status and body, of which the last is repeated; None hangs up.

    Each is sent after ``delay`` seconds.
    """

    url: str
    answers: Sequence[tuple[int, Any] | None]
    delay: float = 0.0
    asked: list[str] = field(default_factory=list)


@contextmanager
def scripted(*answers: tuple[int, Any] | None, delay: float = 0.0) -> Iterator[ScriptedServer]:
    """Runs a server that answers with each of ``answers`` in turn; text as HTML, else JSON."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = server.answers[min(len(server.asked), len(server.answers) - 1)]
            server.asked.append(f"{self.command} {self.path}")
            time.sleep(server.delay)
            if told is None:
                self.close_connection = True
                return
            status, body = told
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            kind = "text/html" if isinstance(body, str) else "application/json"
            # A client that timed out has closed the connection.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = ScriptedServer(f"http://127.0.0.1:{listening.server_port}", answers, delay)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
