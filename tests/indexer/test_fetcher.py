"""One request: only where it may, over verified TLS, within the limits of time and size."""

import gzip
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from news_site import NewsSite, gzip_bomb, news_site

from indexer.sources.limits import Limits
from indexer.sources.web.destinations import Destinations
from indexer.sources.web.fetcher import Fetcher
from search.errors import (
    AnswerTooLarge,
    BrokenAnswer,
    NoAnswerInTime,
    PrivateAddress,
    TlsFailed,
    Unreachable,
)

LIMITS = replace(Limits(), connect_seconds=0.4, answer_seconds=0.8, page_megabytes=0.5)


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with news_site() as serving:
        yield serving


def fetcher(host: str, **options: object) -> Fetcher:
    return Fetcher(Destinations([host], **options), LIMITS, "Klastriotsing/1")  # type: ignore[arg-type]


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that says whatever it likes; yields its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65_536)
                        answer(connection)
                    except OSError:
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def test_packed_answers_are_unpacked_and_the_connection_is_kept(site):
    page = b"Klaster " * 1000
    site.add("/gz", gzip.compress(page), headers={"Content-Encoding": "gzip"})
    site.add(
        "/two", gzip.compress(page) + gzip.compress(b"!"), headers={"Content-Encoding": "gzip"}
    )
    site.add("/z", zlib.compress(page), headers={"Content-Encoding": "deflate"})
    bare = zlib.compressobj(wbits=-15)
    site.add("/bare", bare.compress(page) + bare.flush(), headers={"Content-Encoding": "deflate"})
    asking = fetcher(site.host)
    found = [asking.get(f"{site.address}/{each}").body for each in ("gz", "two", "z", "bare")]
    assert found == [page, page + b"!", page, page]
    asking.close()
    assert site.log[0].headers["user-agent"] == "Klastriotsing/1"
    assert site.log[0].headers["host"] == site.host


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        (gzip_bomb(60), {"Content-Encoding": "gzip"}, AnswerTooLarge),
        (b"x" * 600_000, {}, AnswerTooLarge),
        (gzip.compress(b"Klaster" * 99)[:-9], {"Content-Encoding": "gzip"}, BrokenAnswer),
        (b"Klaster", {"Content-Encoding": "gzip"}, BrokenAnswer),
        (b"Klaster", {"Content-Encoding": "br"}, BrokenAnswer),
    ],
)
def test_what_swells_or_is_broken_is_an_error(site, body, headers, error):
    site.add("/", body, headers=headers, tags=False)
    with pytest.raises(error):
        fetcher(site.host).get(f"{site.address}/")


def test_a_cut_answer_is_what_came_first(site):
    site.add("/", gzip_bomb(5), headers={"Content-Encoding": "gzip"})
    site.add("/next", "Klaster")
    asking = fetcher(site.host)
    assert asking.get(f"{site.address}/", cut_at=1000).body == b" " * 1000
    # What is left of the first answer is not taken for the second.
    assert asking.get(f"{site.address}/next").body == b"Klaster"
    asking.close()


def drip(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


SLOW = [
    lambda _: time.sleep(3),
    drip,
    lambda connection: (connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: "), drip(connection)),
    lambda connection: (connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"), drip(connection)),
    lambda connection: (
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n"),
        drip(connection),
    ),
]


@pytest.mark.parametrize("answer", SLOW, ids=["silence", "status", "headers", "body", "chunk"])
def test_what_is_slow_is_ended_however_slowly_it_drips(answer):
    with raw_server(answer) as host:
        began = time.monotonic()
        with pytest.raises(NoAnswerInTime):
            fetcher(host).get(f"http://{host}/")
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", Unreachable),
        (b"mis see on?\r\n\r\n", BrokenAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nlyhike", BrokenAnswer),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", BrokenAnswer),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", BrokenAnswer),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", BrokenAnswer),
    ],
)
def test_what_is_no_http_is_an_error(said, error):
    with raw_server(lambda connection: connection.sendall(said)) as host, pytest.raises(error):
        fetcher(host).get(f"http://{host}/")


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(Unreachable):
        fetcher(host).get(f"http://{host}/")


def test_a_name_that_is_answered_differently_the_second_time_leads_nowhere_else(site):
    """The address that was checked is connected to, and a new one is checked again."""
    port = site.host.partition(":")[2]
    answers = iter([["127.0.0.1"], ["127.0.0.1", "169.254.169.254"]])
    site.add("/", "Klaster")
    asking = fetcher(f"klaster.example:{port}", resolve=lambda _host, _port: next(answers))
    assert asking.get(f"http://klaster.example:{port}/").body == b"Klaster"
    assert site.log[0].headers["host"] == f"klaster.example:{port}"
    with pytest.raises(PrivateAddress):
        asking.get(f"http://klaster.example:{port}/")
    assert len(site.log) == 1
    asking.close()


def test_the_next_checked_address_is_tried_where_one_does_not_answer(site):
    port = site.host.partition(":")[2]
    site.add("/", "Klaster")
    asking = fetcher(
        f"klaster.example:{port}", resolve=lambda _host, _port: ["127.0.0.3", "127.0.0.1"]
    )
    assert asking.get(f"http://klaster.example:{port}/").status == 200
    asking.close()


def test_proxies_of_the_environment_are_not_used(site, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    site.add("/", "Klaster")
    asking = fetcher(site.host)
    assert asking.get(f"{site.address}/").status == 200
    asking.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of klaster.example, signed by nobody else."""
    file = tmp_path_factory.mktemp("tls") / "cert.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        " -subj /CN=klaster.example -addext subjectAltName=DNS:klaster.example"
    )
    files = ["-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(str(self.headers["Host"]).encode())

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.openssl
def test_tls_is_verified_always(certificate, monkeypatch):
    with tls_server(certificate) as port:

        def get(host: str) -> bytes:
            asking = fetcher(f"{host}:{port}", resolve=lambda _host, _port: ["127.0.0.1"])
            try:
                return asking.get(f"https://{host}:{port}/").body
            finally:
                asking.close()

        with pytest.raises(TlsFailed) as told:
            get("klaster.example")
        assert "self-signed certificate" in str(told.value)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        # Once it is trusted, the name counts, not the address that is connected to.
        assert get("klaster.example") == f"klaster.example:{port}".encode()
        with pytest.raises(TlsFailed) as told:
            get("pettus.example")
        assert "Hostname mismatch" in str(told.value)
    with (
        raw_server(lambda connection: connection.sendall(b"Tere!")) as host,
        pytest.raises(TlsFailed),
    ):
        fetcher(host).get(f"https://{host}/")
