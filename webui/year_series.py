"""Year chart: articles by year, stacked by focus area."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from search.request import NO_FOCUS, UNKNOWN_YEAR, FacetFilter, SearchRequest, year_range
from search.results import FacetValue, Results
from search.service import SearchService
from webui.areas import LOOKS, NO_LOOK, Area, Areas
from webui.components import Step
from webui.localisation import Localisation
from webui.parameters import COLOUR, COLOURED, PLAIN, SearchState

#: So many bars are 24 px wide each in the narrowest place.
MOST_BARS = 11
#: With fewer years a chart says nothing that their list does not.
FEWEST_YEARS = 3
_SPANS = (1, 2, 3, 5, 10, 20, 50, 100)
#: From here on bars begin with round years.
_ROUND = 5
#: The least height of a bar that stands for something, of 100.
_LEAST = 6


@dataclass(frozen=True, slots=True)
class YearSeries:
    """Article counts by year of one area; the area of unassigned articles is named, too."""

    area: Area
    counts: Mapping[int, int]


def year_series(
    service: SearchService, results: Results, areas: Areas, localisation: Localisation
) -> tuple[YearSeries, ...]:
    """A series for each focus area among ``results``, as many as there are looks.

    These are the chosen areas, and where none is chosen those that are in no other one.
    Raises QueryTooBroad.
    """
    # Years are counted whatever years are chosen, and so are these.
    request = replace(results.request, query=results.searched, year=FacetFilter())
    values = service.facet("focus", request, localisation.language).values
    shown = _series_areas(values, request, areas)
    counted = service.facet_pivot(request, "focus", "year") if shown else {}
    series = (
        YearSeries(_area(each, areas), _by_year(counted.get(str(each.value), {}))) for each in shown
    )
    return tuple(each for each in series if each.counts)


def colouring(other: SearchState, url: str, localisation: Localisation) -> Step:
    """Link to the other colouring ``other`` of the chart, at ``url``."""
    if other.coloured:
        return Step(localisation.gettext("Show by focus area"), url, COLOUR, COLOURED)
    return Step(localisation.gettext("Show together"), url, COLOUR, PLAIN)


def _series_areas(
    values: Sequence[FacetValue], request: SearchRequest, areas: Areas
) -> list[FacetValue]:
    """Areas with a series, in taxonomy order, unassigned articles last."""
    chosen = request.focus.include
    shown = [
        each
        for each in values
        if not each.excluded
        and (each.selected if chosen else each.count and not areas.above(str(each.value)))
    ]
    named = areas.in_order([str(each.value) for each in shown if each.value != NO_FOCUS])
    wanted = [*named[: len(LOOKS)], NO_FOCUS]
    return sorted(
        (each for each in shown if each.value in wanted),
        key=lambda each: wanted.index(str(each.value)),
    )


def _area(value: FacetValue, areas: Areas) -> Area:
    if value.value == NO_FOCUS:
        return Area(NO_FOCUS, value.label, NO_LOOK)
    return areas.area(str(value.value), value.label)


def _by_year(counted: Mapping[str, int]) -> Mapping[int, int]:
    return {int(year): count for year, count in counted.items() if year.isdigit()}


@dataclass(frozen=True, slots=True)
class BarPart:
    """Part of a bar: ``height`` above ``base`` for one focus area, or uncoloured."""

    area: Area | None
    count: int
    base: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A year or span of years; ``value`` is the filter, ``label`` the text.

    ``url`` is where it leads, empty where a button of the search form does; ``name`` says that in
    words. ``chosen`` bars are among the years chosen, all of them if none is. The heights of its
    ``parts`` are on the scale of the chart.
    """

    value: str
    label: str
    name: str
    count: int
    parts: tuple[BarPart, ...]
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class YearChart:
    """Bars from the first year to the last, on a scale of ``height``.

    ``areas`` are the focus areas that colour them, none in a plain chart; ``is_shared`` says that
    some article has several of these.
    """

    bars: tuple[Bar, ...]
    height: int
    first: int
    last: int
    areas: tuple[Area, ...]
    is_shared: bool


def year_chart(
    counts: Mapping[int, int],
    url: Callable[[str], str],
    chosen: tuple[str, ...],
    localisation: Localisation,
    series: Sequence[YearSeries] = (),
) -> YearChart | None:
    """Chart of ``counts`` by year, None where it would show nothing.

    ``url`` gives the address for a year or span, ``chosen`` are the years filtered by, ``series``
    what colours the bars.
    """
    years = sorted(year for year, count in counts.items() if count)
    if len(years) < FEWEST_YEARS:
        return None
    first, last = years[0], years[-1]
    spans = _spans(first, last)
    totals = _totals(counts, spans)
    layered = [_totals(each.counts, spans) for each in series]
    stacked = [sum(column) for column in zip(*layered, strict=True)]
    most = max(stacked or totals) or 1
    ranges = [span for each in chosen if each != UNKNOWN_YEAR and (span := year_range(each))]
    bars = tuple(
        Bar(
            value=value,
            label=value.replace("-", "–"),
            name=_name(value, total, value in chosen, localisation),
            count=total,
            parts=_parts(
                [(each.area, row[at]) for each, row in zip(series, layered, strict=True)]
                or [(None, total)],
                most,
            ),
            url=url(value),
            chosen=not chosen or any(a <= end and start <= b for a, b in ranges),
        )
        for at, ((start, end), total) in enumerate(zip(spans, totals, strict=True))
        for value in [str(start) if start == end else f"{start}-{end}"]
    )
    return YearChart(
        bars=bars,
        height=max(sum(each.height for each in bar.parts) for bar in bars),
        first=first,
        last=last,
        areas=tuple(each.area for each in series),
        is_shared=sum(stacked) > sum(totals),
    )


def _name(value: str, total: int, is_chosen: bool, localisation: Localisation) -> str:
    """Accessible name of a bar: its articles, or that it removes its filter."""
    label = value.replace("-", "–")
    if is_chosen:
        return localisation.gettext("Remove filter: {label}", label=label)
    return localisation.ngettext(
        "{years}: {count} article", "{years}: {count} articles", total, years=label
    )


def _totals(counts: Mapping[int, int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """Number of articles in each span."""
    return [sum(counts.get(year, 0) for year in range(a, b + 1)) for a, b in spans]


def _parts(counts: Sequence[tuple[Area | None, int]], most: int) -> tuple[BarPart, ...]:
    """Stacked parts for ``counts``; ``most`` articles are 100 high."""
    parts, base = [], 0
    for area, count in counts:
        height = max(_LEAST, round(100 * count / most)) if count else 0
        parts.append(BarPart(area, count, base, height))
        base += height
    return tuple(parts)


def _spans(first: int, last: int) -> list[tuple[int, int]]:
    """Spans of equal length, at most ``MOST_BARS``, clipped to the existing years."""
    for length in _SPANS:
        begin = first - first % length if length >= _ROUND else first
        starts = range(begin, last + 1, length)
        if len(starts) <= MOST_BARS:
            break
    return [(max(each, first), min(each + length - 1, last)) for each in starts]
