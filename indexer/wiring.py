"""Putting the parts together as a configuration says; nothing else chooses components."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from search.analysis import Analyzer, Vabamorf
from search.configuration import Configuration
from search.engines.whoosh import Generations
from search.fingerprint import fingerprint
from search.service import SearchService
from search.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from indexer.pipeline import Pipeline, Progress


def generations(configuration: Configuration) -> Generations:
    """The index that ``configuration`` names."""
    return Generations(configuration.index, configuration.keep_generations)


def service(configuration: Configuration) -> SearchService:
    """What answers searches. Raises TaxonomyError or SynonymError."""
    taxonomy = load_taxonomy(configuration.taxonomy)
    return SearchService(configuration.index, configuration, Analyzer(Vabamorf()), taxonomy)


def pipeline(
    configuration: Configuration,
    progress: "Progress | None" = None,
    clock: Callable[[], datetime] | None = None,
) -> "Pipeline":
    """What fills the index. Raises TaxonomyError, GazetteerError or OverridesError."""
    # A search need not wait for the parts that only indexing uses.
    from indexer.enrich import Enricher, load_gazetteer, load_overrides
    from indexer.pipeline import Pipeline, no_progress, utc_now

    clock = clock or utc_now
    analyzer = Analyzer(Vabamorf())
    enricher = Enricher(
        analyzer,
        load_taxonomy(configuration.taxonomy),
        load_gazetteer(configuration.gazetteer),
        load_overrides(configuration.overrides),
        latest_year=clock().year,
    )
    return Pipeline(
        analyzer,
        enricher,
        fingerprint(configuration),
        limit_megabytes=configuration.max_file_megabytes,
        clock=clock,
        progress=progress or no_progress,
    )
