"""Citations that reference managers take, whatever is in a title, and data for machines."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from answers import VIEW, ScriptedService
from flask.testing import FlaskClient
from page_reader import Page

from search.article import Article, Extracted, PartialDate
from search.article_view import ArticleView
from search.configuration import Configuration
from search.errors import ArticleNotFound
from webui import create_app
from webui.exports.citations import Citation, bibtex, csl, ris

Scripted = Callable[..., FlaskClient]
FULL = Citation(
    id="2016/uudis",
    title="Klastrid kohtusid",
    url="https://www.klaster.example/uudis?a=1",
    published=PartialDate(2016, 12, 2),
    language="et",
)
BARE = Citation("õun ja pirn", "Õun", "http://x/article/%C3%B5un", None, "")


def fields(record: str) -> dict[str, str]:
    """The fields of one BibTeX entry; its braces must match, those behind a backslash too."""
    depth = 0
    for character in record:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    return dict(re.findall(r"^  (\w+) = \{(.*)\},$", record, re.MULTILINE))


def test_bibtex() -> None:
    record = bibtex(FULL)
    assert record.startswith("@online{2016/uudis,\n")
    assert fields(record) == {
        "title": "{Klastrid kohtusid}",
        "date": "2016-12-02",
        "year": "2016",
        "organization": "klaster.example",
        "url": "https://www.klaster.example/uudis?a=1",
        "langid": "estonian",
    }
    assert set(fields(bibtex(BARE))) == {"title", "organization", "url"}


def test_ris() -> None:
    assert ris(FULL).split("\r\n") == [
        "TY  - NEWS",
        "ID  - 2016/uudis",
        "TI  - Klastrid kohtusid",
        "PY  - 2016",
        "DA  - 2016/12/02/",
        "T2  - klaster.example",
        "UR  - https://www.klaster.example/uudis?a=1",
        "LA  - et",
        "ER  - ",
        "",
        "",
    ]
    assert "DA  - 2016/12//" in ris(replace(FULL, published=PartialDate(2016, 12)))
    assert "PY" not in ris(BARE)


def test_csl() -> None:
    assert csl(FULL) == {
        "id": "2016/uudis",
        "type": "article-newspaper",
        "title": "Klastrid kohtusid",
        "issued": {"date-parts": [[2016, 12, 2]]},
        "container-title": "klaster.example",
        "URL": "https://www.klaster.example/uudis?a=1",
        "language": "et",
    }
    assert csl(replace(FULL, published=PartialDate(2016)))["issued"] == {"date-parts": [[2016]]}
    assert "issued" not in csl(BARE)


@pytest.mark.parametrize(
    "title", ["50% & $3 #1_a", "{x} } {", "a\\b~c^d", "rida\nja\r\nteine", "TI  - x\r\nER  - "]
)
def test_no_title_breaks_a_record(title: str) -> None:
    record = bibtex(replace(FULL, title=title, url="https://x/}{\\"))
    assert len(fields(record)) == 6
    lines = ris(replace(FULL, title=title)).split("\r\n")
    assert len(lines) == 11
    assert sum(each.startswith("ER") for each in lines) == 1


def test_keys_are_plain_and_differ() -> None:
    keys = [replace(FULL, id=each).key for each in ("õun", "oun", "o,un", "o un", "õ", "🦆")]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[A-Za-z0-9./-]+", each) for each in keys)


@pytest.mark.parametrize(
    ("form", "mimetype", "beginning"),
    [
        ("bib", "application/x-bibtex", "@online{biowaste-study-tour,"),
        ("ris", "application/x-research-info-systems", "TY  - NEWS\r\n"),
        ("csl.json", "application/vnd.citationstyles.csl+json", "[\n"),
    ],
)
def test_the_article_page_leads_to_every_citation(
    client: FlaskClient, form: str, mimetype: str, beginning: str
) -> None:
    page = Page(client.get("/article/biowaste-study-tour?q=biowaste&lang=en").text)
    links = [each["href"] for each in page.all("a") if "download" in each.attributes]
    address = f"/article/biowaste-study-tour.{form}"
    assert address in links
    response = client.get(address)
    assert response.mimetype == mimetype
    assert response.headers["Content-Disposition"] == f'attachment; filename="artikkel.{form}"'
    assert response.text.startswith(beginning)
    assert page.one("h1").text in response.text
    assert client.get(f"/article/puudub.{form}").status_code == 404


def test_an_article_without_an_address_is_cited_by_its_page() -> None:
    class OnlyOne(ScriptedService):
        def article(self, article_id: str, query: str = "", language: str = "et") -> ArticleView:
            del query, language
            if article_id != "2016/õun":
                raise ArticleNotFound(id=article_id)
            return replace(VIEW, article=replace(VIEW.article, id=article_id, url="javascript:x"))

    configuration = Configuration(base_url="https://otsing.example", prefix="/uudised")
    client = create_app(OnlyOne(), configuration).test_client()  # type: ignore[arg-type]
    item = json.loads(client.get("/uudised/article/2016/õun.csl.json").text)[0]
    assert item["URL"] == "https://otsing.example/uudised/article/2016/%C3%B5un"


def test_an_id_that_ends_like_a_file_is_still_an_article() -> None:
    class Two(ScriptedService):
        ids = ("uudis", "uudis.bib")

        def article(self, article_id: str, query: str = "", language: str = "et") -> ArticleView:
            del query, language
            if article_id not in self.ids:
                raise ArticleNotFound(id=article_id)
            return replace(VIEW, article=replace(VIEW.article, id=article_id, title=article_id))

    client = create_app(Two(), Configuration()).test_client()  # type: ignore[arg-type]
    assert Page(client.get("/article/uudis.bib").text).one("h1").text == "uudis.bib"
    assert client.get("/article/uudis.bib.bib").text.startswith("@online{uudis.bib,")
    assert client.get("/article/uudis.ris").text.startswith("TY")


def linked_data(page: Page) -> dict[str, Any]:
    found = page.one("script", type="application/ld+json")
    data: dict[str, Any] = json.loads(found.text)
    return data


def test_an_article_tells_machines_what_it_is(client: FlaskClient) -> None:
    page = Page(client.get("/article/2009-10-06-saepuru-ei-ole-prugi?q=puit").text)
    data = linked_data(page)
    assert data["@context"] == "https://schema.org"
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == page.one("h1").text
    assert data["datePublished"] == "2009-10-06"
    assert data["url"] == "/article/2009-10-06-saepuru-ei-ole-prugi"
    assert "Rohe- ja ringmajandus" in [each["name"] for each in data["about"]]
    assert "Leegivool AS" in [each["name"] for each in data["mentions"]]


def test_data_for_machines_cannot_leave_its_element(scripted: Scripted) -> None:
    evil = "</script><script>alert(1)</script><!--"
    article: Article = replace(VIEW.article, title=evil, year=Extracted(2016, "given"))
    page = Page(scripted(view=replace(VIEW, article=article)).get("/article/x").text)
    assert linked_data(page)["headline"] == evil
    assert len([each for each in page.all("script") if not each.get("src")]) == 1
