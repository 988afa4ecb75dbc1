"""What was found by meaning, on the page, in the API, feeds, files and alerts."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from meant_news import TopicEmbedder, index_meant_news
from page_reader import Page

from search.analysis import Analyzer
from search.configuration import Configuration, SmtpSettings
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app

FOUND_NEAR = "roolijoodikud"
#: Finds one article by a word, and another by meaning.
FOUND_BOTH = "räimesaak ja ilmateade"
WORDS_ONLY, BY_MEANING = "ainult sõnade järgi", "ka tähenduse järgi"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Iterator[FlaskClient]:
    """A site that finds by meaning, and takes orders for alerts."""
    index = index_meant_news(tmp_path_factory.mktemp("meant"), TopicEmbedder())
    configuration = Configuration(
        index=index, defaults=False, base_url="https://otsing.example",
        smtp=SmtpSettings("post.example", sender="otsing@otsing.example"),
    )  # fmt: skip
    service = SearchService(
        index, configuration, analyzer, load_taxonomy(None), embedder=TopicEmbedder()
    )
    yield create_app(service, configuration).test_client()
    service.close()


def opened(client: FlaskClient, address: str) -> Page:
    response = client.get(address, follow_redirects=True)
    assert response.status_code == 200
    return Page(response.text)


def hits(page: Page) -> list[str]:
    """Titles of the hits, with what stands before them if they are near in meaning."""
    found: list[str] = []
    before = ""
    for each in page.elements:
        if each.tag == "h3" and each.parents[-1].get("class") == "hit":
            found.append(before + each.text)
            before = ""
        elif "near" in each.classes:
            assert each.text == "Tähenduselt lähedane"
            before = "~"
    return found


def links(page: Page) -> list[str]:
    return [each["href"] for each in page.all("a") if "q=" in each["href"]]


def test_words_find_nothing_but_the_meaning_does(site: FlaskClient) -> None:
    page = opened(site, f"/?q={FOUND_NEAR}")
    assert page.one("h2", id="results-title").text == (
        "Sõnade järgi ei leitud midagi; need artiklid on tähenduselt lähedased"
    )
    assert hits(page) == ["~Alkoholi tarvitanud autojuhid jäid vahele"]
    assert [each.text for each in page.all("p", class_="partial-note")] == ["1 artikkel"]
    (snippet,) = page.all("p", class_="snippet")
    assert snippet.text.startswith("Politsei peatas")
    assert not page.all("mark")
    (why,) = page.all("details", class_="why")
    assert "lähim lõik on küsitule väga lähedane (" in why.text


def test_the_count_names_what_is_near(site: FlaskClient) -> None:
    page = opened(site, f"/?q={FOUND_BOTH}")
    notes = [each.text for each in page.all("p", class_="partial-note")]
    assert notes == ["1 artiklis on osa sõnadest, ja veel 1 tähenduselt lähedane"]
    assert sorted(each[0] == "~" for each in hits(page)) == [False, True]
    by_date = opened(site, f"/?q={FOUND_BOTH}&sort=newest")
    assert [each.text for each in by_date.all("h2", class_="divider")] == [
        "Tähenduselt lähedased artiklid"
    ]
    assert len(hits(by_date)) == 2


def test_the_switch_holds_through_every_link_and_form(site: FlaskClient) -> None:
    page = opened(site, f"/?q={FOUND_BOTH}")
    assert page.link(BY_MEANING).get("aria-current") == "true"
    alone = opened(site, page.link(WORDS_ONLY)["href"])
    assert alone.link(WORDS_ONLY).get("aria-current") == "true"
    assert len(hits(alone)) == 1
    searches = [each for each in links(alone) if "r%C3%A4imesaak" in each]
    back = alone.link(BY_MEANING)["href"]
    assert back == f"/?{urlsplit(page.link(BY_MEANING)['href']).query}"
    for each in searches:
        kept = parse_qs(urlsplit(each).query).get("meaning") == ["0"]
        assert kept or each == back, each
    boxes = [each for each in alone.all("input", name="meaning") if each.get("value") == "0"]
    assert len(boxes) == 2  # of the search form and of the order of alerts
    short = urlsplit(alone.one("a", id="short-link")["href"])
    assert len(hits(opened(site, f"{short.path}?{short.query}"))) == 1


def test_without_hits_the_switch_is_offered_all_the_same(site: FlaskClient) -> None:
    page = opened(site, f"/?q={FOUND_NEAR}&meaning=0")
    assert not hits(page)
    assert page.link(BY_MEANING)["href"] == f"/?q={FOUND_NEAR}"


@pytest.mark.parametrize("query", ["", "q=P%C3%A4rnu", "q=%22juht%22", "q=keelpillid&meaning=0"])
def test_nothing_is_switched_where_nothing_is_meant(query: str, site: FlaskClient) -> None:
    page = opened(site, f"/?{query}")
    assert not [each for each in page.all("a") if each.text == WORDS_ONLY] or "meaning=0" in query


def test_a_site_without_a_model_says_nothing_of_it(
    client: FlaskClient, scripted: Callable[..., FlaskClient]
) -> None:
    for page in (opened(client, "/?q=klaster"), opened(scripted(), "/?q=klaster&meaning=0")):
        assert not [each for each in page.all("a") if each.text in (WORDS_ONLY, BY_MEANING)]
    assert "Tähenduselt lähedane" not in opened(client, "/abi").one("main").text


def test_the_help_says_what_is_near(site: FlaskClient) -> None:
    assert "Tähenduselt lähedane" in opened(site, "/abi").one("main").text
    assert "Near in meaning" in opened(site, "/abi?lang=en").one("main").text


def test_the_api_tells_what_is_near(site: FlaskClient) -> None:
    found = site.get(f"/api/search?q={FOUND_BOTH}").json
    assert found is not None
    assert (found["total"], found["partial"], found["near"]) == (0, 1, 1)
    word, near = sorted(found["hits"], key=lambda each: each["nearness"] or 0)
    assert word["nearness"] is None
    assert near["nearness"] > 0
    assert near["why"] == [{"query": FOUND_BOTH, "form": "", "how": "meaning"}]
    assert near["missing"] == []
    alone = site.get(f"/api/search?q={FOUND_BOTH}&meaning=0").json
    assert alone is not None
    assert (alone["near"], len(alone["hits"])) == (0, 1)
    assert site.get("/api/search?q=a&meaning=2").status_code == 400


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("/export.json?", 0),
        ("/export.json?meaning=1&", 1),
        ("/feed.atom?", 1),
        ("/feed.atom?meaning=0&", 0),
    ],
)
def test_files_have_it_if_asked_and_feeds_unless_asked_not_to(
    address: str, count: int, site: FlaskClient
) -> None:
    text = site.get(f"{address}q={FOUND_NEAR}").text
    found = text.count("<entry") if "feed" in address else len(json.loads(text)["hits"])
    assert found == count
    assert text.count('term="meaning"') == (count if "feed" in address else 0)


@pytest.mark.parametrize("meaning", ["", "0", "1"])
def test_emails_bring_it_if_asked(meaning: str, site: FlaskClient) -> None:
    fields = {"q": FOUND_NEAR, "email": f"a{meaning}@example.com", "meaning": meaning}
    answer = site.post("/tellimus", data=fields, headers={"Origin": "https://otsing.example"})
    assert answer.status_code == 303, answer.text
