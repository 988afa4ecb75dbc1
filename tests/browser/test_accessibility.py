"""No page breaks a rule of WCAG 2.2 A and AA, or of good practice, that axe-core can check."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from live import ROOT, operating, run_program
from on_page import expect_language
from playwright.sync_api import Browser, Page, expect
from site_pages import PAGES, PHONE
from unsound_sites import site_without_sound_index

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
DESKTOP = {"width": 1280, "height": 900}
#: Whoever looks, so that each window has been met with each language, each theme and without the
#: scripts of the site, and each language with and without these.
VISITORS = {
    "desktop": (DESKTOP, "light", "et", True),
    "desktop-dark-english-no-scripts": (DESKTOP, "dark", "en", False),
    "phone-no-scripts": (PHONE, "light", "et", False),
    "phone-dark-english": (PHONE, "dark", "en", True),
}
#: Pages that cost more are looked at once, in every window and theme.
LOOKS = ((DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"))


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong: the rule, and the elements that break it."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: " + " | ".join(node["html"][:120] for node in each["nodes"])
        for each in found
    ]


def broken_by_look(page: Page) -> dict[str, list[str]]:
    """What axe-core finds wrong in any of LOOKS."""
    broken = {}
    for size, theme in LOOKS:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        if found := violations(page):
            broken[f"{size['width']} {theme}"] = found
    return broken


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "theme", "language", "own_scripts"), VISITORS.values(), ids=VISITORS
)
def test_no_page_breaks_a_rule(
    visit: OpenPage, size: dict[str, int], theme: str, language: str, own_scripts: bool
) -> None:
    page = visit(f"/?lang={language}", color_scheme=theme, own_scripts=own_scripts, **size)
    broken = {}
    for path in PAGES:
        page.goto(path)  # the cookie keeps the language
        expect_language(page, language)
        if found := violations(page):
            broken[path] = found
    assert not broken


def test_forced_colours_and_large_text_break_no_rule(visit: OpenPage) -> None:
    page = visit("/?q=klastrid&year=2014-2018&org=EAS", forced_colors="active", **PHONE)
    assert not violations(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert not violations(page)


def test_open_folds_and_suggestions_break_no_rule(visit: OpenPage) -> None:
    page = visit("/?q=klaster+robot&focus=rohe-ringmajandus&not_year=2016")
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert not violations(page)
    box = page.get_by_role("combobox")
    box.fill("klas")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    assert not violations(page)


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens any address in a fresh window; what the console says of error pages is left alone."""
    contexts = []

    def open_page(address: str) -> Page:
        context = browser.new_context(locale="et-EE")
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.slow
def test_error_pages_break_no_rule(look: Callable[[str], Page], address: str) -> None:
    too_long = f"/?q={'a' * 1001}"
    for path, status in (("/puudub", "404"), ("/?page=0", "400"), (too_long, "400")):
        page = look(address + path)
        expect(page.get_by_text(status, exact=True)).to_be_visible()
        assert not broken_by_look(page), path


@pytest.mark.parametrize(
    ("state", "heading", "said", "to_owner"),
    [
        ("missing", "Otsing ei ole veel valmis", "Siin ei ole veel artikleid.", "reindex KAUST"),
        ("outdated", "Otsing praegu ei tööta", "Viga on meil, mitte teil.", "reindex KAUST"),
        ("damaged", "Otsing praegu ei tööta", "Viga on meil, mitte teil.", "rollback"),
    ],
)
def test_what_readers_are_told_where_there_is_no_sound_index(
    look: Callable[[str], Page],
    example_index: Path,
    tmp_path: Path,
    state: str,
    heading: str,
    said: str,
    to_owner: str,
) -> None:
    with site_without_sound_index(state, example_index, tmp_path) as address:
        page = look(f"{address}/?q=klaster")
        expect(page.get_by_text("503", exact=True)).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.get_by_text(said)).to_be_visible()
        owners = page.get_by_role("paragraph").filter(has_text="Saidi haldajale")
        expect(owners).to_contain_text(f"klastriotsing {to_owner}")
        assert "gen-0" not in page.get_by_role("main").inner_text()
        assert not broken_by_look(page)
        page.get_by_role("link", name="Proovi uuesti").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("link", name="Try again")).to_be_visible()
        # What needs no index can be read.
        page.get_by_role("link", name="Search help").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("How to search")


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The site and the operator's view over an index with a report that has something of all."""
    folder = tmp_path_factory.mktemp("operated")
    news, index = folder / "uudised", folder / "index"
    news.mkdir()
    for file in sorted((ROOT / "examples/uudised").iterdir())[:20]:
        (news / file.name).write_bytes(file.read_bytes())
    (news / "tühi.txt").write_text("", encoding="utf-8")
    corrections, settings = folder / "o.yaml", folder / "k.toml"
    corrections.write_text("articles: {puudub: {year: 2016}}", encoding="utf-8")
    settings.write_text(f'overrides = "{corrections}"', encoding="utf-8")
    for _ in range(2):
        run_program("--index", str(index), "--config", str(settings), "reindex", str(news))
    with operating(index) as addresses:
        yield addresses


@pytest.mark.slow
def test_the_operators_view_breaks_no_rule(
    look: Callable[[str], Page], operated: tuple[str, str]
) -> None:
    site, admin = operated
    look(f"{site}/?q=klaster")
    look(f"{site}/?q=xyzzyq")
    page = look(f"{admin}/admin")
    expect(page.get_by_text("tühi.txt: tekst puudub")).to_be_visible()
    for heading in ("Päring", "Päringuid", "Aeglaseim, ms", "Artikleid"):
        expect(page.get_by_role("columnheader", name=heading).first).to_be_visible()
    assert not broken_by_look(page)
    page = look(f"{admin}/admin/review")
    assert not broken_by_look(page)
    again = page.get_by_role("link", name="Vaata uuesti")
    for _ in range(60):
        if not again.is_visible():
            break
        page.wait_for_timeout(1000)
        again.click()
    expect(page.get_by_role("heading", name="Aasta või valdkonnata artiklid")).to_be_visible()
    assert not broken_by_look(page)
