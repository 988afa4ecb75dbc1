"""What a page may cost: its bytes, before and after compression, and nothing that moves."""

from collections.abc import Callable
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page
from site_pages import PAGES, PHONE

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
MOST_BYTES, MOST_PACKED = 60_000, 15_000
#: A line of text that moves on a whole screen is several times this.
NOTHING = 1e-3
LARGE_PAGES = ("/?q=klaster&limit=50&colour=focus", "/?q=klaster&limit=25&lang=en", "/haldajale")
#: Adds up in ``window.moved`` how far things move on their own, as browsers count it.
WATCH = """window.moved = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.moved += each.value;
}).observe({ type: "layout-shift", buffered: true });"""


def size(url: str, encoding: str) -> int:
    """Bytes of an answer as they travel."""
    with urlopen(Request(url, headers={"Accept-Encoding": encoding})) as answer:
        assert answer.headers.get("Content-Encoding", "identity") == encoding
        return len(answer.read())


def status(url: str, tag: str) -> int:
    """What is answered to who has the page of that tag."""
    try:
        with urlopen(Request(url, headers={"If-None-Match": tag})) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def test_no_page_is_large(address: str) -> None:
    large = {}
    for path in (*PAGES, *LARGE_PAGES):
        whole, packed = (size(address + path, each) for each in ("identity", "gzip"))
        if whole > MOST_BYTES or packed > MOST_PACKED:
            large[path] = (whole, packed)
    assert not large


def test_a_page_that_has_not_changed_is_not_sent_again(address: str) -> None:
    for path in PAGES:
        with urlopen(f"{address}{path}") as answer:
            tag = answer.headers.get("ETag")
        # Pages that take what a visitor sends, and lists that a link names, are made anew.
        if tag is None:
            assert path.startswith(("/teata", "/valitud")), path
            continue
        assert status(address + path, tag) == 304, path


@pytest.mark.parametrize("window", [{}, PHONE], ids=["desktop", "phone"])
def test_nothing_on_a_page_moves_on_its_own(visit: OpenPage, window: dict[str, int]) -> None:
    page = visit("/", **window)
    page.add_init_script(WATCH)
    moved = {}
    for path in (*PAGES, *LARGE_PAGES):
        page.goto(path)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        if (distance := page.evaluate("window.moved")) >= NOTHING:
            moved[path] = distance
    assert not moved
