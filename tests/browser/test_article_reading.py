"""Reading an article: its addresses, its marks one by one, and the results around it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from live import run_program, serving
from playwright.sync_api import Page, expect
from site_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
#: Shorter articles stand before longer ones, so their order is known.
COUNT = 23
FILLING = " Koosolekul räägiti mastidest, labadest ja sadamast."
ADDRESSES = """---
title: Kust seminari ettekandeid lugeda
date: 2019-03-05
---
Ettekanded on lehel www.tuul.example.com/ettekanded (video https://video.example.com/a_(1)).
Tuuleklastri küsimused saatke aadressile seminar@tuul.example.com.

Tuuleklaster tänab kõiki, kes kohal olid. Järgmise korra kuulutab tuuleklaster välja suvel.
"""


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, settings_file: Callable[..., Path]
) -> Iterator[str]:
    """The program over a handful of articles about one thing, some with addresses."""
    news = tmp_path_factory.mktemp("uudised")
    (news / "ettekanded.txt").write_text(ADDRESSES, encoding="utf-8")
    for number in range(1, COUNT):
        text = f"Kohtumine {number}\n\nTuuleklaster kohtus.{FILLING * number}\n"
        (news / f"kohtumine-{number}.txt").write_text(text, encoding="utf-8")
    index = tmp_path_factory.mktemp("indeks") / "index"
    settings = str(settings_file(tmp_path_factory.mktemp("seaded")))
    run_program("--index", str(index), "reindex", str(news), "--config", settings)
    with serving(index, "--config", settings) as found:
        yield found


@JAVASCRIPT
def test_addresses_in_the_text_are_links(visit: OpenPage, javascript: bool) -> None:
    page = visit("/article/ettekanded?q=ettekanded", java_script_enabled=javascript)
    text = page.get_by_role("article")
    for name, target in (
        ("www.tuul.example.com/ettekanded", "http://www.tuul.example.com/ettekanded"),
        ("https://video.example.com/a_(1)", "https://video.example.com/a_(1)"),
        ("seminar@tuul.example.com", "mailto:seminar@tuul.example.com"),
    ):
        link = text.get_by_role("link", name=name, exact=True)
        expect(link).to_have_attribute("href", target)
        expect(link).to_have_attribute("rel", "external nofollow noopener")
    marked = text.get_by_role("link", name="www.tuul").get_by_role("mark")
    expect(marked).to_have_text("ettekanded")


@JAVASCRIPT
@SIZES
def test_the_results_are_read_one_after_the_other(
    visit: OpenPage, size: dict[str, int], javascript: bool
) -> None:
    page = visit("/?q=tuuleklaster&page=2", java_script_enabled=javascript, **size)
    listed = page.get_by_role("list", name=re.compile("^Leitud")).get_by_role("heading", level=3)
    names = listed.all_inner_texts()
    page.get_by_role("link", name=names[0], exact=True).click()
    title = page.get_by_role("heading", level=1)
    around = page.get_by_role("navigation", name="Tulemused")
    expect(title).to_have_text(names[0])
    expect(around).to_contain_text(f"11/{COUNT}")
    around.get_by_role("link", name="Järgmine tulemus").click()
    expect(title).to_have_text(names[1])
    expect(around).to_contain_text(f"12/{COUNT}")
    around.get_by_role("link", name="Eelmine tulemus").click()
    around.get_by_role("link", name="Eelmine tulemus").click()
    expect(around).to_contain_text(f"10/{COUNT}")
    page.get_by_role("link", name="Tagasi tulemuste juurde").click()
    expect(page).to_have_url(re.compile(r"\?q=tuuleklaster#hit-10$"))
    expect(listed.nth(9)).to_be_in_viewport()


def test_the_first_and_the_last_result_lead_one_way(visit: OpenPage) -> None:
    page = visit("/?q=tuuleklaster&sort=newest&view=brief&limit=50")
    listed = page.get_by_role("list", name=re.compile("^Leitud")).get_by_role("heading", level=3)
    listed.last.get_by_role("link").click()
    around = page.get_by_role("navigation", name="Tulemused")
    expect(around).to_contain_text(f"{COUNT}/{COUNT}")
    expect(around.get_by_role("link", name="Järgmine tulemus")).to_have_count(0)
    page.go_back()
    listed.first.get_by_role("link").click()
    expect(around.get_by_role("link", name="Eelmine tulemus")).to_have_count(0)
    expect(around.get_by_role("link", name="Järgmine tulemus")).to_be_visible()


def test_an_article_that_is_not_that_result_has_none_around_it(visit: OpenPage) -> None:
    for asked in ("q=tuuleklaster&rank=999", "q=seminar&rank=2", "q=tuuleklaster&rank=x", "q=tuul"):
        page = visit(f"/article/kohtumine-3?{asked}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Kohtumine 3")
        expect(page.get_by_role("navigation", name="Tulemused")).to_have_count(0)


@SIZES
def test_marks_are_counted_while_they_are_stepped_through(
    visit: OpenPage, size: dict[str, int]
) -> None:
    page = visit("/article/ettekanded?q=tuuleklaster", **size)
    marks = page.get_by_role("navigation", name="Märgitud sõnad")
    expect(marks).to_contain_text("Märgitud sõnu: 3")
    onward = marks.get_by_role("button", name="järgmine märgitud sõna")
    onward.click()
    expect(marks).to_contain_text("1/3")
    onward.click()
    expect(marks).to_contain_text("2/3")
    page.keyboard.press("p")
    expect(marks).to_contain_text("1/3")
    expect(onward).to_be_in_viewport()
    assert not Axe().run(page).response["violations"]


def test_marks_are_reached_by_number_without_javascript(visit: OpenPage) -> None:
    page = visit("/article/ettekanded?q=tuuleklaster", java_script_enabled=False, height=500)
    marks = page.get_by_role("navigation", name="Märgitud sõnad")
    expect(marks.get_by_role("button")).to_have_count(0)
    expect(marks.get_by_role("link")).to_have_text(["1", "2", "3"])
    marks.get_by_role("link", name="3").click()
    third = page.get_by_role("article").get_by_role("mark").nth(2)
    expect(third).to_be_in_viewport()
