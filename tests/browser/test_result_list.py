"""The list of results: scanned, walked by keyboard, left for an article and come back to."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from on_page import results, titles
from playwright.sync_api import Browser, Page, expect
from site_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
LAPTOP = {"width": 1366, "height": 768}
SMALL_PHONE = {"width": 360, "height": 640}
AREA = "Rohe- ja ringmajandus"
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
#: Words of an element that stand on two lines.
BROKEN_WORDS = """each => {
  const broken = [], walker = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const { 0: word, index } of walker.currentNode.data.matchAll(/[\\p{L}\\d]+/gu)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, index);
      range.setEnd(walker.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) broken.push(word);
    }
  }
  return broken;
}"""


def seen(page: Page) -> int:
    """How many hits can be seen whole without scrolling, down to their titles."""
    height = page.viewport_size["height"] if page.viewport_size else 0
    boxes = [each.bounding_box() for each in titles(page).all()]
    return sum(box is not None and box["y"] + box["height"] <= height for box in boxes)


def test_source_and_date_stand_in_one_line_above_the_title(visit: OpenPage) -> None:
    page = visit("/?q=talvekohvikud", **LAPTOP)
    line = results(page).get_by_text("saared.example.com · detsember 2025").first
    above, title = line.bounding_box(), titles(page).first.bounding_box()
    assert above
    assert title
    assert above["y"] + above["height"] <= title["y"] + 1
    assert above["height"] < 30
    assert above["x"] == title["x"]
    original = page.get_by_role("link", name="Ava algallikas").first
    expect(original).to_have_attribute("href", re.compile("^https://saared.example.com/"))
    expect(original).to_have_attribute("rel", re.compile("noopener"))
    expect(original).not_to_have_attribute("target", "_blank")


@pytest.mark.parametrize(
    ("size", "wanted"), [(LAPTOP, 5), (SMALL_PHONE, 2)], ids=["laptop", "phone"]
)
def test_the_short_list_can_be_scanned(visit: OpenPage, size: dict[str, int], wanted: int) -> None:
    page = visit("/?q=klaster+robot&view=brief", **size)
    assert seen(page) >= wanted
    assert not Axe().run(page).response["violations"]


@pytest.mark.parametrize(
    ("size", "wanted"), [(LAPTOP, 5), (SMALL_PHONE, 2)], ids=["laptop", "phone"]
)
@pytest.mark.parametrize("query", ["klastrid", "puit"])
def test_so_many_results_begin_on_the_first_screen(
    visit: OpenPage, query: str, size: dict[str, int], wanted: int
) -> None:
    page = visit(f"/?q={query}", **size)
    place = titles(page).nth(wanted - 1).bounding_box()
    assert place
    assert place["y"] < size["height"]
    # Each has where and when, a title, two lines of its text, and what it names.
    hit = results(page).get_by_role("listitem").first
    expect(hit.get_by_role("list", name="Organisatsioonid")).to_be_visible()
    text = hit.get_by_role("paragraph").nth(1)
    assert (
        text.evaluate("each => each.clientHeight / parseFloat(getComputedStyle(each).lineHeight)")
        <= 2.1
    )


@JAVASCRIPT
def test_without_scripts_too_leaving_out_comes_back_to_its_facet(
    visit: OpenPage, javascript: bool
) -> None:
    page = visit("/?q=klastrid", height=500, java_script_enabled=javascript)
    page.get_by_role("button", name="Jäta välja: EAS").click()
    expect(page.get_by_role("button", name="Võta tagasi: EAS")).to_be_in_viewport()
    assert page.url.endswith("?q=klastrid&not_org=EAS" if javascript else "#org")


@JAVASCRIPT
def test_a_long_search_keeps_its_way_back(visit: OpenPage, javascript: bool) -> None:
    words = " ".join(["klaster", *("õppekäik jäätmekäitlus" for _ in range(12))])
    page = visit(f"/?q={words}&not_year=2016", java_script_enabled=javascript)
    found = titles(page).all_inner_texts()
    titles(page).nth(1).get_by_role("link").click()
    around = page.get_by_role("navigation", name="Tulemused")
    around.get_by_role("link", name="Järgmine tulemus").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(found[2])
    page.get_by_role("link", name="Tagasi tulemuste juurde").click()
    expect(page.get_by_label("Otsi klastriuudistest")).to_have_value(words)
    assert titles(page).all_inner_texts() == found


@JAVASCRIPT
def test_a_hit_says_which_words_it_lacks(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klaster+robot", java_script_enabled=javascript, **PHONE)
    hits = results(page).get_by_role("listitem").filter(has=page.get_by_role("heading", level=3))
    expect(hits.first).not_to_contain_text("Puudub:")
    expect(page.get_by_text("Puudub: robot", exact=True).first).to_be_visible()


@JAVASCRIPT
def test_the_short_list_is_remembered(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript)
    long = page.get_by_role("button", name="Katkenditega")
    expect(long).to_have_attribute("aria-current", "true")
    why = page.get_by_text("Miks see leiti?")
    expect(why).to_have_count(10)
    page.get_by_role("button", name="Lühidalt").click()
    expect(why).to_have_count(0)
    page.goto("/?q=puit")
    expect(page.get_by_role("button", name="Lühidalt")).to_have_attribute("aria-current", "true")
    expect(why).to_have_count(0)
    page.get_by_role("button", name="Katkenditega").click()
    page.goto("/?q=puit")
    expect(why.first).to_be_visible()


@JAVASCRIPT
def test_a_page_may_have_more_results(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript)
    expect(titles(page)).to_have_count(10)
    sizes = page.get_by_role("navigation", name="Tulemusi leheküljel")
    sizes.get_by_role("button", name="25").click()
    expect(page).to_have_url(re.compile(r"q=klastrid&limit=25$"))
    expect(titles(page)).to_have_count(25)
    page.get_by_role("link", name="Järgmine").click()
    expect(page).to_have_url(re.compile(r"page=2&limit=25$"))
    sizes.get_by_role("button", name="10", exact=True).click()
    expect(titles(page)).to_have_count(10)


def test_the_second_page_says_which_results_it_has(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    first = page.title()
    expect(page.get_by_text(re.compile(r"^Tulemused 1–10"))).to_be_visible()
    page.get_by_role("link", name="Järgmine").click()
    expect(page.get_by_text(re.compile(r"^Tulemused 11–20"))).to_be_visible()
    expect(page).to_have_title(re.compile("11–20"))
    assert page.title() != first


def test_why_an_article_was_found_is_a_sentence(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    page.get_by_text("Miks see leiti?").first.click()
    said = page.get_by_role("listitem").filter(has_text=re.compile("^„klastrid“ on artiklis"))
    expect(said.first).to_be_visible()
    expect(said.first).to_have_text(re.compile(r"\.$"))


@JAVASCRIPT
def test_from_the_box_to_the_first_hit_in_five_tabs(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript)
    first = titles(page).first.get_by_role("link")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Liigu tulemuste juurde")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(results(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    expect(first).to_be_in_viewport()
    assert first.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"

    page.get_by_label("Otsi klastriuudistest").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Esimese tulemuse juurde")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(first).to_be_focused()


@pytest.mark.parametrize("scale", ["100%", "200%"])
@pytest.mark.parametrize("width", [320, 640])
def test_chips_break_between_words_alone(visit: OpenPage, width: int, scale: str) -> None:
    page = visit(
        "/?q=klastrid&not_focus=teenuseinnovatsioon-loomemajandus&org=Emaj%C3%B5e+Rakendus%C3%BClikool",
        width=width,
    )
    page.evaluate("size => { document.documentElement.style.fontSize = size }", scale)
    chips = page.get_by_role("link", name=re.compile("^Eemalda filter"))
    expect(chips).to_have_count(2)
    for chip in chips.all():
        assert chip.evaluate(BROKEN_WORDS) == []


@JAVASCRIPT
def test_the_way_back_leads_to_the_hit(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid&page=2", java_script_enabled=javascript)
    title = titles(page).nth(6)
    name = title.inner_text()
    title.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("link", name="Tagasi tulemuste juurde").click()
    expect(page).to_have_url(re.compile(r"\?q=klastrid&page=2#hit-17$"))
    expect(titles(page).filter(has_text=name)).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(titles(page).nth(6).get_by_role("link")).to_be_focused()


@pytest.mark.parametrize("size", [{"height": 500}, PHONE], ids=["desktop", "phone"])
def test_leaving_out_keeps_the_place(visit: OpenPage, size: dict[str, int]) -> None:
    page = visit("/?q=klastrid", **size)
    if size is PHONE:
        page.get_by_text("Filtrid", exact=True).last.click()
    minus = page.get_by_role("button", name=re.compile("^Jäta välja: ")).last
    minus.scroll_into_view_if_needed()
    place = page.evaluate("window.scrollY")
    assert place > 100
    minus.click()
    expect(page).to_have_url(re.compile("not_"))
    undo = page.get_by_role("button", name=re.compile("^Võta tagasi: "))
    expect(undo).to_be_focused()
    assert abs(page.evaluate("window.scrollY") - place) < 60
    undo.click()
    expect(page).not_to_have_url(re.compile("not_"))
    assert page.evaluate("document.activeElement.type") == "checkbox"
    assert not page.evaluate("document.activeElement.checked")
    assert abs(page.evaluate("window.scrollY") - place) < 60


def test_what_is_chosen_is_underlined_at_one_height(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    order = page.get_by_role("link", name="asjakohasemad").bounding_box()
    view = page.get_by_role("button", name="Katkenditega").bounding_box()
    assert order
    assert view
    assert abs(order["y"] + order["height"] - view["y"] - view["height"]) < 1


def test_the_list_is_called_what_it_is(visit: OpenPage) -> None:
    page = visit("/")
    expect(page.get_by_role("heading", name="Uusimad artiklid")).to_be_visible()
    page.get_by_role("link", name="vanemad ees").click()
    expect(page.get_by_role("heading", name="Vanimad artiklid")).to_be_visible()
    expect(page.get_by_role("heading", name="Uusimad artiklid")).to_have_count(0)


def test_that_choices_take_effect_at_once_is_said_before_them(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    said = page.get_by_text("Valik rakendub kohe.").bounding_box()
    first = page.get_by_role("checkbox").first.bounding_box()
    assert said
    assert first
    assert said["y"] < first["y"]


@pytest.mark.parametrize(
    ("typed", "meant", "meaning"),
    [
        ("puit või klaas", "puit VÕI klaas", "vähemalt üks sõnadest"),
        ("puit mitte klaas", "puit EI klaas", "ilma järgneva sõnata"),
    ],
)
def test_operators_in_small_letters_are_offered_in_capitals(
    visit: OpenPage, typed: str, meant: str, meaning: str
) -> None:
    page = visit("/")
    box = page.get_by_label("Otsi klastriuudistest")
    box.fill(typed)
    box.press("Enter")
    expect(
        page.get_by_text(re.compile(f"^Kas otsisite hoopis: {meant} .*{meaning}"))
    ).to_be_visible()
    expect(box).to_have_value(typed)
    page.get_by_role("link", name=meant).click()
    expect(box).to_have_value(meant)
    expect(page.get_by_role("heading", name=re.compile("^Leitud"))).to_be_visible()


def test_what_was_typed_stays_where_it_is_refused(browser: Browser, address: str) -> None:
    page = browser.new_page(base_url=address, locale="et-EE")
    page.goto("/")
    box = page.get_by_label("Otsi klastriuudistest")
    long = "pikk päring " * 100
    box.fill(long)
    box.press("Enter")
    expect(page.get_by_role("heading", name="Nii ei saa otsida")).to_be_visible()
    expect(box).to_have_value(long)
    page.goto("/?q=puit&year=abc")
    expect(page.get_by_text("„abc“ siin ei sobi. Kirjutage aasta, näiteks 2016")).to_be_visible()
    expect(box).to_have_value("puit")
    page.close()
