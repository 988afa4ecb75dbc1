"""Suggestions on a page without full matches: each part of the query alone, no filters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from search.errors import QueryTooBroad
from search.results import Results
from search.service import SearchService
from webui.components import Link
from webui.localisation import Localisation
from webui.parameters import SearchState

#: So many parts of a query are tried, and so many letters of each are shown.
MOST_PARTS = 8
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class NoResultsHelp:
    """Searches that find something, each said with its articles.

    ``parts`` of the query, those that find nothing without an address, are counted under the same
    filters, or under none (``is_unfiltered``) where none of them finds anything so. ``unfiltered``
    is the whole query under no filter, where leaving out a single one does not help.
    """

    parts: tuple[Link, ...] = ()
    is_unfiltered: bool = False
    unfiltered: Link | None = None


def no_results_help(
    service: SearchService, results: Results, state: SearchState, localisation: Localisation
) -> NoResultsHelp:
    """What to offer beside ``results``, nothing where some article matches fully."""
    if results.total:
        return NoResultsHelp()
    unfiltered = _unfiltered(service, results, state, localisation)
    queries = service.subqueries(results.searched, MOST_PARTS)
    for there in (state, state.cleared()) if state.request.is_filtered else (state,):
        parts = tuple(_parts(service, queries, there, localisation))
        if any(each.url for each in parts):
            return NoResultsHelp(parts, there is not state, unfiltered)
    return NoResultsHelp(unfiltered=unfiltered)


def _parts(
    service: SearchService, queries: Iterable[str], state: SearchState, localisation: Localisation
) -> Iterator[Link]:
    """The parts of a query with their full matches under the filters of ``state``."""
    for part in queries:
        there = state.with_query(part)
        try:
            found = service.search(replace(there.request, page_size=1), localisation.language, ())
        except QueryTooBroad:
            continue  # nobody should be led to what is not answered
        count = found.total if found.searched == part else 0
        words = part if len(part) <= LONGEST_SHOWN else f"{part[: LONGEST_SHOWN - 1]}…"
        label = localisation.ngettext(
            "“{words}”: {count} article", "“{words}”: {count} articles", count, words=words
        )
        yield Link(label, there.url if count else "")


def _unfiltered(
    service: SearchService, results: Results, state: SearchState, localisation: Localisation
) -> Link | None:
    """The way to the query under no filter, where that finds more than one filter fewer."""
    if results.partial or not state.request.is_filtered:
        return None
    cleared = state.cleared()
    found = service.search(replace(cleared.request, page_size=1), localisation.language, ())
    count = found.total or found.partial
    if count <= max((each.count for each in results.relaxations), default=0):
        return None
    label = localisation.ngettext(
        "Without any filter: {count} article", "Without any filter: {count} articles", count
    )
    return Link(label, cleared.url)
