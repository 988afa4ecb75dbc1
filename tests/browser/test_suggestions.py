"""Suggestions while typing, by keyboard, mouse and touch."""

import re
from collections.abc import Callable

import pytest
from on_page import chips, titles
from playwright.sync_api import Locator, Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
PHONE = {"width": 390, "height": 844}


def box_of(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Otsi klastriuudistest")


def type_into(page: Page, text: str) -> Locator:
    """Types and waits until something is offered."""
    box = box_of(page)
    box.press_sequentially(text)
    expect(page.get_by_role("listbox", name="Soovitused")).to_be_visible()
    return page.get_by_role("option")


def test_enter_searches_for_what_was_typed(visit: OpenPage) -> None:
    page = visit("/")
    type_into(page, "puidu")
    expect(box_of(page)).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=puidu$"))


def test_enter_before_the_answer_still_searches_for_what_was_typed(visit: OpenPage) -> None:
    page = visit("/")
    box_of(page).press_sequentially("puidu", delay=0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=puidu$"))
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_arrow_keys_choose_and_enter_goes_there(visit: OpenPage) -> None:
    page = visit("/")
    options = type_into(page, "emaj")
    box, last = box_of(page), options.count() - 1
    chosen = page.get_by_role("option", selected=True)
    page.keyboard.press("ArrowUp")
    expect(options.nth(last)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_count(0)
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile(""))
    page.keyboard.press("ArrowDown")
    expect(chosen).to_have_count(1)
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
    expect(box).to_be_focused()
    expect(box).to_have_value("emaj")
    while "organisatsioon" not in chosen.inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?org=Emaj%C3%B5e\+Rakendus%C3%BClikool$"))
    expect(chips(page)).to_contain_text("Emajõe Rakendusülikool")


def test_escape_closes_and_keeps_what_was_typed(visit: OpenPage) -> None:
    page = visit("/")
    type_into(page, "puidu")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box = box_of(page)
    expect(box).to_have_value("puidu")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=puidu$"))


def test_moving_in_the_text_takes_the_choice_back(visit: OpenPage) -> None:
    page = visit("/")
    type_into(page, "puidu")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=puidu$"))


def test_leaving_the_box_closes_the_list(visit: OpenPage) -> None:
    page = visit("/")
    type_into(page, "puidu")
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_the_count_is_announced(visit: OpenPage) -> None:
    page = visit("/")
    status = page.get_by_role("search").get_by_role("status")
    expect(status).to_be_empty()
    count = type_into(page, "puidu").count()
    expect(status).to_have_text(re.compile(rf"^{count} soovitust?$"))
    box_of(page).press_sequentially("qqqq")
    expect(status).to_have_text("Soovitusi ei ole")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_a_word_keeps_the_filters_in_force(visit: OpenPage) -> None:
    page = visit("/?focus=rohe-ringmajandus&sort=oldest")
    type_into(page, "puidu").filter(has_text="sõna").first.click()
    expect(page).to_have_url(re.compile(r"/\?q=\w+&focus=rohe-ringmajandus&sort=oldest$"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_touch_chooses_on_a_phone(visit: OpenPage, theme: str) -> None:
    page = visit("/", has_touch=True, color_scheme=theme, **PHONE)
    options = type_into(page, "saepuru ei")
    for option in options.all():
        size = option.bounding_box()
        assert size
        assert size["height"] >= 24
        assert size["x"] >= 0
        assert size["x"] + size["width"] <= PHONE["width"]
    options.filter(has_text="pealkiri").first.tap()
    expect(titles(page).first).to_contain_text("Saepuru ei ole prügi")


@pytest.mark.parametrize(("width", "size"), [(320, "100%"), (640, "200%")])
def test_the_list_holds_on_narrow_screens_and_in_large_text(
    visit: OpenPage, width: int, size: str
) -> None:
    page = visit("/", width=width, height=640)
    page.evaluate("size => document.documentElement.style.fontSize = size", size)
    type_into(page, "saepuru ei")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_answer_that_comes_late_is_forgotten(visit: OpenPage) -> None:
    page = visit("/")
    held: list[Route] = []
    page.route(re.compile(r"/suggestions\?q=pu$"), lambda route: held.append(route))
    box_of(page).press_sequentially("pu")
    page.wait_for_timeout(300)
    type_into(page, "idu")
    offered = page.get_by_role("option").all_inner_texts()
    held[0].fulfill(body="<ul><li role='option'>hilja</li></ul><p>1</p>")
    page.wait_for_timeout(200)
    assert page.get_by_role("option").all_inner_texts() == offered


def test_an_error_or_no_connection_leaves_a_plain_box(visit: OpenPage) -> None:
    page = visit("/")
    page.route("**/suggestions*", lambda route: route.fulfill(status=204))
    box = box_of(page)
    box.press_sequentially("puidu")
    page.wait_for_timeout(300)
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=puidu$"))


def test_without_javascript_the_box_is_a_plain_box(visit: OpenPage) -> None:
    page = visit("/", java_script_enabled=False)
    box = page.get_by_role("searchbox", name="Otsi klastriuudistest")
    box.fill("puidu")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=puidu$"))
