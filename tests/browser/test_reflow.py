"""Narrow screens and large text: nothing has to be scrolled sideways, and nothing is cut off.

WCAG 2.2, 1.4.4 and 1.4.10: 320 CSS pixels, with text at 200 %.
"""

import re
from collections.abc import Callable

import pytest
from on_page import bars, fold_of_filters, results, said_of_results
from playwright.sync_api import Page, expect
from site_pages import PAGES, PHONE

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
#: Text twice as large: set as text, and by the zoom of a browser, which leaves half the pixels.
LARGE_TEXT = {"text": (320, "200%"), "zoom": (160, "100%")}
OTHER_PAGES = ("/?q=klaster&page=99", "/ligipaasetavus", "/abi?lang=en", "/?q=klaster&view=brief")
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"
WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
#: Texts of hits in which something is marked, but nothing of it can be seen.
UNSEEN = """list => [...list.querySelectorAll("p")].filter((each) => {
  const marks = [...each.querySelectorAll("mark")], { bottom } = each.getBoundingClientRect();
  return marks.length && !marks.some((mark) => {
    const place = mark.getBoundingClientRect();
    return place.width && place.bottom <= bottom + 1;
  });
}).map(({ textContent }) => textContent)"""


def enlarge(page: Page, size: str) -> None:
    page.evaluate("size => { document.documentElement.style.fontSize = size }", size)


@pytest.mark.parametrize(("width", "size"), LARGE_TEXT.values(), ids=LARGE_TEXT)
def test_no_page_is_wider_than_the_screen(visit: OpenPage, width: int, size: str) -> None:
    page = visit("/", width=width)
    too_wide = {}
    for path in (*PAGES, *OTHER_PAGES):
        page.goto(path)
        enlarge(page, size)
        for state, change in (("", "0"), (" unfolded", OPEN_ALL)):
            page.evaluate(change)
            whole, screen = page.evaluate(WIDTHS)
            if whole > screen:
                too_wide[path + state] = whole
    assert not too_wide


@pytest.mark.parametrize("path", ["/organisatsioonid/eas", "/valdkonnad"])
@pytest.mark.parametrize(("width", "size"), LARGE_TEXT.values(), ids=LARGE_TEXT)
def test_bars_stand_in_rows_where_one_has_no_room(
    visit: OpenPage, path: str, width: int, size: str
) -> None:
    page = visit(path, width=width, height=800)
    enlarge(page, size)
    chart = page.get_by_role("list", name="Artikleid aastati").first
    places = [each.bounding_box() for each in chart.get_by_role("listitem").all()]
    assert all(each and each["width"] >= 24 and each["height"] >= 40 for each in places)
    assert len({round(each["y"]) for each in places if each}) > 1
    assert len({round(each["width"]) for each in places if each}) == 1
    # The ring around the last one is drawn whole.
    last = chart.get_by_role("link").last
    last.focus()
    assert last.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    assert chart.evaluate("each => getComputedStyle(each).overflow") == "visible"


def test_a_drag_in_the_second_row_of_bars_takes_none_of_the_first(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", width=200, height=800)
    fold_of_filters(page).click()
    every = bars(page)
    places = [each.bounding_box() for each in every.all()]
    rows = [round(each["y"]) for each in places if each]
    first = next(at for at, row in enumerate(rows) if row > rows[0])
    every.nth(first).scroll_into_view_if_needed()
    begin, end = every.nth(first).bounding_box(), every.nth(first + 1).bounding_box()
    assert begin
    assert end
    dates = [(every.nth(first + at).get_attribute("data-dates") or "").split("/") for at in (0, 1)]
    page.mouse.move(begin["x"] + 5, begin["y"] + 20)
    page.mouse.down()
    page.mouse.move(end["x"] + 5, end["y"] + 20, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"from={dates[0][0]}&to={dates[1][1]}"))


@pytest.mark.parametrize(
    ("width", "size"),
    [*LARGE_TEXT.values(), (320, "100%"), (360, "100%"), (390, "100%"), (640, "100%"), (1280, "")],
)
def test_the_lines_shown_of_a_hit_hold_its_match(visit: OpenPage, width: int, size: str) -> None:
    page = visit("/", width=width)
    unseen = {}
    for query in ("klaster", "puit", "kompost", "ettevõte", "eesti", "aasta", "koostöö robot"):
        page.goto(f"/?q={query}&limit=25")
        if size:
            enlarge(page, size)
        expect(results(page).get_by_role("listitem").get_by_role("mark").first).to_be_attached()
        if found := results(page).evaluate(UNSEEN):
            unseen[query] = found
    assert not unseen


def test_what_a_phone_leaves_out_before_a_match_a_wide_screen_has(visit: OpenPage) -> None:
    page = visit("/?q=jäätmed", **PHONE)
    expect(said_of_results(page)).to_be_visible()
    shown = results(page).get_by_role("paragraph").filter(has=page.get_by_role("mark"))
    on_phone = shown.all_inner_texts()
    page.set_viewport_size({"width": 1280, "height": 900})
    wide = shown.all_inner_texts()
    assert len(wide) == len(on_phone) > 2
    shortened = [(one, other) for one, other in zip(on_phone, wide, strict=True) if one != other]
    assert shortened
    for one, other in shortened:
        assert other.endswith(one)


@pytest.mark.parametrize(("width", "size"), LARGE_TEXT.values(), ids=LARGE_TEXT)
def test_the_names_of_filters_have_room(visit: OpenPage, width: int, size: str) -> None:
    page = visit("/?q=klastrid", width=width)
    enlarge(page, size)
    fold_of_filters(page).click()
    for area in ("Rohe- ja ringmajandus", "Teenuseinnovatsioon ja loomemajandus"):
        box = (
            page.get_by_role("group", name="Valdkond").get_by_text(area, exact=True).bounding_box()
        )
        assert box
        assert box["width"] >= 0.5 * width
