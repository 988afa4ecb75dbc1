"""A real server over the example news, and a real browser in front of it."""

import os
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import chromium, serving
from opensearch_cluster import server_settings
from playwright.sync_api import Browser, Page

from search.configuration import OpenSearchSettings

OpenPage = Callable[..., Page]
#: What is tried with each engine, but for what is marked ``one_engine``, unless the variable ENGINE
#: names one, which everything is tried with then.
ON_ALL_ENGINES = ("test_article_reading", "test_browser", "test_facets", "test_overview_pages")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" not in metafunc.fixturenames:
        return
    names = [os.environ.get("ENGINE") or "whoosh"]
    on_all = metafunc.definition.path.stem in ON_ALL_ENGINES
    if metafunc.definition.get_closest_marker("one_engine"):
        on_all = False
    if on_all and not os.environ.get("ENGINE"):
        names.append("opensearch")
    marks = {"opensearch": pytest.mark.opensearch}
    values = [pytest.param(each, marks=marks.get(each, ())) for each in names]
    metafunc.parametrize("engine", values, indirect=True, scope="session")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """Name of the engine that the site under test has."""
    return str(request.param)


@pytest.fixture(scope="session")
def settings_file(engine: str, request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Writes a file of settings that chooses the engine, and an index that nobody else has.

    It is given the directory and further lines.
    """

    def write(folder: Path, *lines: str) -> Path:
        server = None
        if engine == "opensearch":
            name = f"index-{uuid.uuid4().hex}"
            server = server_settings(request.getfixturevalue("opensearch"), name)
        return write_settings(folder, server, *lines)

    return write


@pytest.fixture(scope="session")
def address(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where ``klastriotsing serve`` answers."""
    index, server = tmp_path_factory.mktemp("served"), None
    if engine == "opensearch":
        server = request.getfixturevalue("example_server")
    else:
        index = request.getfixturevalue("example_index")
    file = write_settings(tmp_path_factory.mktemp("settings"), server)
    with serving(index, "--config", str(file)) as found:
        yield found


def write_settings(folder: Path, server: OpenSearchSettings | None, *lines: str) -> Path:
    """A file of settings in ``folder``: ``lines``, and the engine, if the index is on a server."""
    text = "".join(f"{each}\n" for each in lines)
    if server is not None:
        text = (
            f'engine = "opensearch"\n{text}[opensearch]\nurls = ["{server.urls[0]}"]\n'
            f'index = "{server.index}"\nreplicas = 0\ntimeout = 60\n'
        )
    file = folder / "klastriotsing.toml"
    file.write_text(text, encoding="utf-8")
    return file


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
