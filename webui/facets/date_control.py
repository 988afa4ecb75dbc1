"""View model of the date control: year chart, fields of a span, and presets."""

import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from search.article import PartialDate
from search.date_interval import ANY_DATE, DateInterval, parse_date
from search.errors import BadDate
from search.results import Results
from webui.addresses.parameters import DATES, SPAN_FIELDS, SearchState
from webui.components import Step
from webui.facets.year_series import YearChart, YearSeries, by_month, month_chart, year_chart
from webui.localisation import Localisation


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset span, such as the last month; ``is_empty`` if no article is that new."""

    label: str
    dates: str
    chosen: bool
    is_empty: bool


@dataclass(frozen=True, slots=True)
class DateControl:
    """View model of the date control.

    ``first`` and ``last`` are the values of the two fields: the span, or the invalid text typed;
    ``wrong`` then names the invalid fields, and ``problem`` describes the error. ``chart`` is None
    if it would be empty; ``all_dates`` links the chart of years from one of months. ``filled`` is
    the chosen year that prefills the fields, else empty.
    """

    chart: YearChart | None
    first: str
    last: str
    oldest: str
    newest: str
    problem: str
    wrong: tuple[str, ...]
    presets: tuple[Preset, ...]
    all_dates: Step | None
    filled: str = ""


def date_control(
    results: Results,
    state: SearchState,
    today: datetime.date,
    localisation: Localisation,
    series: Sequence[YearSeries] = (),
) -> DateControl:
    """Builds the control for ``results``; ``series`` colour its chart."""
    span, chosen = state.request.span, state.request.year.include
    counts = {
        each.value: each.count
        for each in results.facet("year").values
        if isinstance(each.value, int) and each.count
    }
    filled = "" if span or state.misread else _only_year(chosen)
    written = (field_text(span.first) or filled, field_text(span.last) or filled)
    first, last = state.misread or written

    def url(own: DateInterval) -> str:
        free = state.without_span() if own == span else None
        return free.url if free and free.fits else ""

    def year_url(value: str) -> str:
        if value in chosen:
            without = state.without_value("year", value)
            return without.url if without.fits else ""
        start, _, end = value.partition("-")
        return url(DateInterval(PartialDate(int(start)), PartialDate(int(end or start))))

    months = by_month((str(each.value), each.count) for each in results.facet("month").values)
    chart = month_chart(months, url, span, localisation, series)
    all_dates = None
    if chart:
        label = localisation.gettext("All years")
        all_dates = Step(label, state.without_span().url, DATES, ANY_DATE.iso)
    return DateControl(
        chart=chart or year_chart(counts, year_url, chosen, localisation, series, span),
        first=first,
        last=last,
        oldest=str(min(counts, default="")),
        newest=str(max(counts, default="")),
        problem=localisation.gettext(
            "This is not a date. Write a year, a month or a day: 2016, 03.2016 or 15.03.2016."
        )
        if state.misread
        else "",
        wrong=tuple(
            name
            for name, typed in zip(SPAN_FIELDS, state.misread or ("", ""), strict=True)
            if not is_date(typed)
        ),
        presets=presets(span, today, max(counts, default=0), localisation),
        all_dates=all_dates,
        filled=filled,
    )


def _only_year(chosen: Sequence[str]) -> str:
    """The only chosen year; empty if there are several, or if it is the unknown one."""
    return chosen[0] if len(chosen) == 1 and chosen[0].isdigit() else ""


def is_month_by_month(results: Results, localisation: Localisation) -> bool:
    """True if the chart for ``results`` shows months."""
    months = by_month((str(each.value), each.count) for each in results.facet("month").values)
    return month_chart(months, lambda _: "", results.request.span, localisation) is not None


# The presets depend only on the day and on the year of the newest article.
@functools.lru_cache(maxsize=256)
def presets(
    span: DateInterval, today: datetime.date, newest: int, localisation: Localisation
) -> tuple[Preset, ...]:
    """Preset spans up to ``today``; ``newest`` is the year of the newest article, 0 for none."""
    spans = {
        localisation.gettext("last month"): _since(today, months=1),
        localisation.gettext("this year"): DateInterval(PartialDate(today.year)),
        localisation.gettext("last year"): _since(today, months=12),
        localisation.gettext("five years"): _since(today, months=60),
    }
    return tuple(
        Preset(label, each.iso, each == span, bool(each.first and each.first.year > newest))
        for label, each in spans.items()
    )


def is_date(typed: str) -> bool:
    """True for text that can be parsed as a date, or is empty."""
    try:
        parse_date(typed)
    except BadDate:
        return False
    return True


def field_text(date: PartialDate | None) -> str:
    """Formats a date for a field: ``15.03.2016``, ``03.2016`` or ``2016``."""
    return ".".join(reversed(date.iso.split("-"))) if date else ""


def span_label(span: DateInterval, localisation: Localisation) -> str:
    """Formats a span in words and figures, such as “alates 03.2016”."""
    first, last = field_text(span.first), field_text(span.last)
    if not last:
        return localisation.gettext("since {year}", year=first)
    if not first:
        return localisation.gettext("until {year}", year=last)
    return first if first == last else f"{first}–{last}"


def _since(today: datetime.date, months: int) -> DateInterval:
    """Span from the same day ``months`` ago, or from the last day of that month."""
    number = today.year * 12 + today.month - 1 - months
    year, month = divmod(number, 12)
    following = datetime.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    day = min(today.day, (following - datetime.timedelta(days=1)).day)
    return DateInterval(PartialDate(year, month + 1, day))
