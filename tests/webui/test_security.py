"""What every answer carries to keep browsers safe, and what proxies may say."""

from collections.abc import Callable
from pathlib import Path

import pytest
from answers import RESULTS, ScriptedService
from flask import Blueprint, Response
from flask.testing import FlaskClient

from search.configuration import Configuration
from search.errors import IndexDamaged, IndexMismatch, NoIndex
from webui import create_app
from webui.app import MAX_BODY

Scripted = Callable[..., FlaskClient]


@pytest.mark.parametrize(
    "address", ["/", "/?page=abc", "/puudub", "/api/search?q=a", "/healthz", "/static/style.css"]
)
def test_headers_stand_on_every_answer(scripted: Scripted, address: str) -> None:
    headers = scripted(results=RESULTS).get(address, buffered=True).headers
    policy = dict(
        each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    for source in ("script-src", "style-src", "img-src", "connect-src", "form-action"):
        assert policy[source] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_headers_stand_on_faults_too(scripted: Scripted) -> None:
    response = scripted(error=RuntimeError()).get("/")
    assert response.status_code == 500
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("address", ["/", "/article/x", "/api/search", "/healthz"])
def test_where_the_index_lies_is_nobodys_business(
    scripted: Scripted, address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = tmp_path / "salajane" / "index"
    reason = f"[Errno 2] No such file or directory: '{index}/gen-000001/manifest.json'"
    for error in (
        NoIndex(index=index),
        IndexMismatch(index=index, reason="x"),
        IndexDamaged(index=index, reason=reason),
        IndexDamaged(index=str(index), reason=reason),
    ):
        caplog.clear()
        response = scripted(error=error).get(address)
        assert response.status_code == 503
        assert "salajane" not in response.text
        assert "klastriotsing reindex KAUST" in response.text
        assert str(index) in caplog.text


def test_a_relative_index_is_named_as_it_was_set(scripted: Scripted) -> None:
    text = scripted(error=NoIndex(index=Path("andmed/index"))).get("/").text
    assert "andmed/index" in text


def test_pages_are_fresh_and_static_files_kept(scripted: Scripted) -> None:
    client = scripted(results=RESULTS)
    page = client.get("/")
    assert page.headers["Cache-Control"] == "no-cache"
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))
    stamped = page.text.split('href="/static/style.css?v=')[1].split('"')[0]
    for stamp, kept in ((stamped, True), ("old", False)):
        response = client.get(f"/static/style.css?v={stamp}", buffered=True)
        assert ("immutable" in response.headers["Cache-Control"]) == kept


def test_large_bodies_are_refused(scripted: Scripted) -> None:
    response = scripted().post("/", data=b"x" * (MAX_BODY + 1))
    assert response.status_code in (405, 413)


@pytest.mark.parametrize(
    "address",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/puudub.css"],
)
def test_only_static_files_are_served(scripted: Scripted, address: str) -> None:
    assert scripted().get(address).status_code == 404


def test_addresses_never_come_from_the_host_header(scripted: Scripted) -> None:
    text = scripted(results=RESULTS).get("/", headers={"Host": "kuri.example"}).text
    assert "kuri.example" not in text


def test_forwarded_headers_count_only_from_trusted_proxies(scripted: Scripted) -> None:
    said = {"X-Forwarded-Proto": "https"}
    address = "/?lang=en"
    alone = scripted(results=RESULTS).get(address, headers=said)
    assert "Secure" not in alone.headers["Set-Cookie"]
    behind = scripted(Configuration(trusted_proxies=1), results=RESULTS)
    assert "Secure" in behind.get(address, headers=said).headers["Set-Cookie"]


def test_the_cookie_stays_below_the_prefix(scripted: Scripted) -> None:
    client = scripted(Configuration(prefix="otsing/"), results=RESULTS)
    assert "Path=/otsing/;" in client.get("/otsing/?lang=en").headers["Set-Cookie"] + ";"


@pytest.mark.parametrize(
    ("settings", "said", "expected"),
    [
        (Configuration(), "https", None),
        (Configuration(hsts_days=30), "https", None),  # nobody trusted has said so
        (Configuration(hsts_days=30, trusted_proxies=1), "http", None),
        (Configuration(hsts_days=30, trusted_proxies=1), "https", "max-age=2592000"),
    ],
)
def test_https_is_insisted_on_only_behind_it_and_as_configured(
    scripted: Scripted, settings: Configuration, said: str, expected: str | None
) -> None:
    client = scripted(settings, results=RESULTS)
    headers = client.get("/", headers={"X-Forwarded-Proto": said}).headers
    assert headers.get("Strict-Transport-Security") == expected


@pytest.mark.parametrize(
    ("blueprint", "said"), [("muu", {"Cache-Control": "no-store"}), ("alert_pages", {})]
)
def test_a_private_page_is_not_kept_tagged_or_compressed(
    blueprint: str, said: dict[str, str]
) -> None:
    app = create_app(ScriptedService(), Configuration())  # type: ignore[arg-type]
    app.blueprints.pop(blueprint, None)
    private = Blueprint(blueprint, __name__)

    @private.get("/isiklik")
    def page() -> Response:
        return Response("x" * 5000, mimetype="text/html", headers=said)

    app.register_blueprint(private)
    response = app.test_client().get("/isiklik", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("address", ["/", "/api/search?q=a", "/puudub", "/export.csv"])
def test_other_sites_may_read_nothing(scripted: Scripted, address: str) -> None:
    said = {"Origin": "https://kuri.example", "Access-Control-Request-Method": "GET"}
    for method in ("GET", "OPTIONS"):
        headers = scripted(results=RESULTS).open(address, method=method, headers=said).headers
        assert not [name for name, _ in headers if name.startswith("Access-Control-")]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "address",
    ["/", "/abi", "/puudub", "/api/search?q=a", "/api/puudub", "/robots.txt", "/opensearch.xml",
     "/feed.atom", "/export.csv", "/static/style.css", "/static/enhance.js", "/static/favicon.svg"],
)  # fmt: skip
def test_every_answer_says_its_type_and_encoding(scripted: Scripted, address: str) -> None:
    kind = scripted(results=RESULTS).get(address, buffered=True).headers["Content-Type"]
    # JSON is always UTF-8, and XML says its encoding itself.
    assert "charset=utf-8" in kind or kind.startswith(("application/", "image/svg+xml"))
