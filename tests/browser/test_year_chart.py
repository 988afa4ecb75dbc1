"""The chart of the years and the fields for a span, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from on_page import bars, chips, fold_of_filters, said_of_results
from playwright.sync_api import FloatRect, Page, expect
from site_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
AREA = "Rohe- ja ringmajandus"
#: The ground of the bars that a drag covers.
COVERED = "rgb(252, 236, 179)"
#: In what colours shapes are drawn.
FILLS = """each => [...each.querySelectorAll("rect, circle")].map((shape) => {
    const { fill, stroke } = getComputedStyle(shape);
    return fill === "none" ? stroke : fill;
})"""
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])


@JAVASCRIPT
def test_a_bar_narrows_the_results_and_gives_them_back(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid&sort=oldest", java_script_enabled=javascript)
    chart = page.get_by_role("list", name="Artikleid aastati")
    bar = chart.get_by_role("button", name=re.compile("artiklit")).nth(2)
    said = re.findall(r"(\d+) artiklit", bar.inner_text())[0]
    bar.click()
    expect(page).to_have_url(re.compile(r"from=20\d\d&to=20\d\d"))
    expect(said_of_results(page)).to_have_text(f"Leitud {said} artiklit")
    expect(page.get_by_role("list", name="Artikleid kuuti")).to_be_visible()
    page.get_by_role("link", name="Kõik aastad").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&sort=oldest$"))
    expect(chart).to_be_visible()


def drag(page: Page, first: int, last: int) -> None:
    """Press on one bar, move to another and let go."""
    all_bars = bars(page)
    places = [all_bars.nth(at).bounding_box() for at in (first, last)]
    page.mouse.move(*middle(places[0]))
    page.mouse.down()
    page.mouse.move(*middle(places[1]), steps=5)
    page.mouse.up()


def ends(page: Page, first: int, last: int) -> str:
    """The span from one bar to another, as an address says it."""
    all_bars = bars(page)
    dates = [
        (all_bars.nth(at).get_attribute("data-dates") or "").split("/") for at in (first, last)
    ]
    return f"from={dates[0][0]}&to={dates[1][1]}"


def middle(place: FloatRect | None) -> tuple[float, float]:
    assert place
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


@pytest.mark.parametrize(("first", "last"), [(1, 3), (3, 1)], ids=["forwards", "backwards"])
def test_a_range_is_dragged_over_the_bars(visit: OpenPage, first: int, last: int) -> None:
    page = visit("/?q=klastrid&sort=oldest")
    all_bars = bars(page)
    said = sum(
        int(re.findall(r"(\d+) artik", all_bars.nth(at).inner_text())[0]) for at in (1, 2, 3)
    )
    span = ends(page, 1, 3)
    drag(page, first, last)
    expect(page).to_have_url(re.compile(rf"(?=.*sort=oldest)(?=.*{span})"))
    expect(said_of_results(page)).to_have_text(f"Leitud {said} artiklit")
    # Another drag takes the place of the first span, as another pair of years does.
    drag(page, 4, 5)
    expect(page).not_to_have_url(re.compile(span))
    expect(chips(page)).to_have_count(1)


def test_a_drag_shows_what_it_covers_and_a_click_is_none(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    all_bars = bars(page)
    span = ends(page, 2, 2)
    page.mouse.move(*middle(all_bars.nth(2).bounding_box()))
    page.mouse.down()
    page.mouse.move(*middle(all_bars.nth(4).bounding_box()), steps=4)
    for at in range(2, 5):
        expect(all_bars.nth(at)).to_have_css("background-color", COVERED)
    expect(all_bars.nth(5)).not_to_have_css("background-color", COVERED)
    page.mouse.move(*middle(all_bars.nth(2).bounding_box()), steps=4)
    page.mouse.up()
    expect(page).not_to_have_url(re.compile(r"klastrid$"))
    assert page.url.endswith(f"?q=klastrid&{span}")
    page.mouse.move(600, 600, steps=3)
    for bar in all_bars.all():
        expect(bar).not_to_have_css("background-color", COVERED)


def test_a_chosen_bar_can_be_dragged_from(visit: OpenPage) -> None:
    """It is a link, and browsers would rather drag that."""
    page = visit("/?q=klastrid")
    all_bars = bars(page)
    own, wider = ends(page, 1, 1), ends(page, 1, 2)
    years = re.findall(r"\d+", own)
    page.goto(f"/?q=klastrid&year={years[0]}-{years[1]}&year=2020")
    expect(all_bars).to_have_count(9)
    drag(page, 1, 2)
    expect(page).to_have_url(re.compile(wider))


def test_a_finger_drags_over_the_bars_too(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", has_touch=True, **PHONE)
    fold_of_filters(page).tap()
    all_bars = bars(page)
    all_bars.nth(1).scroll_into_view_if_needed()
    places = [middle(all_bars.nth(at).bounding_box()) for at in (1, 2, 3)]
    finger = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", 0), ("touchMove", 1), ("touchMove", 2), ("touchEnd", None)):
        points = [] if at is None else [{"x": places[at][0], "y": places[at][1]}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page).to_have_url(re.compile(r"\?q=klastrid&from=\d{4}&to=\d{4}$"))
    fold_of_filters(page).tap()
    for at in (1, 2, 3):
        expect(all_bars.nth(at).get_by_role("button")).to_have_attribute("aria-current", "true")
    for at in (0, 4):
        expect(all_bars.nth(at).get_by_role("button")).not_to_have_attribute("aria-current", "true")


@JAVASCRIPT
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_the_years_are_coloured_and_taken_back(
    visit: OpenPage, javascript: bool, size: dict[str, int]
) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript, **size)
    summary = fold_of_filters(page)
    if size:
        summary.click()
    page.get_by_role("link", name="Näita valdkondade kaupa").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&colour=focus$"))
    if size:
        summary.click()
    legend = page.get_by_role("list", name="Valdkondade värvid")
    expect(legend).to_contain_text(AREA)
    (hue,) = legend.get_by_role("listitem").filter(has_text=AREA).evaluate(FILLS)
    assert hue in bars(page).first.evaluate(FILLS)
    page.get_by_text("Arvud tabelina").click()
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader", name=AREA)).to_be_visible()
    numbers = table.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
    name = bars(page).first.inner_text()
    assert numbers[-1] == re.findall(r"(\d+) artik", name)[0]
    # A filter keeps the colours.
    page.get_by_role("checkbox", name=AREA).check()
    if size or not javascript:
        page.get_by_role("button", name="Rakenda filtrid").click()
    expect(page).to_have_url(re.compile(r"(?=.*&focus=rohe-ringmajandus)(?=.*&colour=focus)"))
    if size:
        summary.click()
    page.get_by_role("link", name="Näita koos").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&focus=rohe-ringmajandus$"))


def test_colours_are_kept_where_the_system_chooses_them(visit: OpenPage) -> None:
    page = visit("/?q=klastrid&colour=focus", forced_colors="active")
    fills = bars(page).first.evaluate(FILLS)
    assert len(set(fills)) == len(fills) > 1


def test_bars_can_be_reached_and_seen_by_keyboard(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    bar = page.get_by_role("list", name="Artikleid aastati").get_by_role("button").first
    bar.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(bar).to_be_focused()
    assert bar.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("from="))
