"""View model of the search page, and its suggestions if nothing matches fully."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from search.request import NO_FOCUS, SORTS, SearchRequest, Sort
from search.results import Results
from search.service import SearchService
from webui.addresses.list_options import PAGE_SIZES, SNIPPETS_SHOWN, View
from webui.addresses.parameters import BY_MEANING, LIMIT, MEANING, VIEW, WORDS_ONLY, SearchState
from webui.components import Link, Step
from webui.entities.areas import Areas
from webui.facets.filters import Chip, FacetBox, chips, facet_boxes, facet_title
from webui.facets.year_series import YearSeries
from webui.localisation import Localisation
from webui.pages.hit_list import HitItem, HitItemBuilder, cut_word

#: Number of pages on either side of the present one that the pager links.
PAGER_REACH = 2
#: Most parts of a query without results that are tried.
MOST_PARTS = 8


@dataclass(frozen=True, slots=True)
class NoResultsHelp:
    """Suggested searches with their numbers of matches.

    ``parts`` of the query are counted with the same filters, or without any (``is_unfiltered``) if
    none finds anything; parts without matches have no URL. ``unfiltered`` is the whole query
    without filters, if removing a single one does not help.
    """

    parts: tuple[Link, ...] = ()
    is_unfiltered: bool = False
    unfiltered: Link | None = None


def no_results_help(
    service: SearchService, results: Results, state: SearchState, localisation: Localisation
) -> NoResultsHelp:
    """Suggestions for ``results``; empty if some article matches fully."""
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
    """Parts of a query with their full matches under the filters of ``state``."""
    parts = tuple(queries)
    for part, count in zip(parts, service.counts(parts, state.request), strict=True):
        if count is None:
            continue  # no link to a rejected query
        label = localisation.ngettext(
            "“{words}”: {count} article", "“{words}”: {count} articles", count, words=cut_word(part)
        )
        yield Link(label, state.with_query(part).url if count else "")


def _unfiltered(
    service: SearchService, results: Results, state: SearchState, localisation: Localisation
) -> Link | None:
    """Link to the query without filters, if removing a single one does not help."""
    if results.partial or not state.request.is_filtered:
        return None
    cleared = state.cleared()
    (count,) = service.counts((cleared.request.query,), cleared.request)
    if not count:
        found = service.search(_counted(cleared), localisation.language, ())
        count = found.total or found.partial
    if count <= max((each.count for each in results.relaxations), default=0):
        return None
    label = localisation.ngettext(
        "Without any filter: {count} article", "Without any filter: {count} articles", count
    )
    return Link(label, cleared.url)


def _counted(state: SearchState) -> SearchRequest:
    """The request that counts matches by words alone."""
    return replace(state.request, page_size=1, meaning=False)


@dataclass(frozen=True, slots=True)
class Pager:
    """Links to pages by number; None is a gap."""

    previous: Step | None
    next: Step | None
    pages: tuple[Step | None, ...]


@dataclass(frozen=True, slots=True)
class QuerySuggestion:
    """A suggested query; ``meaning`` explains its operators."""

    link: Link
    meaning: str


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """Number of focus areas and organisations in the index."""

    areas: int
    organisations: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """View model of the whole page.

    ``hits_below`` are partial matches in an order by date, shown below a divider, and ``hits_near``
    those found by meaning alone in such an order. ``notes`` give the number of articles besides
    full matches. ``span`` is the range of results on this page, such as 11–20, empty if there is
    only one page. ``ways`` link the search by words alone, or also by meaning.
    """

    state: SearchState
    heading: str
    span: str
    notes: tuple[str, ...]
    explanation: str
    replaced: bool
    searched: str
    total: int
    found: int
    hits: tuple[HitItem, ...]
    hits_below: tuple[HitItem, ...]
    hits_near: tuple[HitItem, ...]
    facets: tuple[FacetBox, ...]
    chips: tuple[Chip, ...]
    sorts: tuple[Step, ...]
    views: tuple[Step, ...]
    ways: tuple[Step, ...]
    sizes: tuple[Step, ...]
    pager: Pager | None
    suggestions: tuple[QuerySuggestion, ...]
    relaxations: tuple[Link, ...]
    no_results: NoResultsHelp
    last_page: Link | None
    inside: SiteCounts

    @property
    def has_hits(self) -> bool:
        return bool(self.hits or self.hits_below or self.hits_near)


def search_page(
    results: Results,
    state: SearchState,
    areas: Areas,
    localisation: Localisation,
    today: datetime.date,
    series: Sequence[YearSeries],
    no_results: NoResultsHelp,
    organisation_url: Callable[[str], str],
    view: View = "full",
    *,
    finds_by_meaning: bool = False,
) -> SearchPage:
    """Builds the view model of ``results``; ``series`` colour the years.

    ``organisation_url`` returns the URL of an organisation's page by name; ``finds_by_meaning`` is
    True if the site searches by meaning.
    """
    first = (results.page - 1) * results.request.page_size + 1
    names_sources = any(each.name == "source" for each in results.facets)
    builder = HitItemBuilder(
        state,
        areas,
        organisation_url,
        localisation,
        view,
        results.floor,
        names_sources=names_sources,
    )
    hits = [(hit, builder.build(hit, rank)) for rank, hit in enumerate(results.hits, first)]
    by_date = results.request.sort != "relevance"
    is_parted = by_date and results.total > 0
    is_near_apart = by_date and results.found > results.near
    beyond = results.found > 0 and not hits
    return SearchPage(
        state=state,
        heading=_heading(results, state, localisation),
        span=_span(results, first, localisation),
        notes=tuple(_notes(results, localisation)),
        explanation="" if state.is_start else results.explanation,
        replaced=results.searched != results.request.query,
        searched=results.searched,
        total=results.total,
        found=results.found,
        hits=tuple(
            item
            for hit, item in hits
            if (not is_near_apart if hit.is_near else hit.full or not is_parted)
        ),
        hits_below=tuple(item for hit, item in hits if is_parted and not (hit.full or hit.is_near)),
        hits_near=tuple(item for hit, item in hits if is_near_apart and hit.is_near),
        facets=facet_boxes(results, state, areas, localisation, today, series),
        chips=chips(results, state, localisation),
        sorts=_sorts(state, localisation),
        views=_views(state, view, localisation),
        ways=_ways(results, state, localisation) if finds_by_meaning else (),
        sizes=_sizes(results, state, localisation),
        pager=_pager(results, state, localisation),
        suggestions=tuple(
            QuerySuggestion(
                Link(
                    f"{each.text} ({localisation.number(each.count)})",
                    state.query_url(each.query),
                ),
                _meaning(each.query, results.request.query, localisation),
            )
            for each in results.suggestions
        ),
        relaxations=_relaxations(results, state, localisation),
        no_results=no_results,
        last_page=Link(str(results.pages), state.page_url(results.pages)) if beyond else None,
        inside=SiteCounts(
            areas=sum(each.value != NO_FOCUS for each in results.facet("focus").values),
            organisations=results.facet("org").available,
        ),
    )


def _meaning(query: str, asked: str, localisation: Localisation) -> str:
    """Explains the operators of ``query``, if it differs from ``asked`` only by them."""
    if query.casefold().split() == asked.casefold().split() or "EI" in query.split():
        added = set(query.split()).difference(asked.split())
        if added & {"VÕI", "OR"}:
            return localisation.gettext("at least one of the words")
        if added & {"JA", "AND"}:
            return localisation.gettext("only articles with both")
        if added & {"EI", "NOT"}:
            return localisation.gettext("without the word that follows")
    return ""


def _heading(results: Results, state: SearchState, localisation: Localisation) -> str:
    if state.is_start:
        if state.request.sort == "oldest":
            return localisation.gettext("Oldest articles")
        return localisation.gettext("Newest articles")
    if results.total:
        return localisation.ngettext(
            "{count} article found", "{count} articles found", results.total
        )
    if results.partial:
        return localisation.gettext("No article holds all the words")
    if results.near:
        return localisation.gettext(
            "Nothing was found by words; these articles are near in meaning"
        )
    return localisation.gettext("No article was found")


def _notes(results: Results, localisation: Localisation) -> Iterator[str]:
    """Notes on the number of articles besides full matches."""
    if results.partial and results.total:
        yield localisation.ngettext(
            "{count} more matches only in part",
            "{count} more match only in part",
            results.partial,
        )
    elif results.partial:
        yield localisation.ngettext(
            "{count} article with some of the words",
            "{count} articles with some of the words",
            results.partial,
        )
    if results.near and results.found > results.near:
        yield localisation.ngettext(
            "and {count} more near in meaning", "and {count} more near in meaning", results.near
        )
    elif results.near:
        yield localisation.ngettext("{count} article", "{count} articles", results.near)


def _span(results: Results, first: int, localisation: Localisation) -> str:
    if results.pages < 2 or not results.hits:
        return ""
    last = first + len(results.hits) - 1
    is_apart = results.partial or results.near
    found = f"/{localisation.number(results.found)}" if is_apart else ""
    return f"{localisation.number(first)}–{localisation.number(last)}{found}"


def _sorts(state: SearchState, localisation: Localisation) -> tuple[Step, ...]:
    labels: dict[Sort, str] = {
        "relevance": localisation.gettext("most relevant"),
        "newest": localisation.gettext("newest"),
        "oldest": localisation.gettext("oldest first"),
    }
    return tuple(
        Step(labels[sort], state.sort_url(sort), "sort", sort, sort == state.request.sort)
        for sort in SORTS
        if state.request.query or sort != "relevance"
    )


def _views(state: SearchState, view: View, localisation: Localisation) -> tuple[Step, ...]:
    """Links to other views of the results; none if the page has too many for snippets."""
    if not SNIPPETS_SHOWN[state.request.page_size]:
        return ()
    labels: dict[View, str] = {
        "brief": localisation.gettext("In brief"),
        "full": localisation.gettext("With snippets"),
    }
    return tuple(
        Step(label, state.view_url(each), VIEW, each, each == view)
        for each, label in labels.items()
    )


def _ways(results: Results, state: SearchState, localisation: Localisation) -> tuple[Step, ...]:
    """Links to search with meaning or without; none if it does not apply to the query."""
    if results.request.meaning and results.floor is None:
        return ()
    labels = {
        True: localisation.gettext("by meaning, too"),
        False: localisation.gettext("by words only"),
    }
    return tuple(
        Step(
            label,
            state.meaning_url(by_meaning),
            MEANING,
            BY_MEANING if by_meaning else WORDS_ONLY,
            by_meaning == results.request.meaning,
        )
        for by_meaning, label in labels.items()
    )


def _sizes(results: Results, state: SearchState, localisation: Localisation) -> tuple[Step, ...]:
    if results.found <= PAGE_SIZES[0]:
        return ()
    return tuple(
        Step(
            localisation.number(size),
            state.limit_url(size),
            LIMIT,
            str(size),
            size == state.request.page_size,
        )
        for size in PAGE_SIZES
    )


def _pager(results: Results, state: SearchState, localisation: Localisation) -> Pager | None:
    last, here = results.pages, results.page
    if last < 2 or here > last:
        return None
    near = range(max(1, here - PAGER_REACH), min(last, here + PAGER_REACH) + 1)
    numbers = sorted({1, last, *near})
    pages: list[Step | None] = []

    def step(number: int) -> Step:
        shown = localisation.number(number)
        return Step(shown, state.page_url(number), "page", str(number), number == here)

    for before, number in zip([0, *numbers], numbers, strict=False):
        if number - before == 2:  # link a single page instead of a gap
            pages.append(step(number - 1))
        elif number - before > 2:
            pages.append(None)
        pages.append(step(number))
    return Pager(
        previous=step(here - 1) if here > 1 else None,
        next=step(here + 1) if here < last else None,
        pages=tuple(pages),
    )


def _relaxations(
    results: Results, state: SearchState, localisation: Localisation
) -> tuple[Link, ...]:
    return tuple(
        Link(
            localisation.ngettext(
                "Without the filter “{facet}”: {count} article",
                "Without the filter “{facet}”: {count} articles",
                each.count,
                facet=facet_title(each.facet, localisation),
            ),
            state.without_facet(each.facet).url,
        )
        for each in results.relaxations
        if each.count
    )
