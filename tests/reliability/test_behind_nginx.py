"""The site behind the real nginx, as examples/operation configures it."""

import gzip
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from connections import all_sent, ask, connect
from proxied import proxied
from served import patient, served

from search.configuration import Configuration
from search.service import SearchService
from webui import Metrics, create_app
from webui.serving.http_server import ServerLimits, public_server

pytestmark = pytest.mark.nginx
BEHIND = Configuration(
    prefix="/otsing",
    base_url="https://uudised.example.ee",
    trusted_proxies=1,
    hsts_days=365,
    requests_per_minute=300,
)
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture(scope="module")
def site(service: SearchService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the example site behind nginx."""
    metrics = Metrics()
    app = create_app(service, BEHIND, metrics)
    server = public_server(app, BEHIND, metrics, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with proxied(server.port, tmp_path_factory.mktemp("nginx")) as address:
        yield address
    server.close()
    thread.join()


def test_pages_are_found_below_the_prefix(site: str) -> None:
    page = ask(site, "/otsing/?q=klaster")
    assert page.status == 200
    text = page.body.decode()
    assert 'href="/otsing/static/style.css' in text
    assert 'href="/static' not in text
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    bare = ask(site, "/otsing?q=klaster")
    assert bare.status == 308
    assert bare.headers["location"].endswith("/otsing/?q=klaster")
    assert ask(site, "/muu").status == 404
    assert (
        "<loc>https://uudised.example.ee/otsing/" in ask(site, "/otsing/sitemap.xml").body.decode()
    )


def test_answers_are_compressed_once(site: str) -> None:
    plain, packed = ask(site, "/otsing/abi"), ask(site, "/otsing/abi", GZIP)
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert "accept-encoding" in packed.headers["vary"].lower()
    sheet = ask(site, "/otsing/static/style.css", GZIP)
    assert sheet.headers["etag"].endswith('-gzip"')
    assert gzip.decompress(sheet.body).startswith(b"/*") or sheet.body


def test_unchanged_pages_are_not_sent_again(site: str) -> None:
    first = ask(site, "/otsing/?q=klaster", GZIP)
    again = ask(site, "/otsing/?q=klaster", {**GZIP, "If-None-Match": first.headers["etag"]})
    assert again.status == 304
    assert not again.body


def test_exports_stream_through(site: str) -> None:
    export = ask(site, "/otsing/export.csv", GZIP)
    assert export.status == 200
    assert gzip.decompress(export.body).decode("utf-8-sig").count("\n") > 60


def test_a_large_body_is_refused_at_once(site: str) -> None:
    with connect(site) as client:
        client.sendall(b"POST /otsing/ HTTP/1.1\r\nHost: a\r\nContent-Length: 190000000\r\n\r\n")
        assert b" 413 " in all_sent(client)[:20]


def test_one_client_is_limited_and_others_are_not_counted_with_it(site: str) -> None:
    """nginx says 429; an address that a client claims for itself changes nothing."""
    with ThreadPoolExecutor(8) as pool:
        named = ({"X-Forwarded-For": f"192.0.2.{number}"} for number in range(120))
        got = [each.status for each in pool.map(lambda said: ask(site, "/otsing/abi", said), named)]
    assert set(got) == {200, 429}


def test_slow_clients_end_at_the_proxy(tmp_path: Path) -> None:
    limits = ServerLimits(threads=2, request_seconds=30, idle_seconds=60)
    with (
        served(limits, application=patient) as here,
        proxied(here.server.port, tmp_path) as address,
        connect(address) as slow,
    ):
        slow.sendall(b"GET /otsing/ HTTP/1.1\r\nHost: a\r\n")
        began = time.monotonic()
        all_sent(slow)
        assert time.monotonic() - began < 10
        assert here.server.connections == 0  # the server behind never saw it


def test_overload_is_told_through_the_proxy(tmp_path: Path) -> None:
    limits = ServerLimits(threads=1, waiting=1)
    with (
        served(limits, application=patient) as here,
        proxied(here.server.port, tmp_path) as address,
        ThreadPoolExecutor(12) as pool,
    ):
        got = list(pool.map(lambda _: ask(address, "/otsing/?seconds=0.3"), range(12)))
        refused = [each for each in got if each.status == 503]
        assert refused
        assert all(each.headers["retry-after"] for each in refused)
        assert "otsijaid liiga palju" in refused[0].body.decode()
        assert ask(address, "/otsing/").status == 200
