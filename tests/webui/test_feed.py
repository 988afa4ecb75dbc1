"""The feed of a search: what came into the index last stands first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from answers import HIT, RESULTS, ScriptedService
from corpus import NOW, Model, document
from flask.testing import FlaskClient
from page_reader import Page

from search.configuration import Configuration
from search.engines.registry import open_index
from search.query.ast import Everything
from search.request import FacetFilter, SearchRequest
from search.results import Results
from search.service import SearchService
from webui.exports.feed import ATOM, ENTRIES, MIMETYPE

Scripted = Callable[..., FlaskClient]
ADDED = datetime(2026, 3, 1, 12, 30, 15, 250, tzinfo=UTC)
SITE = Configuration(base_url="https://otsing.example", prefix="/uudised", site_name="A & <B>")


def read(client: FlaskClient, address: str) -> ElementTree.Element:
    response = client.get(address)
    assert response.status_code == 200
    assert response.mimetype == MIMETYPE
    return ElementTree.fromstring(response.data)


def texts(element: ElementTree.Element, name: str) -> list[str]:
    return [each.text or "" for each in element.iter(f"{{{ATOM}}}{name}")]


def entries(whole: ElementTree.Element) -> list[ElementTree.Element]:
    return whole.findall(f"{{{ATOM}}}entry")


def links(element: ElementTree.Element) -> dict[str, str]:
    return {each.attrib["rel"]: each.attrib["href"] for each in element.findall(f"{{{ATOM}}}link")}


def moment(element: ElementTree.Element, name: str = "updated") -> datetime:
    text = element.findtext(f"{{{ATOM}}}{name}")
    assert text
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def test_what_was_added_last_stands_first(tmp_path: Path) -> None:
    """By the moment of indexing, not by the date of the article."""
    generations = open_index(tmp_path / "index")
    ages = {"vana": 5, "uus": 0, "keskmine": 2, "samal-ajal": 2}
    with generations.build([], "f", NOW) as writer:
        for article_id, days in ages.items():
            made = document(Model(article_id, ("puit",), ("mets",), 2020 - days, (), ()))
            article = replace(made.article, added=NOW - timedelta(days=days))
            writer.add(replace(made, article=article))
    reader = generations.open("f")
    found = reader.search(Everything(), SearchRequest(sort="added")).documents
    assert list(reader.ids([each.key for each in found])) == [
        "uus", "keskmine", "samal-ajal", "vana",
    ]  # fmt: skip
    reader.close()


def test_a_feed_holds_what_the_search_finds(client: FlaskClient, service: SearchService) -> None:
    whole = read(client, "/feed.atom?q=klastrid&focus=rohe-ringmajandus&lang=et")
    chosen = FacetFilter(("rohe-ringmajandus",))
    found = service.search(SearchRequest("klastrid", focus=chosen, page_size=1000))
    assert set(texts(whole, "title")[1:]) == {hit.title for hit in found.hits if hit.full}
    assert len(entries(whole)) == found.total
    for entry in entries(whole):
        address = links(entry)["alternate"].removeprefix("http://localhost")
        page = Page(client.get(address).text)
        assert page.one("h1").text == entry.findtext(f"{{{ATOM}}}title")
        assert entry.findtext(f"{{{ATOM}}}summary")


def test_it_leads_to_itself_and_to_its_page(client: FlaskClient) -> None:
    whole = read(client, "/feed.atom?q=puit&year=2016&sort=oldest&page=3&lang=en")
    own = "http://localhost/feed.atom?q=puit&year=2016&lang=en"
    assert links(whole) == {"self": own, "alternate": "http://localhost/?q=puit&year=2016&lang=en"}
    assert whole.findtext(f"{{{ATOM}}}id") == own
    assert whole.findtext(f"{{{ATOM}}}title") == "puit – Klastriotsing"
    assert whole.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name") == "Klastriotsing"


def test_dates_are_whole_and_of_the_right_kind(scripted: Scripted) -> None:
    hits = (
        replace(HIT, id="a", added=ADDED),
        replace(HIT, id="b", added=ADDED - timedelta(days=1), published="2016-12"),
        replace(HIT, id="c", added=None, published=None),
    )
    whole = read(scripted(results=replace(RESULTS, hits=hits)), "/feed.atom")
    assert moment(whole) == datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
    first, second, third = entries(whole)
    assert moment(first) == moment(whole)
    assert moment(first, "published") == datetime(2016, 12, 2, tzinfo=UTC)
    assert second.find(f"{{{ATOM}}}published") is None
    assert moment(third).year == 1970


def test_an_article_has_one_name_in_all_feeds(scripted: Scripted) -> None:
    url = "https://www.klastrid.ee/uudis"
    results = replace(RESULTS, hits=(replace(HIT, url=url, added=ADDED),))
    client = scripted(SITE, results=results)
    names = set()
    for address in ("/uudised/feed.atom?q=a", "/uudised/feed.atom?org=B&lang=en"):
        (entry,) = entries(read(client, address))
        names.add(entry.findtext(f"{{{ATOM}}}id"))
        assert links(entry)["via"] == url
        category = entry.find(f"{{{ATOM}}}category")
        assert category is not None
        assert category.attrib["term"] == "rohe-ringmajandus"
    assert names == {"https://otsing.example/uudised/article/2016/uudis"}


def test_only_what_matches_fully_is_news(client: FlaskClient, scripted: Scripted) -> None:
    partial = replace(RESULTS, total=0, partial=1, hits=(replace(HIT, full=False),))
    assert not entries(read(scripted(results=partial), "/feed.atom?q=a+b"))
    other = replace(RESULTS, searched="jäätmed")
    assert not entries(read(scripted(results=other), "/feed.atom?q=jäetmed"))
    empty = read(client, "/feed.atom?q=klastrofoobia")
    assert not entries(empty)
    assert moment(empty) == moment(read(client, "/feed.atom"))
    nothing = replace(RESULTS, total=0, hits=())
    assert moment(read(scripted(results=nothing), "/feed.atom")).year == 1970


def test_a_feed_is_not_endless(monkeypatch: pytest.MonkeyPatch, scripted: Scripted) -> None:
    asked = []

    def search(
        self: ScriptedService,
        request: SearchRequest,
        language: str = "et",
        facets: object = None,
        parts: int = 0,
    ) -> Results:
        del language, facets, parts
        asked.append(request)
        return replace(self.results, searched=request.query)

    monkeypatch.setattr(ScriptedService, "search", search)
    read(scripted(results=RESULTS), "/feed.atom?q=a&page=7&sort=oldest")
    assert [(each.sort, each.page, each.page_size) for each in asked] == [("added", 1, ENTRIES)]


@pytest.mark.parametrize("query", ["\0", "a\x0bb", "<b>&amp;", "\ufffe", "🦆", '"]]>'])
def test_whatever_is_asked_or_written_is_sound_xml(scripted: Scripted, query: str) -> None:
    client = scripted(results=replace(RESULTS, hits=(replace(HIT, title=query),)))
    response = client.get("/feed.atom", query_string={"q": query})
    whole = ElementTree.fromstring(response.data)
    assert len(entries(whole)) == 1


def test_a_reader_that_has_it_already_is_told_so(client: FlaskClient) -> None:
    first = client.get("/feed.atom?q=klaster")
    again = client.get("/feed.atom?q=klaster", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data
    other = client.get("/feed.atom?q=puit", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_the_results_lead_to_their_feed(client: FlaskClient) -> None:
    for address in ("/", "/?q=klastrofoobia", "/?q=klaster&focus=rohe-ringmajandus&page=2"):
        page = Page(client.get(address).text)
        announced = page.one("link", rel="alternate")
        assert announced["type"] == MIMETYPE
        assert announced["title"] == page.link("Telli uued artiklid (RSS)").text
        assert page.link("Telli uued artiklid (RSS)")["href"] == announced["href"]
        asked = parse_qs(urlsplit(address).query)
        asked.pop("page", None)
        assert parse_qs(urlsplit(announced["href"]).query) == asked
        read(client, announced["href"])


def test_a_long_query_is_followed_by_the_form(client: FlaskClient) -> None:
    page = Page(client.get("/", query_string={"q": "klaster " + "õ" * 300}).text)
    assert not page.all("link", rel="alternate")
    button = page.one("button", formaction="/feed.atom")
    assert button.text == "Telli uued artiklid (RSS)"
    assert button["form"] == "search"


def test_what_cannot_be_searched_is_refused(client: FlaskClient) -> None:
    assert client.get("/feed.atom?year=eile").status_code == 400
    assert client.get("/?sort=added").status_code == 400
