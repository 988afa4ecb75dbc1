"""The chart of the years and the fields for a span, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])


@JAVASCRIPT
def test_a_bar_narrows_the_results_and_gives_them_back(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid&sort=oldest", java_script_enabled=javascript)
    chart = page.get_by_role("list", name="Artikleid aastati")
    bar = chart.get_by_role("button", name=re.compile("artiklit")).nth(2)
    said = re.findall(r"(\d+) artiklit", bar.inner_text())[0]
    bar.click()
    expect(page).to_have_url(re.compile(r"year=20[\d-]+"))
    expect(page.locator("#results-title")).to_have_text(f"Leitud {said} artiklit")
    chart.get_by_role("link", name=re.compile("^Eemalda filter")).click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&sort=oldest$"))


@JAVASCRIPT
def test_a_span_is_typed_into_two_fields(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript)
    span = page.get_by_role("group", name="Aastavahemik")
    span.get_by_label("alates").fill("2014")
    span.get_by_label("kuni").fill("2016")
    span.get_by_role("button", name="Näita").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&year=2014-2016$"))
    expect(page.get_by_role("checkbox", name="2014–2016")).to_be_checked()
    expect(span.get_by_label("alates")).to_have_value("")
    # Another span takes the place of the first; Enter is enough.
    span.get_by_label("alates").fill("2019")
    span.get_by_label("alates").press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=klastrid&year=2019-2200$"))
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator(".chip")).to_contain_text("alates 2019")


def test_bars_can_be_reached_and_seen_by_keyboard(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    bar = page.get_by_role("list", name="Artikleid aastati").get_by_role("button").first
    bar.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(bar).to_be_focused()
    assert bar.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("year="))
