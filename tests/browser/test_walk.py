"""The same walks by phone and on a desktop, with and without JavaScript, held to axe-core."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from on_page import (
    chips,
    expect_language,
    fold_of_filters,
    marks,
    results,
    said_of_results,
    titles,
)
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect
from site_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
AREA = "Rohe- ja ringmajandus"
ARTICLE = "/article/2009-10-06-saepuru-ei-ole-prugi?q=puit"
#: Whether an element has the focus, and whether what has it can be seen.
FOCUS = """each => [
    (each.closest('summary') ?? each) === document.activeElement,
    document.activeElement.checkVisibility(),
]"""
#: More presses of a key than any page needs.
MOST_PRESSES = 150
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])


def broken_rules(page: Page) -> list[str]:
    return [each["id"] for each in Axe().run(page).response["violations"]]


def tab_to(page: Page, target: Locator) -> None:
    """Go on by Tab until ``target`` has the focus; whatever has it on the way can be seen."""
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        met, visible = target.evaluate(FOCUS)
        if met:
            expect(target).to_be_in_viewport()
            return
        assert visible
    pytest.fail(f"the keyboard does not lead to {target}")


@SIZES
@JAVASCRIPT
def test_what_was_understood_and_found_is_said(
    visit: OpenPage, size: dict[str, int], javascript: bool
) -> None:
    page = visit("/", java_script_enabled=javascript, **size)
    page.get_by_label("Otsi klastriuudistest").fill("klaster robot")
    page.get_by_role("button", name="Otsi", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile(r"^Leitud \d+ artiklit?$"))).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"^Lisaks \d+, mis vastavad ainult osaliselt"))
    ).to_be_visible()
    said = page.get_by_text(re.compile("^Otsiti: „klaster“ igas vormis ja „robot“ igas vormis"))
    expect(said).to_be_visible()
    expect(results(page).get_by_role("paragraph").get_by_role("mark").first).to_be_visible()
    why = page.get_by_text("Miks see leiti?").first
    why.click()
    expect(page.get_by_text(re.compile("^„klaster“ on .*rtiklis")).first).to_be_visible()
    assert not javascript or not broken_rules(page)  # axe-core is a script, too


@SIZES
@JAVASCRIPT
def test_a_value_is_left_out_and_taken_back(
    visit: OpenPage, size: dict[str, int], javascript: bool
) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript, **size)
    before = said_of_results(page).inner_text()
    if size:
        fold_of_filters(page).click()
    page.get_by_role("button", name=f"Jäta välja: {AREA}").click()
    expect(chips(page)).to_contain_text(f"mitte {AREA}")
    assert not javascript or not broken_rules(page)  # axe-core is a script, too
    page.get_by_role("link", name=re.compile("^Eemalda filter")).click()
    expect(said_of_results(page)).to_have_text(before)


@SIZES
@JAVASCRIPT
def test_an_article_is_read_and_cited(
    visit: OpenPage, size: dict[str, int], javascript: bool
) -> None:
    page = visit(ARTICLE, java_script_enabled=javascript, **size)
    expect(marks(page).first).to_be_visible()
    cite = page.get_by_role("complementary")
    for name, held in (("BibTeX", "title = {{"), ("RIS", "TY  - "), ("CSL-JSON", '"title"')):
        with page.expect_download() as begun:
            cite.get_by_role("link", name=name).click()
        assert held in Path(begun.value.path()).read_text(encoding="utf-8")
    assert not javascript or not broken_rules(page)  # axe-core is a script, too


@SIZES
@JAVASCRIPT
def test_all_that_was_found_is_taken_along(
    visit: OpenPage, size: dict[str, int], javascript: bool
) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript, **size)
    found = titles(page).all_inner_texts()
    assert found
    for name in ("CSV", "JSON", "BibTeX"):
        with page.expect_download() as begun:
            page.get_by_role("link", name=name, exact=True).click()
        assert found[0] in Path(begun.value.path()).read_text(encoding="utf-8-sig")
    with page.expect_download() as begun:
        page.get_by_role("link", name="Excel", exact=True).click()
    assert begun.value.suggested_filename == "klastriotsing.xlsx"
    sheet = load_workbook(io.BytesIO(Path(begun.value.path()).read_bytes())).worksheets[0]
    headings, first = (next(sheet.iter_rows(at, at, values_only=True)) for at in (1, 2))
    assert headings[:2] == ("Pealkiri", "Kuupäev")
    assert first[0] == found[0]
    dates = [each[1] for each in sheet.iter_rows(2, values_only=True) if each[1]]
    assert dates
    assert all(isinstance(each, datetime) for each in dates)


@SIZES
@JAVASCRIPT
def test_the_language_is_chosen(visit: OpenPage, size: dict[str, int], javascript: bool) -> None:
    page = visit("/?q=klastrid&year=2016", java_script_enabled=javascript, **size)
    page.get_by_role("link", name="English").click()
    expect_language(page, "en")
    expect(said_of_results(page)).to_contain_text("found")
    expect(chips(page)).to_contain_text("2016")
    page.get_by_role("link", name="Search help").first.click()
    expect_language(page, "en")
    page.get_by_role("link", name="Eesti", exact=True).click()
    expect_language(page, "et")


@SIZES
@JAVASCRIPT
def test_a_keyboard_searches_filters_reads_and_comes_back(
    visit: OpenPage, size: dict[str, int], javascript: bool
) -> None:
    page = visit("/", java_script_enabled=javascript, **size)
    tab_to(page, page.get_by_label("Otsi klastriuudistest"))
    page.keyboard.type("klastrid")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=klastrid$"))
    if size:
        tab_to(page, fold_of_filters(page))
        page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("checkbox", name=AREA))
    page.keyboard.press("Space")
    if size or not javascript:
        tab_to(page, page.get_by_role("button", name="Rakenda filtrid"))
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=klastrid&focus=rohe-ringmajandus$"))
    title = titles(page).first.get_by_role("link")
    name = title.inner_text()
    tab_to(page, title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    tab_to(page, page.get_by_role("link", name="Tagasi tulemuste juurde"))
    page.keyboard.press("Enter")
    expect(chips(page)).to_contain_text(AREA)


@SIZES
def test_the_list_of_keys_and_more_contrast_break_no_rule(
    visit: OpenPage, size: dict[str, int]
) -> None:
    page = visit(ARTICLE, contrast="more", reduced_motion="reduce", **size)
    assert not broken_rules(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Kiirklahvid")).to_be_visible()
    assert not broken_rules(page)


@SIZES
def test_an_article_is_printed_without_what_leads_elsewhere(
    visit: OpenPage, size: dict[str, int]
) -> None:
    page = visit(ARTICLE, color_scheme="dark", **size)
    gone = (
        page.get_by_role("search"),
        page.get_by_role("link", name="Tagasi tulemuste juurde"),
        page.get_by_role("navigation", name="Märgitud sõnad"),
        page.get_by_role("navigation", name="Sarnased artiklid"),
        page.get_by_role("contentinfo"),
    )
    for each in gone:
        expect(each).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("article").get_by_role("paragraph").last).to_be_visible()
    for each in gone:
        expect(each).to_be_hidden()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
