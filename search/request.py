"""Search requests: query, facet filters, order and page, checked and cleaned."""

import re
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from search.date_interval import ANY_DATE, FIRST_YEAR, LAST_YEAR, DateInterval
from search.errors import BadRequest, QueryTooLong
from search.normalisation import DASHES, HYPHENS, clean, clean_line

#: ``month`` is only counted: dates are filtered by year, or by a :class:`DateInterval`.
FacetName = Literal["focus", "year", "org", "source", "language", "month"]
#: ``added`` is the order of feeds: the last indexed articles first.
Sort = Literal["relevance", "newest", "oldest", "added"]
#: Facets that are counted, and those that can be filtered by.
COUNTED: tuple[FacetName, ...] = get_args(FacetName)
FACETS: tuple[FacetName, ...] = COUNTED[:-1]
#: The orders that visitors choose from.
SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest")
_ALL_SORTS = frozenset(get_args(Sort))
#: The year of articles of unknown year; the focus area of articles without one.
UNKNOWN_YEAR = "unknown"
NO_FOCUS = "none"
#: The source or language of articles where it is unknown.
UNKNOWN_VALUE = "unknown"

MAX_QUERY_LENGTH = 1000
MAX_PAGE_SIZE = 1000
# „2014–2016“, as Estonian writes it and pages show it, and „2014..2016“.
_YEARS = re.compile(rf"(\d{{4}})\s*(?:[{re.escape(HYPHENS)}{DASHES}]|\.\.)\s*(\d{{4}})")
# „2016/17“, the years of a season or of a school.
_SEASON = re.compile(r"(\d\d)(\d\d)/(\d\d)")


@dataclass(frozen=True, slots=True)
class FacetFilter:
    """Filter on one facet: any of ``include``, none of ``exclude``."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.include or self.exclude:
            object.__setattr__(self, "include", _cleaned(self.include))
            object.__setattr__(self, "exclude", _cleaned(self.exclude))

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)


def _cleaned(values: tuple[str, ...]) -> tuple[str, ...]:
    """``values`` without invisible characters and empty ones."""
    return tuple(found for each in values if (found := clean_line(each)))


NO_FILTER = FacetFilter()


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. Years are ``"2016"``, ``"2014-2016"`` or ``"unknown"``; focus areas are ids.

    ``span`` and ``year`` are both filters on the date: an article has to pass each. ``meaning``
    also finds articles by meaning, if there is a model.
    """

    query: str = ""
    focus: FacetFilter = NO_FILTER
    year: FacetFilter = NO_FILTER
    org: FacetFilter = NO_FILTER
    source: FacetFilter = NO_FILTER
    language: FacetFilter = NO_FILTER
    span: DateInterval = ANY_DATE
    sort: Sort = "relevance"
    page: int = 1
    page_size: int = 10
    meaning: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "query", clean(self.query).replace("\n", " "))
        if len(self.query) > MAX_QUERY_LENGTH:
            raise QueryTooLong(length=len(self.query), limit=MAX_QUERY_LENGTH)
        if self.year:
            years = (map(year_span, each) for each in (self.year.include, self.year.exclude))
            object.__setattr__(self, "year", FacetFilter(*map(tuple, years)))
            for value in (*self.year.include, *self.year.exclude):
                year_range(value)
        if self.sort not in _ALL_SORTS:
            raise BadRequest(
                value=self.sort,
                name="sort",
                remedy="Choose an order: most relevant, newest or oldest first",
            )
        if self.page < 1:
            raise BadRequest(value=self.page, name="page", remedy="Pages are counted from 1")
        if not 1 <= self.page_size <= MAX_PAGE_SIZE:
            raise BadRequest(value=self.page_size, name="limit", remedy=f"Use 1 to {MAX_PAGE_SIZE}")

    def filter(self, facet: FacetName) -> FacetFilter:
        """The filter on ``facet``."""
        found: FacetFilter = NO_FILTER if facet == "month" else getattr(self, facet)
        return found

    def with_filter(self, facet: FacetName, chosen: FacetFilter) -> "SearchRequest":
        """A copy for the first page, with another filter on ``facet``."""
        changed: dict[str, Any] = {facet: chosen}
        return replace(self, page=1, **changed)

    def with_span(self, span: DateInterval) -> "SearchRequest":
        """A copy for the first page, with another span of dates."""
        return replace(self, span=span, page=1)

    def is_filtered_by(self, facet: FacetName) -> bool:
        """True if there is a filter on ``facet``; a span of dates is one on the year."""
        return bool(self.filter(facet)) or (facet == "year" and bool(self.span))

    @property
    def is_filtered(self) -> bool:
        return any(map(self.is_filtered_by, FACETS))


def filter_of(facet: FacetName) -> FacetName:
    """The filter without which a facet is counted: for months the filter on dates."""
    return "year" if facet == "month" else facet


def year_range(value: str) -> tuple[int, int] | None:
    """First and last year of ``2016`` or ``2014-2016``, with any dash; None for ``unknown``.

    The years of a span may be in either order. Raises BadRequest for anything else.
    """
    if value == UNKNOWN_YEAR:
        return None
    first, dash, last = year_span(value).partition("-")
    pieces = (first, last) if dash else (first, first)
    if not all(len(each) == 4 and each.isascii() and each.isdigit() for each in pieces):
        raise _bad_year(value)
    start, end = sorted(map(int, pieces))
    if not (start >= FIRST_YEAR and end <= LAST_YEAR):
        raise _bad_year(value)
    return start, end


def year_span(value: str) -> str:
    """Normalises a span of years: a hyphen for any dash.

    >>> year_span("2014–2016"), year_span("2014..2016"), year_span("2016")
    ('2014-2016', '2014-2016', '2016')
    """
    span = _YEARS.sub(r"\1-\2", value)
    season = _SEASON.fullmatch(span)
    return f"{season[1]}{season[2]}-{season[1]}{season[3]}" if season else span


def _bad_year(value: str) -> BadRequest:
    return BadRequest(
        value=value,
        name="year",
        remedy="Write a year such as 2016, or a span such as 2014–2016",
    )
