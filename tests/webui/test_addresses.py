"""The same story elsewhere: named by its host, linked where it leads somewhere safe."""

from collections.abc import Callable
from dataclasses import replace

from answers import HIT, RESULTS, VIEW
from flask.testing import FlaskClient
from page_reader import Element, Page

Scripted = Callable[..., FlaskClient]
OTHERS = ("https://www.klaster.example/uudis?a=1", "2016/koopia", "javascript:alert(1)")


def links_in(page: Page, element: Element) -> list[tuple[str, str, str | None]]:
    return [(a.text, a["href"], a.get("rel")) for a in page.all("a") if element in a.parents]


def test_a_hit_lists_the_other_addresses(scripted: Scripted) -> None:
    results = replace(RESULTS, hits=(replace(HIT, duplicates=OTHERS), HIT))
    page = Page(scripted(results=results).get("/?q=klaster").text)
    line = page.one("p", class_="duplicates")
    assert line.text == "Sama lugu: klaster.example, 2016/koopia, javascript:alert(1)"
    assert links_in(page, line) == [
        ("klaster.example", "https://www.klaster.example/uudis?a=1", "external noopener"),
        ("2016/koopia", "/article/2016/koopia?q=klaster", None),
    ]


def test_many_addresses_are_counted_and_all_are_at_the_article(scripted: Scripted) -> None:
    many = tuple(f"https://leht{number}.example/" for number in range(9))
    results = replace(RESULTS, hits=(replace(HIT, duplicates=many),))
    page = Page(scripted(results=results).get("/").text)
    line = page.one("p", class_="duplicates")
    assert line.text.endswith("leht3.example +5artiklis veel 5 aadressi")
    assert len(links_in(page, line)) == 5
    view = replace(VIEW, article=replace(VIEW.article, duplicates=many))
    article = Page(scripted(view=view).get("/article/x").text)
    facts = article.one("ul", class_="facts")
    assert len(links_in(article, facts)) == 9
    assert "Sama lugu: leht0.example, leht1.example" in facts.text


def test_an_article_of_one_address_says_nothing(scripted: Scripted) -> None:
    client = scripted(results=RESULTS, view=VIEW)
    assert "Sama lugu" not in client.get("/").text
    assert "Sama lugu" not in client.get("/article/x").text


def test_the_api_lists_them_as_they_are(scripted: Scripted) -> None:
    results = replace(RESULTS, hits=(replace(HIT, duplicates=OTHERS),))
    (hit,) = scripted(results=results).get("/api/search").get_json()["hits"]
    assert hit["duplicates"] == list(OTHERS)
