"""The page of one article, as a visitor reads it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from answers import VIEW
from flask.testing import FlaskClient
from page_reader import Page

from search.article import Extracted, PartialDate

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]
AREA = "rohe-ringmajandus"


def test_an_article_shows_its_text_and_why_it_is_where_it_is(read: Read) -> None:
    page = read("/article/2009-10-06-saepuru-ei-ole-prugi?q=puit")
    assert page.one("h1").text.startswith("Saepuru ei ole prügi")
    assert page.one("article")["lang"] == "et"
    assert any(each.inside("article") for each in page.all("mark"))
    aside = page.one("aside")
    assert "Rohe- ja ringmajandus" in aside.text
    assert "Leitud tekstist" in aside.text
    assert "leitud failinimest" in page.one("ul", class_="facts").text
    assert page.all("blockquote")
    year = page.link("2009")
    assert year["href"] == "/?year=2009"
    assert page.one("input", type="search")["value"] == "puit"


def test_an_article_in_another_language_says_so(read: Read) -> None:
    page = read("/article/biowaste-study-tour")
    assert page.one("article")["lang"] == "en"
    assert page.one("html")["lang"] == "et"
    assert "Keel: inglise" in page.one("ul", class_="facts").text
    assert page.link("← Kõik artiklid")["href"] == "/"


def test_an_article_without_anything(scripted: Scripted) -> None:
    bare = replace(
        VIEW,
        article=replace(VIEW.article, published=None, year=None, url=None),
        values=(),
    )
    page = Page(scripted(view=bare).get("/article/x").text)
    assert page.one("ul", class_="facts").text.startswith("kuupäev teadmata")
    assert "valdkond määramata" in page.one("aside").text
    assert "organisatsioone ei leitud" in page.one("aside").text


def test_dates_and_sources_of_an_article(scripted: Scripted) -> None:
    article = replace(
        VIEW.article,
        url="https://www.klastrid.ee/uudis?a=1",
        published=Extracted(PartialDate(2016, 12), "given"),
    )
    page = Page(scripted(view=replace(VIEW, article=article)).get("/article/x").text)
    assert page.one("time").text == "detsember 2016"
    assert "allika andmetel" in page.one("ul", class_="facts").text
    source = page.link("Algallikas: klastrid.ee")
    assert source["href"] == "https://www.klastrid.ee/uudis?a=1"
    assert source["rel"] == "external noopener"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.ee", "kodu.html"])
def test_only_web_addresses_become_links(scripted: Scripted, url: str) -> None:
    view = replace(VIEW, article=replace(VIEW.article, url=url))
    text = scripted(view=view).get("/article/x").text
    assert url not in text
