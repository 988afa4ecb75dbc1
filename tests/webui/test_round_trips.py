"""How often a page asks the server: at most twice for articles, beside the words index."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from meant_news import TEXTS, TopicEmbedder
from news import index_news
from opensearch_cluster import OpenSearchCluster, server_settings
from server_requests import sent_requests

from indexer.factory import index_of
from indexer.vector_filler import VectorFiller
from search.analysis import Analyzer
from search.configuration import Configuration, OpenSearchSettings
from search.engines.registry import fingerprint
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app

pytestmark = pytest.mark.opensearch

#: Longer than any test takes: what is live is asked for once a second at most, whatever is asked.
PATIENCE = 3600.0


@pytest.fixture(scope="module")
def site(example_server: OpenSearchSettings, analyzer: Analyzer) -> Iterator[FlaskClient]:
    """A site over the example news that knows what it asks for once for each generation."""
    settings = Configuration(Path("nowhere"), engine="opensearch", opensearch=example_server)
    service = SearchService(
        settings.index, settings, analyzer, load_taxonomy(None), patience=PATIENCE
    )
    with closing(service):
        client = create_app(service, settings).test_client()
        assert client.get("/").status_code == client.get("/?q=tuul").status_code == 200
        yield client


@pytest.mark.parametrize(
    ("kind", "address", "most"),
    [
        ("word", "/?q=robot", 2),
        ("several words", "/?q=puidu+robot", 2),
        ("any of some words", "/?q=klaster+OR+robot", 2),
        ("phrase", "/?q=%22eesti+klaster%22", 2),
        ("prefix", "/?q=puit*", 2),
        ("filter", "/?q=klaster&year=2016", 2),
        ("no words", "/?year=2016", 2),
        ("other spelling", "/?q=saepruu", 2),
        ("other spelling beside a word", "/?q=robot+saepruu", 2),
        ("nothing at all", "/?q=qwzxv", 2),
        ("phrase that nothing has", "/?q=%22robot+saepuru%22", 2),
        ("words that nothing has together", "/?q=tehisaru+festivalid+mammut", 2),
        ("words that all have to stand", "/?q=disain+AND+adru+AND+supp", 2),
        ("no match under a filter", "/?q=kohvik&year=1999", 2),
        ("no match under two filters", "/?q=juhatus+valimine&year=2016&language=en", 2),
        ("small operators", "/?q=vesi+or+tekid", 2),
        ("second page", "/?q=aasta&page=2", 2),
        ("parts of a compound", "/?q=puiduklaster&year=2016", 2),
        ("parts of a compound beside a word", "/?q=puitmajaklaster+toetus", 2),
    ],
)
def test_a_page_asks_so_often(site: FlaskClient, kind: str, address: str, most: int) -> None:
    del kind
    with sent_requests() as requests:
        assert site.get(address).status_code == 200
    assert requests.of_articles <= most, requests.addresses
    with sent_requests() as again:
        assert site.get(f"{address}&sort=newest").status_code == 200
    assert again.of_articles <= 1, again.addresses


@pytest.mark.parametrize("address", ["/valdkonnad/rohe-ringmajandus", "/organisatsioonid"])
def test_an_overview_asks_so_often(site: FlaskClient, address: str) -> None:
    with sent_requests() as requests:
        assert site.get(address).status_code == 200
    assert 0 < requests.of_articles <= 2, requests.addresses


@pytest.fixture(scope="module")
def copied(
    opensearch: OpenSearchCluster, analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    """A site over news of which each is told by two articles, and that finds by meaning."""
    server, embedder = server_settings(opensearch, f"copied-{uuid.uuid4().hex}"), TopicEmbedder()
    index_news(tmp_path_factory.mktemp("copied"), TEXTS * 2, server)
    settings = Configuration(Path("nowhere"), engine="opensearch", opensearch=server)
    assert VectorFiller(index_of(settings), fingerprint(settings), embedder).run().articles
    service = SearchService(
        settings.index,
        settings,
        analyzer,
        load_taxonomy(None),
        embedder=embedder,
        patience=PATIENCE,
    )
    with closing(service):
        client = create_app(service, settings).test_client()
        assert client.get("/").status_code == client.get("/?q=tuul").status_code == 200
        yield client


@pytest.mark.parametrize("query", ["=vihma", "linnapea OR politsei OR puude OR orkester"])
def test_copies_of_what_is_found_are_not_asked_for(copied: FlaskClient, query: str) -> None:
    with sent_requests() as requests:
        found = copied.get("/api/search", query_string={"q": query}).json
    assert found is not None
    assert all(len(each["duplicates"]) == 1 for each in found["hits"])
    assert 0 < requests.of_articles <= 2, requests.addresses
    with sent_requests() as again:
        assert copied.get("/", query_string={"q": query, "sort": "newest"}).status_code == 200
    assert again.of_articles <= 1, again.addresses


@pytest.mark.parametrize("query", ["sadu lahes", "raie külas", "purjus mees kambris"])
def test_a_search_by_meaning_asks_so_often(copied: FlaskClient, query: str) -> None:
    """For how words are written, with counts; what is first by words and by meaning; the page."""
    with sent_requests() as requests:
        found = copied.get("/api/search", query_string={"q": query, "meaning": "1"}).json
    assert found is not None
    assert found["near"] or found["hits"]
    assert 0 < requests.of_articles <= 3, requests.addresses
    with sent_requests() as again:
        copied.get("/api/search", query_string={"q": query, "sort": "newest"})
    assert again.of_articles <= 2, again.addresses


@pytest.mark.parametrize("address", ["/article/3", "/article/15?q=maja"])
def test_an_article_asks_so_often(copied: FlaskClient, address: str) -> None:
    """For the article, with its vectors, and for those that are like it."""
    with sent_requests() as requests:
        assert copied.get(address).status_code == 200
    assert requests.of_articles == 2, requests.addresses


@pytest.mark.parametrize("typed", ["klas", "rob", "eesti kla", "puit", "met"])
def test_suggestions_ask_so_often(site: FlaskClient, typed: str) -> None:
    with sent_requests() as requests:
        assert site.get(f"/api/suggest?q={typed}").status_code == 200
    assert len(requests.addresses) <= 12, requests.addresses
    with sent_requests() as again:
        site.get(f"/api/suggest?q={typed}")
    assert len(again.addresses) <= 4, again.addresses
