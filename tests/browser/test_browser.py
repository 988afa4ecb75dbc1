"""A visitor's ways through the site, in a real Chromium over the real program."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
AREA = "Rohe- ja ringmajandus"
PHONE = {"width": 390, "height": 844}
PAGES = (
    "/",
    "/?q=klastrid",
    "/?q=klaster+robot&focus=rohe-ringmajandus&not_year=2016",
    "/?q=klastrofoobia&focus=rohe-ringmajandus",
    "/article/2009-10-06-saepuru-ei-ole-prugi?q=puit",
)
#: Targets under 24 px (WCAG 2.5.8). Titles stand far enough apart to be excepted.
TOO_SMALL = """() => [...document.querySelectorAll('a, button, summary, label:has(input)')]
    .filter((each) => each.checkVisibility() && !each.closest('.skip, h3'))
    .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.height < 24 || box.width < 24))
    .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""


def count_of(page: Page) -> int:
    found = re.search(r"\d+", page.locator("#results-title").inner_text())
    return int(found.group()) if found else 0


def search(page: Page, query: str) -> None:
    box = page.get_by_role("searchbox", name="Otsi klastriuudistest")
    box.fill(query)
    box.press("Enter")
    expect(page.locator("#results-title")).to_contain_text("Leitud")


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_search_filter_read_and_come_back(visit: OpenPage, javascript: bool) -> None:
    page = visit("/", java_script_enabled=javascript)
    search(page, "klastrid")
    all_of_them = count_of(page)
    page.get_by_role("checkbox", name=AREA).check()
    if not javascript:
        page.get_by_role("button", name="Rakenda filtrid").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&focus=rohe-ringmajandus$"))
    fewer = count_of(page)
    assert 0 < fewer < all_of_them
    expect(page.get_by_role("checkbox", name=AREA)).to_be_checked()

    title = page.locator(".hit h3 a").first
    name = title.inner_text()
    title.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("article mark").first).to_contain_text(re.compile("klast", re.IGNORECASE))
    expect(page.get_by_role("complementary")).to_contain_text(AREA)

    page.get_by_role("link", name="Tagasi tulemuste juurde").click()
    assert count_of(page) == fewer
    page.get_by_role("link", name="Tühjenda kõik filtrid").click()
    assert count_of(page) == all_of_them
    expect(page.get_by_role("checkbox", name=AREA)).not_to_be_checked()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_filters_on_a_phone_are_one_tap_away(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript, has_touch=True, **PHONE)
    expect(page.locator(".hit").first).to_be_in_viewport()
    expect(page.get_by_role("checkbox", name=AREA)).to_be_hidden()
    page.locator("#filters > summary").tap()
    page.get_by_role("checkbox", name=AREA).check()
    page.get_by_role("checkbox", name="valdkonnata").check()
    page.get_by_role("button", name="Rakenda filtrid").tap()
    expect(page).to_have_url(re.compile("focus=rohe-ringmajandus&focus=none"))
    expect(page.locator("#filters > summary")).to_contain_text("2 valitud")
    expect(page.locator(".hit").first).to_be_visible()


def test_filters_stand_beside_the_results_on_a_desktop(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", java_script_enabled=False)
    expect(page.get_by_role("checkbox", name=AREA)).to_be_visible()
    expect(page.locator("#filters > summary")).to_be_hidden()
    filters = page.locator(".filters").bounding_box()
    results = page.locator(".results").bounding_box()
    assert filters
    assert results
    assert filters["x"] + filters["width"] <= results["x"]
    assert abs(filters["y"] - results["y"]) < 5


def test_a_choice_at_once_keeps_place_and_focus(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", height=500)
    box = page.get_by_role("checkbox", name="aasta teadmata", include_hidden=True)
    page.locator(".facet-year .fold summary").click()
    box.check()
    expect(page).to_have_url(re.compile("year=unknown"))
    expect(box).to_be_focused()
    expect(box).to_be_checked()


def test_leaving_a_value_out(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    all_of_them = count_of(page)
    page.get_by_role("link", name=f"Jäta välja: {AREA}").click()
    assert count_of(page) < all_of_them
    page.get_by_role("link", name=re.compile("Eemalda filter")).click()
    assert count_of(page) == all_of_them


def test_the_browsers_own_back_shows_that_pages_filters(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    page.get_by_role("checkbox", name=AREA).check()
    expect(page).to_have_url(re.compile("focus="))
    page.go_back()
    expect(page).to_have_url(re.compile("q=klastrid$"))
    expect(page.get_by_role("checkbox", name=AREA)).not_to_be_checked()


def test_the_keyboard_alone_is_enough(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Liigu tulemuste juurde")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.type("a/b")
    expect(box).to_have_value("a/b")


def test_why_and_help_open_without_javascript(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", java_script_enabled=False)
    page.locator(".why summary").first.click()
    expect(page.locator(".why li").first).to_be_visible()
    page.get_by_text("Kuidas otsida?").click()
    page.get_by_role("link", name="digi*").click()
    expect(page.get_by_role("searchbox")).to_have_value("digi*")


def test_the_language_is_switched_and_kept(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    page.get_by_role("link", name="English").click()
    expect(page.locator("#results-title")).to_contain_text("articles found")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Estonian cluster news")


@pytest.mark.parametrize("path", PAGES)
def test_the_layout_holds_at_every_size(visit: OpenPage, path: str) -> None:
    """Nothing scrolls sideways, nothing is too small to hit, with everything unfolded."""
    page = visit(path, width=320, height=800)
    for summary in page.locator("summary").all():
        if summary.is_visible():
            summary.click()
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not page.evaluate(TOO_SMALL), width
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 640, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_dark_follows_the_system(visit: OpenPage) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = visit("/", color_scheme="light").evaluate(colour)
    dark = visit("/", color_scheme="dark").evaluate(colour)
    assert light != dark
