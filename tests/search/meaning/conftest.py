"""Search services over a few news and the vectors of their topics."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from meant_news import TopicEmbedder, index_meant_news

from search.analysis import Analyzer
from search.configuration import Configuration
from search.meaning.embedder import Embedder
from search.service import SearchService
from search.taxonomy import load_taxonomy

Serve = Callable[..., SearchService]


@pytest.fixture(scope="module")
def meant_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_meant_news(tmp_path_factory.mktemp("meant"), TopicEmbedder())


@pytest.fixture
def serve(meant_index: Path, analyzer: Analyzer) -> Iterator[Serve]:
    opened: list[SearchService] = []

    def made(embedder: Embedder | None, index: Path = meant_index) -> SearchService:
        configuration = Configuration(index=index, defaults=False)
        taxonomy = load_taxonomy(None)
        opened.append(SearchService(index, configuration, analyzer, taxonomy, embedder=embedder))
        return opened[-1]

    yield made
    for each in opened:
        each.close()
