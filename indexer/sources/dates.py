"""Reads dates as written: ISO, dotted, slashed, RFC 822, Estonian, English and Russian months.

The day is kept as written, never shifted to another time zone. An ambiguous date is not a date.
"""

import re
from dataclasses import dataclass

from search.article import PartialDate
from search.date_interval import FIRST_YEAR, LAST_YEAR
from search.normalisation import searchable_line


@dataclass(frozen=True, slots=True)
class GivenDate:
    """A date with the text that gives it."""

    value: PartialDate
    text: str


# A date may have a weekday before it, and a time of day after it.
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_BEFORE_TIME = r"(?:\s*[Tt,]\s*|\s+(?:(?:kell|at|kl\.?|в)\s+)?|\s*[-–|]\s*)"
_TIME = rf"(?:{_BEFORE_TIME}\d{{1,2}}[:.]\d{{2}}.{{0,30}}|\s*г\.?)?"
_OF_YEAR = r"(?:\.?\s*a(?:asta\w*)?\b\.?)?"
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2})(?:[Tt\s].*)?)?|(?P<year>\d{4})")
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[Tt]\d{4,6}.*)?")
_DOTTED = re.compile(
    rf"{_WEEKDAY}(?P<d>\d{{1,2}})\.\s*(?P<m>\d{{1,2}})\.\s*(?P<y>\d{{4}}){_OF_YEAR}{_TIME}"
)
_SHORT = re.compile(
    rf"{_WEEKDAY}(?P<d>\d{{1,2}})\.\s?(?P<m>\d{{1,2}})\.\s?'?(?P<yy>\d{{2}}){_TIME}"
)
_ROMAN = re.compile(
    rf"{_WEEKDAY}(?P<d>\d{{1,2}})\.?\s*(?P<roman>[IVX]{{1,4}})\.?\s*(?P<y>\d{{4}}){_OF_YEAR}{_TIME}"
)
_YEAR_ALONE = re.compile(r"(?P<y>\d{4})\.?\s*a(?:asta\w*)?\.?(?:\s+(?P<name>[^\W\d_]+))?")
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})[/.](?P<m>\d{{1,2}})[/.](?P<d>\d{{1,2}}){_TIME}")
_SLASHED = re.compile(rf"(\d{{1,2}})/(\d{{1,2}})/(?P<y>\d{{4}}){_TIME}")
_DAY_MONTH = re.compile(
    rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th)?[\s-]*(?:of\s+)?(?P<name>[^\W\d_]+)\.?,?[\s-]*"
    rf"(?P<y>\d{{4}}){_OF_YEAR}{_TIME}"
)
_MONTH_DAY = re.compile(
    rf"{_WEEKDAY}(?P<name>[^\W\d_]+)\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TIME}"
)
_MONTH_YEAR = re.compile(r"(?P<name>[^\W\d_]+)\.?\s+(?P<y>\d{4})(?:\s*г\.?)?")
_PATTERNS = (
    *(_ISO, _COMPACT, _DOTTED, _SHORT, _ROMAN, _YEAR_FIRST, _DAY_MONTH, _MONTH_DAY, _MONTH_YEAR),
    _YEAR_ALONE,
)
_ROMANS = "I II III IV V VI VII VIII IX X XI XII".split()
# Two-digit years up to this one are of this century.
_LAST_SHORT_YEAR = 69
_DASH = re.compile(r"(?<=\d)[–—](?=\d)")
# How the names of each month begin in Estonian, English and Russian.
_MONTHS = (
    r"jaan(?:uar\w*)?|jan(?:uary)?|янв\w*",
    r"veeb(?:r(?:uar\w*)?)?|feb(?:r(?:uary)?)?|фев\w*",
    r"märts\w*|mär|mar(?:ch)?|мар\w*",
    r"apr(?:ill?\w*)?|апр\w*",
    r"mai\w{0,2}|may|ма[йя]|мае",
    r"juuni\w*|june?|июн\w*",
    r"juuli\w*|july?|июл\w*",
    r"aug(?:ust\w*)?|авг\w*",
    r"sept?(?:emb\w*)?|сен\w*",
    r"okt(?:oob\w*)?|oct(?:ober)?|окт\w*",
    r"nov(?:emb\w*)?|ноя\w*",
    r"dets(?:emb\w*)?|dec(?:ember)?|дек\w*",
)
_LONGEST = 80


def parse_date(text: str) -> GivenDate | None:
    """Parses ``text`` as a date, to the day, month or year; None if it is none."""
    written = " ".join(text.split())
    plain = _DASH.sub("-", searchable_line(written))
    if not plain or len(plain) > _LONGEST:
        return None
    matches = (found for each in _PATTERNS if (found := each.fullmatch(plain)))
    read = (_numbers(each.groupdict()) for each in matches)
    numbers = next((each for each in read if each), None) or _slashed(plain)
    if numbers is None:
        return None
    try:
        value = PartialDate.from_iso("-".join(f"{each:02d}" for each in numbers))
    except ValueError:
        return None
    return GivenDate(value, written) if FIRST_YEAR <= value.year <= LAST_YEAR else None


def _numbers(found: dict[str, str | None]) -> list[int] | None:
    """Year, month and day as far as given; None for a name that is no month."""
    year = found.get("y") or found.get("year") or _whole_year(found.get("yy"))
    month: str | int | None = found.get("m")
    if roman := found.get("roman"):
        month = _ROMANS.index(roman) + 1 if roman in _ROMANS else 0
    if name := found.get("name"):
        month = _month(name)
        if month is None:
            return None
    return [int(each) for each in (year, month, found.get("d")) if each]


def _whole_year(digits: str | None) -> str | None:
    """Expands a two-digit year."""
    century = "20" if digits and int(digits) <= _LAST_SHORT_YEAR else "19"
    return century + digits if digits else None


def _month(name: str) -> int | None:
    named = (n for n, each in enumerate(_MONTHS, 1) if re.fullmatch(each, name.casefold()))
    return next(named, None)


def _slashed(written: str) -> list[int] | None:
    """A date such as 25/12/2016, unless day and month could change places."""
    match = _SLASHED.fullmatch(written)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match["y"])
    if first > 12 >= second:
        return [year, second, first]
    if second > 12 >= first or first == second:
        return [year, first, second]
    return None
