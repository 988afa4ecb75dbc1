"""Hands that do everything in this process, with whatever analyzer and enricher a test has."""

from indexer.analyst import Analyst, Enricher
from indexer.workers import Alone
from search.analysis import Analyzer
from search.engines.whoosh.storage.batches import pack_batch


def alone(analyzer: Analyzer, enricher: Enricher) -> Alone:
    return Alone(Analyst(analyzer, enricher, pack_batch))
