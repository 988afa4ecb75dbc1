"""Dates that an address carries: the article's URL, its file name, a link in its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.extract.dates.date_parser import find_dates, possible
from search.article import PartialDate

#: The web has no news older than this; a smaller number in an address is a number.
FIRST_WEB_YEAR = 1993
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12]\d|3[01])"
_ALONE = r"(?<![0-9A-Za-z])"
_END = r"(?![0-9A-Za-z])"
_URL_DATES = (
    re.compile(rf"/{_YEAR}/{_MONTH}(?:/{_DAY})?(?=/|$)"),
    re.compile(rf"{_ALONE}{_YEAR}[-_]{_MONTH}[-_]{_DAY}{_END}"),
    re.compile(rf"{_ALONE}{_YEAR}{_MONTH}{_DAY}{_END}"),
    re.compile(rf"/{_YEAR}(?=/)"),
)
_NAME_DATES = (
    re.compile(rf"{_ALONE}{_YEAR}[-_.]{_MONTH}[-_.]{_DAY}{_END}"),
    re.compile(rf"{_ALONE}{_DAY}[-_.]{_MONTH}[-_.]{_YEAR}{_END}"),
    re.compile(rf"{_ALONE}{_YEAR}{_MONTH}{_DAY}{_END}"),
    re.compile(rf"^{_YEAR}[-_]{_MONTH}{_END}(?![-_]\d)"),
)
_DIRECTORY = re.compile(rf"{_YEAR}(?:[-_.]{_MONTH}(?:[-_.]{_DAY})?)?")
_MONTH_DIRECTORY = re.compile(_MONTH)
# Without http:// or www. only well-known endings tell a link from „lõppes mais 2012.Siis“.
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"„“”«»]*[\w/]|"
    r"(?<![\w@.-])(?:[a-z0-9-]+\.)+"
    r"(?:ee|eu|com|org|net|info|lv|lt|fi|se|no|dk|de|at|ch|be|nl|uk|fr|it|es|pl|ru|io|events?|example)"
    r"\b(?:/[^\s<>\"„“”«»]*[\w/])?",
    re.IGNORECASE,
)
_YEAR_INSIDE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class AddressDate:
    """A date found at ``start``..``end`` of an address."""

    date: PartialDate
    start: int
    end: int


def date_in_url(url: str, latest_year: int) -> AddressDate | None:
    """The date in a URL such as ``…/2015/04/uudis`` or ``…/2015-04-03-uudis``."""
    path_at = _path_start(url)
    for pattern in _URL_DATES:
        for match in pattern.finditer(url, path_at):
            found = _located(match, 0, latest_year)
            if found is not None:
                return found
    return None


def date_in_path(path: str, latest_year: int) -> AddressDate | None:
    """The date in a file name, else in the nearest directory that is named by one."""
    pieces = [(match.start(), match.group()) for match in re.finditer(r"[^/\\]+", path)]
    if not pieces:
        return None
    at, name = pieces[-1]
    for pattern in _NAME_DATES:
        match = pattern.search(name)
        found = _located(match, at, latest_year) if match else None
        if found is not None:
            return found
    named = _written_out(name, at, latest_year)
    if named is not None:
        return named
    month: str | None = None
    for at, name in reversed(pieces[:-1]):
        match = _DIRECTORY.fullmatch(name)
        found = _located(match, at, latest_year) if match else None
        if found is not None:
            if month is not None and found.date.month is None:
                date = PartialDate(found.date.year, int(month))
                return AddressDate(date, found.start, found.end + 1 + len(month))
            return found
        month = name if _MONTH_DIRECTORY.fullmatch(name) else None
    return None


def _written_out(name: str, offset: int, latest_year: int) -> AddressDate | None:
    """The date of „Pressiteade 12. mai 2016.docx“; a range of days is an event's, not a day's."""
    for span in find_dates(re.sub("[_+]", " ", name)):
        date = span.date
        if date is None or span.precision != "day" or span.last_day is not None:
            continue
        if FIRST_WEB_YEAR <= date.year <= latest_year:
            return AddressDate(date, offset + span.start, offset + span.end)
    return None


def years_in_links(text: str, latest_year: int) -> Iterator[tuple[int, int, int]]:
    """Year, start and end of every link in ``text`` that names exactly one possible year."""
    for match in _LINK.finditer(text):
        years = {int(year) for year in _YEAR_INSIDE.findall(match.group())}
        if len(years) == 1:
            (year,) = years
            if FIRST_WEB_YEAR <= year <= latest_year:
                yield year, match.start(), match.end()


def _path_start(url: str) -> int:
    scheme = url.find("://")
    slash = url.find("/", scheme + 3 if scheme >= 0 else 0)
    return slash if slash >= 0 else len(url)


def _located(match: re.Match[str], offset: int, latest_year: int) -> AddressDate | None:
    groups = match.groupdict()
    year = int(groups["year"])
    month = int(groups["month"]) if groups.get("month") else None
    day = int(groups["day"]) if groups.get("day") else None
    if not (FIRST_WEB_YEAR <= year <= latest_year and possible(year, month, day)):
        return None
    start = match.start() + (match.group()[0] == "/")
    return AddressDate(PartialDate(year, month, day), offset + start, offset + match.end())
