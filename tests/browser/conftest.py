"""A real server over the example news, and a real browser in front of it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import chromium, serving
from playwright.sync_api import Browser, Page

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def address(example_index: Path) -> Iterator[str]:
    """Where ``klastriotsing serve`` answers."""
    with serving(example_index) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Opens an address of the site in a fresh window.

    ``width``, ``height`` and Playwright's other options of a context may be given; without
    ``own_scripts`` those of the site are empty. A message on the console (an error, a blocked
    style) and a request to another host fail the test.
    """
    contexts, complaints = [], []

    def open_page(
        path: str,
        width: int = 1280,
        height: int = 900,
        own_scripts: bool = True,
        **options: object,
    ) -> Page:
        context = browser.new_context(
            base_url=address,
            locale="et-EE",
            viewport={"width": width, "height": height},
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        if not own_scripts:
            context.route(
                re.compile(r"\.js\?"),
                lambda route: route.fulfill(body="", content_type="text/javascript"),
            )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: request.url.startswith(address) or complaints.append(request.url),
        )
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints
