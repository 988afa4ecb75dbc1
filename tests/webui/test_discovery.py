"""What crawlers and browsers read to find their way."""

import contextlib
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from page_reader import Page

from search.configuration import Configuration
from search.request import NO_FOCUS, FacetName, SearchRequest
from search.results import Facet, FacetValue
from search.service import SearchService
from webui import create_app
from webui.entities.areas import KNOWN
from webui.exports import discovery
from webui.exports.discovery import OPENSEARCH, SITEMAP
from webui.pages.about import STATEMENTS

Scripted = Callable[..., FlaskClient]
ELSEWHERE = Configuration(base_url="https://otsing.example", prefix="/uudised", site_name="A & <B>")


def described(client: FlaskClient, address: str) -> ElementTree.Element:
    response = client.get(address)
    assert response.mimetype == "application/opensearchdescription+xml"
    return ElementTree.fromstring(response.data)


def templates(description: ElementTree.Element) -> dict[str, str]:
    return {
        each.attrib["type"]: each.attrib["template"]
        for each in description.iter(f"{{{OPENSEARCH}}}Url")
    }


def test_crawlers_are_kept_from_endless_searches(scripted: Scripted) -> None:
    response = scripted(ELSEWHERE).get("/uudised/robots.txt")
    assert response.mimetype == "text/plain"
    lines = response.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /uudised/?" in lines
    assert "Disallow: /uudised/" not in lines
    assert scripted().get("/robots.txt").text.splitlines()[1] == "Disallow: /?"


def test_a_browser_finds_the_description_and_searches_by_it(client: FlaskClient) -> None:
    page = Page(client.get("/?q=klastrid").text)
    link = page.one("link", rel="search")
    assert (link["type"], link["title"]) == (
        "application/opensearchdescription+xml",
        "Klastriotsing",
    )
    template = templates(described(client, link["href"]))["text/html"]
    address = template.replace("{searchTerms}", "puit%20klaster")
    found = Page(client.get(address.removeprefix("http://localhost")).text)
    assert found.one("input", type="search")["value"] == "puit klaster"


def test_addresses_are_those_of_the_site_not_of_the_visitor(scripted: Scripted) -> None:
    response = scripted(ELSEWHERE).get("/uudised/opensearch.xml", headers={"Host": "kuri.example"})
    assert "kuri.example" not in response.text
    found = templates(ElementTree.fromstring(response.data))
    assert found["text/html"] == "https://otsing.example/uudised/?q={searchTerms}"
    assert found["application/opensearchdescription+xml"].endswith("/uudised/opensearch.xml")


@pytest.mark.parametrize(("language", "words"), [("et", "Eesti"), ("en", "Estonian")])
def test_the_description_speaks_the_visitors_language(
    scripted: Scripted, language: str, words: str
) -> None:
    description = described(scripted(ELSEWHERE), f"/uudised/opensearch.xml?lang={language}")

    def text(name: str) -> str:
        return description.findtext(f"{{{OPENSEARCH}}}{name}") or ""

    assert words in text("Description")
    assert text("ShortName") == "A & <B>"
    languages = [each.text for each in description.iter(f"{{{OPENSEARCH}}}Language")]
    assert languages == ["et", "en"]


def test_a_long_name_is_cut_as_the_format_wants(scripted: Scripted) -> None:
    description = described(scripted(Configuration(site_name="a" * 40)), "/opensearch.xml")
    assert description.findtext(f"{{{OPENSEARCH}}}ShortName") == "a" * 16


def located(client: FlaskClient, address: str) -> tuple[str, list[str]]:
    """What kind of a map it is, and the addresses it holds."""
    response = client.get(address)
    assert response.mimetype == "application/xml"
    whole = ElementTree.fromstring(response.data)
    found = [each.text or "" for each in whole.iter(f"{{{SITEMAP}}}loc")]
    return whole.tag.removeprefix(f"{{{SITEMAP}}}"), found


class Articles:
    """A service that has articles with these ids."""

    def __init__(self, *ids: str) -> None:
        self.article_ids = lambda: ids
        self.generation = lambda: "g"
        self.built = lambda: ""
        self.pinned = contextlib.nullcontext

    def facet(self, name: FacetName, request: SearchRequest) -> Facet:
        del request
        values = {"focus": ("puit", NO_FOCUS), "org": ("Õunaliit MTÜ",)}[name]
        return Facet(name, tuple(FacetValue(each, each, 1) for each in values), len(values))


def test_the_map_of_the_site_leads_to_every_article(
    client: FlaskClient, service: SearchService
) -> None:
    said = client.get("/robots.txt").text.splitlines()[-1]
    assert said == "Sitemap: http://localhost/sitemap.xml"
    kind, addresses = located(client, "/sitemap.xml")
    assert kind == "urlset"
    assert addresses[0] == "http://localhost/"
    organisations = service.facet("org", SearchRequest()).available
    around = 3 + len(["abi", *STATEMENTS]) + len(KNOWN) + organisations
    assert len(addresses) == len(set(addresses)) == around + service.document_count()
    for address in (*addresses[:8], addresses[around - 1], addresses[-1]):
        assert client.get(address.removeprefix("http://localhost")).status_code == 200


def test_a_large_site_has_a_map_of_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "MOST_ADDRESSES", 3)
    articles = Articles("d", "2016/õ & ä", "b", "c", "a")
    client = create_app(articles, ELSEWHERE).test_client()  # type: ignore[arg-type]
    kind, parts = located(client, "/uudised/sitemap.xml")
    site = "https://otsing.example"
    assert kind == "sitemapindex"
    assert parts == [f"{site}/uudised/sitemap.xml?part={number}" for number in range(1, 6)]
    maps = [located(client, each.removeprefix(site)) for each in parts]
    assert [kind for kind, _ in maps] == ["urlset"] * 5
    assert [address.removeprefix(f"{site}/uudised/") for _, each in maps for address in each] == [
        "",
        "valdkonnad",
        "valdkonnad/puit",
        "abi",
        "saidist",
        "ligipaasetavus",
        "andmekaitse",
        "organisatsioonid",
        "organisatsioonid/ounaliit-mtu",
        "article/2016/%C3%B5%20%26%20%C3%A4",
        "article/a",
        "article/b",
        "article/c",
        "article/d",
    ]
    for wrong in ("0", "6", "x", "-1", "01"):
        assert client.get(f"/uudised/sitemap.xml?part={wrong}").status_code == 404
