"""Operator's pages: index status, last run, slow queries, review lists, Prometheus metrics.

Who may see it is decided by who can reach the port, not by anything in a request.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Flask, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST

from search.errors import KlastriError
from search.results import Statistics
from search.review import Review, Reviewed, ReviewEntry, ReviewList
from search.run_record import RunRecord
from search.service import GenerationStatus
from webui.components import Link
from webui.context import localisation, rendered, site
from webui.localisation import Localisation
from webui.metrics import AskedQuery
from webui.parameters import SearchState

#: How many queries of each kind are listed, and how many files and notes of a run.
LISTED = 50
_EXTENSION = "klastriotsing-admin"
#: Below which key of its file the lines of a list stand.
_PLACES = {
    "same": "organisations: rename:",
    "acronyms": "organisations:",
    "articles": "articles:",
    "words": "lemmas:",
}

admin = Blueprint("admin", __name__)


@dataclass(frozen=True, slots=True)
class AdminContext:
    """Application state of the operator's pages, beside the site's.

    ``reviewed`` gives the newest review lists; ``public`` is the address of the public site, ending
    in a slash.
    """

    reviewed: Callable[[], Reviewed]
    public: str = "/"

    def join(self, app: Flask) -> None:
        """Registers this context with ``app``."""
        app.extensions[_EXTENSION] = self


@dataclass(frozen=True, slots=True)
class ListedGeneration:
    """A generation as listed on the page; ``articles`` is None where unknown."""

    name: str
    is_live: bool
    built: str
    articles: int | None
    megabytes: float


@dataclass(frozen=True, slots=True)
class LastRun:
    """The run that wrote the live generation; ``failures`` and ``notes`` are the first of all."""

    facts: tuple[tuple[str, str], ...]
    failures: tuple[str, ...]
    unlisted_failures: int
    notes: tuple[str, ...]
    unlisted_notes: int


@dataclass(frozen=True, slots=True)
class AdminPage:
    """View model of the operator's start page; ``problem`` replaces it without an index.

    ``run`` is None where the index keeps none, and ``run_problem`` tells why it cannot be read.
    """

    statistics: Statistics | None
    built: str
    problem: str
    generations: tuple[ListedGeneration, ...]
    run: LastRun | None
    run_problem: str
    keeps_queries: bool
    slow: tuple[AskedQuery, ...]
    empty: tuple[AskedQuery, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """A line for one of the owner's files, with an explanation and an example article."""

    line: str
    told: str
    article: Link | None


@dataclass(frozen=True, slots=True)
class SuggestedList:
    """A review list: number of suggestions shown of all, and the file they belong to."""

    title: str
    shown: str
    destination: str
    suggested: tuple[Suggested, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """View model of the review page; ``is_pending`` while newer lists are being made."""

    generation: str
    lists: tuple[SuggestedList, ...]
    is_made: bool
    is_pending: bool
    problem: str


@admin.get("/admin")
def overview() -> str:
    """Page of index status, last run, slow queries and queries without results."""
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
        slow=metrics.slowest(LISTED),
        empty=metrics.without_result(LISTED),
    )
    return rendered("admin.html", page=page, state=None, number=here.number)


@admin.get("/admin/review")
def review() -> str:
    """Page of the review lists, as ``klastriotsing review`` prints them."""
    context: AdminContext = current_app.extensions[_EXTENSION]
    found, here = context.reviewed(), localisation()
    page = ReviewPage(
        generation=found.generation,
        lists=tuple(_lists(found.review, context.public, here)) if found.review else (),
        is_made=found.review is not None,
        is_pending=found.is_pending,
        problem=here.error(found.problem) if found.problem else "",
    )
    return rendered("admin_review.html", page=page, state=None)


@admin.get("/metrics")
def metrics() -> Response:
    """Metrics in Prometheus' text format."""
    served = None
    with contextlib.suppress(KlastriError):  # said by a gauge of its own
        served = site().service.served()
    return Response(site().metrics.metrics(served), content_type=CONTENT_TYPE_LATEST)


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
    """An ISO 8601 time as people read it; any other text unchanged."""
    try:
        return here.moment(datetime.fromisoformat(iso))
    except ValueError:
        return iso


def _lists(review: Review, public: str, here: Localisation) -> Iterator[SuggestedList]:
    titles = {
        "same": here.gettext("Organisations that may be one"),
        "acronyms": here.gettext("Acronyms of organisations that nobody explains"),
        "articles": here.gettext("Articles without a year or a focus area"),
        "misspelt": here.gettext("Words that may be misspelt"),
        "words": here.gettext("Words that the lexicon does not know"),
    }
    state = SearchState.at_start(public)
    for each in review.lists:
        yield SuggestedList(
            title=titles.get(each.name, each.heading),
            shown=_shown(each, here),
            destination=_destination(each, here),
            suggested=tuple(_suggested(entry, state, here) for entry in each.entries),
        )


def _shown(found: ReviewList, here: Localisation) -> str:
    if len(found.entries) == found.total:
        return here.gettext("{total} in all.", total=here.number(found.total))
    shown = here.number(len(found.entries))
    return here.gettext(
        "The first {shown} of {total}.", shown=shown, total=here.number(found.total)
    )


def _destination(found: ReviewList, here: Localisation) -> str:
    """File for the lines, as klastriotsing.toml names it, and the key above them."""
    if not found.entries:
        return ""
    place = _PLACES.get(found.name, "")
    if not place:
        return here.gettext("Lines for the file “{file}”:", file=found.destination)
    return here.gettext(
        "Lines for the file “{file}”, below “{place}”:", file=found.destination, place=place
    )


def _suggested(entry: ReviewEntry, state: SearchState, here: Localisation) -> Suggested:
    """A suggestion with its explanation in the language of the page."""
    told, article = "", None
    data = entry.data
    if "reason" in data:
        told = _reasons(here).get(data["reason"], "")
    elif "word" in data:
        told = here.ngettext("{count} article", "{count} articles", data["articles"])
        article = Link(data["example"], state.article_url(data["example"]))
    elif "id" in data:
        article = Link(data["title"], state.article_url(data["id"]))
    return Suggested(entry.line.strip(), told, article)


def _reasons(here: Localisation) -> dict[str, str]:
    """Labels of the reasons why two names may be aliases."""
    return {
        "form": here.gettext("the same but for legal form, case ending or spelling of letters"),
        "initials": here.gettext("the short one is made of the initials"),
        "letter": here.gettext("one letter differs"),
        "part": here.gettext("one is the beginning or the end of the other"),
        "company": here.gettext("never together, but beside the same organisations"),
    }
