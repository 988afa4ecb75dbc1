"""A visitor's ways through the site, in a real Chromium over the real program."""

import re
from collections.abc import Callable

import pytest
from on_page import chips, fold_of_filters, marks, said_of_results, titles
from playwright.sync_api import Page, expect
from site_pages import PAGES, PHONE

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
AREA = "Rohe- ja ringmajandus"
#: Opens everything that is folded, as clicks on all that unfolds would.
UNFOLD = "for (const each of document.querySelectorAll('details')) each.open = true"
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
#: Targets under 24 px (WCAG 2.5.8). Titles stand far enough apart to be excepted.
TOO_SMALL = """() => [...document.querySelectorAll('a, button, summary, label:has(input)')]
    .filter((each) => each.checkVisibility() && !each.closest('h3'))
    .map((each) => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.height < 24 || box.width < 24))
    .filter(([, box]) => box.bottom + scrollY > 0)
    .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""


def count_of(page: Page) -> int:
    found = re.search(r"\d+", said_of_results(page).inner_text())
    return int(found.group()) if found else 0


def search(page: Page, query: str) -> None:
    box = page.get_by_label("Otsi klastriuudistest")
    box.fill(query)
    box.press("Enter")
    expect(said_of_results(page)).to_contain_text("Leitud")


@JAVASCRIPT
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

    title = titles(page).first.get_by_role("link")
    name = title.inner_text()
    title.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(marks(page).first).to_contain_text(re.compile("klast", re.IGNORECASE))
    expect(page.get_by_role("complementary")).to_contain_text(AREA)

    page.get_by_role("link", name="Tagasi tulemuste juurde").click()
    assert count_of(page) == fewer
    page.get_by_role("link", name="Eemalda kõik filtrid").click()
    assert count_of(page) == all_of_them
    expect(page.get_by_role("checkbox", name=AREA)).not_to_be_checked()


@JAVASCRIPT
def test_filters_on_a_phone_are_one_tap_away(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript, has_touch=True, **PHONE)
    expect(titles(page).first).to_be_in_viewport()
    expect(page.get_by_role("checkbox", name=AREA)).to_be_hidden()
    fold_of_filters(page).tap()
    page.get_by_role("checkbox", name=AREA).check()
    page.get_by_role("checkbox", name="Valdkond määramata").check()
    page.get_by_role("button", name="Rakenda filtrid").tap()
    expect(page).to_have_url(re.compile("focus=rohe-ringmajandus&focus=none"))
    expect(page.get_by_text("2 valitud", exact=True)).to_be_visible()
    expect(titles(page).first).to_be_visible()


def test_filters_stand_beside_the_results_on_a_desktop(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", java_script_enabled=False)
    expect(page.get_by_role("checkbox", name=AREA)).to_be_visible()
    expect(fold_of_filters(page)).to_be_hidden()
    filters = page.get_by_role("region", name="Filtrid").bounding_box()
    found = page.get_by_role("region", name=re.compile("^Leitud")).bounding_box()
    assert filters
    assert found
    assert filters["x"] + filters["width"] <= found["x"]
    assert abs(filters["y"] - found["y"]) < 5


def test_a_choice_at_once_keeps_place_and_focus(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", height=500)
    box = page.get_by_role("checkbox", name="aasta teadmata", include_hidden=True)
    page.get_by_text("Aastate kaupa").click()
    box.check()
    expect(page).to_have_url(re.compile("year=unknown"))
    expect(box).to_be_focused()
    expect(box).to_be_checked()


@JAVASCRIPT
def test_leaving_a_value_out(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript)
    all_of_them = count_of(page)
    page.get_by_role("button", name=f"Jäta välja: {AREA}").click()
    place = "" if javascript else "#focus"
    expect(page).to_have_url(re.compile(rf"\?q=klastrid&not_focus=rohe-ringmajandus{place}$"))
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
    expect(page.get_by_role("list", name=re.compile("^Leitud"))).to_be_focused()
    page.keyboard.press("/")
    box = page.get_by_label("Otsi klastriuudistest")
    expect(box).to_be_focused()
    page.keyboard.type("a/b")
    expect(box).to_have_value("a/b")


def test_why_and_help_open_without_javascript(visit: OpenPage) -> None:
    page = visit("/?q=klastrid", java_script_enabled=False)
    page.get_by_text("Miks see leiti?").first.click()
    expect(page.get_by_text(re.compile("^„klastrid“ on artiklis")).first).to_be_visible()
    page.get_by_text("Kuidas otsida?").click()
    page.get_by_role("link", name="digi*").click()
    expect(page.get_by_label("Otsi klastriuudistest")).to_have_value("digi*")


@JAVASCRIPT
def test_orders_pages_and_what_a_hit_names(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript)
    all_of_them = count_of(page)
    page.get_by_role("link", name="vanemad ees").click()
    page.get_by_role("link", name="Järgmine").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&sort=oldest&page=2$"))
    organisations = page.get_by_role("list", name="Organisatsioonid").first
    name = organisations.get_by_role("link").first
    label = name.inner_text()
    name.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(label)
    page.get_by_role("main").get_by_role(
        "link", name=re.compile(r"^\d+ (artiklit|artikkel)$")
    ).first.click()
    expect(chips(page)).to_contain_text(label)
    assert 0 < count_of(page) < all_of_them


@JAVASCRIPT
def test_a_long_query_goes_on_by_the_form(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klaster+" + "%C3%B5" * 200, java_script_enabled=javascript)
    page.get_by_role("button", name="Lehekülg 2").click()
    expect(page.get_by_role("button", name="Lehekülg 2")).to_have_attribute("aria-current", "page")
    page.get_by_role("button", name="uuemad").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="newest")).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("Search cluster news")).to_have_value("klaster " + "õ" * 200)


@JAVASCRIPT
def test_the_help_is_found_and_its_examples_run(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript)
    page.get_by_role("search").get_by_role("link", name="Otsingu abi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kuidas otsida")
    page.get_by_role("navigation", name="Sisukord").get_by_role("link", name="Piirid").click()
    expect(page.get_by_role("heading", name="Piirid")).to_be_in_viewport()
    page.get_by_role("link", name="digi*").click()
    expect(page.get_by_label("Otsi klastriuudistest")).to_have_value("digi*")
    assert count_of(page) > 0


@pytest.mark.one_engine
def test_rows_of_the_help_stay_rows_on_a_phone(visit: OpenPage) -> None:
    page = visit("/abi", **PHONE)
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="digi*"))
    expect(row.get_by_role("cell")).to_have_count(2)


@JAVASCRIPT
def test_evidence_leads_to_its_sentence(visit: OpenPage, javascript: bool) -> None:
    page = visit(
        "/article/2009-10-06-saepuru-ei-ole-prugi", java_script_enabled=javascript, **PHONE
    )
    quotes = page.get_by_role("blockquote").filter(has_text="Leegivool AS, kes annab")
    quotes.first.get_by_role("link", name="tekstis").click()
    sentence = page.get_by_role("article").get_by_text(re.compile("^Leegivool AS, kes annab"))
    expect(sentence).to_be_in_viewport()
    assert sentence.evaluate("each => each.matches(':target')")


@JAVASCRIPT
def test_articles_like_the_one_read_lead_on_and_back(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=puit&sort=oldest", java_script_enabled=javascript)
    page.get_by_role("link", name=re.compile("Saepuru ei ole")).click()
    similar = page.get_by_role("navigation", name="Sarnased artiklid").get_by_role("link").first
    name = similar.inner_text()
    similar.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("link", name="Tagasi tulemuste juurde").click()
    expect(page).to_have_url(re.compile(r"\?q=puit&sort=oldest#hit-2$"))


@pytest.mark.one_engine
def test_the_language_is_switched_and_kept(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    page.get_by_role("link", name="English").click()
    expect(said_of_results(page)).to_contain_text("articles found")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Estonian cluster news")


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("path", "javascript"),
    [
        ("/", False),
        ("/?q=klastrid", False),
        *(
            pytest.param(path, True, marks=pytest.mark.slow if number % 4 else ())
            for number, path in enumerate(PAGES)
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_layout_holds_at_every_size(visit: OpenPage, path: str, javascript: bool) -> None:
    """Nothing scrolls sideways, nothing is too small to hit, with everything unfolded."""
    page = visit(path, width=320, height=800, java_script_enabled=javascript)
    page.evaluate(UNFOLD)
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not page.evaluate(TOO_SMALL), width
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 640, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


@pytest.mark.one_engine
def test_dark_follows_the_system(visit: OpenPage) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = visit("/", color_scheme="light").evaluate(colour)
    dark = visit("/", color_scheme="dark").evaluate(colour)
    assert light != dark


def test_keys_lead_from_mark_to_mark(visit: OpenPage) -> None:
    page = visit("/article/2009-10-06-saepuru-ei-ole-prugi?q=puit")
    words = marks(page)
    assert words.count() > 2
    page.keyboard.press("n")
    expect(words.nth(0)).to_be_focused()
    page.keyboard.press("n")
    expect(words.nth(1)).to_be_focused()
    page.get_by_role("button", name="eelmine märgitud sõna").click()
    expect(words.nth(0)).to_be_focused()
    page.keyboard.press("p")
    expect(words.last).to_be_focused()
    expect(words.last).to_be_in_viewport()


def test_the_first_mark_can_be_reached_without_javascript(visit: OpenPage) -> None:
    page = visit("/article/2009-10-06-saepuru-ei-ole-prugi?q=puit", java_script_enabled=False)
    expect(page.get_by_role("button", name="märgitud sõna")).to_have_count(0)
    numbered = page.get_by_role("navigation", name="Märgitud sõnad")
    numbered.get_by_role("link", name="1", exact=True).click()
    expect(marks(page).first).to_be_in_viewport()


@pytest.mark.one_engine
def test_the_keys_are_listed_and_can_be_turned_off(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Kiirklahvid")
    expect(keys).to_contain_text("otsingukasti")
    keys.get_by_role("checkbox", name="Kasuta kiirklahve").uncheck()
    keys.get_by_role("button", name="Sulge").click()
    expect(keys).to_be_hidden()
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox")).not_to_be_focused()
    page.keyboard.press("?")
    keys.get_by_role("checkbox", name="Kasuta kiirklahve").check()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.get_by_role("combobox").blur()
    # A list just closed keeps the focus until the page is painted again: nobody types in it.
    page.get_by_role("checkbox", name="Kasuta kiirklahve", include_hidden=True).dispatch_event(
        "keydown", {"key": "/", "bubbles": True}
    )
    expect(page.get_by_role("combobox")).to_be_focused()
