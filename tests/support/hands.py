"""Hands that do everything in this process, with whatever analyzer and enricher a test has."""

from collections.abc import Generator, Iterable

from indexer.analyst import Analyst, Done, Enricher, Task
from indexer.workers import batches
from search.analysis import Analyzer
from search.engines.contract import StoredReader
from search.engines.whoosh import pack_batch


class Alone:
    """Does all in this process."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst

    def do(
        self, tasks: Iterable[Task], live: StoredReader | None = None
    ) -> Generator[Done, None, None]:
        for batch in batches(tasks):
            yield self._analyst.do(batch, live)


def alone(analyzer: Analyzer, enricher: Enricher) -> Alone:
    return Alone(Analyst(analyzer, enricher, pack_batch))
