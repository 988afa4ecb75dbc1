"""A task runner in this process, with the analyzer and enricher of a test."""

from collections.abc import Generator, Iterable

from indexer.document_builder import DocumentBuilder, FacetExtractor, Task, TaskResult
from indexer.pool import batches
from search.analysis import Analyzer
from search.engines.contract import Pack, StoredReader


class LocalRunner:
    """Runs all tasks in this process."""

    def __init__(self, analyzer: Analyzer, enricher: FacetExtractor) -> None:
        self._builder = DocumentBuilder(analyzer, enricher)

    def run(
        self, tasks: Iterable[Task], pack: Pack, live: StoredReader | None = None
    ) -> Generator[TaskResult, None, None]:
        for batch in batches(tasks):
            yield self._builder.build(batch, pack, live)
