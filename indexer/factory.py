"""Factory: builds the components of the program from the configuration.

Each function imports the components that it builds: searching does not load modules for indexing,
nor worker processes those for searching.
"""

import contextlib
import functools
import gc
import os
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from search.configuration import Configuration, OpenSearchSettings

#: The file beside the index that stores web pages.
_PAGES = "web.sqlite"

if TYPE_CHECKING:
    from indexer.document_builder import DocumentBuilder
    from indexer.extract import Gazetteer, Overrides
    from indexer.index_copier import IndexCopier
    from indexer.pipeline import Pipeline, Progress, SourceSpec
    from indexer.review import Reviewer
    from indexer.review.reviewer import BackgroundReview
    from indexer.sources import Source
    from indexer.sources.readers import SourceOpener
    from indexer.vector_filler import VectorFiller
    from search.alerts.dispatcher import Dispatcher
    from search.analysis import Analyzer
    from search.engines.contract import Index, StoredReader
    from search.meaning.vector_report import VectorReport
    from search.review import Review
    from search.service import SearchService
    from search.taxonomy import Taxonomy

#: Seconds for which the live generation is cached if looking it up costs a request.
LIVE_SECONDS = 1.0
#: Cache size for the analysis of query words: about 15,000 words.
_SERVED_BYTES = 64_000_000


def index_of(configuration: Configuration) -> "Index":
    """The index of ``configuration``."""
    from search.engines.registry import open_index

    return open_index(
        configuration.index,
        configuration.engine,
        configuration.keep_generations,
        configuration.opensearch,
    )


def index_copier(configuration: Configuration, source: str, target: str) -> "IndexCopier":
    """The index copier from one location to another. Raises CopyPlaceUnusable."""
    from indexer.index_copier import IndexCopier
    from search.engine_errors import CopyPlaceUnusable
    from search.engines.registry import at_place, fingerprint

    one, other = (at_place(configuration, each) for each in (source, target))
    if one == other:
        raise CopyPlaceUnusable(place=target, reason="it is the one to copy from")
    return IndexCopier(index_of(one), fingerprint(one), index_of(other), fingerprint(other))


def service(
    configuration: Configuration, *, warms: bool = False, by_meaning: bool = True
) -> "SearchService":
    """The search service; with ``warms`` it preloads in a thread what the first query needs.

    The live generation of a remote engine is not looked up for each page. Without ``by_meaning``
    no model is opened. Raises TaxonomyError, SynonymError or EmbedderUnavailable.
    """
    from search.service import SearchService
    from search.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(configuration.taxonomy)
    analyzer = _analyzer(most_bytes=_SERVED_BYTES)
    embedder = None
    if configuration.meaning is not None and by_meaning:
        from search.meaning.embedder import open_embedder

        embedder = open_embedder(configuration.meaning)
    answering = SearchService(
        configuration.index,
        configuration,
        analyzer,
        taxonomy,
        embedder=embedder,
        patience=LIVE_SECONDS if warms and configuration.engine == "opensearch" else 0.0,
    )
    if warms:
        threading.Thread(target=_warm, args=(answering,), daemon=True).start()
    return answering


def _warm(answering: "SearchService") -> None:
    answering.warm()
    # Modules and lexicons are permanent: garbage collection of them delayed one page in about a
    # hundred by a tenth of a second.
    gc.collect()
    gc.freeze()


def dispatcher(
    configuration: Configuration,
    answering: "SearchService",
    environment: Mapping[str, str],
    clock: Callable[[], datetime] | None = None,
) -> "Dispatcher":
    """The dispatcher of alerts over ``answering``. Raises AlertEmailsOff, ConfigurationError."""
    from search.alerts.alert_emails import AlertEmailWriter
    from search.alerts.alert_store import AlertStore
    from search.alerts.dispatcher import Dispatcher
    from search.alerts.smtp_delivery import SmtpDelivery, smtp_login
    from search.errors import AlertEmailsOff

    smtp = configuration.smtp
    if smtp is None:
        raise AlertEmailsOff
    store = AlertStore(configuration.index)
    root = urljoin(configuration.base_url, f"{configuration.prefix}/")

    def emails() -> AlertEmailWriter:
        name, signer = configuration.site_name, store.signer()
        return AlertEmailWriter(name, root, smtp.sender_parts, signer, answering.area_label)

    greeting = urlsplit(root).hostname or "localhost"
    delivery = SmtpDelivery(smtp, smtp_login(smtp, environment), greeting)
    return Dispatcher(store, answering, emails, delivery, clock or (lambda: datetime.now(UTC)))


def reviewer(configuration: Configuration, limit: int) -> "Reviewer":
    """The reviewer. Raises TaxonomyError, GazetteerError or OverridesError."""
    from indexer.extract import known_organisations, load_overrides
    from indexer.review import Reviewer
    from search.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(configuration.taxonomy)
    gazetteer = known_organisations(configuration.gazetteer, defaults=configuration.defaults)
    overrides = load_overrides(configuration.overrides, taxonomy)
    return Reviewer(_analyzer(), gazetteer, overrides, limit)


def background_review(
    configuration: Configuration, limit: int, generation: Callable[[], str]
) -> "BackgroundReview":
    """Review of the live generation in a background process."""
    from indexer.review.reviewer import BackgroundReview

    return BackgroundReview(functools.partial(_review, configuration, limit), generation)


def _review(configuration: Configuration, limit: int) -> "Review":
    from search.engines.registry import fingerprint

    work = reviewer(configuration, limit)
    with contextlib.closing(index_of(configuration).open(fingerprint(configuration))) as reader:
        return work.review(reader, lambda ids, _total: ids)


def source_opener(configuration: Configuration, *, keeps_pages: bool = True) -> "SourceOpener":
    """The source opener, which parses documents in a child process; must be closed.

    Web pages are stored beside the index, unless ``keeps_pages`` is False.
    """
    from indexer.sources import Limits
    from indexer.sources.readers import SourceOpener

    return SourceOpener(
        Limits(configuration.max_file_megabytes),
        configuration.index / _PAGES,
        keeps_pages=keeps_pages,
        user_agent=_user_agent(configuration),
    )


def _user_agent(configuration: Configuration) -> str:
    """User-Agent header of the crawler."""
    about = f" (+{configuration.base_url})" if configuration.base_url else ""
    return f"Klastriotsing/{version('klastriotsing')}{about}"


def pipeline(
    configuration: Configuration,
    progress: "Progress | None" = None,
    clock: Callable[[], datetime] | None = None,
    open_source: "Callable[[SourceSpec], Source] | None" = None,
    scheduler: str | None = None,
) -> "Pipeline":
    """The indexing pipeline; without ``open_source`` everything is parsed in this process.

    With ``scheduler``, its address or ``local``, the workers of Dask analyse.
    Raises TaxonomyError, GazetteerError or OverridesError.
    """
    from indexer.extract import known_organisations, load_overrides
    from indexer.extract.given_checks import GivenChecks
    from indexer.fingerprints import extraction_fingerprint, facet_fingerprint
    from indexer.pipeline import Pipeline, no_progress, utc_now
    from indexer.pool import TaskRunner, WorkerPool
    from indexer.sources import Limits
    from indexer.sources import open_source as open_here
    from search.engines.registry import fingerprint
    from search.taxonomy import DEFAULT_PATH as TAXONOMY
    from search.taxonomy import load_taxonomy

    clock = clock or utc_now
    latest_year = clock().year
    taxonomy = load_taxonomy(configuration.taxonomy)
    gazetteer = known_organisations(configuration.gazetteer, defaults=configuration.defaults)
    overrides = load_overrides(configuration.overrides, taxonomy)
    analysed_as = fingerprint(configuration)
    builders = ConfiguredBuilders(
        taxonomy,
        gazetteer,
        overrides,
        latest_year,
        configuration.index,
        configuration.engine,
        analysed_as,
        configuration.opensearch,
    )
    limits = Limits(configuration.max_file_megabytes)
    jobs = configuration.jobs or processor_cores()
    runner: TaskRunner = WorkerPool(builders, jobs)
    if scheduler is not None:
        from indexer.dask_runner import DaskRunner

        runner = DaskRunner(builders, scheduler, configuration.dask, jobs)
    return Pipeline(
        runner,
        analysed_as,
        rules=facet_fingerprint(
            configuration.taxonomy or TAXONOMY,
            configuration.gazetteer,
            configuration.overrides,
            defaults=configuration.defaults,
        ),
        findings=extraction_fingerprint(latest_year, acronyms=gazetteer.acronyms),
        unmatched_overrides=overrides.unmatched,
        remarks=GivenChecks(taxonomy, latest_year).remarks,
        open_source=open_source or functools.partial(open_here, limits=limits),
        clock=clock,
        progress=progress or no_progress,
    )


def vector_filler(
    configuration: Configuration,
    index: "Index",
    batch: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> "VectorFiller":
    """The vector filler of ``index``. Raises MeaningOff or EmbedderUnavailable."""
    from indexer.vector_filler import VectorFiller
    from search.engines.registry import fingerprint
    from search.errors import MeaningOff
    from search.meaning.embedder import open_embedder

    if configuration.meaning is None:
        raise MeaningOff
    embedder = open_embedder(configuration.meaning)
    return VectorFiller(index, fingerprint(configuration), embedder, batch=batch, say=say)


def vector_report(configuration: Configuration) -> "VectorReport | None":
    """Report on the vectors of the live generation, None if search by meaning is off.

    Raises NoIndex, IndexDamaged or IndexMismatch.
    """
    if configuration.meaning is None:
        return None
    from search.engines.registry import fingerprint
    from search.meaning.embedder import open_embedder
    from search.meaning.vector_report import VectorReporter

    reporter = VectorReporter(functools.partial(open_embedder, configuration.meaning))
    with contextlib.closing(
        index_of(configuration).open_stored(fingerprint(configuration))
    ) as live:
        return reporter.report(live)


def processor_cores() -> int:
    """Number of processor cores available to this process."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class ConfiguredBuilders:
    """Creates the document builder of each process; reads the owner's files only once."""

    taxonomy: "Taxonomy"
    gazetteer: "Gazetteer"
    overrides: "Overrides"
    latest_year: int
    index: Path
    engine: str
    fingerprint: str
    server: OpenSearchSettings | None = None

    def builder(self) -> "DocumentBuilder":
        from indexer.document_builder import DocumentBuilder
        from indexer.extract import Enricher

        analyzer = _analyzer(self.gazetteer.acronyms)
        year = self.latest_year
        enricher = Enricher(analyzer, self.taxonomy, self.gazetteer, self.overrides, year)
        return DocumentBuilder(analyzer, enricher)

    def open_live(self) -> "StoredReader":
        """Opens the live generation. Raises NoIndex, IndexMismatch, IndexDamaged."""
        from search.engines.registry import open_index

        index = open_index(self.index, self.engine, server=self.server)
        return index.open_stored(self.fingerprint)


def _analyzer(acronyms: Collection[str] = (), most_bytes: int | None = None) -> "Analyzer":
    """An analyzer that caches about ``most_bytes`` of words; by default what indexing needs."""
    from search.analysis import Analyzer, Vabamorf

    if most_bytes is None:
        return Analyzer(Vabamorf(), acronyms)
    return Analyzer(Vabamorf(most_bytes // 2), acronyms, most_bytes // 2)
