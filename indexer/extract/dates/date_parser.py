"""Parses dates written in Estonian (and simple English and Russian ones), with precision.

``find_dates`` reads what stands there and no more: a day and month without a year stay without,
unless they share the year of the date they are joined to („28. mai – 2. juuni 2016“).
Impossible dates (30 February, month 13) are not dates.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from indexer.extract.dates.date_patterns import (
    NUMERIC_RANGE,
    NUMERIC_SHORT,
    NUMERIC_YY,
    PATTERNS,
    YEAR_MONTH,
    month_number,
    roman_month,
)
from indexer.extract.dates.relative_dates import year_offset
from search.article import PartialDate

FIRST_YEAR = 1900
LAST_YEAR = 2100
_LEAP_YEAR = 2024
#: Two digits from here on are of the last century: 12.05.16 is 2016, 12.05.96 is 1996.
_FIRST_OF_LAST_CENTURY = 70
_DIGIT = re.compile(r"\d")
# What makes 10.12.14 a clock time or the number of a section.
_NUMBERED = re.compile(
    r"\b(?:kell|kl\.?|kella|versioon\w*|ver\.?|punkt\w*|p\.?|pt\.?|ptk\.?|peatük\w*|jaotis\w*|lk\.?|"
    r"nr\.?|tel\.?|ip|tabel\w*|joonis\w*|lisa\w*|version|section)\s*$|§\s*$",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s?[-–—]\s?|\s(?:kuni|to|until|по)\s")
_LIST = re.compile(r"[\s.,]*(?:(?:ja|ning|või|and|or|и)\s)?[\s.,]*")
_LONGEST_GAP = 12
_OFFSETS_OF_THIS = {"m": -1}

Precision = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date as written at ``start``..``end`` of the text.

    ``day`` is the first day of a range and ``last_day`` its last one, in ``last_month`` and
    ``last_year`` if those differ. Without a month, ``last_year`` ends a range of years
    (2014–2020). ``relative`` counts years from the day of writing („eelmise aasta mais“: -1).
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
    relative: int | None = None

    @property
    def precision(self) -> Precision:
        """Smallest unit given; ``year`` says whether the year is."""
        if self.day is not None:
            return "day"
        return "year" if self.month is None else "month"

    @property
    def date(self) -> PartialDate | None:
        """The (first) date, None without a year."""
        return None if self.year is None else PartialDate(self.year, self.month, self.day)

    def in_year(self, year: int) -> PartialDate | None:
        """The (first) date completed with ``year``; None if impossible (29 February).

        „mais“ told in 2016 is May 2016, „eelmise aasta mais“ is May 2015.
        """
        year += self.relative or 0
        return PartialDate(year, self.month, self.day) if _exists(year, self) else None


def find_dates(text: str) -> list[DateSpan]:
    """Every date in ``text``, in order, none overlapping another."""
    found: list[DateSpan] = []
    taken = bytearray(len(text))
    # Only „mullu mais“ and the like need no digit.
    for pattern in PATTERNS if _DIGIT.search(text) else (YEAR_MONTH,):
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            span = _span(match)
            if span is not None:
                found.append(span)
            # What looks like a date but is none (31.02.2015) hides no smaller date either.
            taken[start:end] = b"\1" * (end - start)
    return _joined(text, sorted(found, key=lambda span: span.start))


def possible(year: int, month: int | None = None, day: int | None = None) -> bool:
    """True if the calendar has this date."""
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return False
    return FIRST_YEAR <= year <= LAST_YEAR


def _span(match: re.Match[str]) -> DateSpan | None:
    groups = match.groupdict()
    before = match.string[max(0, match.start() - 16) : match.start()]
    if match.re in (NUMERIC_RANGE, NUMERIC_SHORT, NUMERIC_YY) and _NUMBERED.search(before):
        return None
    text = match.group().rstrip(" ,")
    year = _year(groups)
    span = DateSpan(
        start=match.start(),
        end=match.start() + len(text),
        text=text,
        year=year,
        month=_month(groups),
        day=_number(groups.get("day")),
        last_day=_number(groups.get("last")),
        last_month=_number(groups.get("last_month")),
        last_year=_last_year(groups, year),
        relative=_relative(groups),
    )
    span = _tidied(span)
    return span if all(_valid(span)) else None


def _tidied(span: DateSpan) -> DateSpan:
    """Normalises a range: no redundant last year or month, and over New Year both years."""
    if span.month is None or span.last_month is None:
        return span
    if span.last_year is None:
        if span.year is not None and span.last_month < span.month:
            return replace(span, year=span.year - 1, last_year=span.year)
        return span
    if span.last_year == span.year and span.last_month == span.month:
        return replace(span, last_year=None, last_month=None)
    if span.last_year == span.year and span.last_month > span.month:
        return replace(span, last_year=None)
    return span


def _month(groups: dict[str, str | None]) -> int | None:
    if name := groups.get("name"):
        return month_number(name)
    if roman := groups.get("roman"):
        return roman_month(roman)
    return _number(groups.get("month"))


def _year(groups: dict[str, str | None]) -> int | None:
    if digits := groups.get("yy"):
        return int(digits) + (1900 if int(digits) >= _FIRST_OF_LAST_CENTURY else 2000)
    return _number(groups.get("year") or groups.get("lead") or groups.get("decade"))


def _last_year(groups: dict[str, str | None], year: int | None) -> int | None:
    if year is None:
        return None
    if groups.get("decade"):
        return year + 9
    if digits := groups.get("short"):
        return year // 100 * 100 + int(digits)
    return _number(groups.get("last_year"))


def _relative(groups: dict[str, str | None]) -> int | None:
    if words := groups.get("rel"):
        return year_offset(words)
    if words := groups.get("this"):
        return _OFFSETS_OF_THIS.get(words[0].casefold(), 0)
    return None


def _valid(span: DateSpan) -> Iterator[bool]:
    year = span.year if span.year is not None else _LEAP_YEAR
    yield _exists(year, span)
    if span.last_day is not None:
        last_month = span.last_month or span.month
        yield possible(span.last_year or year, last_month, span.last_day)
        if span.last_month is None and span.day is not None:
            yield span.day < span.last_day
    if span.last_year is not None:
        yield year < span.last_year <= LAST_YEAR


def _exists(year: int, span: DateSpan) -> bool:
    return possible(year, span.month, span.day)


def _joined(text: str, spans: list[DateSpan]) -> list[DateSpan]:
    """``spans`` with ranges merged, and the year of an enumeration given to all its days."""
    joined: list[DateSpan] = []
    for span in reversed(spans):
        after = joined[-1] if joined else None
        if after is not None and span.year is None and span.day and after.day and after.month:
            gap = text[span.end : min(after.start, span.end + _LONGEST_GAP)]
            if _is_range(gap, span, after):
                whole = _range(text, span, after)
                if whole is not None:
                    joined[-1] = whole
                continue
            if after.year is not None and after.relative is None and _LIST.fullmatch(gap):
                year = after.year - (span.month is not None and span.month > after.month)
                if span.in_year(year) is not None:
                    span = replace(span, year=year)
        joined.append(span)
    return joined[::-1]


def _is_range(gap: str, first: DateSpan, last: DateSpan) -> bool:
    if first.last_day is not None or last.last_day is not None:
        return False
    elative = first.text.casefold().endswith("st") and re.search(r"ni\b", last.text.casefold())
    return bool(_RANGE.fullmatch(gap) or (gap == " " and elative))


def _range(text: str, first: DateSpan, last: DateSpan) -> DateSpan | None:
    """The range from ``first`` to ``last``; None if it has an impossible day."""
    assert first.month is not None and last.month is not None  # noqa: S101, PT018 - they have days
    over_new_year = first.month > last.month
    year = last.year - over_new_year if last.year is not None else None
    whole = replace(
        first,
        end=last.end,
        text=text[first.start : last.end],
        year=year,
        last_day=last.day,
        last_month=last.month,
        last_year=last.year if over_new_year else None,
    )
    return whole if all(_valid(whole)) else None


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None
