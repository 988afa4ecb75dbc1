"""Year chart: articles by year or month, stacked by focus area."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from search.article import PartialDate
from search.date_interval import ANY_DATE, DateInterval
from search.request import NO_FOCUS, UNKNOWN_YEAR, FacetFilter, FacetName, SearchRequest, year_range
from search.results import FacetValue, Results
from search.service import SearchService
from webui.addresses.parameters import COLOUR, COLOURED, PLAIN, SearchState
from webui.components import Step
from webui.entities.areas import LOOKS, NO_LOOK, Area, Areas
from webui.localisation import Localisation

#: Most bars that are at least 24 px wide in the narrowest layout.
MOST_BARS = 11
#: With fewer years a chart is no better than their list.
FEWEST_YEARS = 3
#: A span of up to this number of months is shown month by month.
MOST_MONTHS = 24
_SPANS = (1, 2, 3, 5, 10, 20, 50, 100)
#: Bars of at least this number of years begin with round years.
_ROUND = 5
#: Least height of a bar that is not empty, of 100.
_LEAST = 6


@dataclass(frozen=True, slots=True)
class YearSeries:
    """Article counts of one area by year, or by the number of the month.

    Unassigned articles have a series, too.
    """

    area: Area
    counts: Mapping[int, int]


def year_series(
    service: SearchService,
    results: Results,
    areas: Areas,
    localisation: Localisation,
    *,
    is_by_month: bool = False,
) -> tuple[YearSeries, ...]:
    """Builds a series for each focus area among ``results``, as many as there are looks.

    These are the chosen areas, or without any the top areas. Raises QueryTooBroad.
    """
    # As for the years, chosen years do not filter these counts.
    request = replace(results.request, query=results.searched, year=FacetFilter(), span=ANY_DATE)
    values = service.facet("focus", request, localisation.language).values
    shown = _series_areas(values, request, areas)
    columns: FacetName = "month" if is_by_month else "year"
    counted = service.facet_pivot(request, "focus", columns) if shown else {}
    numbered = _numbered_months if is_by_month else _by_year
    series = (
        YearSeries(_area(each, areas), numbered(counted.get(str(each.value), {}))) for each in shown
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


def _numbered_months(counted: Mapping[str, int]) -> Mapping[int, int]:
    return by_month(counted.items())


@dataclass(frozen=True, slots=True)
class BarPart:
    """Part of a bar: ``height`` above ``base`` for one focus area, or uncoloured."""

    area: Area | None
    count: int
    base: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar of a period; ``dates`` is the filter as an interval, ``label`` the text.

    ``url`` is its link, empty if a button of the search form replaces it; ``name`` is its
    accessible name. ``chosen`` bars are among the chosen dates, or all if none are. The heights of
    ``parts`` are on the scale of the chart.
    """

    dates: str
    label: str
    name: str
    count: int
    parts: tuple[BarPart, ...]
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class YearChart:
    """Bars from the ``first`` period to the ``last``, on a scale of ``height``.

    ``areas`` are the focus areas that colour them, none in a plain chart; ``is_shared`` if some
    article has several of these; ``is_by_month`` if the periods are months.
    """

    bars: tuple[Bar, ...]
    height: int
    first: str
    last: str
    areas: tuple[Area, ...]
    is_shared: bool
    is_by_month: bool = False

    @property
    def is_narrowed(self) -> bool:
        """True if some bars are outside the chosen dates."""
        return not all(each.chosen for each in self.bars)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Years or months, as numbers, from ``first`` to ``last``; ``url`` is that of its bar."""

    first: int
    last: int
    dates: str
    label: str
    url: str
    is_own: bool
    chosen: bool


def year_chart(
    counts: Mapping[int, int],
    url: Callable[[str], str],
    chosen: tuple[str, ...],
    localisation: Localisation,
    series: Sequence[YearSeries] = (),
    span: DateInterval = ANY_DATE,
) -> YearChart | None:
    """Chart of ``counts`` by year; None if it would be empty.

    ``url`` returns the URL for a year or span; ``chosen`` years and ``span`` are the active
    filters; ``series`` colour the bars.
    """
    years = sorted(year for year, count in counts.items() if count)
    if len(years) < FEWEST_YEARS:
        return None
    ranges = [each for value in chosen if value != UNKNOWN_YEAR and (each := year_range(value))]
    if span:
        ranges.append((span.days[0] // 10_000, span.days[1] // 10_000))
    stretches = []
    for start, end in _spans(years[0], years[-1]):
        value = str(start) if start == end else f"{start}-{end}"
        own, dates = _years(start, end)
        stretches.append(
            _Stretch(
                first=start,
                last=end,
                dates=dates,
                label=value.replace("-", "–"),
                url=url(value),
                is_own=value in chosen or own == span,
                chosen=not (chosen or span) or any(a <= end and start <= b for a, b in ranges),
            )
        )
    return _chart(stretches, counts, (str(years[0]), str(years[-1])), localisation, series)


@functools.lru_cache(maxsize=1024)
def _years(first: int, last: int) -> tuple[DateInterval, str]:
    """The years from ``first`` to ``last`` as an interval, and as a filter."""
    interval = DateInterval(PartialDate(first), PartialDate(last))
    return interval, interval.iso


def is_short(span: DateInterval) -> bool:
    """True for a span short enough to be shown by month."""
    if not (span.first and span.last):
        return False
    first, last = (_month_number(each) for each in span.days)
    return last - first < MOST_MONTHS


def month_chart(
    counts: Mapping[int, int],
    url: Callable[[DateInterval], str],
    span: DateInterval,
    localisation: Localisation,
    series: Sequence[YearSeries] = (),
) -> YearChart | None:
    """Chart of ``counts`` by month (as :func:`by_month` gives them) over the years of ``span``.

    A single year has a bar for each month, several have one for each quarter. None if the span is
    not short or no month in it has an article.
    """
    if not is_short(span) or not (span.first and span.last):
        return None
    begin, end = span.first.year * 12, span.last.year * 12 + 12
    if not any(counts.get(each, 0) for each in range(begin, end)):
        return None
    length = 1 if end - begin == 12 else 3
    first_chosen, last_chosen = (_month_number(each) for each in span.days)
    stretches = []
    for start in range(begin, end, length):
        last = start + length - 1
        own = DateInterval(_month(start), _month(last))
        stretches.append(
            _Stretch(
                first=start,
                last=last,
                dates=own.iso,
                label=_months_label(start, last, localisation),
                url=url(own),
                is_own=own == span,
                chosen=start <= last_chosen and first_chosen <= last,
            )
        )
    ends = localisation.date(_month(begin)), localisation.date(_month(end - 1))
    return replace(_chart(stretches, counts, ends, localisation, series), is_by_month=True)


def by_month(values: Iterable[tuple[str, int]]) -> Mapping[int, int]:
    """Counts of months such as ``2016-03`` by consecutive month number."""
    return {
        int(month[:4]) * 12 + int(month[5:]) - 1: count
        for month, count in values
        if month[:4].isdigit()
    }


def _chart(
    stretches: Sequence[_Stretch],
    counts: Mapping[int, int],
    ends: tuple[str, str],
    localisation: Localisation,
    series: Sequence[YearSeries],
) -> YearChart:
    spans = [(each.first, each.last) for each in stretches]
    totals = _totals(counts, spans)
    layered = [_totals(each.counts, spans) for each in series]
    stacked = [sum(column) for column in zip(*layered, strict=True)]
    most = max(stacked or totals) or 1
    bars = tuple(
        Bar(
            dates=each.dates,
            label=each.label,
            name=_name(each.label, total, each.is_own, localisation),
            count=total,
            parts=_parts(
                [(one.area, row[at]) for one, row in zip(series, layered, strict=True)]
                or [(None, total)],
                most,
            ),
            url=each.url,
            chosen=each.chosen,
        )
        for at, (each, total) in enumerate(zip(stretches, totals, strict=True))
    )
    return YearChart(
        bars=bars,
        height=max(sum(each.height for each in bar.parts) for bar in bars),
        first=ends[0],
        last=ends[1],
        areas=tuple(each.area for each in series),
        is_shared=sum(stacked) > sum(totals),
    )


@functools.lru_cache(maxsize=4096)
def _name(label: str, total: int, is_own: bool, localisation: Localisation) -> str:
    """Accessible name of a bar: its articles, or that it removes its filter."""
    if is_own:
        return localisation.gettext("Remove filter: {label}", label=label)
    return localisation.ngettext(
        "{years}: {count} article", "{years}: {count} articles", total, years=label
    )


def _month_number(day: int) -> int:
    """Consecutive month number of ``yyyymmdd``."""
    return day // 10_000 * 12 + day // 100 % 100 - 1


def _month(number: int) -> PartialDate:
    return PartialDate(number // 12, number % 12 + 1)


def _months_label(first: int, last: int, localisation: Localisation) -> str:
    """“märts 2016”, or “jaanuar–märts 2016”."""
    end = localisation.date(_month(last))
    if first == last:
        return end
    return f"{localisation.date(_month(first)).rpartition(' ')[0]}–{end}"


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
