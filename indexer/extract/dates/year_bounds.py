"""Bounds the year of writing by the past and future dates of a text, and by its weekdays.

A text is not older than its latest past year. A past month and a future date in the same year leave
only that year; and so may „reedel, 13. märtsil“, which few years have.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.extract.dates.date_scoring import ScoredDate
from indexer.extract.dates.events import completed_year
from indexer.extract.dates.relative_dates import weekday_before
from indexer.extract.dates.url_dates import FIRST_WEB_YEAR
from search.article import Evidence

_SCHOOL_YEAR = re.compile(r"\d{4}/(?:\d\d)?\d\d\.?")
_LAST_MONTH = 12


@dataclass(frozen=True, slots=True)
class YearBounds:
    """Possible years of writing; ``only`` is set if the evidence leaves a single one."""

    years: frozenset[int]
    only: int | None = None
    evidence: tuple[Evidence, ...] = ()


def year_bounds(dates: Sequence[ScoredDate], latest_year: int) -> YearBounds:
    """Computes the bounds from the dates of a text; no later than ``latest_year``."""
    past = [each for each in dates if each.is_past and (each.span.year or 0) <= latest_year]
    latest = max(past, key=lambda each: each.span.year or 0, default=None)
    oldest = max(FIRST_WEB_YEAR, (latest and latest.span.year) or 0)
    weekdays = [each for each in dates if _has_weekday_without_year(each)]
    years = frozenset(
        year
        for year in range(oldest, latest_year + 1)
        if all(completed_year(each.clause, each.span, year) == year for each in weekdays)
    )
    if latest is None:
        return YearBounds(years)
    ahead = [each for each in dates if each.is_future and (each.span.year or 0) >= oldest]
    soonest = min(ahead, key=lambda each: each.span.year or 0, default=None)
    if soonest is None:
        return YearBounds(years)
    left = [year for year in years if year <= (soonest.span.year or 0)]
    if weekdays and len(left) == 1:
        evidence = (weekdays[0].evidence, latest.evidence, soonest.evidence)
        return YearBounds(years, left[0], evidence)
    over = [each for each in past if each.span.year == oldest and each.span.month is not None]
    for due in ahead:
        if over and due.span.year == oldest and _is_later(due, over[-1]):
            return YearBounds(years, oldest, (over[-1].evidence, due.evidence))
    return YearBounds(years)


def _has_weekday_without_year(date: ScoredDate) -> bool:
    """True for a day with a weekday and without a year: „reedel, 13. märtsil“."""
    span = date.span
    if span.year is not None or span.day is None or span.relative is not None:
        return False
    return weekday_before(date.sentence.text, span.start) is not None


def _is_later(due: ScoredDate, past: ScoredDate) -> bool:
    """True if ``due`` is a term, or a school year, that ends later in the year than ``past``."""
    if due.span.month is None:
        return bool(_SCHOOL_YEAR.fullmatch(due.span.text))
    return due.has_future_case and due.span.month > (past.span.month or _LAST_MONTH)
