"""Why an article has its values: whole sentences, marked, each leading to its place in the text."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from answers import VIEW
from flask.testing import FlaskClient
from page_reader import Element, Page

from search.article import OVERRIDE, Evidence, Extracted, Origin
from search.article_view import ArticleView, EvidenceView, ValueView
from search.request import SearchRequest
from search.results import Mark, Snippet
from search.service import SearchService

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]
BODY = ("Klaster alustas. Puit kasvas. Lõpp.", "Teine lõik.")


def view_of(*values: ValueView, marks: tuple[Mark, ...] = (), **article: object) -> ArticleView:
    changed = replace(VIEW.article, body=BODY, **article)  # type: ignore[arg-type]
    paragraphs = (Snippet(BODY[0], marks), Snippet(BODY[1]))
    return replace(VIEW, article=changed, values=values, paragraphs=paragraphs)


def sentence(text: str, start: int, marked: str) -> EvidenceView:
    at = text.index(marked)
    return EvidenceView(text, (Mark(at, at + len(marked)),), "body", start, start + len(text))


def quotes(page: Page) -> list[tuple[str, list[str], str | None]]:
    """Sentence, marked words and the place it leads to, of every piece of evidence."""
    return [
        (
            next(e.text for e in page.all("span") if e.parents[-1] is each),
            [mark.text for mark in page.all("mark") if each in mark.parents],
            next((a["href"] for a in page.all("a") if a.parents[-1] is each), None),
        )
        for each in page.all("blockquote")
    ]


def place(page: Page, href: str) -> Element:
    return next(each for each in page.elements if each.get("id") == href.removeprefix("#"))


def test_every_found_value_of_every_article_has_its_sentence(
    service: SearchService, read: Read
) -> None:
    for hit in service.search(SearchRequest(page_size=1000)).hits:
        page, view = read(f"/article/{hit.id}"), service.article(hit.id)
        found = quotes(page)
        assert len(found) == sum(len(each.evidence) for each in view.values)
        for value in view.values:
            assert bool(value.evidence) == (value.origin == "found")
        for text, marked, href in found:
            assert marked, (hit.id, text)
            assert not text.startswith("…")
            assert not text.endswith("…")
            if href:
                assert place(page, href).text == text
                assert place(page, href).inside("article")


def test_a_sentence_leads_to_its_place_though_words_of_the_query_are_marked(
    scripted: Scripted,
) -> None:
    found = (sentence("Puit kasvas.", 17, "Puit"), sentence("Teine lõik.", 37, "lõik"))
    view = view_of(ValueView("org", "A", "A", "found", found), marks=(Mark(8, 21), Mark(30, 34)))
    page = Page(scripted(view=view).get("/article/x?q=a").text)
    assert quotes(page) == [
        ("Puit kasvas.", ["Puit"], "#s17"),
        ("Teine lõik.", ["lõik"], "#s37"),
    ]
    body = page.one("div", class_="body")
    assert body.text == " ".join(BODY)
    marked = [each.text for each in page.all("mark") if body in each.parents]
    assert marked == ["alustas.", "Puit", "Lõpp"]
    assert place(page, "#s17").text == "Puit kasvas."


def test_sentences_that_overlap_are_both_led_to(scripted: Scripted) -> None:
    both = sentence("Klaster alustas. Puit kasvas.", 0, "alustas. Puit")
    found = (both, sentence("Puit kasvas.", 17, "Puit"))
    page = Page(
        scripted(view=view_of(ValueView("org", "A", "A", "found", found))).get("/article/x").text
    )
    assert page.one("div", class_="body").text == " ".join(BODY)
    for _, _, href in quotes(page):
        assert href
        assert place(page, href)


@pytest.mark.parametrize(
    ("origin", "evidence", "said"),
    [
        ("given", Evidence("given", 0, 10, "2016-12-02"), "allika andmetel"),
        ("given", Evidence("given", 0, 9, OVERRIDE), "käsitsi parandatud"),
        ("found", Evidence("url", 0, 4, "2016"), "leitud aadressist"),
        ("found", Evidence("path", 0, 4, "2016"), "leitud failinimest"),
    ],
)
def test_it_is_said_where_a_value_is_from(
    scripted: Scripted, origin: Origin, evidence: Evidence, said: str
) -> None:
    year = Extracted(2016, origin, (evidence,))
    view = view_of(ValueView("year", "2016", "2016", origin, ()), year=year)
    page = Page(scripted(view=view).get("/article/x").text)
    assert [each.text for each in page.all("span", class_="origin")] == [said, said]


def test_evidence_in_the_title_leads_to_it(scripted: Scripted) -> None:
    found = EvidenceView(VIEW.article.title, (Mark(0, 8),), "title", 0, 17)
    view = view_of(ValueView("focus", "a", "A", "found", (found,)))
    page = Page(scripted(view=view).get("/article/x").text)
    ((_, marked, href),) = quotes(page)
    assert marked == ["Klastrid"]
    assert place(page, href or "").tag == "h1"
