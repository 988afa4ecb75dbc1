"""View model of the search page, and its suggestions where nothing matches fully."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from search.errors import QueryTooBroad
from search.request import NO_FOCUS, SORTS, Sort
from search.results import Hit, How, Results, Why
from search.service import SearchService
from webui.areas import Areas
from webui.components import Link, Step, addresses, shown_date
from webui.filters import Chip, FacetBox, chips, facet_boxes, facet_title
from webui.fragments import area_link, joined, marked, organisation_link
from webui.localisation import Localisation
from webui.parameters import SearchState
from webui.year_series import YearSeries

#: How many organisations of a hit are named.
OPEN_ORGANISATIONS = 6
#: How many other addresses of a hit are named.
OPEN_DUPLICATES = 4
#: How many pages on either side of the present one the pager names.
PAGER_REACH = 2
#: How many parts of a query without results are tried, and how many letters of each are shown.
MOST_PARTS = 8
LONGEST_SHOWN = 60
#: How many of the words that an article lacks are named.
MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class NoResultsHelp:
    """Suggested searches with their numbers of matches.

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
    """Suggestions for ``results``; empty where some article matches fully."""
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
    for part in queries:
        there = state.with_query(part)
        try:
            found = service.search(replace(there.request, page_size=1), localisation.language, ())
        except QueryTooBroad:
            continue  # nobody should be led to what is not answered
        count = found.total if found.searched == part else 0
        label = localisation.ngettext(
            "“{words}”: {count} article", "“{words}”: {count} articles", count, words=_cut(part)
        )
        yield Link(label, there.url if count else "")


def _unfiltered(
    service: SearchService, results: Results, state: SearchState, localisation: Localisation
) -> Link | None:
    """Link to the query without filters, if removing a single one does not help."""
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


@dataclass(frozen=True, slots=True)
class HitItem:
    """A hit in the list of results; an area's title names its parents, too.

    ``areas`` and ``organisations`` are list items, ready to be printed.
    """

    url: str
    title: Markup
    language: str
    date: str | None
    iso_date: str | None
    areas: Markup
    organisations: Markup
    more_organisations: int
    duplicates: tuple[Link, ...]
    more_duplicates: int
    snippets: tuple[Markup, ...]
    why: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pager:
    """Links to pages by number; None stands for a gap."""

    previous: Step | None
    next: Step | None
    pages: tuple[Step | None, ...]


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """Number of focus areas and organisations in the index."""

    areas: int
    organisations: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """View model of the whole page.

    ``hits_below`` are partial matches in an order by date, which stand below a divider.
    """

    state: SearchState
    heading: str
    partial_note: str | None
    explanation: str
    took: str
    replaced: bool
    searched: str
    total: int
    partial: int
    hits: tuple[HitItem, ...]
    hits_below: tuple[HitItem, ...]
    facets: tuple[FacetBox, ...]
    chips: tuple[Chip, ...]
    sorts: tuple[Step, ...]
    pager: Pager | None
    suggestions: tuple[Link, ...]
    relaxations: tuple[Link, ...]
    no_results: NoResultsHelp
    last_page: Link | None
    inside: SiteCounts


def search_page(
    results: Results,
    state: SearchState,
    areas: Areas,
    localisation: Localisation,
    series: Sequence[YearSeries],
    no_results: NoResultsHelp,
    organisation_url: Callable[[str], str],
) -> SearchPage:
    """Builds the view model of ``results``; ``series`` colour the years.

    ``organisation_url`` gives the page of an organisation by its name.
    """
    ways = _ways(localisation)
    hits = [
        (hit.full, _hit(hit, state, areas, organisation_url, ways, localisation))
        for hit in results.hits
    ]
    is_parted = results.total > 0 and results.request.sort != "relevance"
    found = results.total + results.partial
    beyond = found > 0 and not hits
    return SearchPage(
        state=state,
        heading=_heading(results, localisation),
        partial_note=_partial_note(results, localisation),
        explanation="" if state.is_start else results.explanation,
        took="" if state.is_start else _took(results, localisation),
        replaced=results.searched != results.request.query,
        searched=results.searched,
        total=results.total,
        partial=results.partial,
        hits=tuple(item for full, item in hits if full or not is_parted),
        hits_below=tuple(item for full, item in hits if is_parted and not full),
        facets=facet_boxes(results, state, areas, localisation, series),
        chips=chips(results, state, localisation),
        sorts=_sorts(state, localisation),
        pager=_pager(results, state, localisation),
        suggestions=tuple(
            Link(
                f"{each.text} ({localisation.number(each.count)})",
                state.query_url(each.query),
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


def _ways(localisation: Localisation) -> dict[How, str]:
    """Labels of the ways in which a text form may match a query word."""
    return {
        "lemma": localisation.gettext("another form of the word"),
        "part": localisation.gettext("part of a compound"),
        "apart": localisation.gettext("part of the compound asked for"),
        "derived": localisation.gettext("derived from the same word"),
        "exact": localisation.gettext("exactly this form"),
        "synonym": localisation.gettext("synonym"),
        "folded": localisation.gettext("spelt without dotted letters"),
        "spelling": localisation.gettext("corrected spelling"),
    }


def _heading(results: Results, localisation: Localisation) -> str:
    if results.total:
        return localisation.ngettext(
            "{count} article found", "{count} articles found", results.total
        )
    if results.partial:
        return localisation.gettext("No article holds all the words")
    return localisation.gettext("No article was found")


def _partial_note(results: Results, localisation: Localisation) -> str | None:
    if not results.partial:
        return None
    if results.total:
        return localisation.ngettext(
            "{count} more matches only in part",
            "{count} more match only in part",
            results.partial,
        )
    return localisation.ngettext(
        "{count} article with some of the words",
        "{count} articles with some of the words",
        results.partial,
    )


def _took(results: Results, localisation: Localisation) -> str:
    milliseconds = localisation.number(max(1, round(results.took_ms)))
    return localisation.gettext("It took {milliseconds} ms.", milliseconds=milliseconds)


def _hit(
    hit: Hit,
    state: SearchState,
    areas: Areas,
    organisation_url: Callable[[str], str],
    ways: Mapping[How, str],
    localisation: Localisation,
) -> HitItem:
    published = shown_date(hit.published, hit.year)
    organisations = hit.organisations[:OPEN_ORGANISATIONS]
    duplicates = hit.duplicates[:OPEN_DUPLICATES]
    return HitItem(
        url=state.article_url(hit.id),
        title=marked(hit.title, hit.title_marks),
        language=hit.language,
        date=localisation.date(published) if published else None,
        iso_date=published.iso if published else None,
        areas=joined(
            area_link(areas.named(each, localisation.language), state.area_url(each))
            for each in areas.narrowest(hit.focus_areas)
        ),
        organisations=joined(
            organisation_link(each, organisation_url(each)) for each in organisations
        ),
        more_organisations=len(hit.organisations) - len(organisations),
        duplicates=addresses(duplicates, state.article_url),
        more_duplicates=len(hit.duplicates) - len(duplicates),
        snippets=tuple(marked(each.text, each.marks) for each in hit.snippets),
        why=_why(hit.why, ways),
        missing=_named(hit.missing),
    )


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_SHOWN else f"{words[: LONGEST_SHOWN - 1]}…"


def _named(words: Sequence[str]) -> tuple[str, ...]:
    """The first of ``words``, as many as fit into a line or two."""
    more = ("…",) if len(words) > MOST_NAMED else ()
    return (*map(_cut, words[:MOST_NAMED]), *more)


def _why(reasons: Sequence[Why], ways: Mapping[How, str]) -> tuple[str, ...]:
    """Match explanations, a line for each word and way: “puiduklastri → klaster (liitsõna osa)”."""
    forms: dict[tuple[str, str], dict[str, str]] = {}
    for each in reasons:
        met = forms.setdefault((each.query, ways[each.how]), {})
        met.setdefault(each.form.casefold(), each.form)
    return tuple(
        f"{', '.join(met.values())} → {query} ({how})" for (query, how), met in forms.items()
    )


def _sorts(state: SearchState, localisation: Localisation) -> tuple[Step, ...]:
    labels: dict[Sort, str] = {
        "relevance": localisation.gettext("relevance"),
        "newest": localisation.gettext("newest first"),
        "oldest": localisation.gettext("oldest first"),
    }
    return tuple(
        Step(labels[sort], state.sort_url(sort), "sort", sort, sort == state.request.sort)
        for sort in SORTS
        if state.request.query or sort != "relevance"
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
        if number - before == 2:  # a gap of one page is no gap: name the page
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
