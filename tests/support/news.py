"""A service over a few lines of news, indexed as by ``reindex``."""

from collections.abc import Sequence
from pathlib import Path

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer
from search.configuration import Configuration, OpenSearchSettings
from search.request import SearchRequest
from search.results import Results
from search.service import SearchService
from search.taxonomy import load_taxonomy


def index_news(
    folder: Path, texts: Sequence[str], server: OpenSearchSettings | None = None
) -> Path:
    """Makes an index of articles numbered from 1; the first sentence of each is its title.

    With ``server`` it is on that server.
    """
    source = folder / "uudised"
    source.mkdir(parents=True)
    for number, text in enumerate(texts, 1):
        title, _, body = text.partition(". ")
        (source / f"{number}.txt").write_text(f"{title}\n\n{body or title}\n", encoding="utf-8")
    engine = "opensearch" if server else "whoosh"
    configuration = Configuration(index=folder / "index", engine=engine, opensearch=server)
    report = pipeline(configuration).reindex(index_of(configuration), [source])
    assert not report.errors
    return configuration.index


def service_over(
    index: Path, analyzer: Analyzer, synonyms: Path | None = None, *, default: bool = False
) -> SearchService:
    """A service with the owner's ``synonyms`` and, if ``default``, the program's own."""
    configuration = Configuration(index=index, synonyms=synonyms, defaults=default)
    return SearchService(index, configuration, analyzer, load_taxonomy(None))


def ask(service: SearchService, query: str) -> Results:
    return service.search(SearchRequest(query, page_size=100), "en")


def full(results: Results) -> list[str]:
    """Ids of the full matches, best first."""
    return [hit.id for hit in results.hits if hit.full]


def ways(results: Results) -> set[tuple[str, str, str]]:
    """Query word, form in the text and way of every reason."""
    return {(why.query, why.form, why.how) for hit in results.hits for why in hit.why}
