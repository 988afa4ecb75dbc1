"""Facets in a browser: areas within areas, and pages that stand still when a choice is made."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from live import serving
from nested import TAXONOMY_FILE, nested_configuration
from on_page import chips, fold_of_filters, said_of_results
from playwright.sync_api import Browser, Page, expect
from site_pages import PHONE

from search.configuration import load_configuration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
AREA = "Rohe- ja ringmajandus"
#: How far things have moved on their own since the page began to be drawn, as browsers count it.
SHIFT = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const each of list.getEntries()) sum += each.value;
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""

#: The time that a search took may have a digit more; a line of text that moves is ten times this.
NOTHING = 1e-4


@pytest.fixture(scope="module")
def nested(
    tmp_path_factory: pytest.TempPathFactory, settings_file: Callable[..., Path]
) -> Iterator[str]:
    """The address of a site whose taxonomy has areas within areas."""
    folder = tmp_path_factory.mktemp("nested")
    file = settings_file(folder, f'taxonomy = "{folder / TAXONOMY_FILE}"')
    configuration = nested_configuration(folder, load_configuration(file, {}))
    with serving(configuration.index, "--config", str(file)) as found:
        yield found


@JAVASCRIPT
@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, PHONE], ids=["desktop", "phone"])
def test_an_area_within_another_is_seen_there_and_chosen(
    browser: Browser, nested: str, javascript: bool, size: dict[str, int]
) -> None:
    context = browser.new_context(
        base_url=nested,
        locale="et-EE",
        viewport=size,  # type: ignore[arg-type]
        java_script_enabled=javascript,
    )
    page = context.new_page()
    page.goto("/")
    is_phone = size == PHONE
    if is_phone:
        fold_of_filters(page).click()
    names = ("Rohemajandus", "Rohemajandus: Jäätmed", "Jäätmed: Kompost")
    boxes = [page.get_by_role("checkbox", name=re.compile(f"^{each} ")) for each in names]
    places = [each.bounding_box() for each in boxes]
    for outer, inner in pairwise(places):
        assert outer
        assert inner
        assert inner["x"] > outer["x"] + 10
        assert inner["y"] > outer["y"]
    boxes[1].check()
    if is_phone or not javascript:
        page.get_by_role("button", name="Rakenda filtrid").click()
    expect(said_of_results(page)).to_have_text("Leitud 3 artiklit")
    expect(chips(page)).to_contain_text("Jäätmed")
    page.goto("/valdkonnad")
    page.get_by_role("main").get_by_role("link", name="Kompost", exact=True).click()
    page.get_by_role("link", name="Jäätmed", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jäätmed")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    context.close()


@pytest.mark.one_engine
@pytest.mark.parametrize("path", ["/?q=klastrid", "/?q=klastrid&colour=focus", "/"])
def test_nothing_shifts_when_a_choice_takes_effect(visit: OpenPage, path: str) -> None:
    page = visit(path)
    assert page.evaluate(SHIFT) == 0
    page.get_by_role("checkbox", name=AREA).check()
    expect(page).to_have_url(re.compile("focus="))
    assert page.evaluate(SHIFT) < NOTHING
    place = page.get_by_role("checkbox", name=AREA)
    expect(place).to_be_focused()
    place.uncheck()
    expect(page).not_to_have_url(re.compile("focus="))
    assert page.evaluate(SHIFT) < NOTHING


@pytest.mark.one_engine
def test_nothing_shifts_though_the_value_was_folded(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", height=500)
    page.get_by_text("Aastate kaupa").click()
    page.get_by_role("checkbox", name="2009", exact=False).check()
    expect(page).to_have_url(re.compile("year="))
    assert page.evaluate(SHIFT) < 0.01


@pytest.mark.one_engine
def test_nothing_shifts_on_a_phone(visit: OpenPage) -> None:
    page = visit("/?q=klastrid&focus=rohe-ringmajandus", **PHONE)
    assert page.evaluate(SHIFT) == 0


@JAVASCRIPT
def test_from_nothing_to_a_part_of_the_query(visit: OpenPage, javascript: bool) -> None:
    page = visit('/?q="robot+saepuru"', java_script_enabled=javascript, **PHONE)
    expect(said_of_results(page)).to_have_text("Ühtegi artiklit ei leitud")
    page.get_by_role("link", name="„saepuru“: 1 artikkel").click()
    expect(said_of_results(page)).to_have_text("Leitud 1 artikkel")


@JAVASCRIPT
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_from_nothing_to_one_filter_fewer(
    visit: OpenPage, javascript: bool, size: dict[str, int]
) -> None:
    path = "/?q=saepuru&focus=rohe-ringmajandus&year=1999"
    page = visit(path, java_script_enabled=javascript, **size)
    expect(said_of_results(page)).to_have_text("Ühtegi artiklit ei leitud")
    page.get_by_role("link", name="Ilma filtrita „Aasta“: 1 artikkel").click()
    expect(said_of_results(page)).to_have_text("Leitud 1 artikkel")
    expect(chips(page)).to_have_count(1)


@JAVASCRIPT
def test_from_a_misspelt_query_to_all_its_organisations(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klsater", java_script_enabled=javascript)
    page.get_by_role("link", name=re.compile("^Vaata kõiki.*Organisatsioon")).click()
    expect(page.get_by_text("need tulemused on päringule „klaster“")).to_be_visible()
    page.get_by_role("checkbox", name="EAS").check()
    page.get_by_role("button", name=re.compile(r"^Näita \d+ artiklit$")).click()
    expect(said_of_results(page)).to_have_text("Leitud 8 artiklit")
    expect(chips(page)).to_contain_text("EAS")


@JAVASCRIPT
def test_an_organisation_says_what_else_it_is_called(visit: OpenPage, javascript: bool) -> None:
    page = visit("/organisatsioonid/eas", java_script_enabled=javascript)
    expect(page.get_by_text("Teised nimed", exact=True)).to_be_visible()
    page.get_by_role("link", name="Ettevõtluse Arendamise Sihtasutus").click()
    expect(page.get_by_text("Leitud")).to_be_visible()
