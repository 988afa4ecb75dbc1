"""Requests that no browser sends: each is answered or refused, and the next one is served."""

import logging
import re
import threading
from collections.abc import Iterator

import pytest
from connections import all_sent, ask, connect

from search.configuration import Configuration
from search.service import SearchService
from webui import Metrics, create_app
from webui.serving.http_server import public_server

HOST = b"Host: a\r\n"
END = b"Connection: close\r\n\r\n"


def get(target: bytes, headers: bytes = b"") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + headers + END


#: name → what is sent, and the statuses that are right.
HOSTILE: dict[str, tuple[bytes, set[int]]] = {
    "no request line": (b"\x00\x01\x02\xff\r\n\r\n", {400}),
    "HTTP/0.9": (b"GET /\r\n\r\n", {400, 200}),
    "words": (b"tere maailm kuidas elad\r\n\r\n", {400}),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    "two lengths": (get(b"/", b"Content-Length: 3\r\nContent-Length: 4\r\n"), {400}),
    "length and chunks": (
        get(b"/", b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
        {200, 400},
    ),
    "unknown coding": (get(b"/", b"Transfer-Encoding: gzip, chunked\r\n"), {400, 501}),
    "bad chunk": (get(b"/", b"Transfer-Encoding: chunked\r\n") + b"zz\r\nabc\r\n", {400}),
    "negative length": (get(b"/", b"Content-Length: -1\r\n"), {400}),
    "huge length": (get(b"/", b"Content-Length: " + b"9" * 40 + b"\r\n"), {400, 413}),
    "bare line feed": (b"GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", {400}),
    "space before colon": (get(b"/", b"X-A : b\r\n"), {400}),
    "folded header": (get(b"/", b"X-A: b\r\n c\r\n"), {200, 400}),
    "long address": (get(b"/?q=" + b"a" * 60_000), {431}),
    "long header": (get(b"/", b"X-A: " + b"a" * 60_000 + b"\r\n"), {431}),
    "many headers": (get(b"/", b"".join(b"X-%d: b\r\n" % n for n in range(4000))), {431}),
    "many parameters": (get(b"/?" + b"&".join(b"a%d=1" % n for n in range(3000))), {200, 400}),
    "many values": (get(b"/?" + b"&".join(b"org=%d" % n for n in range(2000))), {200, 400}),
    "not UTF-8": (get(b"/?q=%ff%fe%00&org=%c3%28"), {200, 400}),
    "not UTF-8 in a path": (get(b"/article/%ff%fe"), {404}),
    "NUL in a path": (get(b"/article/a%00b"), {404}),
    "dots in a path": (get(b"/static/..%2f..%2fapp.py"), {404}),
    "address of another host": (get(b"http://kuri.example/"), {200, 400, 404}),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\n" + HOST + END, {404, 405, 200, 400}),
    "TRACE": (b"TRACE / HTTP/1.1\r\n" + HOST + END, {405}),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\n" + HOST + END, {400, 404, 405}),
    "made-up method": (b"KUSTUTA / HTTP/1.1\r\n" + HOST + END, {400, 405}),
    "line break in a header": (get(b"/", b"Cookie: a=b\rc\r\n"), {200, 400}),
    "many codings": (get(b"/", b"Accept-Encoding: " + b"gzip," * 5000 + b"gzip\r\n"), {200}),
    "many languages": (get(b"/", b"Accept-Language: " + b"xx," * 6000 + b"et\r\n"), {200}),
    "many tags": (get(b"/", b"If-None-Match: " + b'W/"a",' * 4000 + b"*\r\n"), {200, 304}),
    "many ranges": (
        get(b"/static/style.css", b"Range: bytes=" + b"0-1," * 5000 + b"0-1\r\n"),
        {200, 206, 416},
    ),
    "odd cookie": (get(b"/", b'Cookie: klastriotsing_lang="\\377\\000"; ;;=\r\n'), {200}),
    "odd host": (b"GET / HTTP/1.1\r\nHost: <script>alert(1)</script>\r\n" + END, {200, 400}),
    "no host": (b"GET / HTTP/1.1\r\n" + END, {200, 400}),
    "two requests": (
        b"GET /abi HTTP/1.1\r\n" + HOST + b"\r\n" + get(b"/healthz"),
        {200},
    ),
}


@pytest.fixture(scope="module")
def address(service: SearchService) -> Iterator[str]:
    """The example site, really served."""
    metrics, settings = Metrics(), Configuration()
    app = create_app(service, settings, metrics)
    server = public_server(app, settings, metrics, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.close()
    thread.join()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_request_does_no_harm(
    address: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    sent, right = HOSTILE[name]
    with connect(address, timeout=10) as client:
        client.sendall(sent)
        answer = all_sent(client)
    assert answer.startswith(b"HTTP/1."), answer[:200]
    assert int(answer.split(b" ", 2)[1]) in right, answer[:200]
    assert b"<script>alert" not in answer
    assert b"Traceback" not in answer
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert ask(address, "/healthz").status == 200


def test_pipelined_requests_are_answered_in_order(address: str) -> None:
    paths = [b"/api/search?q=klaster", b"/puudub", b"/healthz"]
    with connect(address) as client:
        client.sendall(
            b"".join(b"GET " + each + b" HTTP/1.1\r\n" + HOST + b"\r\n" for each in paths)
            + get(b"/robots.txt")
        )
        answer = all_sent(client)
    assert re.findall(rb"HTTP/1\.1 (\d+) ", answer) == [b"200", b"404", b"200", b"200"]
