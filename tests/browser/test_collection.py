"""Ticking articles and taking them along, and what is copied, with and without scripts."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from site_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
ARTICLE = "/article/2009-10-06-saepuru-ei-ole-prugi"
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])


def titles(page: Page) -> list[str]:
    return page.get_by_role("main").get_by_role("heading", level=3).all_inner_texts()


@SIZES
def test_their_bar_covers_nothing_of_a_long_list(visit: OpenPage, size: dict[str, int]) -> None:
    page = visit("/?q=klastrid", **size)
    page.get_by_role("checkbox", name="Vali:").first.check()
    expect(page.get_by_role("navigation", name="Valitud artiklid")).to_be_visible()
    page.goto("/facet/org?q=klastrid")
    page.get_by_role("checkbox", name="EAS").check()
    page.get_by_role("button", name=re.compile(r"^Näita \d+ artiklit$")).click()
    expect(page).to_have_url(re.compile("org=EAS"))


@SIZES
def test_ticked_articles_are_taken_along(visit: OpenPage, size: dict[str, int]) -> None:
    page = visit("/?q=klastrid", **size)
    bar = page.get_by_role("navigation", name="Valitud artiklid")
    expect(bar).to_be_hidden()
    names = page.get_by_role("main").get_by_role("heading", level=3).get_by_role("link")
    chosen = [names.nth(at).inner_text() for at in (1, 0)]
    for name in chosen:
        tick = page.get_by_role("checkbox", name=f"Vali: {name}")
        tick.focus()
        page.keyboard.press("Space")
        expect(tick).to_be_checked()
    expect(bar.get_by_role("link")).to_have_text("Valitud artiklid 2")
    # They stay while one searches on, and an article's own page adds to them.
    page.goto(ARTICLE)
    page.get_by_role("checkbox", name="Lisa valitud artiklite hulka").check()
    chosen.append(page.get_by_role("heading", level=1).inner_text().replace("\n", " "))
    page.reload()
    expect(page.get_by_role("checkbox", name="Lisa valitud artiklite hulka")).to_be_checked()
    bar.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/valitud\?id=[0-9a-z.]{26}$"))
    assert titles(page) == chosen
    expect(bar).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    assert download.value.suggested_filename == "valitud-artiklid.xlsx"
    second = page.get_by_role("listitem").filter(has_text=chosen[1])
    second.get_by_role("button", name="Eemalda").click()
    expect(page.get_by_role("main")).to_contain_text("2 artiklit")
    assert titles(page) == [chosen[0], chosen[2]]
    # The page without an address of its own has what is left.
    page.goto("/valitud")
    expect(page).to_have_url(re.compile(r"/valitud\?id=[0-9a-z.]{17}$"))
    page.goto("/?q=klastrid")
    page.get_by_role("button", name="Tühjenda valik").click()
    expect(bar).to_be_hidden()
    expect(
        page.get_by_role("main").get_by_role("checkbox", name="Vali:", checked=True)
    ).to_have_count(0)


def test_a_list_sent_by_somebody_is_kept_only_when_asked(visit: OpenPage) -> None:
    sender = visit("/?q=klastrid")
    for at in (0, 1):
        sender.get_by_role("checkbox", name="Vali:").nth(at).check()
    sender.get_by_role("link", name="Valitud artiklid").click()
    link = sender.get_by_role("link", name="/valitud?id=")
    address = link.inner_text()
    assert address == sender.url
    reader = visit(address)
    shown = titles(reader)
    assert len(shown) == 2
    reader.goto("/")
    bar = reader.get_by_role("navigation", name="Valitud artiklid")
    expect(bar).to_be_hidden()
    reader.goto(address)
    keep = reader.get_by_role("button", name="Lisa kõik minu valikusse")
    keep.click()
    expect(keep).to_be_hidden()
    reader.goto("/")
    expect(bar.get_by_role("link")).to_have_text("Valitud artiklid 2")


def test_two_windows_know_of_each_other(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    other = page.context.new_page()
    other.goto("/?q=klastrid")
    page.get_by_role("checkbox", name="Vali:").first.check()
    expect(other.get_by_role("checkbox", name="Vali:").first).to_be_checked()
    assert not [each for each in page.context.cookies() if "chosen" in each["name"]]


def test_no_more_than_can_be_taken_along(visit: OpenPage) -> None:
    page = visit("/?q=klastrid")
    page.get_by_role("checkbox", name="Vali:").first.check()
    key = page.evaluate(
        "Object.keys(localStorage).find((each) => each.startsWith('klastriotsing-chosen'))"
    )
    full = [f"{number:08d}" for number in range(100)]
    page.evaluate("([key, codes]) => localStorage.setItem(key, JSON.stringify(codes))", [key, full])
    page.reload()
    expect(page.get_by_role("checkbox", name="Vali:").first).to_be_disabled()
    expect(page.get_by_text("Korraga saab valida kuni 100 artiklit.")).to_be_visible()
    # What another program left there harms nothing.
    for spoilt in ("{", "[1, null]", '"a"'):
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, spoilt])
        page.reload()
        expect(page.get_by_role("checkbox", name="Vali:").first).to_be_enabled()


def test_citation_and_short_link_are_copied(visit: OpenPage) -> None:
    page = visit(ARTICLE, permissions=["clipboard-read", "clipboard-write"])
    section = page.get_by_role("region", name="Viitamine ja jagamine")
    buttons = section.get_by_role("button", name="Kopeeri")
    expect(buttons).to_have_count(3)
    read = "navigator.clipboard.readText()"
    buttons.nth(2).click()
    short = page.evaluate(read)
    buttons.nth(0).click()
    assert re.search(r"\(2009, 6\. oktoober\)\. .* http://\S+/article/\S+$", page.evaluate(read))
    expect(section.get_by_role("button", name="Kopeeritud")).to_have_count(2)
    page.goto(short)
    expect(page).to_have_url(re.compile(f"{ARTICLE}$"))


def test_a_search_has_a_short_link(visit: OpenPage) -> None:
    page = visit("/?q=klastrid&focus=rohe-ringmajandus")
    found = page.get_by_role("heading", name=re.compile("^Leitud .* artiklit$")).inner_text()
    short = page.get_by_role("link", name="/s/").inner_text()
    page.goto(short)
    expect(page).to_have_url(re.compile(r"/\?q=klastrid&focus=rohe-ringmajandus$"))
    expect(page.get_by_role("heading", name=found)).to_be_visible()


@pytest.mark.parametrize(
    "options", [{"java_script_enabled": False}, {"own_scripts": False}], ids=["none", "blocked"]
)
def test_without_scripts_lists_open_and_ticks_stay_away(
    visit: OpenPage, options: dict[str, bool]
) -> None:
    page = visit("/?q=saepuru&focus=rohe-ringmajandus", **options)
    expect(page.get_by_role("checkbox", name="Vali")).to_have_count(0)
    short = page.get_by_role("link", name="/s/")
    expect(short).to_be_visible()
    page.goto(ARTICLE)
    expect(page.get_by_role("checkbox", name="Lisa valitud")).to_have_count(0)
    expect(page.get_by_role("button", name="Kopeeri")).to_have_count(0)
    code = page.get_by_role("link", name="/a/").inner_text().rpartition("/")[2]
    page.goto(f"/valitud?id={code}")
    expect(page.get_by_role("main")).to_contain_text("1 artikkel")
    expect(page.get_by_role("button", name="Prindi")).to_have_count(0)
    page.get_by_role("button", name="Eemalda").click()
    expect(page.get_by_role("main")).to_contain_text("Ühtegi artiklit ei ole valitud")


@SIZES
def test_no_tick_moves_a_page_or_breaks_a_rule(visit: OpenPage, size: dict[str, int]) -> None:
    page = visit("/?q=klastrid", **size)
    page.add_init_script(
        """window.moved = 0;
        new PerformanceObserver((list) => {
          for (const each of list.getEntries()) window.moved += each.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    for at in (0, 1):
        page.get_by_role("checkbox", name="Vali:").nth(at).check()
    for address in ("/?q=klastrid", ARTICLE, "/valitud?id=ea0qs5ft", "/valitud?id=00000000"):
        page.goto(address)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        assert page.evaluate("window.moved") < 0.01, address
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], address  # type: ignore[index]
        found = Axe().run(page).response["violations"]
        assert [f"{each['id']} {each['nodes'][0]['html'][:100]}" for each in found] == [], address
