"""Comparison of two organisations: years, focus areas, company and shared articles side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, request

from search.request import NO_FOCUS, FacetFilter, FacetName
from search.results import FacetValue, Overview
from webui.addresses.parameters import SearchState
from webui.components import Link, TitleLine, other_name_note, title_lines
from webui.context import localisation, rendered, site, state
from webui.entities.areas import Area
from webui.entities.entity_pages import both_url, counts_by_year, years_of
from webui.localisation import Localisation
from webui.pages.page_meta import PageMeta

#: With more years, each row covers five or ten of them.
MOST_ROWS = 20
_SPANS = (1, 5, 10, 20, 50, 100)
#: Most organisations listed that are named together with both.
SHARED_NAMED = 12
#: Most names suggested for a text that is the name of no organisation.
MOST_OFFERED = 8

comparison = Blueprint("comparison", __name__)


@dataclass(frozen=True, slots=True)
class ComparedCount:
    """One side of a row: number of articles, URL, and length of the bar in percent."""

    count: int
    url: str
    length: int


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A year, focus area or organisation with its articles on either side."""

    label: str
    url: str
    area: Area | None
    sides: tuple[ComparedCount, ComparedCount]


@dataclass(frozen=True, slots=True)
class ComparedOrganisation:
    """One of the two organisations: its page, its articles and their years."""

    name: str
    url: str
    total: int
    all_url: str
    years: str


@dataclass(frozen=True, slots=True)
class ComparisonField:
    """A field of the form: its text, and suggested names if that is no name."""

    value: str
    offered: tuple[Link, ...]
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """View model of the comparison; without ``sides`` it only asks for two names.

    ``shared`` counts the articles with both; ``shared_url`` is their search, empty if no query can
    express it.
    """

    fields: tuple[ComparisonField, ComparisonField]
    sides: tuple[ComparedOrganisation, ...] = ()
    years: tuple[ComparedRow, ...] = ()
    areas: tuple[ComparedRow, ...] = ()
    organisations: tuple[ComparedRow, ...] = ()
    shared: int = 0
    shared_url: str = ""
    newest: tuple[TitleLine, ...] = ()


@comparison.get("/vordle")
def compare() -> str:
    """Route of the comparison of two organisations, given by two parameters ``org``."""
    here, start = localisation(), state().start()
    asked = [each.strip() for each in request.args.getlist("org")][:2]
    asked += [""] * (2 - len(asked))
    found = [site().names.by_name(each) for each in asked]
    names = [each.name if each else "" for each in found]
    first, second = (_field(number, asked, names, start) for number in (0, 1))
    page = ComparisonPage((first, second))
    if all(names) and names[0] != names[1]:
        page = _compared(page.fields, names, start, here)
    languages = {each: start.in_language(each).compare_url(*asked) for each in site().languages}
    meta = None
    if page.sides:
        title = here.gettext("{one} and {other} side by side", one=names[0], other=names[1])
        meta = PageMeta(title, title, start.bare().compare_url(*sorted(names)))
    return rendered("comparison.html", page=page, state=start, languages=languages, meta=meta)


def _field(
    number: int, asked: Sequence[str], names: Sequence[str], start: SearchState
) -> ComparisonField:
    if names[number] or not asked[number]:
        return ComparisonField(names[number], (), is_unknown=False)
    other = names[1 - number] or asked[1 - number]
    matching = site().names.matching(asked[number], MOST_OFFERED)
    offered = []
    for each in matching:
        way = (each.name, other) if number == 0 else (other, each.name)
        note = other_name_note(each.asked, localisation())
        label = f"{each.name} ({note})" if note else each.name
        offered.append(Link(label, start.compare_url(*way)))
    return ComparisonField(asked[number], tuple(offered), is_unknown=True)


def _compared(
    fields: tuple[ComparisonField, ComparisonField],
    names: Sequence[str],
    start: SearchState,
    here: Localisation,
) -> ComparisonPage:
    service = site().service
    found = [service.overview("org", each, here.language) for each in names]
    one, other = found
    if one is None or other is None:
        return ComparisonPage(fields)
    states = [start.only("org", each) for each in names]
    pair = (one, other)
    shared_url = both_url(states[0], names[1])
    shared = next((each.count for each in _values(one, "org") if each.value == names[1]), 0)
    newest: tuple[TitleLine, ...] = ()
    if shared_url:
        asked = states[0].with_query(f'org:"{names[1]}"')
        results = service.search(asked.in_order("newest").request, here.language, ())
        shared, newest = results.total, title_lines(results.hits, start, here)
    return ComparisonPage(
        fields=fields,
        sides=tuple(
            ComparedOrganisation(
                name,
                start.organisation_url(site().slugs.current()[name]),
                each.total,
                there.url,
                years_of(counts_by_year(_values(each, "year"))),
            )
            for name, each, there in zip(names, pair, states, strict=True)
        ),
        years=_years(pair, states),
        areas=_areas(pair, states, start),
        organisations=_organisations(pair, names, states, start),
        shared=shared,
        shared_url=shared_url,
        newest=newest,
    )


def _years(pair: Sequence[Overview], states: Sequence[SearchState]) -> tuple[ComparedRow, ...]:
    """A row for each year or span from the first year of either to the last."""
    counts = [counts_by_year(_values(each, "year")) for each in pair]
    known = sorted(year for each in counts for year, count in each.items() if count)
    if not known:
        return ()
    rows = []
    for begin, end in _spans(known[0], known[-1]):
        span = str(begin) if begin == end else f"{begin}-{end}"
        chosen = FacetFilter((span,))
        urls = [each.with_filter("year", chosen).url for each in states]
        both = [sum(each.get(year, 0) for year in range(begin, end + 1)) for each in counts]
        rows.append((span.replace("-", "–"), "", None, both, urls))
    return _rows(rows)


def _spans(first: int, last: int) -> list[tuple[int, int]]:
    for length in _SPANS:
        starts = range(first - first % length, last + 1, length)
        if len(starts) <= MOST_ROWS:
            break
    return [(max(each, first), min(each + length - 1, last)) for each in starts]


def _areas(
    pair: Sequence[Overview], states: Sequence[SearchState], start: SearchState
) -> tuple[ComparedRow, ...]:
    areas = site().areas
    labels, counts = _counted(pair, "focus")
    rows = []
    for each in areas.in_order(each for each in labels if each != NO_FOCUS):
        urls = [there.with_filter("focus", FacetFilter((each,))).url for there in states]
        both = [count.get(each, 0) for count in counts]
        area = areas.area(each, labels[each])
        rows.append((labels[each], start.area_url(each), area, both, urls))
    return _rows(rows)


def _organisations(
    pair: Sequence[Overview],
    names: Sequence[str],
    states: Sequence[SearchState],
    start: SearchState,
) -> tuple[ComparedRow, ...]:
    """Organisations named together with both, by the number of articles with the rarer one."""
    labels, counts = _counted(pair, "org")
    slugs = site().slugs.current()
    common = [each for each in labels if all(each in count for count in counts)]
    common = [each for each in common if each not in names]
    common.sort(key=lambda each: (-min(count[each] for count in counts), each))
    rows = []
    for each in common[:SHARED_NAMED]:
        both = [count[each] for count in counts]
        urls = [both_url(there, each) for there in states]
        rows.append((labels[each], start.organisation_url(slugs[each]), None, both, urls))
    return _rows(rows)


def _values(found: Overview, name: FacetName) -> tuple[FacetValue, ...]:
    return next(each.values for each in found.facets if each.name == name)


def _counted(
    pair: Sequence[Overview], name: FacetName
) -> tuple[Mapping[str, str], Sequence[Mapping[str, int]]]:
    """Labels of all values of a facet, and their article counts on either side."""
    values = [_values(each, name) for each in pair]
    labels = {str(each.value): each.label for side in values for each in side if each.count}
    counts = [{str(each.value): each.count for each in side if each.count} for side in values]
    return labels, counts


_Row = tuple[str, str, Area | None, Sequence[int], Sequence[str]]


def _rows(rows: Iterable[_Row]) -> tuple[ComparedRow, ...]:
    """Rows with bars on one scale."""
    listed = list(rows)
    most = max((count for _, _, _, both, _ in listed for count in both), default=0) or 1

    def side(count: int, url: str) -> ComparedCount:
        return ComparedCount(count, url, max(1, round(100 * count / most)) if count else 0)

    return tuple(
        ComparedRow(label, url, area, (side(both[0], urls[0]), side(both[1], urls[1])))
        for label, url, area, both, urls in listed
    )
