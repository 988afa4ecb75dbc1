"""Looking around: focus areas, organisations, all values of a facet, the feed."""

import re
from collections.abc import Callable

import pytest
from on_page import chips, said_of_results
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
PHONE = {"width": 390, "height": 844}
#: On how many lines the text of an element stands.
LINES = """element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const seen = Array.from(range.getClientRects()).filter(each => each.width > 2);
  return new Set(seen.map(each => each.bottom)).size;
}"""


@JAVASCRIPT
def test_from_the_start_to_an_area_to_an_organisation_to_its_articles(
    visit: OpenPage, javascript: bool
) -> None:
    page = visit("/", java_script_enabled=javascript, **PHONE)
    page.get_by_role("link", name="3 valdkonda").click()
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", level=2)).to_have_count(4)
    expect(main.get_by_role("list", name="Artikleid aastati")).to_have_count(4)
    main.get_by_role("link", name="Rohe- ja ringmajandus", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rohe- ja ringmajandus")
    aside = page.get_by_role("complementary")
    name = aside.get_by_role("link").first.inner_text()
    aside.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    everything = page.get_by_role("link", name=re.compile(r"^\d+ artiklit?")).first
    count = re.findall(r"\d+", everything.inner_text())[0]
    everything.click()
    expect(said_of_results(page)).to_contain_text(f"Leitud {count} ")
    expect(chips(page)).to_contain_text(name)


@JAVASCRIPT
def test_a_hit_leads_to_an_organisation_and_its_articles_are_searched_within(
    visit: OpenPage, javascript: bool
) -> None:
    page = visit("/?q=tehnikaülikool", java_script_enabled=javascript)
    name = "Lääneranna Tehnikaülikool"
    page.get_by_role("list", name="Organisatsioonid").first.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    box = page.get_by_label("Otsi nende artiklite hulgast")
    box.fill("robot")
    box.press("Enter")
    expect(page.get_by_label("Otsi klastriuudistest")).to_have_value("robot")
    expect(chips(page)).to_contain_text(name)


@JAVASCRIPT
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_two_organisations_are_put_side_by_side(
    visit: OpenPage, javascript: bool, size: dict[str, int]
) -> None:
    page = visit("/organisatsioonid/eas", java_script_enabled=javascript, **size)
    page.get_by_label("Võrdle organisatsiooniga").fill("elamus")
    page.get_by_role("button", name="Võrdle").click()
    page.get_by_role("link", name="Saarte Elamusklaster").click()
    table = page.get_by_role("table", name="Artikleid aastati")
    expect(table.get_by_role("columnheader")).to_have_text(["Aasta", "EAS", "Saarte Elamusklaster"])
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    area = page.get_by_role("table", name="Valdkonnad").get_by_role("rowheader").last
    place = area.bounding_box()  # no word of it is broken, so two lines will do
    assert place
    assert place["height"] < 60
    both = page.get_by_role("link", name=re.compile(r"^Kõik \d+ artiklit"))
    count = re.findall(r"\d+", both.inner_text())[0]
    both.click()
    expect(said_of_results(page)).to_contain_text(f"Leitud {count} ")


@JAVASCRIPT
def test_another_name_leads_to_the_organisation(visit: OpenPage, javascript: bool) -> None:
    page = visit("/organisatsioonid/ltu", java_script_enabled=javascript)
    expect(page.get_by_role("heading", level=1)).to_have_text("Lääneranna Tehnikaülikool")
    expect(page.get_by_role("main")).to_contain_text("Teise nime järgi: LTÜ")


@JAVASCRIPT
def test_a_bar_of_an_organisation_leads_to_its_articles_of_those_years(
    visit: OpenPage, javascript: bool
) -> None:
    page = visit("/organisatsioonid/emajoe-rakendusulikool", java_script_enabled=javascript)
    bar = page.get_by_role("list", name="Artikleid aastati").get_by_role("link").first
    count = re.findall(r"(\d+) art", bar.inner_text())[0]
    bar.click()
    expect(said_of_results(page)).to_contain_text(f"Leitud {count} ")
    expect(chips(page)).to_have_count(2)


@JAVASCRIPT
def test_organisations_are_narrowed_and_ordered(visit: OpenPage, javascript: bool) -> None:
    page = visit("/organisatsioonid", java_script_enabled=javascript)
    page.get_by_label("Otsi nime järgi").fill("tehno")
    page.get_by_label("Otsi nime järgi").press("Enter")
    expect(page.get_by_label("Otsi nime järgi")).to_have_value("tehno")
    expect(page.get_by_role("button", name="A–Ü")).to_have_attribute("aria-current", "true")
    listed = page.get_by_role("main").get_by_role("listitem")
    count = listed.count()
    assert 0 < count < 20
    page.get_by_role("button", name="artiklite arvu järgi").click()
    expect(page.get_by_role("button", name="artiklite arvu järgi")).to_have_attribute(
        "aria-current", "true"
    )
    expect(listed).to_have_count(count)


@JAVASCRIPT
def test_all_values_are_chosen_from_and_applied(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid&org=EAS", java_script_enabled=javascript)
    page.get_by_role("link", name=re.compile("^Vaata kõiki.*Organisatsioon")).click()
    expect(page.get_by_role("checkbox", name="EAS")).to_be_checked()
    page.get_by_label("Otsi nime järgi").fill("emajõe")
    page.get_by_role("button", name="Leia", exact=True).click()
    page.get_by_role("checkbox", name="Emajõe Rakendusülikool").check()
    page.get_by_role("button", name=re.compile(r"^Näita \d+ artiklit$")).click()
    expect(chips(page)).to_have_count(2)
    expect(page.get_by_label("Otsi klastriuudistest")).to_have_value("klastrid")


@JAVASCRIPT
def test_the_feed_is_one_click_away(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid&sort=oldest&page=2", java_script_enabled=javascript)
    link = page.get_by_role("link", name="Telli uued artiklid (RSS)")
    (announced,) = re.findall(r'<link rel="alternate" [^>]*href="([^"]*)"', page.content())
    assert link.get_attribute("href") == announced == "/feed.atom?q=klastrid"
    answer = page.request.get(announced)
    assert answer.headers["content-type"].startswith("application/atom+xml")


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("path", "role", "size"),
    [
        ("/valdkonnad", "time", PHONE),
        ("/organisatsioonid", "number", PHONE),
        ("/?q=klastrid", "number", {}),
        ("/?q=klaster+robot", "time", {}),
    ],
)
def test_numbers_and_dates_stay_on_one_line(
    visit: OpenPage, path: str, role: str, size: dict[str, int]
) -> None:
    page = visit(path, **size)
    main = page.get_by_role("main")
    told = main.get_by_role("time") if role == "time" else main.get_by_text(re.compile(r"^\d+$"))
    shown = [each for each in told.all() if each.is_visible()]
    assert shown
    assert {each.evaluate(LINES) for each in shown} == {1}


def test_the_number_of_a_long_name_stands_beside_its_first_line(visit: OpenPage) -> None:
    page = visit("/organisatsioonid", **PHONE)
    long = "Kagu-Eesti Metsa- ja Puidutehnoloogia Klaster"
    line = page.get_by_role("main").get_by_role("listitem").filter(has_text=long)
    name = line.get_by_role("link", name=long).bounding_box()
    number = line.get_by_text(re.compile(r"^\d+$")).bounding_box()
    assert name
    assert number
    assert name["height"] > 40  # on two lines
    assert abs(name["y"] - number["y"]) < 6


def test_a_hyphen_does_not_end_the_first_line_of_a_title(visit: OpenPage) -> None:
    page = visit("/valdkonnad/rohe-ringmajandus", **PHONE)
    title = page.get_by_role("heading", level=1)
    beginning = """title => {
      const range = document.createRange();
      range.setStart(title.lastChild, title.lastChild.data.indexOf("Rohe-"));
      range.setEnd(title.lastChild, title.lastChild.data.indexOf("ja") + 2);
      return new Set([...range.getClientRects()].map(({ top }) => top)).size;
    }"""
    assert title.evaluate(beginning) == 1
