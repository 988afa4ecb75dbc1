"""Search by meaning on a server: filled in by batches, kept by whatever writes, answering alike."""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from meant_news import QUESTIONS, TEXTS, TopicEmbedder
from news import index_news
from opensearch_cluster import OpenSearchCluster

from indexer.factory import index_of, pipeline
from indexer.vector_filler import VectorFiller
from search.analysis import Analyzer
from search.configuration import Configuration, OpenSearchSettings
from search.engines.contract import Index
from search.engines.registry import fingerprint
from search.meaning.embedder import Embedder
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

pytestmark = pytest.mark.opensearch


@pytest.fixture
def server(opensearch: OpenSearchCluster) -> OpenSearchSettings:
    name = f"meant-{uuid.uuid4().hex}"
    return OpenSearchSettings((opensearch.urls[0],), index=name, replicas=0, timeout=60)


def configured(folder: Path, server: OpenSearchSettings | None) -> Configuration:
    engine = "opensearch" if server else "whoosh"
    path = folder / "index"
    return Configuration(index=path, engine=engine, opensearch=server, keep_generations=2)


def fill(index: Index, configuration: Configuration, embedder: Embedder, batch: int = 5) -> int:
    """How many passages had to be embedded."""
    return VectorFiller(index, fingerprint(configuration), embedder, batch=batch).run().embedded


def done(index: Index, embedder: Embedder) -> int:
    assert index.verify() == []
    with contextlib.closing(index.open_stored()) as live:
        held = live.vector_status(embedder.digest)
        assert len(live.without_vectors(embedder.digest)) == held.articles - held.done
        return held.done


def test_vectors_come_in_batches_and_stay(server: OpenSearchSettings, tmp_path: Path) -> None:
    index_news(tmp_path, TEXTS[:4], server)
    configuration, embedder = configured(tmp_path, server), TopicEmbedder()
    index, source = index_of(configuration), tmp_path / "uudised"
    work = pipeline(configuration)
    first = index.current()
    work.reindex(index, [source], fresh=True)
    assert done(index, embedder) == 0
    assert fill(index, configuration, embedder, batch=2) == done(index, embedder) == 4
    assert len(index.names()) == 3, "the one before stays for who reads it"
    assert index.rollback() == first, "a batch does not stand before the next one"
    assert fill(index, configuration, embedder) == 0, "another generation has them"
    # What is indexed anew, facetted anew, copied or changed elsewhere keeps its vectors.
    (source / "1.txt").write_text("Uus pealkiri\n\nUus tekst.\n", encoding="utf-8")
    work.update(index, [source])
    assert done(index, embedder) == 3
    work.reindex(index, [source], fresh=True)
    assert done(index, embedder) == 3
    (source / "5.txt").write_bytes((source / "2.txt").read_bytes())
    work.update(index, [source])
    assert fill(index, configuration, embedder) == 1, "the copy says what is known"
    assert done(index, embedder) == 5
    assert index.add_vectors("another", ()) is None
    index.backup(tmp_path / "varu")
    index.restore(tmp_path / "varu")
    assert done(index, embedder) == 5


@pytest.fixture
def services(
    server: OpenSearchSettings, tmp_path: Path, analyzer: Analyzer, embedder: Embedder
) -> Iterator[list[SearchService]]:
    """Both engines over the same news with the vectors of the real model."""
    with contextlib.ExitStack() as stack:
        opened = []
        for each in (None, server):
            folder = tmp_path / ("server" if each else "files")
            index_news(folder, TEXTS, each)
            configuration = configured(folder, each)
            index = index_of(configuration)
            assert fill(index, configuration, embedder, len(TEXTS)) >= len(TEXTS)
            taxonomy = load_taxonomy(None)
            opened.append(
                SearchService(
                    configuration.index, configuration, analyzer, taxonomy, embedder=embedder
                )
            )
            stack.callback(opened[-1].close)
        yield opened


def test_the_real_model_finds_the_same_on_both(services: list[SearchService]) -> None:
    near = 0
    for query in (*QUESTIONS, "purjus juhid", "sadama ilmateade", "drunk drivers", "räim ja vihm"):
        for request in (SearchRequest(query), SearchRequest(query, sort="newest")):
            one, other = (service.search(request, "en").to_dict() for service in services)
            for each in (one, other):
                near += each["near"]
                del each["took_ms"]
            for mine, its in zip(one["hits"], other["hits"], strict=True):
                for number, close in (("score", 1e-3), ("nearness", 2e-4)):
                    assert mine.pop(number) == pytest.approx(its.pop(number), abs=close)
            assert one == other
    assert near > len(QUESTIONS)
    for article in ("1", "5", "10"):
        likes = [[each.id for each in s.article(article).similar] for s in services]
        assert likes[0] == likes[1]
