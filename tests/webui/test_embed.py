"""The embedded search: off by default, framed by named sites alone, without cookies."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from page_reader import Page

from search.configuration import Configuration
from search.errors import NoIndex
from search.request import FacetFilter, SearchRequest
from search.service import SearchService
from webui import create_app

Scripted = Callable[..., FlaskClient]
SITES = ("https://klaster.example", "http://127.0.0.1:8001")


@pytest.fixture
def embedding(service: SearchService) -> FlaskClient:
    """The example site, which two others may show."""
    return create_app(service, Configuration(embed_origins=SITES)).test_client()


@pytest.mark.parametrize("address", ["/embed", "/embed.js", "/embed?q=klaster"])
def test_it_is_off_until_sites_are_named(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "embed_origins" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", ["/embed", "/embed?q=" + "a" * 2000, "/embed?year=eile"])
def test_named_sites_may_frame_it_and_nothing_else(embedding: FlaskClient, address: str) -> None:
    headers = embedding.get(address).headers
    (policy,) = headers.getlist("Content-Security-Policy")
    assert f"frame-ancestors {SITES[0]} {SITES[1]}" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in headers
    for other in ("/", "/valitud", "/article/biowaste-study-tour", "/api/search", "/puudub"):
        refused = embedding.get(other).headers
        assert refused["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in refused["Content-Security-Policy"]


def test_no_cookie_is_set_or_read(embedding: FlaskClient) -> None:
    embedding.set_cookie("klastriotsing_lang", "en")
    answer = embedding.get("/embed", headers={"Accept-Language": "en"})
    assert Page(answer.text).one("html")["lang"] == "et"
    english = embedding.get("/embed?lang=en")
    assert Page(english.text).one("html")["lang"] == "en"
    assert "Set-Cookie" not in english.headers
    assert "Access-Control-Allow-Origin" not in english.headers


def test_other_sites_may_load_its_script(embedding: FlaskClient) -> None:
    answer = embedding.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=3600" in answer.headers["Cache-Control"]
    page = embedding.get("/static/embed.css", buffered=True)
    assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_links_leave_the_frame_and_keep_the_search(embedding: FlaskClient) -> None:
    page = Page(embedding.get("/embed?q=klastrid&results=3").text)
    links = page.all("a")
    assert {each["target"] for each in links} == {"_top"}
    assert len(page.all("h2")) == 3
    assert links[0]["href"].startswith("/article/")
    assert links[0]["href"].endswith("?q=klastrid")
    assert links[-1]["href"] == "/?q=klastrid"


def test_the_owners_choice_stays(embedding: FlaskClient, service: SearchService) -> None:
    fixed = {
        "query": "klaster",
        "focus": "rohe-ringmajandus",
        "results": "10",
        "theme": "dark",
        "origin": SITES[1],
    }
    page = Page(embedding.get("/embed", query_string=fixed).text)
    fields = {each["name"]: each["value"] for each in page.all("input") if each["type"] == "hidden"}
    assert fields == fixed
    assert page.one("html")["data-theme"] == "dark"
    assert page.one("html")["data-origin"] == SITES[1]
    narrowed = Page(embedding.get("/embed", query_string={**fields, "q": "puit"}).text)
    assert narrowed.one("input", id="q")["value"] == "puit"
    assert narrowed.all("a")[-1]["href"] == "/?q=%28klaster%29+puit&focus=rohe-ringmajandus"
    request = SearchRequest("(klaster) puit", focus=FacetFilter(("rohe-ringmajandus",)))
    found = service.search(request).hits
    assert [each.text for each in narrowed.all("h2")] == [each.title for each in found]


def test_only_a_named_site_is_told_the_height(embedding: FlaskClient) -> None:
    page = Page(embedding.get("/embed?origin=https%3A%2F%2Fkuri.example").text)
    assert page.one("html").get("data-origin") is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("results=0", "„0“ siin ei sobi. Raamis on 1 kuni 20 tulemust"),
        ("results=99999999999", "„99999999999“ siin ei sobi"),
        ("results=%C2%B2", "„²“ siin ei sobi"),
        ("year=eile", "„eile“ siin ei sobi"),
        ("q=" + "a" * 1001, "1001"),
    ],
)
def test_what_cannot_be_answered_is_said_in_the_frame(
    embedding: FlaskClient, asked: str, said: str
) -> None:
    answer = embedding.get(f"/embed?{asked}")
    assert answer.status_code == 400
    page = Page(answer.text)
    assert said in page.one("p", role="alert").text
    assert page.one("input", id="q")["value"] == (asked[2:] if asked.startswith("q=") else "")


def test_without_an_index_the_site_says_so(scripted: Scripted) -> None:
    client = scripted(Configuration(embed_origins=SITES), error=NoIndex(index="index"))
    assert client.get("/embed").status_code == 503


def test_nothing_found_is_said(embedding: FlaskClient) -> None:
    page = Page(embedding.get("/embed?q=klastrofoobia").text)
    assert page.one("h1").text == "Ühtegi artiklit ei leitud"
    assert not page.all("h2")
