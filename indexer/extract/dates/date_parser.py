"""Parses dates written in Estonian (and simple English and Russian ones), with precision.

``find_dates`` infers nothing: a day and month without a year stay without, unless they share the
year of the range or list that they are part of („28. mai – 2. juuni 2016“).
Impossible dates (30 February, month 13) are not dates.

Groups of the patterns: ``day``, ``last`` (day), ``month`` and ``last_month`` in digits, ``name``
(of the month), ``roman`` (month), ``year``, ``lead`` (a year in front), ``yy`` (two digits),
``last_year``, ``short`` (its last two digits), ``decade``, ``rel`` (words such as „eelmise aasta“)
and ``this`` („k.a.“).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from indexer.extract.dates.relative_dates import RELATIVE_YEAR, year_offset
from search.article import PartialDate

_FULL = (
    r"jaanuar|veebruar|märts|marts|aprill|mai|juuni|juuli|august|septemb(?:er|r(?=i))|"
    r"oktoob(?:er|r(?=i))|novemb(?:er|r(?=i))|detsemb(?:er|r(?=i))"
)
_SHORT = r"(?:jaan|veebr?|vebr|mär|apr|aug|sept?|okt|nov|dets)(?:\.|(?=,?\s['’]?\d))"
# Case endings of month names, optionally with ``kuu`` between (detsembrikuus). After a day, the
# month is never in the inessive (mais), but on, from or until it (mail, maist, maini).
_IN = r"(?:i?(?:kuu)?s)"
_CASE = r"(?:i?(?:kuu)?(?:sse|st|le|l|lt|ks|ni|na|ta|ga|d)?|it)"
_DAY_MONTH = rf"(?P<name>(?:{_FULL}){_CASE}|{_SHORT})(?![^\W\d])"
_MONTH = rf"(?P<name>(?:{_FULL})(?:{_IN}|{_CASE})|{_SHORT})(?![^\W\d])"
_DASH = r"\s?[-–—]\s?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
_BETWEEN = rf"(?:{_DASH}|\s(?:ja|ning|kuni|või)\s|,\s)"
_DAYS = rf"(?P<day>{_DAY})\.?(?:(?:{_BETWEEN}{_DAY}\.?){{0,5}}{_BETWEEN}(?P<last>{_DAY})\.?)?"
_YEAR = r"(?:19|20)\d\d"
_A = r"(?:(?-i:a)\b\.?(?!\w)|aasta\w*)"
_ROMAN = r"(?P<roman>XII|XI|IX|X|VIII|VII|VI|IV|V|III|II|I)"
_NUMBER_MONTH = r"(?:0?[1-9]|1[0-2])"
_TWO_DIGIT_MONTH = r"(?:0[1-9]|1[0-2])"
# 2016 · 2016. · 2016.a. · 2016. a · 2016. aastal · 2016 aasta · '16
_TAIL = (
    rf"(?:(?P<year>{_YEAR})(?!\d)|['’‘](?P<yy>\d\d)(?!\d))"
    rf"(?:\.?\s?{_A}|\.(?=\s*(?-i:[a-zõäöü])))?"
)
_THIS = r"\s(?P<this>[ksm]\.\s?a\b\.?)"
_TIME = r"(?:,?\s(?:kell\s|kl\.?\s)?\d{1,2}[:.]\d\d(?!\d))?"
_REL = rf"(?P<rel>{RELATIVE_YEAR}),?\s"
_LEAD = rf"(?P<lead>{_YEAR})\.?\s?(?:a\b\.?|aasta),?\s"
_START = r"(?<![\w.,/-])(?<!\d:)"

NAMED = re.compile(
    rf"(?<![\w.])(?:{_REL}|{_LEAD})?{_DAYS}\s{{0,2}}{_DAY_MONTH}"
    rf"(?:,?\s{{0,2}}{_TAIL}{_TIME}|{_THIS})?",
    re.IGNORECASE,
)
MONTH_YEAR = re.compile(rf"(?<!\w)(?:{_REL})?{_MONTH}[,\s]\s?{_TAIL}", re.IGNORECASE)
YEAR_MONTH = re.compile(rf"(?<![\w.])(?:{_LEAD}|{_REL}){_MONTH}", re.IGNORECASE)
ROMAN = re.compile(
    rf"{_START}(?P<day>{_DAY})\.(?:{_DASH}(?P<last>{_DAY})\.)?\s?{_ROMAN}\.?\s?(?P<year>{_YEAR})(?!\d)"
)
_FOREIGN = (
    r"(?P<name>(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December|январ[ьея]|феврал[ьея]|март[еа]?|апрел[ьея]|ма[йея]|июн[ьея]|июл[ьея]|август[еа]?|"
    r"сентябр[ьея]|октябр[ьея]|ноябр[ьея]|декабр[ьея])(?!\w)|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?(?=.{0,12}\s\d{4}(?!\d)))"
)
_FOREIGN_YEAR = rf"(?:,?\s(?P<year>{_YEAR})(?!\d))"
_TH = r"(?:(?:st|nd|rd|th)\b)?"
DAY_FIRST = re.compile(
    rf"(?<![\w.])(?P<day>{_DAY}){_TH}(?:{_DASH}(?P<last>{_DAY}){_TH})?\s(?:of\s)?{_FOREIGN}"
    rf"{_FOREIGN_YEAR}?"
)
MONTH_FIRST = re.compile(
    rf"(?<!\w){_FOREIGN}\s(?P<day>{_DAY}){_TH}(?:{_DASH}(?P<last>{_DAY}){_TH})?(?!\w)"
    rf"{_FOREIGN_YEAR}?"
)
FOREIGN_MONTH_YEAR = re.compile(rf"(?<!\w){_FOREIGN}{_FOREIGN_YEAR}")
NUMERIC = re.compile(
    rf"{_START}(?P<day>{_DAY})\.?(?:{_DASH}(?P<last>{_DAY})\.)?(?<=\.)\s?(?P<month>{_NUMBER_MONTH})"
    rf"\.\s?(?P<year>{_YEAR})(?!\d)(?:\.?\s?{_A})?{_TIME}"
)
# 01.12.2009-29.11.2010, in one piece because the dash holds it together
NUMERIC_SPAN = re.compile(
    rf"{_START}(?P<day>{_DAY})\.(?P<month>{_NUMBER_MONTH})\.(?P<year>{_YEAR})\.?(?:\s?a\.)?{_DASH}"
    rf"(?P<last>{_DAY})\.(?P<last_month>{_NUMBER_MONTH})\.(?P<last_year>{_YEAR})(?!\d)"
    rf"(?:\.?\s?{_A})?"
)
# 12.05.16 and 12.05.'16
NUMERIC_YY = re.compile(
    rf"{_START}(?P<day>{_DAY})\.(?:{_DASH}(?P<last>{_DAY})\.)?(?P<month>{_TWO_DIGIT_MONTH})"
    rf"\.['’]?(?P<yy>\d\d)(?![\w%€]|[.,:/-]\d)(?:\.?\s?{_A})?{_TIME}"
)
# 12/05/2016 and 12-05-2016, the day first
SEPARATED = re.compile(
    rf"{_START}(?P<day>{_DAY})(?P<sep>[/-])(?P<month>{_NUMBER_MONTH})(?P=sep)(?P<year>{_YEAR})"
    r"(?![\w/-])"
)
# 31.05–02.06, with or without a year behind the second; 27.01.–28.01.2011
NUMERIC_RANGE = re.compile(
    rf"{_START}(?P<day>{_DAY})\.(?P<month>{_TWO_DIGIT_MONTH})\.?{_DASH}"
    rf"(?P<last>{_DAY})\.(?P<last_month>{_TWO_DIGIT_MONTH})(?!\d)"
    rf"(?:\.(?:(?P<year>{_YEAR})|(?P<yy>\d\d)(?![\d.]))?(?!\d))?(?:\s?a\b\.?)?"
)
# 27.01. or 27.-28.01. without a year; the last full stop distinguishes it from a number or a time.
NUMERIC_SHORT = re.compile(
    rf"{_START}(?P<day>{_DAY})\.?(?:{_DASH}(?P<last>{_DAY})\.)?(?<=\.)"
    rf"(?P<month>{_TWO_DIGIT_MONTH})\.(?=\s+[a-zõäöü])"
)
ISO = re.compile(
    rf"(?<![\w./-])(?P<year>{_YEAR})(?P<sep>[-./])(?P<month>{_TWO_DIGIT_MONTH})(?P=sep)"
    r"(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:[T\s]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-])"
)
ISO_MONTH = re.compile(rf"(?<![\w./-])(?P<year>{_YEAR})-(?P<month>{_TWO_DIGIT_MONTH})(?![\w/-])")
DECADE = re.compile(
    r"(?<![\w.,:/-])(?P<decade>(?:19|20)\d0)(?:\.?\s?aasta(?:te|il)\w*|\.?-?nda(?:te|il)\w*)"
)
#: „aastatel 2010-12“ is not December 2010.
YEARS_NAMED = re.compile(
    rf"(?<!\w)aasta(?:te|tel|il|test)\s(?P<year>{_YEAR}){_DASH}(?P<short>\d\d)(?![\w-])"
)
YEARS = re.compile(
    rf"(?<![\w.,:/-])(?P<year>{_YEAR})(?!\saasta\w*\s(?:van|pik|tagasi|eest))"
    rf"(?:(?:\.?(?:\s?a\.)?{_DASH}|/)(?:(?P<last_year>{_YEAR})|(?P<short>\d\d)(?!\d)))?(?![\w%€/])"
    rf"(?:\.?\s?{_A})?"
)
#: The most specific first; a later pattern cannot match characters of an earlier match.
PATTERNS = (
    ISO,
    NAMED,
    ROMAN,
    NUMERIC_SPAN,
    NUMERIC_RANGE,
    NUMERIC,
    NUMERIC_YY,
    SEPARATED,
    DAY_FIRST,
    MONTH_FIRST,
    NUMERIC_SHORT,
    YEAR_MONTH,
    MONTH_YEAR,
    FOREIGN_MONTH_YEAR,
    DECADE,
    YEARS_NAMED,
    ISO_MONTH,
    YEARS,
)
_ROMAN_NUMBERS = "I II III IV V VI VII VIII IX X XI XII".split()
_MONTH_STARTS = (
    ("jaan", "jan", "янв"),
    ("vee", "veb", "feb", "фев"),
    ("mär", "mar", "мар"),
    ("apr", "апр"),
    ("mai", "may", "май", "мая", "мае"),
    ("juun", "jun", "июн"),
    ("juul", "jul", "июл"),
    ("aug", "авг"),
    ("sep", "сен"),
    ("okt", "oct", "окт"),
    ("nov", "ноя"),
    ("det", "dec", "дек"),
)


def month_number(name: str) -> int:
    """Parses a month's name in any form: 1 to 12. Raises ValueError for other words."""
    word = name.casefold()
    for number, starts in enumerate(_MONTH_STARTS, start=1):
        if word.startswith(starts):
            return number
    raise ValueError(name)


def roman_month(numeral: str) -> int:
    """Parses a roman numeral I to XII: 1 to 12."""
    return _ROMAN_NUMBERS.index(numeral) + 1


FIRST_YEAR = 1900
LAST_YEAR = 2100
_LEAP_YEAR = 2024
#: First two-digit year of the last century: 12.05.16 is 2016, 12.05.96 is 1996.
_FIRST_OF_LAST_CENTURY = 70
_DIGIT = re.compile(r"\d")
# Context in which 10.12.14 is a clock time or a section number.
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

        In an article of 2016 „mais“ is May 2016, „eelmise aasta mais“ is May 2015.
        """
        year += self.relative or 0
        return PartialDate(year, self.month, self.day) if _exists(year, self) else None


def find_dates(text: str) -> list[DateSpan]:
    """Finds every date in ``text``, in order, none overlapping another."""
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
            # An impossible date (31.02.2015) is marked as taken, too: it contains no smaller date.
            taken[start:end] = b"\1" * (end - start)
    return _merged(text, sorted(found, key=lambda span: span.start))


def is_calendar_date(year: int, month: int | None = None, day: int | None = None) -> bool:
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
    span = _normalised(span)
    return span if all(_valid(span)) else None


def _normalised(span: DateSpan) -> DateSpan:
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
        yield is_calendar_date(span.last_year or year, last_month, span.last_day)
        if span.last_month is None and span.day is not None:
            yield span.day < span.last_day
    if span.last_year is not None:
        yield year < span.last_year <= LAST_YEAR


def _exists(year: int, span: DateSpan) -> bool:
    return is_calendar_date(year, span.month, span.day)


def _merged(text: str, spans: list[DateSpan]) -> list[DateSpan]:
    """Merges the two spans of a range, and copies the year at the end of a list to all its days."""
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
