"""The list of articles like the one that is read."""

from collections.abc import Callable
from dataclasses import replace

from answers import VIEW
from flask.testing import FlaskClient
from page_reader import Element, Page

from search.article_view import SimilarArticle
from search.service import SearchService

Read = Callable[..., Page]
ARTICLE = "2009-10-06-saepuru-ei-ole-prugi"
LIKE = SimilarArticle("2016/õ & ä", "<b>Cluster</b> & co", "en", "2016-12", 2016, 0.5)


def lines(page: Page) -> list[Element]:
    similar = page.one("nav", class_="similar")
    return [each for each in page.all("li") if similar in each.parents]


def test_articles_like_it_stand_under_the_text(read: Read, service: SearchService) -> None:
    page = read(f"/article/{ARTICLE}?q=puit&lang=et")
    similar = service.article(ARTICLE).similar
    assert similar
    assert page.one("h2", id="similar-title").text == "Sarnased artiklid"
    links = [each for each in page.all("a") if any(line in each.parents for line in lines(page))]
    assert [each.text for each in links] == [each.title for each in similar]
    order = page.elements
    assert order.index(page.one("article")) < order.index(links[0]) < order.index(page.one("aside"))
    # What is read next still has the words marked, and leads back to the same results.
    following = read(links[0]["href"])
    assert following.one("h1").text == similar[0].title
    assert following.one("input", type="search")["value"] == "puit"


def test_a_line_has_its_date_and_its_language(scripted: Callable[..., FlaskClient]) -> None:
    undated = replace(LIKE, id="teine", published=None, year=None, language="")
    view = replace(VIEW, similar=(LIKE, replace(LIKE, id="b", published=None), undated))
    page = Page(scripted(view=view).get("/article/x").text)
    first, second, third = lines(page)
    assert first.text == "<b>Cluster</b> & co detsember 2016"
    assert page.link("<b>Cluster</b> & co")["lang"] == "en"
    assert page.link("<b>Cluster</b> & co")["href"] == "/article/2016/%C3%B5%20%26%20%C3%A4"
    assert second.text.endswith(" 2016")
    assert third.text == "<b>Cluster</b> & co"


def test_an_article_that_is_like_no_other_says_nothing(
    scripted: Callable[..., FlaskClient],
) -> None:
    page = Page(scripted(view=VIEW).get("/article/x").text)
    assert not page.all("nav", class_="similar")
