"""Putting the parts together as a configuration says; nothing else chooses components.

Each function imports what it puts together: a search need not wait for the parts that only indexing
uses, nor a process that analyses articles for those that answer.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from search.configuration import Configuration

if TYPE_CHECKING:
    from indexer.analyst import Analyst
    from indexer.extract import Gazetteer, Overrides
    from indexer.pipeline import Pipeline, Progress
    from indexer.review import Reviewer
    from indexer.review.beside import ReviewsBeside
    from search.analysis import Analyzer
    from search.engines.contract import StoredReader
    from search.engines.whoosh import Generations
    from search.service import SearchService
    from search.taxonomy import Taxonomy


def generations(configuration: Configuration) -> "Generations":
    """The index that ``configuration`` names."""
    from search.engines.whoosh import Generations

    return Generations(configuration.index, configuration.keep_generations)


def service(configuration: Configuration, *, warms: bool = False) -> "SearchService":
    """What answers searches; ``warms`` loads beside what the first query would wait for.

    Raises TaxonomyError or SynonymError.
    """
    from search.service import SearchService
    from search.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(configuration.taxonomy)
    analyzer = _analyzer()
    if warms:
        threading.Thread(target=_warm, args=(analyzer,), daemon=True).start()
    return SearchService(configuration.index, configuration, analyzer, taxonomy)


def _warm(analyzer: "Analyzer") -> None:
    """Load what the first query would wait for: the lexicon, and what np.unique asks for once."""
    import numpy.ma  # noqa: F401

    analyzer.readings("klaster")


def reviewer(configuration: Configuration, limit: int) -> "Reviewer":
    """What lists for the owner. Raises TaxonomyError, GazetteerError or OverridesError."""
    from indexer.extract import load_gazetteer, load_overrides
    from indexer.review import Reviewer
    from search.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(configuration.taxonomy)
    gazetteer = load_gazetteer(configuration.gazetteer)
    overrides = load_overrides(configuration.overrides, taxonomy)
    return Reviewer(_analyzer(), gazetteer, overrides, limit)


def reviews_beside(
    configuration: Configuration, limit: int, generation: Callable[[], str]
) -> "ReviewsBeside":
    """What has the lists of the live generation made in another process, for who answers here."""
    from indexer.review.beside import ReviewsBeside

    return ReviewsBeside(configuration, limit, generation)


def pipeline(
    configuration: Configuration,
    progress: "Progress | None" = None,
    clock: Callable[[], datetime] | None = None,
) -> "Pipeline":
    """What fills the index. Raises TaxonomyError, GazetteerError or OverridesError."""
    from indexer.extract import load_gazetteer, load_overrides
    from indexer.extract.gazetteer import DEFAULT_PATH as GAZETTEER
    from indexer.extract.rules import rules_digest
    from indexer.finding_code import findings_digest
    from indexer.pipeline import Pipeline, no_progress, utc_now
    from indexer.workers import Workers
    from search.fingerprint import fingerprint
    from search.taxonomy import DEFAULT_PATH as TAXONOMY
    from search.taxonomy import load_taxonomy

    clock = clock or utc_now
    latest_year = clock().year
    taxonomy = load_taxonomy(configuration.taxonomy)
    gazetteer = load_gazetteer(configuration.gazetteer)
    overrides = load_overrides(configuration.overrides, taxonomy)
    made_as = fingerprint(configuration)
    recipe = Recipe(taxonomy, gazetteer, overrides, latest_year, configuration.index, made_as)
    return Pipeline(
        Workers(recipe, configuration.jobs or processor_cores()),
        made_as,
        rules=rules_digest(
            configuration.taxonomy or TAXONOMY,
            configuration.gazetteer or GAZETTEER,
            configuration.overrides,
        ),
        findings=findings_digest(latest_year),
        unmet=overrides.unmet,
        limit_megabytes=configuration.max_file_megabytes,
        clock=clock,
        progress=progress or no_progress,
    )


def processor_cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an analyst is made of. The owner's files are read once, for all processes alike."""

    taxonomy: "Taxonomy"
    gazetteer: "Gazetteer"
    overrides: "Overrides"
    latest_year: int
    index: Path
    fingerprint: str

    def analyst(self) -> "Analyst":
        from indexer.analyst import Analyst
        from indexer.extract import Enricher
        from search.engines.whoosh.storage.batches import pack_batch

        analyzer = _analyzer()
        year = self.latest_year
        enricher = Enricher(analyzer, self.taxonomy, self.gazetteer, self.overrides, year)
        return Analyst(analyzer, enricher, pack_batch)

    def open_live(self) -> "StoredReader":
        """The live generation. Raises NoIndex, IndexMismatch, IndexDamaged."""
        from search.engines.whoosh import Generations

        return Generations(self.index).open_stored(self.fingerprint)


def _analyzer() -> "Analyzer":
    from search.analysis import Analyzer, Vabamorf

    return Analyzer(Vabamorf())
