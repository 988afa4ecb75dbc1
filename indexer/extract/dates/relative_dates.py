"""Finds relative dates: „mullu“, „möödunud nädalal“, „eile“.

With a reference date they are resolved: on 7 June 2016 „eelmise aasta mais“ is May 2015. Beside a
full date („eelmisel, 2015. aastal“) they imply the day of writing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from search.article import PartialDate

Unit = Literal["year", "week", "day"]

_OF_YEAR = r"\saasta(?:l|st|ni|ks|sse|ga)?\b"
_YEAR_WORDS = {
    0: rf"tänavu(?:ne|se\w{{0,3}}|st)?|(?:käesolev\w{{0,3}}|jooksva\w{{0,2}}|sel|selle){_OF_YEAR}",
    -1: rf"mullu(?:ne|se\w{{0,3}}|st)?|(?:eelmi(?:ne|se\w{{0,2}}|st)|möödunud|läinud){_OF_YEAR}",
    -2: rf"tunamullu(?:ne|se\w{{0,3}})?|üle[-\s]?eelmi(?:ne|se\w{{0,2}}|st){_OF_YEAR}",
    1: rf"(?:järgmi(?:ne|se\w{{0,2}}|st)|tuleva\w{{0,2}}|eeloleva\w{{0,2}}){_OF_YEAR}",
}
#: Pattern of words for a year relative to the year of writing.
RELATIVE_YEAR = "|".join(_YEAR_WORDS.values())
_PAST = r"(?:eelmisel|möödunud|läinud)"
_NEXT = r"(?:järgmisel|tuleval|eeloleval)"
_WEEK = r"\s(?:nädalal|nädala\w{2,12}|nädalavahetusel)"
_WEEKDAYS = (
    "esmaspäev|monday|понедельник",
    "teisipäev|tuesday|вторник",
    "kolmapäev|wednesday|сред[ауы]",
    "neljapäev|thursday|четверг",
    "reede|friday|пятниц",
    "laupäev|saturday|суббот",
    "pühapäev|sunday|воскресень",
)
_WEEKDAY = "|".join(_WEEKDAYS)
_UNITS: tuple[tuple[Unit, int, str], ...] = (
    *(("year", offset, words) for offset, words in _YEAR_WORDS.items()),
    ("year", 0, r"this\syear"),
    ("year", -1, r"last\syear"),
    ("year", 1, r"next\syear"),
    # Before the number the noun may be left out: „käesoleval 2012. aastal“.
    ("year", 0, r"käesolev(?:al|a|at|aks)?(?=,?\s\d{4}\.?\s?a)"),
    ("year", -1, r"(?:eelmi(?:sel|se|ne|st)|möödunud|läinud)(?=,?\s\d{4}\.?\s?a)"),
    ("year", 1, r"(?:järgmi(?:sel|se|ne|st)|tuleva(?:l)?)(?=,?\s\d{4}\.?\s?a)"),
    # „Edukat 2013. aastat!“ is a wish at the end of 2012.
    ("year", 1, r"(?:uut|edukat|head|kaunist|ilusat|rõõmsat|rahulikku)(?=\s\d{4}\.?\saastat\b)"),
    ("week", -1, rf"{_PAST}(?:{_WEEK}|\s(?:{_WEEKDAY})\w{{0,2}})"),
    ("week", 0, rf"(?:sel|käesoleval){_WEEK}"),
    ("week", 1, rf"{_NEXT}{_WEEK}"),
    ("day", -2, r"üleeile"),
    ("day", -1, r"eile|yesterday|вчера"),
    ("day", 0, r"täna|today|сегодня"),
    ("day", 1, r"homme|tomorrow|завтра"),
    ("day", 2, r"ülehomme"),
)
_PATTERNS = tuple(
    (unit, offset, re.compile(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE))
    for unit, offset, words in _UNITS
)
_YEAR_PATTERNS = tuple(
    (offset, re.compile(words, re.IGNORECASE)) for offset, words in _YEAR_WORDS.items()
)
_LAST_WEEKDAY = re.compile(rf"(?<!\w)({_WEEKDAY})\w{{0,3}}[\s,(]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RelativePhrase:
    """A relative date at ``start``..``end``, ``offset`` units from the day of writing."""

    start: int
    end: int
    unit: Unit
    offset: int


def find_relative_dates(text: str) -> Iterator[RelativePhrase]:
    """Finds every relative date of ``text``, ordered by pattern."""
    for unit, offset, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield RelativePhrase(match.start(), match.end(), unit, offset)


def find_relative_years(text: str) -> Iterator[RelativePhrase]:
    """Finds Estonian words for a year relative to the year of writing, ordered by pattern."""
    for unit, offset, pattern in _PATTERNS[: len(_YEAR_WORDS)]:
        for match in pattern.finditer(text):
            yield RelativePhrase(match.start(), match.end(), unit, offset)


def year_offset(words: str) -> int | None:
    """Offset from the year of writing: -1 for „mullu“; None for other words."""
    for offset, pattern in _YEAR_PATTERNS:
        if pattern.fullmatch(words):
            return offset
    return None


def shifted_date(known: PartialDate, unit: Unit, offset: int) -> PartialDate | None:
    """Shifts ``known`` by ``offset`` units; the result is as precise as the unit allows.

    A week becomes its month, or its year if it has days of two months. None if ``known`` is less
    precise than the unit, or a week has days of two years.
    """
    if unit == "year":
        return PartialDate(known.year + offset)
    if known.month is None or known.day is None:
        return None
    day = date(known.year, known.month, known.day)
    try:
        if unit == "day":
            day += timedelta(days=offset)
            return PartialDate(day.year, day.month, day.day)
        first = day + timedelta(days=7 * offset - day.weekday())
        last = first + timedelta(days=6)
    except OverflowError:
        return None
    if first.year != last.year:
        return None
    return PartialDate(first.year, first.month if first.month == last.month else None)


def weekday_before(text: str, start: int) -> int | None:
    """The weekday right before ``start``, 0 for Monday; None if there is none."""
    match = _LAST_WEEKDAY.search(text, max(0, start - 24), start)
    if match is None:
        return None
    name = match.group(1).casefold()
    return next(i for i, names in enumerate(_WEEKDAYS) if re.fullmatch(names, name))
