"""What goes over the wire: compressed answers, their tags, and answers that are spared."""

import contextlib
import gzip
import time
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from answers import RESULTS, ScriptedService
from flask import Flask, Response, request
from flask.testing import FlaskClient

from search.analysis import Analyzer
from search.configuration import Configuration
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app
from webui.serving.compression import compress
from webui.serving.validators import add_validators, program_stamp

Scripted = Callable[..., FlaskClient]
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize(
    "address",
    ["/", "/?q=klaster", "/abi", "/api/search?q=klaster", "/sitemap.xml", "/feed.atom",
     "/api/openapi.json", "/export.csv", "/export.json?q=klaster", "/static/style.css"],
)  # fmt: skip
def test_text_is_compressed_for_those_who_take_it(client: FlaskClient, address: str) -> None:
    plain = client.get(address, buffered=True)
    packed = client.get(address, headers=GZIP, buffered=True)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 2
    if "q=" not in address:  # how long it took is said there
        assert gzip.decompress(packed.data) == plain.data


def test_a_page_of_results_takes_a_sixth(client: FlaskClient) -> None:
    plain = client.get("/?q=klaster")
    packed = client.get("/?q=klaster", headers=GZIP)
    assert len(packed.data) < len(plain.data) / 5
    assert int(packed.headers["Content-Length"]) == len(packed.data)


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "*;q=0"])
def test_nobody_gets_what_they_do_not_take(client: FlaskClient, accepted: str) -> None:
    response = client.get("/", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response.headers


def answered(response: Response) -> Response:
    """``response`` after the compression of an application."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> Response:
        return response

    @app.after_request
    def run(made: Response) -> Response:
        compress(made, request)
        return made

    return app.test_client().get("/", headers=GZIP, buffered=True)


def test_small_binary_private_and_compressed_answers_are_left_alone() -> None:
    long = "klaster " * 1000
    private = Response(long, mimetype="text/html", headers={"Cache-Control": "no-store"})
    done = Response(gzip.compress(long.encode()), mimetype="text/html")
    done.headers["Content-Encoding"] = "gzip"
    for each in (Response("lühike", mimetype="text/html"), private):
        assert "Content-Encoding" not in answered(each).headers
    assert gzip.decompress(answered(done).data).decode() == long
    sheet = Response(long, mimetype="application/vnd.openxmlformats-officedocument")
    assert "Vary" not in answered(sheet).headers


def test_streams_are_compressed_as_they_come() -> None:
    """The first part can be read long before the last is made, and the maker is told to end."""
    ended = []

    def made() -> object:
        try:
            for number in range(100):
                yield f"{number} {time.perf_counter_ns()}\n" * 500
        finally:
            ended.append(True)

    response = Response(made(), mimetype="text/csv")  # type: ignore[arg-type]
    app = Flask(__name__)
    with app.test_request_context(headers=GZIP):
        compress(response, request)
        chunks = iter(response.response)
        unpacker = zlib.decompressobj(wbits=31)
        read = ""
        for _ in range(5):
            read += unpacker.decompress(next(chunks)).decode()  # type: ignore[arg-type]
        assert read.startswith("0 ")
        assert not ended
        response.close()
        chunks.close()  # type: ignore[attr-defined]
    assert ended


def test_static_files_have_a_tag_for_each_form(client: FlaskClient) -> None:
    plain = client.get("/static/style.css", buffered=True)
    packed = client.get("/static/style.css", headers=GZIP, buffered=True)
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert packed.headers["ETag"].endswith('-gzip"')
    for response, headers in ((plain, {}), (packed, GZIP)):
        again = client.get(
            "/static/style.css",
            headers={**headers, "If-None-Match": response.headers["ETag"]},
            buffered=True,
        )
        assert again.status_code == 304
        assert again.headers["ETag"] == response.headers["ETag"]
        assert not again.data


@pytest.mark.parametrize("encoding", [{}, GZIP])
@pytest.mark.parametrize(
    "address",
    ["/?q=klaster", "/abi", "/valdkonnad", "/api/search?q=klaster", "/api/openapi.json",
     "/sitemap.xml", "/robots.txt"],
)  # fmt: skip
def test_what_has_not_changed_is_not_sent_again(
    client: FlaskClient, address: str, encoding: dict[str, str]
) -> None:
    first = client.get(address, headers=encoding)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    again = client.get(address, headers={**encoding, "If-None-Match": tag})
    assert again.status_code == 304
    assert not again.data
    for name in ("ETag", "Cache-Control", "Content-Security-Policy"):
        assert again.headers[name] == first.headers[name]
    assert {"Accept-Language", "Cookie"} <= set(again.headers["Vary"].split(", "))
    assert client.get(address, headers={"If-None-Match": 'W/"vana"'}).status_code == 200


def test_an_unchanged_page_is_not_made(scripted: Scripted) -> None:
    tag = scripted(results=RESULTS).get("/").headers["ETag"]
    broken = scripted(error=RuntimeError("must not be asked"))
    assert broken.get("/", headers={"If-None-Match": tag}).status_code == 304


def test_the_tag_changes_with_whatever_the_page_depends_on(scripted: Scripted) -> None:
    def tag(address: str, client: FlaskClient | None = None, **headers: str) -> str:
        asking = client or scripted(results=RESULTS)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return asking.get(address, headers=named).headers["ETag"]

    named = scripted(Configuration(site_name="Uus nimi"), results=RESULTS)
    brief = scripted(results=RESULTS)
    brief.set_cookie("vaade", "lyhike")
    tags = [
        tag("/?q=a"),
        tag("/?q=b"),
        tag("/?q=a", Accept_Language="en"),
        tag("/?q=a", client=brief),
        tag("/?q=a", Host="teine.example"),
        tag("/?q=a", client=named),
    ]
    assert len(set(tags)) == len(tags)
    assert tag("/?q=a") == tags[0]


def test_the_tag_changes_with_the_generation_and_the_day() -> None:
    service, day = ScriptedService(), [date(2026, 11, 29)]
    live = ["gen-000001 2026-11-29"]
    service.answer_stamp = lambda: live[0]  # type: ignore[method-assign]
    app = Flask(__name__)

    def page() -> str:
        return "sisu"

    app.add_url_rule("/", "api.search", page)
    add_validators(app, service, lambda: "et", "s", lambda: day[0])  # type: ignore[arg-type]
    client = app.test_client()
    tags = [client.get("/").headers["ETag"]]
    live[0] = "gen-000002 2026-11-29"
    tags.append(client.get("/").headers["ETag"])
    day[0] = date(2026, 11, 30)
    tags.append(client.get("/").headers["ETag"])
    assert len(set(tags)) == 3
    assert program_stamp(Configuration()) != program_stamp(Configuration(freshness=0.2))


def test_a_switch_while_a_page_is_made_leaves_no_tag_of_the_old_one() -> None:
    service, stamps = ScriptedService(), iter(["one", "two"])
    service.answer_stamp = lambda: next(stamps)  # type: ignore[method-assign]
    client = create_app(service, Configuration()).test_client()  # type: ignore[arg-type]
    assert "ETag" not in client.get("/?q=a").headers


def test_stamps_follow_the_synonyms(
    example_index: Path, analyzer: Analyzer, tmp_path: Path
) -> None:
    file = tmp_path / "sunonuumid.txt"
    file.write_text("klaster = kobar\n")
    configuration = Configuration(synonyms=file)
    service = SearchService(example_index, configuration, analyzer, load_taxonomy(None))
    with contextlib.closing(service):
        stamp = service.answer_stamp()
        assert service.generation() in stamp
        assert service.answer_stamp() == stamp
        file.write_text("klaster = kobar, kogum\n")
        assert service.answer_stamp() != stamp


def test_faults_carry_no_tag(scripted: Scripted) -> None:
    for response in (scripted().get("/puudub"), scripted(error=RuntimeError()).get("/")):
        assert "ETag" not in response.headers


def test_compression_costs_little(service: SearchService) -> None:
    """Of the milliseconds a page takes, compression is a small part."""
    client = create_app(service, Configuration()).test_client()
    page = client.get("/?q=klaster").data
    began = time.process_time()
    for _ in range(20):
        gzip.compress(page, 6, mtime=0)
    assert (time.process_time() - began) / 20 < 0.01
