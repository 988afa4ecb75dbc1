"""How results are listed: in brief or with snippets, how many on a page, and what is remembered."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from answers import HIT, RESULTS, VIEW, ScriptedService
from flask.testing import FlaskClient
from page_reader import Page
from soundness import sound_page

from search.request import SearchRequest
from search.results import Results
from search.service import SearchService
from webui.addresses.preferences import Preferences

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]


def hits(page: Page) -> list[str]:
    return [each.text for each in page.all("h3") if each.inside("ol")]


def test_a_brief_list_has_titles_and_what_they_lack(read: Read) -> None:
    whole, brief = read("/?q=klaster+robot"), read("/?q=klaster+robot&view=brief")
    assert hits(brief) == hits(whole)
    assert [each.text for each in brief.all("p", class_="missing")] == [
        each.text for each in whole.all("p", class_="missing")
    ]
    for name in ("snippet", "organisations", "why"):
        assert any(name in each.classes for each in whole.elements)
        assert not any(name in each.classes for each in brief.elements)


def test_every_article_stands_on_pages_of_any_size(read: Read) -> None:
    addresses = ["/?q=klastrid", "/?q=klastrid&limit=25", "/?q=klastrid&limit=50"]
    found = []
    for address in addresses:
        seen: list[str] = []
        page = read(address)
        while True:
            seen += hits(page)
            onward = [each["href"] for each in page.all("a") if each.get("rel") == "next"]
            if not onward:
                break
            page = read(onward[0])
        found.append(seen)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("view", ["brief", "full"])
@pytest.mark.parametrize("limit", [10, 25, 50])
def test_a_page_of_any_size_stays_small(scripted: Scripted, limit: int, view: str) -> None:
    hit = replace(HIT, url=f"https://www.puiduklaster.example.ee/uudised/2016/{'saepuru-' * 10}")
    results = replace(RESULTS, hits=(hit,) * limit, total=4 * limit, pages=4)
    asked = {"q": "klaster OR " + "õ" * 16, "limit": limit, "view": view, "page": 2}
    client = scripted(results=results)
    assert len(client.get(f"/?{urlencode(asked)}").data) < 45_000


def test_pages_of_a_list_are_told_apart(read: Read) -> None:
    titles = [
        read(address).one("title").text
        for address in ("/", "/?page=2", "/?q=klastrid", "/?q=klastrid&page=2")
    ]
    assert len(set(titles)) == len(titles)
    assert ["11–20" in each for each in titles] == [False, True, False, True]


def test_partial_matches_count_in_what_a_page_shows(scripted: Scripted) -> None:
    results = replace(RESULTS, total=3, partial=1200, pages=121, hits=(HIT,) * 10)
    page = Page(scripted(results=results).get("/?q=a+b").text)
    assert any(each.text == "Tulemused 1–10/1 203" for each in page.all("p", class_="quiet"))


@pytest.mark.parametrize(
    ("addresses", "kept"),
    [
        (["/?view=brief"], Preferences("", "brief")),
        (["/?lang=en", "/?q=a&view=brief"], Preferences("en", "brief")),
        (["/?view=brief", "/abi?lang=en"], Preferences("en", "brief")),
        (["/?view=brief", "/?view=full"], Preferences("", "full")),
    ],
)
def test_one_cookie_keeps_every_choice(
    client: FlaskClient, addresses: list[str], kept: Preferences
) -> None:
    for address in addresses:
        client.get(address)
    (cookie,) = [client.get_cookie("klastriotsing_lang")]
    assert cookie is not None
    assert Preferences.read(cookie.value) == kept
    page = sound_page(client.get("/?q=klastrid"))
    assert page.one("html")["lang"] == (kept.language or "et")
    assert bool(page.all("p", class_="snippet")) == (kept.view != "brief")


@pytest.mark.parametrize(
    "told", ["", ".", "xx.brief", "en.x", "en.brief.x", "\x00.brief", "a" * 999]
)
def test_any_cookie_is_borne(client: FlaskClient, told: str) -> None:
    client.set_cookie("klastriotsing_lang", told)
    assert client.get("/?q=klastrid").status_code == 200
    assert client.get("/?q=klastrid&view=brief").status_code == 200


def test_the_results_around_an_article_are_those_of_the_list(
    service: SearchService, read: Read
) -> None:
    found = service.search(SearchRequest("klastrid", page_size=100)).hits
    for rank in (1, 2, 10, 11, len(found) - 1, len(found)):
        page = read(f"/article/{found[rank - 1].id}?q=klastrid&rank={rank}")
        links = {each["rel"]: each["href"] for each in page.all("a") if each.inside("nav") and
                 each.get("rel") in ("prev", "next")}  # fmt: skip
        wanted = {"prev": rank - 1, "next": rank + 1}
        assert set(links) == {name for name, at in wanted.items() if 1 <= at <= len(found)}
        for name, href in links.items():
            assert href.endswith(f"rank={wanted[name]}")
            assert f"/article/{found[wanted[name] - 1].id}?q=klastrid" in href
            assert ("&page=2" in href) == (10 < wanted[name] <= 20)


@pytest.mark.parametrize("rank", [1, 2, 3, 10, 11, 25, 59, 60, 1000])
def test_reading_on_costs_one_search_of_a_small_page(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch, rank: int
) -> None:
    asked: list[SearchRequest] = []

    def search(self: ScriptedService, request: SearchRequest, *rest: object) -> Results:
        asked.append(request)
        assert rest[-1] == ()
        return replace(self.results, request=request, hits=())

    monkeypatch.setattr(ScriptedService, "search", search)
    scripted(view=VIEW).get(f"/article/x?q=a&rank={rank}")
    (request,) = asked
    first = (request.page - 1) * request.page_size + 1
    shown = range(first, first + request.page_size)
    assert {max(1, rank - 1), rank, rank + 1} <= set(shown)
    assert len(shown) <= 12
