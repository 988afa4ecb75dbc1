"""Dates are chosen by two fields, by usual spans and month by month, with and without scripts."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from site_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])


def unfold(page: Page, size: dict[str, int]) -> None:
    """On a phone the filters are folded away."""
    if size:
        page.get_by_text("Filtrid", exact=True).nth(1).click()


@JAVASCRIPT
@SIZES
def test_a_span_is_typed_and_stands_in_its_fields(
    visit: OpenPage, javascript: bool, size: dict[str, int]
) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript, **size)
    unfold(page, size)
    span = page.get_by_role("group", name="Ajavahemik")
    span.get_by_label("alates").fill("01.05.2014")
    span.get_by_label("kuni").fill("2018")
    span.get_by_role("button", name="Rakenda").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&from=2014-05-01&to=2018$"))
    unfold(page, size)
    expect(span.get_by_label("alates")).to_have_value("01.05.2014")
    expect(span.get_by_label("kuni")).to_have_value("2018")
    chip = page.get_by_role("link", name="Eemalda filter: Aeg 01.05.2014–2018")
    expect(chip).to_be_visible()
    # Another filter keeps the span, and another span takes its place; Enter is enough.
    page.get_by_role("checkbox", name="Rohe- ja ringmajandus").check()
    if size or not javascript:
        page.get_by_role("button", name="Rakenda filtrid").click()
    expect(page).to_have_url(re.compile("focus=rohe-ringmajandus&from=2014-05-01&to=2018$"))
    unfold(page, size)
    span.get_by_label("alates").fill("2019")
    span.get_by_label("kuni").fill("")
    span.get_by_label("alates").press("Enter")
    expect(page).to_have_url(re.compile(r"focus=rohe-ringmajandus&from=2019$"))
    page.get_by_role("link", name="Eemalda filter: Aeg alates 2019").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&focus=rohe-ringmajandus$"))


@JAVASCRIPT
@SIZES
def test_what_is_no_date_stays_where_it_was_typed(
    browser: Browser, address: str, javascript: bool, size: dict[str, int]
) -> None:
    # Not by ``visit``: the console of the browser notes that the answer is a refusal.
    viewport = size or {"width": 1280, "height": 900}
    with browser.new_context(
        base_url=address,
        locale="et-EE",
        viewport=viewport,  # type: ignore[arg-type]
        java_script_enabled=javascript,
    ) as context:
        page = context.new_page()
        page.goto("/?q=klastrid")
        unfold(page, size)
        page.get_by_label("alates").fill("eelmisel talvel")
        page.get_by_label("kuni").fill("2016")
        page.get_by_role("group", name="Ajavahemik").get_by_role("button").click()
        expect(page.get_by_label("Otsi klastriuudistest")).to_have_value("klastrid")
        unfold(page, size)
        expect(page.get_by_role("alert")).to_contain_text("See ei ole kuupäev.")
        expect(page.get_by_label("alates")).to_have_value("eelmisel talvel")
        expect(page.get_by_label("kuni")).to_have_value("2016")
        page.get_by_label("alates").fill("2014")
        page.get_by_label("alates").press("Enter")
        expect(page).to_have_url(re.compile("from=2014&to=2016$"))


@JAVASCRIPT
def test_usual_spans_are_one_click_away(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid&org=EAS", java_script_enabled=javascript)
    for name in ("viimane kuu", "sel aastal", "viimane aasta", "viis aastat"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    page.get_by_role("button", name="viis aastat", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&org=EAS&from=\d{4}-\d\d-\d\d$"))
    pressed = page.get_by_role("button", name="viis aastat", exact=True)
    expect(pressed).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("alates")).to_have_value(re.compile(r"^\d\d\.\d\d\.\d{4}$"))


@JAVASCRIPT
@SIZES
def test_a_year_opens_into_months(visit: OpenPage, javascript: bool, size: dict[str, int]) -> None:
    page = visit("/?from=2016&to=2016", java_script_enabled=javascript, **size)
    unfold(page, size)
    months = page.get_by_role("list", name="Artikleid kuuti")
    expect(months.get_by_role("listitem")).to_have_count(12)
    june = months.get_by_role("button", name=re.compile("^juuni 2016: 1 artikkel"))
    june.click()
    expect(page.get_by_role("heading", name="Leitud 1 artikkel")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?from=2016-06&to=2016-06$"))
    unfold(page, size)
    expect(page.get_by_label("kuni")).to_have_value("06.2016")
    months.get_by_role("link", name="Eemalda filter: juuni 2016").click()
    expect(page).to_have_url(re.compile("/$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@SIZES
def test_dates_break_no_rule(visit: OpenPage, scheme: str, size: dict[str, int]) -> None:
    page = visit("/?from=2016&to=2016", color_scheme=scheme, **size)
    for path in ("/?from=2016&to=2016", "/?from=2015-02&to=2016-09&colour=focus&not_org=EAS"):
        page.goto(path)
        unfold(page, size)
        assert not Axe().run(page).response["violations"]
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.evaluate("innerWidth")
