"""The years as a chart of bars: few enough for each to be hit, wide enough to be seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from search.request import UNKNOWN_YEAR, year_range
from webui.areas import Area
from webui.layers import Layer
from webui.localisation import Localisation

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
class Part:
    """The articles of one focus area in a bar, ``height`` above ``base``; no area, no colour."""

    area: Area | None
    count: int
    base: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Articles of a year or span of years; ``value`` is the filter, ``label`` how it is written.

    ``url`` is where it leads, empty where a button of the search form does; ``name`` says that in
    words. ``chosen`` bars are among the years chosen, all of them if none is. The heights of its
    ``parts`` are on the scale of the chart.
    """

    value: str
    label: str
    name: str
    count: int
    parts: tuple[Part, ...]
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class YearChart:
    """The bars from the first year to the last, on a scale that is ``height`` high.

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
    layers: Sequence[Layer] = (),
) -> YearChart | None:
    """The chart of ``counts`` (articles by year), None where it would say nothing.

    ``url`` gives the address for a year or span, ``chosen`` are the years filtered by, ``layers``
    what colours the bars.
    """
    years = sorted(year for year, count in counts.items() if count)
    if len(years) < FEWEST_YEARS:
        return None
    first, last = years[0], years[-1]
    spans = _spans(first, last)
    totals = _totals(counts, spans)
    layered = [_totals(each.counts, spans) for each in layers]
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
                [(each.area, row[at]) for each, row in zip(layers, layered, strict=True)]
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
        areas=tuple(each.area for each in layers),
        is_shared=sum(stacked) > sum(totals),
    )


def _name(value: str, total: int, is_chosen: bool, localisation: Localisation) -> str:
    """What a bar says: its articles, or that it takes its filter back."""
    label = value.replace("-", "–")
    if is_chosen:
        return localisation.gettext("Remove filter: {label}", label=label)
    return localisation.ngettext(
        "{years}: {count} article", "{years}: {count} articles", total, years=label
    )


def _totals(counts: Mapping[int, int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """The articles of each span."""
    return [sum(counts.get(year, 0) for year in range(a, b + 1)) for a, b in spans]


def _parts(counts: Sequence[tuple[Area | None, int]], most: int) -> tuple[Part, ...]:
    """One part for each of ``counts``, upon each other; ``most`` articles would be 100 high."""
    parts, base = [], 0
    for area, count in counts:
        height = max(_LEAST, round(100 * count / most)) if count else 0
        parts.append(Part(area, count, base, height))
        base += height
    return tuple(parts)


def _spans(first: int, last: int) -> list[tuple[int, int]]:
    """Spans of equal length, at most ``MOST_BARS``, cut to the years there are."""
    for length in _SPANS:
        begin = first - first % length if length >= _ROUND else first
        starts = range(begin, last + 1, length)
        if len(starts) <= MOST_BARS:
            break
    return [(max(each, first), min(each + length - 1, last)) for each in starts]
