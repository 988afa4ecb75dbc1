"""No page breaks a rule of WCAG 2.2 A and AA, or of good practice, that axe-core can check."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from site_pages import PAGES, PHONE

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
DESKTOP = {"width": 1280, "height": 900}


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong: the rule, and the elements that break it."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: " + " | ".join(node["html"][:120] for node in each["nodes"])
        for each in found
    ]


@pytest.mark.parametrize(
    ("size", "theme"),
    [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")],
    ids=["desktop", "desktop-dark", "phone"],
)
def test_no_page_breaks_a_rule(visit: OpenPage, size: dict[str, int], theme: str) -> None:
    page = visit("/", color_scheme=theme, **size)
    broken = {}
    for path in PAGES:
        page.goto(path)
        if found := violations(page):
            broken[path] = found
    assert not broken


def test_no_page_in_english_breaks_a_rule(visit: OpenPage) -> None:
    page = visit("/?lang=en")
    broken = {}
    for path in PAGES:
        page.goto(path + ("&" if "?" in path else "?") + "lang=en")
        if found := violations(page):
            broken[path] = found
    assert not broken


def test_forced_colours_and_large_text_break_no_rule(visit: OpenPage) -> None:
    page = visit("/?q=klastrid&year=2014-2018&org=EAS", forced_colors="active", **PHONE)
    assert not violations(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert not violations(page)


def test_open_folds_and_suggestions_break_no_rule(visit: OpenPage) -> None:
    page = visit("/?q=klaster+robot&focus=rohe-ringmajandus&not_year=2016")
    for fold in page.locator("details > summary").all():
        if fold.is_visible():
            fold.click()
    assert not violations(page)
    box = page.get_by_role("combobox")
    box.fill("klas")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    assert not violations(page)
