"""Putting the parts together as a configuration says; nothing else chooses components."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from search.analysis import Analyzer, Vabamorf
from search.configuration import Configuration
from search.engines.whoosh import Generations
from search.fingerprint import fingerprint
from search.service import SearchService
from search.taxonomy import DEFAULT_PATH as TAXONOMY
from search.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from indexer.pipeline import Pipeline, Progress
    from indexer.review import Reviewer


def generations(configuration: Configuration) -> Generations:
    """The index that ``configuration`` names."""
    return Generations(configuration.index, configuration.keep_generations)


def service(configuration: Configuration) -> SearchService:
    """What answers searches. Raises TaxonomyError or SynonymError."""
    taxonomy = load_taxonomy(configuration.taxonomy)
    return SearchService(configuration.index, configuration, Analyzer(Vabamorf()), taxonomy)


def reviewer(configuration: Configuration, limit: int) -> "Reviewer":
    """What lists for the owner. Raises TaxonomyError, GazetteerError or OverridesError."""
    from indexer.enrich import load_gazetteer, load_overrides
    from indexer.review import Reviewer

    taxonomy = load_taxonomy(configuration.taxonomy)
    gazetteer = load_gazetteer(configuration.gazetteer)
    overrides = load_overrides(configuration.overrides, taxonomy)
    return Reviewer(Analyzer(Vabamorf()), gazetteer, overrides, limit)


def pipeline(
    configuration: Configuration,
    progress: "Progress | None" = None,
    clock: Callable[[], datetime] | None = None,
) -> "Pipeline":
    """What fills the index. Raises TaxonomyError, GazetteerError or OverridesError."""
    # A search need not wait for the parts that only indexing uses.
    from indexer.enrich import Enricher, load_gazetteer, load_overrides
    from indexer.enrich.gazetteer import DEFAULT_PATH as GAZETTEER
    from indexer.enrich.rules import rules_digest
    from indexer.pipeline import Pipeline, no_progress, utc_now

    clock = clock or utc_now
    taxonomy = load_taxonomy(configuration.taxonomy)
    gazetteer = load_gazetteer(configuration.gazetteer)
    overrides = load_overrides(configuration.overrides, taxonomy)
    analyzer = Analyzer(Vabamorf())
    enricher = Enricher(analyzer, taxonomy, gazetteer, overrides, latest_year=clock().year)
    return Pipeline(
        analyzer,
        enricher,
        fingerprint(configuration),
        rules=rules_digest(
            configuration.taxonomy or TAXONOMY,
            configuration.gazetteer or GAZETTEER,
            configuration.overrides,
        ),
        limit_megabytes=configuration.max_file_megabytes,
        clock=clock,
        progress=progress or no_progress,
    )
