"""Addresses on the command line: indexed, pruned, watched, read without a trace."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import run
from news_site import NewsSite, news_site

from indexer.factory import index_of, pipeline, source_opener
from indexer.sources.web.page_store import PageStore
from indexer.watch import Watcher
from search.configuration import load_configuration


@pytest.fixture
def site(working_directory: None) -> Iterator[NewsSite]:
    """A site that the configuration names."""
    del working_directory
    with news_site() as serving:
        for number in range(5):
            serving.add_article(f"/uudis/{number}", f"Klaster avas tehase {number}", number)
        serving.add_sitemap("/sitemap.xml", *(f"/uudis/{number}" for number in range(5)))
        Path("klastriotsing.toml").write_text(
            f'base_url = "https://otsing.example"\n[[source]]\nurl = "{serving.address}/"\n'
            f'allow_private = ["{serving.host}"]\ndelay = 0\n',
            encoding="utf-8",
        )
        yield serving


def reported(*arguments: str) -> dict[str, object]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    data: dict[str, object] = json.loads(result.stdout)
    return data


def test_the_site_of_the_configuration_is_indexed_and_what_is_gone_is_pruned(site):
    report = reported("reindex")
    (source,) = report["sources"]
    told = {key: source[key] for key in ("kind", "read", "added", "requests", "not_modified")}
    assert told == {"kind": "web", "read": 5, "added": 5, "requests": 7, "not_modified": 0}
    agent = site.log[0].headers["user-agent"]
    assert agent.startswith("Klastriotsing/")
    assert agent.endswith(" (+https://otsing.example)")

    del site.pages["/uudis/4"]
    site.add_article("/uudis/3", "Klaster avas tehase 3", 33)
    report = reported("index", "--prune")
    assert [report[key] for key in ("unchanged", "updated", "removed", "failed")] == [3, 1, 1, 1]
    (source,) = report["sources"]
    assert (source["requests"], source["not_modified"]) == (7, 4)
    (error,) = report["errors"]
    assert (error["source"], error["code"]) == (f"{site.address}/uudis/4", "page-not-found")

    # Nothing is pruned of what could not be asked for.
    site.add("/robots.txt", "", status=503)
    report = reported("index", "--prune")
    assert [report[key] for key in ("failed", "unchanged", "removed")] == [1, 4, 0]
    site.add("/robots.txt", "User-agent: *\nDisallow: /uudis/1\n", type="text/plain")
    report = reported("index", "--prune", "--max-pages", "3")
    assert (report["removed"], report["articles"]) == (0, 4)

    # Nor more than half at once.
    del site.pages["/robots.txt"]
    for number in range(3):
        del site.pages[f"/uudis/{number}"]
    result = run("index", "--prune")
    assert result.exit_code == 1
    assert "--prune would remove 3 of 4 articles" in result.stderr


def test_read_leaves_no_trace_and_offline_asks_for_nothing(site):
    assert "5 articles" in run("read").stdout
    assert not Path("index").exists()
    reported("reindex")
    site.log.clear()
    assert "5 articles" in run("read", "--offline").stdout
    assert reported("index", "--offline")["unchanged"] == 5
    assert site.log == []


@pytest.mark.usefixtures("site")
def test_a_store_that_is_damaged_or_in_use_is_one_line():
    reported("reindex")
    file = Path("index") / "web.sqlite"
    file.write_bytes(b"mitte midagi" * 1000)
    report = reported("index")
    assert report["unchanged"] == 5
    (note,) = report["notes"]
    assert note.startswith("web.sqlite: was damaged")
    store = PageStore(file)
    store.open("x")
    result = run("index")
    store.close()
    assert result.exit_code == 1
    assert "another process is fetching pages" in result.stderr


def test_pages_of_a_site_are_not_files_that_vanished(site):
    Path("uudised").mkdir()
    Path("uudised/a.txt").write_text("Klaster\n\nTehas", encoding="utf-8")
    options = ["--allow-private", site.host, "--delay", "0"]
    assert reported("reindex", ".", site.address + "/", *options)["articles"] == 6
    report = reported("index", ".", "--prune")
    assert (report["removed"], report["articles"]) == (0, 6)


def test_watch_asks_a_site_as_often_as_it_is_told(site):
    configuration = load_configuration(None, {})
    live, opener = index_of(configuration), source_opener(configuration)
    work = pipeline(configuration, open_source=opener)
    work.reindex(live, configuration.sources)

    def update(files, prune, some=None):
        return work.update(live, some or configuration.sources, prune=prune, files=files)

    said: list[str] = []
    now = [0.0]
    watcher = Watcher(
        configuration.sources, update, said.append, lambda: now[0], open_source=opener
    )
    site.log.clear()
    site.add_article("/uudis/5", "Klaster sai auhinna", 5)
    site.add_sitemap("/sitemap.xml", *(f"/uudis/{number}" for number in range(6)))
    now[0] = 3500.0
    watcher.run([()])
    assert site.log == []
    now[0] = 3700.0
    watcher.run([()])
    opener.close()
    assert said == [f"{site.address}/uudis/5: added"]
