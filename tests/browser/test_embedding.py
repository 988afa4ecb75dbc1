"""The search within a page of another origin, as the demo page has it."""

import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from live import ROOT, serving
from playwright.sync_api import Browser, FrameLocator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TITLE = "Uudised meie valdkonnast"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def sites(
    tmp_path_factory: pytest.TempPathFactory, example_index: Path
) -> Iterator[dict[str, str]]:
    """Addresses: of the search, of a page that may show it, and of one that may not."""
    folder = tmp_path_factory.mktemp("site")
    servers = [
        ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        for _ in range(2)
    ]
    for each in servers:
        Thread(target=each.serve_forever, daemon=True).start()
    friend, stranger = (f"http://127.0.0.1:{each.server_port}" for each in servers)
    settings = folder / "klastriotsing.toml"
    settings.write_text(f'embed_origins = ["{friend}"]\n', encoding="utf-8")
    with serving(example_index, "--config", str(settings)) as search:
        demo = (ROOT / "examples" / "embed.html").read_text(encoding="utf-8")
        page = demo.replace("http://127.0.0.1:8000", search)
        (folder / "leht.html").write_text(page, encoding="utf-8")
        frame = f'<!doctype html><title>x</title><iframe src="{search}/embed" title="x"></iframe>'
        (folder / "raam.html").write_text(frame, encoding="utf-8")
        yield {"search": search, "friend": friend, "stranger": stranger}
    for each in servers:
        each.shutdown()
        each.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1000, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


def frame_of(page: Page) -> FrameLocator:
    return page.get_by_title(TITLE).content_frame


def test_another_site_shows_it_as_high_as_it_is(page: Page, sites: dict[str, str]) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{sites['friend']}/leht.html")
    frame = frame_of(page)
    expect(frame.get_by_role("heading", level=2)).to_have_count(4)
    # Estonian, whatever the browser wishes, and in its own look.
    box = frame.get_by_role("searchbox", name="Otsi klastriuudistest")
    assert box.evaluate("each => getComputedStyle(each).borderTopStyle") == "solid"
    # The height follows what is in it.
    inside = "each => each.ownerDocument.body.offsetHeight"
    holder = page.get_by_title(TITLE)
    for query, hits in (("puit", None), ("klastrofoobia", 0)):
        box.fill(query)
        frame.get_by_role("button", name="Otsi").click()
        answered = frame.get_by_role("link", name="Kõik tulemused")
        expect(answered).to_have_attribute("href", re.compile(f"q={query}"))
        if hits is not None:
            expect(frame.get_by_role("heading", level=2)).to_have_count(hits)
        height = frame.get_by_role("main").evaluate(inside)
        expect(holder).to_have_css("height", f"{height}px")
    assert not complaints
    assert not page.context.cookies()


def test_links_open_in_the_whole_window(page: Page, sites: dict[str, str]) -> None:
    page.goto(f"{sites['friend']}/leht.html")
    title = frame_of(page).get_by_role("heading", level=2).first
    name = title.inner_text()
    title.get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"^{re.escape(sites['search'])}/article/"))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_no_other_site_shows_it(page: Page, sites: dict[str, str]) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{sites['stranger']}/raam.html")
    expect(page.get_by_title("x", exact=True).content_frame.get_by_role("searchbox")).to_have_count(
        0
    )
    assert any("frame-ancestors" in each for each in refused)
    page.goto(f"{sites['friend']}/raam.html")
    expect(
        page.get_by_title("x", exact=True).content_frame.get_by_role("searchbox")
    ).to_be_visible()


def test_nobody_else_sets_the_height(page: Page, sites: dict[str, str]) -> None:
    page.goto(f"{sites['friend']}/leht.html")
    expect(frame_of(page).get_by_role("heading", level=2)).to_have_count(4)
    holder = page.get_by_title(TITLE)
    before = holder.evaluate("each => each.style.height")
    page.evaluate("window.postMessage({ klastriotsing: 5000 }, '*')")
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    assert holder.evaluate("each => each.style.height") == before


def test_the_frame_breaks_no_rule(page: Page, sites: dict[str, str]) -> None:
    for width, theme, ground in (
        (320, "dark", "rgb(20, 23, 28)"),
        (900, "light", "rgb(250, 250, 247)"),
    ):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{sites['search']}/embed?q=klastrid&theme={theme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found] == []
        style = "getComputedStyle(document.documentElement).backgroundColor"
        assert page.evaluate(style) == ground
