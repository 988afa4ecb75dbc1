"""Finds dates in URLs, file names and directories, and years in links."""

import re
from collections.abc import Iterator, Sequence

from indexer.extract.dates.date_parser import find_dates, is_calendar_date
from search.article import Evidence, Extracted, Part, PartialDate

#: The web has no older news: a smaller number in a URL is no year.
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
# Without http:// or www. only common top-level domains distinguish a link from „mais 2012.Siis“.
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"„“”«»]*[\w/]|"
    r"(?<![\w@.-])(?:[a-z0-9-]+\.)+"
    r"(?:ee|eu|com|org|net|info|lv|lt|fi|se|no|dk|de|at|ch|be|nl|uk|fr|it|es|pl|ru|io|events?|example)"
    r"\b(?:/[^\s<>\"„“”«»]*[\w/])?",
    re.IGNORECASE,
)
_YEAR_INSIDE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def date_in_url(url: str, latest_year: int) -> Extracted[PartialDate] | None:
    """Finds the date in a URL such as ``…/2015/04/uudis`` or ``…/2015-04-03-uudis``."""
    scheme = url.find("://")
    slash = url.find("/", scheme + 3 if scheme >= 0 else 0)
    for pattern in _URL_DATES if slash >= 0 else ():
        for match in pattern.finditer(url, slash):
            date = _date(match, latest_year)
            if date is not None:
                start = match.start() + match.group().startswith("/")
                return _found("url", url, date, start, match.end())
    return None


def date_in_path(path: str, latest_year: int) -> Extracted[PartialDate] | None:
    """Finds the date in a file name, else in the nearest directory with one."""
    pieces = list(re.finditer(r"[^/\\]+", path))
    if not pieces:
        return None
    return _date_in_name(path, pieces[-1], latest_year) or _date_in_directories(
        path, pieces[:-1], latest_year
    )


def _date_in_name(
    path: str, piece: re.Match[str], latest_year: int
) -> Extracted[PartialDate] | None:
    name, at = piece.group(), piece.start()
    for pattern in _NAME_DATES:
        match = pattern.search(name)
        date = _date(match, latest_year) if match else None
        if match and date is not None:
            return _found("path", path, date, at + match.start(), at + match.end())
    # „Pressiteade 12. mai 2016.docx“; a range of days is that of an event.
    for span in find_dates(re.sub("[_+]", " ", name)):
        date = span.date
        if date is None or span.precision != "day" or span.last_day is not None:
            continue
        if FIRST_WEB_YEAR <= date.year <= latest_year:
            return _found("path", path, date, at + span.start, at + span.end)
    return None


def _date_in_directories(
    path: str, pieces: Sequence[re.Match[str]], latest_year: int
) -> Extracted[PartialDate] | None:
    """Date of ``…/2015-04/…`` or ``…/2015/04/…``."""
    month = ""
    for piece in reversed(pieces):
        match = _DIRECTORY.fullmatch(piece.group())
        date = _date(match, latest_year) if match else None
        if date is not None:
            end = piece.end()
            if month and date.month is None:
                date, end = PartialDate(date.year, int(month)), end + 1 + len(month)
            return _found("path", path, date, piece.start(), end)
        month = piece.group() if _MONTH_DIRECTORY.fullmatch(piece.group()) else ""
    return None


def years_in_links(text: str, latest_year: int) -> Iterator[tuple[int, int, int]]:
    """Finds links with exactly one possible year: year, start and end of each."""
    for match in _LINK.finditer(text):
        years = {int(year) for year in _YEAR_INSIDE.findall(match.group())}
        if len(years) == 1:
            (year,) = years
            if FIRST_WEB_YEAR <= year <= latest_year:
                yield year, match.start(), match.end()


def _date(match: re.Match[str], latest_year: int) -> PartialDate | None:
    """Date of a match's groups; None if impossible or older than the web."""
    groups = match.groupdict()
    year = int(groups["year"])
    month = int(groups["month"]) if groups.get("month") else None
    day = int(groups["day"]) if groups.get("day") else None
    if not (FIRST_WEB_YEAR <= year <= latest_year and is_calendar_date(year, month, day)):
        return None
    return PartialDate(year, month, day)


def _found(
    part: Part, text: str, date: PartialDate, start: int, end: int
) -> Extracted[PartialDate]:
    return Extracted(date, "found", (Evidence(part, start, end, text[start:end]),))
