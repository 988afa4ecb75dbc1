"""The years as a chart of bars: few enough for each to be hit, wide enough to be seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from search.request import UNKNOWN_YEAR, year_range
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
class Bar:
    """Articles of a year or span of years; ``value`` is the filter, ``height`` of 100.

    ``url`` is where it leads, empty where a button of the search form does; ``name`` says that in
    words. ``chosen`` bars are among the years chosen, all of them if none is.
    """

    value: str
    name: str
    count: int
    height: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class YearChart:
    """The bars from the first year to the last."""

    bars: tuple[Bar, ...]
    first: int
    last: int


def year_chart(
    counts: Mapping[int, int],
    url: Callable[[str], str],
    chosen: tuple[str, ...],
    localisation: Localisation,
) -> YearChart | None:
    """The chart of ``counts`` (articles by year), None where it would say nothing.

    ``url`` gives the address for a year or span, ``chosen`` are the years filtered by.
    """
    years = sorted(year for year, count in counts.items() if count)
    if len(years) < FEWEST_YEARS:
        return None
    first, last = years[0], years[-1]
    spans = _spans(first, last)
    totals = [sum(counts.get(year, 0) for year in range(a, b + 1)) for a, b in spans]
    most = max(totals)
    ranges = [span for each in chosen if each != UNKNOWN_YEAR and (span := year_range(each))]
    bars = []
    for (start, end), total in zip(spans, totals, strict=True):
        value = str(start) if start == end else f"{start}-{end}"
        name = localisation.ngettext(
            "{years}: {count} article",
            "{years}: {count} articles",
            total,
            years=value.replace("-", "–"),
        )
        if value in chosen:
            name = localisation.gettext("Remove filter: {label}", label=value.replace("-", "–"))
        bars.append(
            Bar(
                value=value,
                name=name,
                count=total,
                height=max(_LEAST, round(100 * total / most)) if total else 0,
                url=url(value),
                chosen=not chosen or any(a <= end and start <= b for a, b in ranges),
            )
        )
    return YearChart(tuple(bars), first, last)


def _spans(first: int, last: int) -> list[tuple[int, int]]:
    """Spans of equal length, at most ``MOST_BARS``, cut to the years there are."""
    for length in _SPANS:
        begin = first - first % length if length >= _ROUND else first
        starts = range(begin, last + 1, length)
        if len(starts) <= MOST_BARS:
            break
    return [(max(each, first), min(each + length - 1, last)) for each in starts]
