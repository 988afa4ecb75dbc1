"""A long list of organisations is a page people finish on, with and without scripts."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from live import run_program, serving
from on_page import chips
from playwright.sync_api import Browser, Page, expect
from site_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
SIZES = pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
FIRST = ("Aru", "Emajõe", "Kase", "Lepa", "Männiku", "Nurme", "Pärna", "Saare", "Tamme", "Õunapuu")
SECOND = ("puidu", "toidu", "vee", "valguse", "kivi", "savi", "metalli", "mööbli", "energia")
KINDS = ("klaster", "liit")
ORGANISATIONS = tuple(f"{a} {b}{c}" for a in FIRST for b in SECOND for c in KINDS)


@pytest.fixture(scope="module")
def many(
    tmp_path_factory: pytest.TempPathFactory, settings_file: Callable[..., Path]
) -> Iterator[str]:
    """The address of a site with 180 organisations in 90 articles."""
    folder = tmp_path_factory.mktemp("palju")
    news = folder / "uudised"
    news.mkdir()
    for number in range(0, len(ORGANISATIONS), len(KINDS)):
        names = ", ".join(ORGANISATIONS[number : number + len(KINDS)])
        text = f"---\norganisations: [{names}]\n---\nKohtumine {number}\n\nRäägiti plaanidest.\n"
        (news / f"{number:03d}.txt").write_text(text, encoding="utf-8")
    settings = str(settings_file(folder))
    run_program("--index", str(folder / "index"), "reindex", str(news), "--config", settings)
    with serving(folder / "index", "--config", settings) as found:
        yield found


@pytest.fixture
def listed(browser: Browser, many: str) -> Iterator[OpenPage]:
    """Opens the list of its organisations in a fresh window."""
    with ExitStack() as stack:

        def open_page(path: str, javascript: bool, size: dict[str, int]) -> Page:
            viewport = size or {"width": 1280, "height": 900}
            context = stack.enter_context(
                browser.new_context(
                    base_url=many,
                    locale="et-EE",
                    viewport=viewport,  # type: ignore[arg-type]
                    java_script_enabled=javascript,
                )
            )
            page = context.new_page()
            page.set_default_timeout(10_000)
            page.goto(path)
            return page

        yield open_page


def show(page: Page, count: int) -> None:
    noun = "artiklit"
    page.get_by_role("button", name=f"Näita {count} {noun}", exact=True).click()


@JAVASCRIPT
@SIZES
def test_three_are_found_ticked_across_letters_and_applied(
    listed: OpenPage, javascript: bool, size: dict[str, int]
) -> None:
    page = listed("/facet/org?order=name", javascript, size)
    expect(page.get_by_role("heading", level=1)).to_have_text("Organisatsioonid")
    expect(page.get_by_text("180 organisatsiooni", exact=True)).to_be_visible()
    letters = page.get_by_role("group", name="Algustähe järgi")
    chosen = page.get_by_role("group", name="Valitud")
    # By its letter,
    letters.get_by_role("button", name="Õ", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("^Õunapuu kiviklaster")).check()
    # by its name, in another form and without dots,
    page.get_by_label("Otsi nime järgi").fill("mooblist")
    page.get_by_label("Otsi nime järgi").press("Enter")
    expect(page.get_by_text("20 organisatsiooni", exact=True)).to_be_visible()
    expect(chosen.get_by_role("button", name="Eemalda filter: Õunapuu kiviklaster")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("^Kase mööbliliit")).check()
    # and on another page.
    page.get_by_label("Otsi nime järgi").fill("")
    page.get_by_role("button", name="Leia", exact=True).click()
    page.get_by_role("button", name="Järgmine →").click()
    page.get_by_role("checkbox", name=re.compile("^Tamme veeliit")).check()
    page.get_by_role("button", name="artiklite arvu järgi").click()
    for name in ("Õunapuu kiviklaster", "Kase mööbliliit", "Tamme veeliit"):
        expect(chosen.get_by_role("button", name=f"Eemalda filter: {name}")).to_be_visible()
    show(page, 3)
    expect(page.get_by_role("heading", name="Leitud 3 artiklit")).to_be_visible()
    expect(chips(page)).to_have_count(3)
    assert "letter=" not in page.url
    assert "name=" not in page.url


def test_ticks_are_counted_at_once_and_travel_with_another_search(listed: OpenPage) -> None:
    page = listed("/facet/org", True, {})
    expect(page.get_by_text("Midagi pole veel valitud.")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("^Aru energiaklaster")).check()
    expect(page.get_by_role("button", name="Näita 1 artiklit")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("^Emajõe kiviliit")).check()
    expect(page.get_by_role("button", name="Näita 2 artiklit")).to_be_visible()
    page.reload()
    expect(page.get_by_role("checkbox", name=re.compile("^Emajõe kiviliit"))).to_be_checked()
    page.get_by_role("checkbox", name=re.compile("^Emajõe kiviliit")).uncheck()
    expect(page.get_by_role("button", name="Näita 1 artiklit")).to_be_visible()
    page.get_by_label("Otsi klastriuudistest").fill("kohtumine")
    page.get_by_label("Otsi klastriuudistest").press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=kohtumine&org=Aru\+energiaklaster$"))
    page.go_back()
    expect(page.get_by_role("checkbox", name=re.compile("^Aru energiaklaster"))).to_be_checked()


@JAVASCRIPT
@SIZES
def test_the_bar_stays_in_view(listed: OpenPage, javascript: bool, size: dict[str, int]) -> None:
    page = listed("/facet/org?org=Aru+veeliit", javascript, size)
    for place in (0, 900, 2000):
        page.mouse.wheel(0, place)
        button = page.get_by_role("button", name="Näita 1 artiklit")
        expect(button).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    columns = {
        round(place["x"])
        for each in page.get_by_role("checkbox").all()
        if (place := each.bounding_box())
    }
    assert len(columns) == (1 if size else 3)


@JAVASCRIPT
def test_what_is_left_out_has_no_tick_and_is_taken_back(listed: OpenPage, javascript: bool) -> None:
    page = listed("/facet/org?not_org=Aru+veeliit&order=name", javascript, {})
    assert not page.get_by_role("checkbox", name="Aru veeliit").count()
    expect(page.get_by_text("Välja jäetud: Aru veeliit")).to_be_visible()
    page.get_by_role("button", name="Võta tagasi: Aru veeliit").click()
    expect(page.get_by_role("checkbox", name=re.compile("^Aru veeliit"))).not_to_be_checked()
    expect(page.get_by_role("button", name="Näita 90 artiklit")).to_be_visible()


@JAVASCRIPT
def test_klaster_finds_all_sixteen(visit: OpenPage, javascript: bool) -> None:
    page = visit("/organisatsioonid", java_script_enabled=javascript)
    for typed in ("klaster", "klastritest"):
        page.get_by_label("Otsi nime järgi").fill(typed)
        page.get_by_label("Otsi nime järgi").press("Enter")
        expect(page.get_by_text("16 organisatsiooni", exact=True)).to_be_visible()


@JAVASCRIPT
def test_a_part_of_names_finds_all_that_have_it_among_many(
    listed: OpenPage, javascript: bool
) -> None:
    page = listed("/organisatsioonid", javascript, {})
    expect(page.get_by_text("180 organisatsiooni", exact=True)).to_be_visible()
    page.get_by_label("Otsi nime järgi").fill("klaster")
    page.get_by_label("Otsi nime järgi").press("Enter")
    expect(page.get_by_text("90 organisatsiooni", exact=True)).to_be_visible()
    names = page.get_by_role("main").get_by_role("listitem").get_by_role("link")
    found = set(names.all_inner_texts())
    while page.get_by_role("button", name="Järgmine →").count():
        page.get_by_role("button", name="Järgmine →").click()
        found.update(names.all_inner_texts())
    assert found == {each for each in ORGANISATIONS if each.endswith("klaster")}


@JAVASCRIPT
def test_the_list_of_years_speaks_of_years(visit: OpenPage, javascript: bool) -> None:
    page = visit("/facet/year?q=klastrid", java_script_enabled=javascript)
    expect(page.get_by_role("heading", level=1)).to_have_text("Aastad")
    expect(page.get_by_text(re.compile(r"^\d+ aastat$"))).to_be_visible()
    expect(page.get_by_label("Otsi nime järgi")).to_have_count(0)
    expect(page.get_by_role("group", name="Algustähe järgi")).to_have_count(0)
    page.get_by_role("button", name="artiklite arvu järgi").click()
    page.get_by_role("checkbox", name=re.compile("^2016")).check()
    page.get_by_role("button", name=re.compile(r"^Näita \d+ artiklit$")).click()
    expect(page.get_by_role("link", name="Eemalda filter: Aasta 2016")).to_be_visible()


@JAVASCRIPT
def test_sources_and_languages_are_chosen_too(visit: OpenPage, javascript: bool) -> None:
    page = visit("/?q=klastrid", java_script_enabled=javascript)
    page.get_by_role("group", name="Keel").get_by_role("checkbox", name="inglise").check()
    if not javascript:
        page.get_by_role("button", name="Rakenda filtrid").click()
    expect(page.get_by_role("link", name="Eemalda filter: Keel inglise")).to_be_visible()
    page.goto("/facet/source")
    page.get_by_role("checkbox", name=re.compile(r"^uudised\.example\.ee")).check()
    page.get_by_role("button", name=re.compile(r"^Näita \d+ artiklit$")).click()
    expect(page.get_by_role("link", name="Allikas uudised.example.ee")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@SIZES
def test_a_long_list_breaks_no_rule(listed: OpenPage, scheme: str, size: dict[str, int]) -> None:
    page = listed("/facet/org?order=name&org=Aru+veeliit&not_org=Aru+veeklaster", True, size)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert not Axe().run(page).response["violations"]


def test_no_page_of_a_long_list_is_large(many: str, listed: OpenPage) -> None:
    page = listed("/facet/org", True, {})
    for path in ("/facet/org", "/facet/org?order=name", "/organisatsioonid"):
        assert len(page.request.get(f"{many}{path}").body()) < 60_000
