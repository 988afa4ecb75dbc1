"""Dates in Estonian text (and the plain English and Russian ones), with their precision.

``find_dates`` reads what stands there and no more: a day and month without a year stay without.
Impossible dates (30 February, month 13) are not dates.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from search.article import PartialDate

FIRST_YEAR = 1900
LAST_YEAR = 2100
_LEAP_YEAR = 2024

_STEMS = {
    1: r"jaanuar|jaan\.",
    2: r"veebruar|veebr\.",
    3: r"märts|marts",
    4: r"aprill|apr\.",
    5: r"mai",
    6: r"juuni",
    7: r"juuli",
    8: r"august|aug\.",
    9: r"septemb(?:er|r(?=i))|sept\.",
    10: r"oktoob(?:er|r(?=i))|okt\.",
    11: r"novemb(?:er|r(?=i))|nov\.",
    12: r"detsemb(?:er|r(?=i))|dets\.",
}
_FOREIGN = {
    1: r"January|января",
    2: r"February|февраля",
    3: r"March|марта",
    4: r"April|апреля",
    5: r"May|мая",
    6: r"June|июня",
    7: r"July|июля",
    8: r"August|августа",
    9: r"September|сентября",
    10: r"October|октября",
    11: r"November|ноября",
    12: r"December|декабря",
}
# Case endings of month names, singular; ``kuu`` may stand between (detsembrikuus).
_CASE = r"(?:i?(?:kuu)?(?:sse|s|st|le|l|lt|ks|ni|na|ta|ga|d)?|ikuu|it)"
_ESTONIAN_MONTH = "|".join(rf"(?P<m{number}>{stem})" for number, stem in _STEMS.items())
_MONTH = rf"(?:{_ESTONIAN_MONTH})(?:{_CASE})(?![^\W\d])"
_DASH = r"\s?[-–—]\s?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
# 2016 · 2016. · 2016.a. · 2016. a · 2016. aastal · 2016 aasta
_YEAR_TAIL = rf"(?P<year>{_YEAR})(?!\d)(?:\.?\s?(?:a\b\.?(?!\w)|aasta\w*)|\.(?=\s*[a-zõäöü]))?"
_TIME = r"(?:,?\s(?:kell\s|kl\.?\s)?\d{1,2}[:.]\d\d(?!\d))?"

_NAMED = re.compile(
    rf"(?<![\w.])(?:(?P<lead>{_YEAR})\.?\s?(?:a\b\.?|aasta)\s)?"
    rf"(?P<day>{_DAY})\.?(?:(?:{_DASH}|\s(?:ja|ning|kuni)\s|\.?,\s)(?P<last>{_DAY})\.?)?\s{{0,2}}"
    rf"{_MONTH}(?:,?\s{{0,2}}{_YEAR_TAIL}{_TIME})?",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(
    rf"(?<!\w){_MONTH}[,\s]\s?{_YEAR_TAIL}",
    re.IGNORECASE,
)
_YEAR_MONTH = re.compile(
    rf"(?<![\w.])(?P<year>{_YEAR})\.?\s?(?:a\b\.?|aasta)\s{_MONTH}",
    re.IGNORECASE,
)
_FOREIGN_MONTH = "|".join(rf"(?P<m{number}>{names})" for number, names in _FOREIGN.items())
_DAY_FIRST = re.compile(
    rf"(?<![\w.])(?P<day>{_DAY})(?:(?:st|nd|rd|th)\b)?(?:{_DASH}(?P<last>{_DAY}))?"
    rf"\s(?:of\s)?(?:{_FOREIGN_MONTH})(?!\w)(?:,?\s(?P<year>{_YEAR})(?!\d))?",
)
_MONTH_FIRST = re.compile(
    rf"(?<!\w)(?:{_FOREIGN_MONTH})\s(?P<day>{_DAY})(?:st|nd|rd|th)?(?:{_DASH}(?P<last>{_DAY}))?"
    rf"(?!\d)(?:,?\s(?P<year>{_YEAR})(?!\d))?",
)
_NUMERIC = re.compile(
    rf"(?<![\w.,:/-])(?P<day>{_DAY})\.?(?:{_DASH}(?P<last>{_DAY})\.)?"
    rf"(?<=\.)\s?(?P<month>0?[1-9]|1[0-2])\.\s?(?P<year>{_YEAR})(?!\d)"
    rf"(?:\.?\s?(?:a\b\.?|aasta\w*))?{_TIME}",
)
# 31.05–02.06, with or without a year behind the second; 27.01.–28.01.2011
_NUMERIC_RANGE = re.compile(
    rf"(?<![\w.,:/-])(?P<day>{_DAY})\.(?P<month>0[1-9]|1[0-2])\.?{_DASH}"
    rf"(?P<last>{_DAY})\.(?P<last_month>0[1-9]|1[0-2])(?!\d)"
    rf"(?:\.(?P<year>{_YEAR})?(?!\d))?(?:\s?a\b\.?)?",
)
# 27.01. or 27.-28.01. without a year; the last full stop tells it from a number or a time.
_NUMERIC_SHORT = re.compile(
    rf"(?<![\w.,:/-])(?P<day>{_DAY})\.?(?:{_DASH}(?P<last>{_DAY})\.)?(?<=\.)"
    r"(?P<month>0[1-9]|1[0-2])\.(?=\s+[a-zõäöü])",
)
_ISO = re.compile(
    rf"(?<![\w.-])(?P<year>{_YEAR})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:[T\s]\d\d:\d\d(?::\d\d)?)?(?![\w-])",
)
_YEARS = re.compile(
    rf"(?<![\w.,:/-])(?P<year>{_YEAR})(?:(?:\.?{_DASH}|/)(?P<last_year>{_YEAR}))?(?![\w%€/])"
    r"(?:\.?\s?(?:a\b\.?|aasta\w*))?",
)
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"\b(?:kell|kl\.?|kella)\s*$", re.IGNORECASE)
_MONTH_GROUPS = tuple(f"m{number}" for number in range(1, 13))
# Patterns in order of what they know; an earlier match keeps later ones off its characters.
_PATTERNS = (
    _ISO,
    _NAMED,
    _NUMERIC_RANGE,
    _NUMERIC,
    _DAY_FIRST,
    _MONTH_FIRST,
    _NUMERIC_SHORT,
    _YEAR_MONTH,
    _MONTH_YEAR,
    _YEARS,
)

Precision = Literal["day", "month", "year", "day-month"]


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date as written at ``start``..``end`` of the text.

    ``day`` is the first day of a range and ``last_day`` its last one, in ``last_month`` if that
    differs. ``last_year`` is set for a range of years (2014–2020).
    """

    start: int
    end: int
    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    last_day: int | None = None
    last_month: int | None = None
    last_year: int | None = None

    @property
    def precision(self) -> Precision:
        """What is known; ``day-month`` is a date without year."""
        if self.year is None:
            return "day-month"
        if self.month is None:
            return "year"
        return "month" if self.day is None else "day"

    @property
    def date(self) -> PartialDate | None:
        """The (first) date, None without a year."""
        return None if self.year is None else PartialDate(self.year, self.month, self.day)

    def in_year(self, year: int) -> PartialDate | None:
        """The (first) date in ``year``; None if it has no such day (29 February)."""
        return PartialDate(year, self.month, self.day) if _exists(year, self) else None


def find_dates(text: str) -> list[DateSpan]:
    """Every date in ``text``, in order, none overlapping another."""
    found: list[DateSpan] = []
    if not _DIGIT.search(text):
        return found
    taken = bytearray(len(text))
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            span = _span(match)
            if span is not None:
                found.append(span)
            # What looks like a date but is none (31.02.2015) hides no smaller date either.
            taken[start:end] = b"\1" * (end - start)
    return sorted(found, key=lambda span: span.start)


def possible(year: int, month: int | None = None, day: int | None = None) -> bool:
    """Does the calendar hold this date?"""
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return False
    return FIRST_YEAR <= year <= LAST_YEAR


def _span(match: re.Match[str]) -> DateSpan | None:
    groups = match.groupdict()
    text = match.group().rstrip(" ,")
    month = next(
        (n for n, name in enumerate(_MONTH_GROUPS, start=1) if groups.get(name)),
        _number(groups.get("month")),
    )
    span = DateSpan(
        start=match.start(),
        end=match.start() + len(text),
        text=text,
        year=_number(groups.get("year")) or _number(groups.get("lead")),
        month=month,
        day=_number(groups.get("day")),
        last_day=_number(groups.get("last")),
        last_month=_number(groups.get("last_month")),
        last_year=_number(groups.get("last_year")),
    )
    if span.year is None and month is None:
        return None
    if match.re in (_NUMERIC_RANGE, _NUMERIC_SHORT) and _CLOCK.search(
        match.string, max(0, match.start() - 8), match.start()
    ):
        return None
    return span if all(_valid(span)) else None


def _valid(span: DateSpan) -> Iterator[bool]:
    year = span.year if span.year is not None else _LEAP_YEAR
    yield _exists(year, span)
    if span.last_day is not None:
        last_month = span.last_month or span.month
        yield possible(year, last_month, span.last_day)
        if span.last_month is None and span.day is not None:
            yield span.day < span.last_day
    if span.last_year is not None:
        yield year < span.last_year


def _exists(year: int, span: DateSpan) -> bool:
    return possible(year, span.month, span.day)


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None
