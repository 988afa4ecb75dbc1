"""Operator's pages: index status, last run, slow queries, review lists, Prometheus metrics.

Anybody who can reach the port has access; there is no login.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST

from search.errors import KlastriError
from search.index_status import GenerationStatus
from search.results import Statistics
from search.review import Reviewed
from search.run_record import RunRecord
from webui.addresses.parameters import SearchState
from webui.context import localisation, rendered, root, site
from webui.localisation import Localisation
from webui.operating.query_report import FileLine, QueryReport, query_report, synonym_line
from webui.operating.review_page import ListOrder, reported_values, review_page

#: Most files and notes of a run that are listed.
LISTED = 50
_EXTENSION = "klastriotsing-admin"

admin = Blueprint("admin", __name__)


@dataclass(frozen=True, slots=True)
class AdminContext:
    """Application state of the operator's pages, in addition to the site's.

    ``reviewed`` returns the newest review lists; ``public`` is the URL of the public site, ending
    in a slash.
    """

    reviewed: Callable[[], Reviewed]
    public: str = "/"

    def join(self, app: Flask) -> None:
        """Registers this context with ``app``."""
        app.extensions[_EXTENSION] = self


@dataclass(frozen=True, slots=True)
class ListedGeneration:
    """A generation as listed on the page; ``articles`` is None if unknown."""

    name: str
    is_live: bool
    built: str
    articles: int | None
    megabytes: float


@dataclass(frozen=True, slots=True)
class LastRun:
    """The run that wrote the live generation, with its first ``failures`` and ``notes``."""

    facts: tuple[tuple[str, str], ...]
    failures: tuple[str, ...]
    unlisted_failures: int
    notes: tuple[str, ...]
    unlisted_notes: int


@dataclass(frozen=True, slots=True)
class AdminPage:
    """View model of the operator's start page; ``problem`` replaces it without an index.

    ``run`` is None if the index has no record of it; ``run_problem`` is why it cannot be read.
    ``made`` is the requested synonym rule.
    """

    statistics: Statistics | None
    built: str
    problem: str
    generations: tuple[ListedGeneration, ...]
    run: LastRun | None
    run_problem: str
    keeps_queries: bool
    queries: QueryReport
    made: FileLine | None


@admin.get("/admin")
def overview() -> str:
    """Route of the start page: index status, last run, and the query report."""
    metrics, here = site().metrics, localisation()
    statistics, problem = None, ""
    try:
        statistics = site().service.statistics()
        unread = site().service.served().problem
        problem = here.error(unread) if isinstance(unread, KlastriError) else str(unread or "")
    except KlastriError as error:
        problem = here.error(error)
    seen = site().service.index_status()
    page = AdminPage(
        statistics=statistics,
        built=_moment(statistics.built, here) if statistics else "",
        problem=problem,
        generations=tuple(_generation(each, here) for each in seen.generations),
        run=_last_run(seen.record, here) if seen.record else None,
        run_problem=here.error(seen.problem) if seen.problem else "",
        keeps_queries=metrics.keeps_queries,
        queries=query_report(metrics, site().service, _public(), here),
        made=synonym_line(request.args.get("query", ""), request.args.get("means", "")),
    )
    return rendered("admin.html", page=page, state=None, number=here.number)


@admin.get("/admin/review")
def review() -> str:
    """Route of the review page: the lists of ``klastriotsing review``, and readers' reports."""
    context: AdminContext = current_app.extensions[_EXTENSION]
    here, sorted_by = localisation(), ListOrder.from_parameters(request.args)
    page = review_page(context.reviewed(), sorted_by, f"{root()}admin/review", _public(), here)
    reports = reported_values(site().metrics.mistakes.all(), site().service, _public(), here)
    return rendered("admin_review.html", page=page, reports=reports, state=None)


@admin.get("/metrics")
def metrics() -> Response:
    """Route of the metrics in Prometheus' text format."""
    served = None
    with contextlib.suppress(KlastriError):  # reported by a gauge
        served = site().service.served()
    return Response(site().metrics.metrics(served), content_type=CONTENT_TYPE_LATEST)


def _public() -> SearchState:
    """Start of the public site."""
    context: AdminContext = current_app.extensions[_EXTENSION]
    return SearchState.at_start(context.public)


def _generation(found: GenerationStatus, here: Localisation) -> ListedGeneration:
    facts = found.facts
    built = _moment(facts.built if facts else "", here)
    articles = facts.articles if facts else None
    return ListedGeneration(found.name, found.is_live, built, articles, found.megabytes)


def _last_run(record: RunRecord, here: Localisation) -> LastRun:
    counts = (
        (here.gettext("Added"), record.added),
        (here.gettext("Updated"), record.updated),
        (here.gettext("Unchanged"), record.unchanged),
        (here.gettext("Removed"), record.removed),
        (here.gettext("Failed"), record.failed),
    )
    failures = tuple(here.error(each) for each in record.errors[:LISTED])
    notes = record.notes[:LISTED]
    return LastRun(
        facts=(
            (here.gettext("Began"), _moment(record.started, here)),
            (here.gettext("Took"), here.duration(record.seconds)),
            *((name, here.number(count)) for name, count in counts),
        ),
        failures=failures,
        unlisted_failures=record.failed - len(failures),
        notes=notes,
        unlisted_notes=record.noted - len(notes),
    )


def _moment(iso: str, here: Localisation) -> str:
    """Formats an ISO 8601 time for readers; any other text is unchanged."""
    try:
        return here.moment(datetime.fromisoformat(iso))
    except ValueError:
        return iso
