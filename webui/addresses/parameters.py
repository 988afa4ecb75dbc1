"""URL parameters: parses them into a search state, and builds links from it.

All URLs of the search and article pages are built here, so that each has the whole state: query,
chosen values, sort order, page and language.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypedDict, Unpack

from werkzeug.datastructures import MultiDict

from search.article import PartialDate
from search.date_interval import ANY_DATE, FIRST_YEAR, LAST_YEAR, DateInterval
from search.errors import BadDate, BadRequest, ShortLinkUnknown
from search.normalisation import clean, clean_line
from search.request import (
    COUNTED,
    FACETS,
    NO_FILTER,
    FacetFilter,
    FacetName,
    SearchRequest,
    Sort,
    year_span,
)
from webui.addresses.list_options import (
    PAGE_SIZES,
    View,
    counted,
    hit_anchor,
    page_size,
    requested_page,
    requested_sort,
    requested_view,
)
from webui.addresses.percent_encoding import beside, encoded, quoted, with_parameters
from webui.addresses.short_codes import LONGEST_CODE, article_code, search_code, search_parameters

MAX_VALUES = 100
#: Most bytes of state in the links of a page, about forty, and in links to articles, where only the
#: link can keep the search.
LONGEST_REPEATED = 100
LONGEST_KEPT = 200
#: The parameter for a longer state, packed, in links of hits, and most bytes of it on a page.
PACKED, LONGEST_PACKED = "s", 12_000
#: The parameters of page size, view, and the rank of an article among the hits.
LIMIT, VIEW, RANK = "limit", "view", "rank"
#: The parameter that colours the year chart, and its values.
COLOUR, COLOURED, PLAIN = "colour", "focus", "none"
#: The first and the last date of a span.
SPAN_FIELDS = ("from", "to")
#: A longer text is no date, and is not shown again.
LONGEST_DATE = 40
#: Parameters of form buttons, which are in no URL: a span of dates in one value, which replaces any
#: other choice of dates; and a value to be no longer chosen or excluded, such as ``not_org:EAS``.
DATES, UNDO = "dates", "undo"
#: The parameter of search by meaning, and its values.
MEANING, BY_MEANING, WORDS_ONLY = "meaning", "1", "0"
#: The chosen year that prefills the two fields of the span; unchanged fields are ignored.
FILLED = "filled"
#: Parameters that a URL has at most once; a form may send them twice, from a field and a button.
SINGLE = ("q", "sort", "page", LIMIT, VIEW, COLOUR, "lang")
#: The parameters of a list of values, which the search page does not use.
LIST_FIELDS = ("name", "letter", "order", "list")
#: The parameter of chosen articles by code, and the separator of codes.
CHOSEN, CODE_MARK = "id", "."
#: Names of export formats, by file ending, in the order of the links.
EXPORT_NAMES = {
    "xlsx": "Excel",
    "csv": "CSV",
    "bib": "BibTeX",
    "ris": "RIS",
    "csl.json": "CSL-JSON",
    "json": "JSON",
}


class _Changes(TypedDict, total=False):
    """Changes that a link makes to the search state."""

    query: str
    sort: Sort
    page: int
    page_size: int
    view: View | None
    coloured: bool
    language: str | None


@dataclass(frozen=True)  # no slots: for cached properties
class SearchState:
    """State of a search page: parses the request from its URL, and builds URLs of other states.

    ``root`` is the URL of the search page, with the prefix of the site; ``language`` and ``view``
    are set only if they are in the URL. ``coloured`` shows the years by focus area. On the page of
    an article ``rank`` is that of the hit, 0 for none. ``misread`` has the two fields of the span
    as typed if one of them is no date; the request then has no span. ``meaning`` is None if the URL
    does not set it: pages then also search by meaning, files and e-mails by words alone.
    """

    request: SearchRequest
    root: str = "/"
    language: str | None = None
    coloured: bool = False
    view: View | None = None
    rank: int = 0
    misread: tuple[str, str] | None = None
    meaning: bool | None = None

    @classmethod
    def from_parameters(
        cls, parameters: "MultiDict[str, str]", root: str = "/", languages: Sequence[str] = ()
    ) -> "SearchState":
        """Parses URL parameters; unknown ones are ignored. Raises BadRequest."""
        parameters = _unpacked(parameters)
        query = clean(parameters.get("q", "")).replace("\n", " ").strip()
        # The value of a pressed button comes after those of the fields, and takes precedence.
        sort, page = _last(parameters, "sort"), _last(parameters, "page")
        span, misread = _span(parameters)
        meaning = _meaning(_last(parameters, MEANING))
        request = SearchRequest(
            query=query,
            focus=_filter(parameters, "focus"),
            year=_years(parameters, is_span=bool(span or misread)),
            org=_filter(parameters, "org"),
            source=_filter(parameters, "source"),
            language=_filter(parameters, "language"),
            span=span,
            sort=requested_sort(sort) or default_sort(query),
            page=requested_page(page),
            page_size=page_size(_last(parameters, LIMIT)),
            meaning=meaning is not False,
        )
        if DATES in parameters:
            request = replace(request, year=FacetFilter((), request.year.exclude))
        language = requested_language(parameters, languages)
        coloured = _coloured(_last(parameters, COLOUR))
        view = requested_view(_last(parameters, VIEW))
        rank = counted(_last(parameters, RANK)) or 0
        state = cls(request, root, language, coloured, view, rank, misread, meaning)
        for each in parameters.getlist(UNDO):
            state = state._without_choice(each)
        return state

    @classmethod
    def at_start(cls, root: str) -> "SearchState":
        """State of the start page."""
        return cls(SearchRequest(sort=default_sort("")), root)

    @cached_property
    def url(self) -> str:
        """URL of these results."""
        return self._address(self.root)

    @property
    def is_start(self) -> bool:
        """True for the start page: no query, no filter."""
        return not (self.request.query or self.request.is_filtered or self.misread)

    @cached_property
    def fits(self) -> bool:
        """True if the URL is short enough for every link; else the form is used."""
        return len(self._parameters) <= LONGEST_REPEATED

    @property
    def help_url(self) -> str:
        """URL of the help in the same language."""
        return self.start()._address(f"{self.root}abi")

    def guide_url(self, name: str) -> str:
        """URL of a page about the site, such as ``andmekaitse``, in the same language."""
        return self.start()._address(f"{self.root}{name}")

    def article_url(self, article_id: str, rank: int = 0) -> str:
        """URL of an article; it contains this search, packed if long, and the rank of the hit."""
        path = f"{self.root}article/{quoted(article_id, '/')}"
        kept, longest = self._parameters, LONGEST_KEPT
        if len(kept) > longest and (rank or self.rank):
            kept, longest = self._packed, LONGEST_PACKED // self.request.page_size
        if len(kept) > longest:
            return self.start()._address(path)
        ranked = f"{RANK}={rank}" if rank else ""
        return with_parameters(path, "&".join(filter(None, (kept, ranked))))

    @property
    def hit_url(self) -> str:
        """URL of these results with the anchor of the hit ``rank``."""
        return f"{self.url}#{hit_anchor(self.rank)}" if self.rank else self.url

    def short_article_url(self, article_id: str) -> str:
        """Short permanent link to an article."""
        return f"{self.root}a/{article_code(article_id)}"

    @property
    def short_url(self) -> str | None:
        """Shortest permanent link to these results; None if it is too long."""
        pairs = list(self._pairs(page=1, view=None, language=None))
        code = search_code(pairs)
        if len(code) > LONGEST_CODE:
            return None
        return min(with_parameters(self.root, encoded(pairs)), f"{self.root}s/{code}", key=len)

    @property
    def canonical_url(self) -> str:
        """Canonical URL of these results: without order, colours and language."""
        usual = default_sort(self.request.query)
        return self._changed(self.root, sort=usual, coloured=False, language=None)

    def collection_url(self, codes: Sequence[str] = ()) -> str:
        """URL of the chosen articles with these codes."""
        named = {CHOSEN: CODE_MARK.join(codes), "lang": self.language or ""}
        return with_parameters(
            f"{self.root}valitud", encoded((name, each) for name, each in named.items() if each)
        )

    def without_value(self, facet: FacetName, value: str) -> "SearchState":
        """Removes ``value`` from chosen and excluded ones."""
        chosen = self.request.filter(facet)
        return self.with_filter(
            facet,
            FacetFilter(_removed(chosen.include, value), _removed(chosen.exclude, value)),
        )

    def only(self, facet: FacetName, value: str) -> "SearchState":
        """Every article with ``value``: no query and no other filter."""
        fresh = SearchRequest(sort=default_sort(""), meaning=self.request.meaning)
        return replace(self, request=fresh.with_filter(facet, FacetFilter((value,))))

    def without_facet(self, facet: FacetName) -> "SearchState":
        """Removes the filter on ``facet``; for the year also the span of dates."""
        state = self.without_span() if facet == "year" else self
        return state.with_filter(facet, FacetFilter())

    def without_span(self) -> "SearchState":
        return self.with_span(ANY_DATE)

    def with_span(self, span: DateInterval) -> "SearchState":
        """Another span of dates, first page."""
        return replace(self, request=self.request.with_span(span))

    def with_years_as_span(self) -> "SearchState":
        """Converts a filter on a span of years to a span of dates, unless there is one already."""
        chosen = self.request.year
        (years,) = chosen.include if len(chosen.include) == 1 else ("",)
        if "-" not in years or chosen.exclude or self.request.span:
            return self
        first, last = map(int, years.split("-"))
        span = DateInterval(
            PartialDate(first) if first > FIRST_YEAR else None,
            PartialDate(last) if last < LAST_YEAR else None,
        )
        return replace(self, request=replace(self.request, year=FacetFilter(), span=span))

    def is_said_by(self, parameters: "MultiDict[str, str]") -> bool:
        """False if ``parameters`` are those of a form, to be redirected to the normalised URL."""
        span = self.request.span
        ends = {"from": span.first, "to": span.last}
        foreign = (DATES, UNDO, FILLED, PACKED, *LIST_FIELDS)
        return (
            not any(name in parameters for name in foreign)
            and all(
                parameters.getlist(name) == ([end.iso] if end else []) for name, end in ends.items()
            )
            and is_normalised(parameters)
        )

    def cleared(self) -> "SearchState":
        """Removes all filters."""
        state = self
        for facet in FACETS:
            state = state.without_facet(facet)
        return state

    def start(self) -> "SearchState":
        """Start page in the same language."""
        return self._start

    def export_url(self, form: str) -> str:
        """URL of the export of these results; ``form`` is its file ending."""
        return with_parameters(f"{self.root}export.{form}", self._unlisted)

    @cached_property
    def feed_url(self) -> str:
        """URL of the Atom feed of these results."""
        return self.as_asked()._address(f"{self.root}feed.atom")

    def facet_url(self, facet: FacetName, listed: Iterable[tuple[str, str]] = ()) -> str:
        """URL of the list of all facet values of these results; ``listed`` selects a part."""
        return beside(self._changed(f"{self.root}facet/{facet}", page=1), listed)

    def meaning_url(self, by_meaning: bool) -> str:
        """URL of these results with search by meaning, or without."""
        return self.by_meaning(None if by_meaning else False).url

    def page_url(self, page: int) -> str:
        """URL of another page of these results."""
        return self._changed(self.root, page=page)

    def sort_url(self, sort: Sort) -> str:
        """URL of these results in another order."""
        return self._changed(self.root, sort=sort, page=1)

    def limit_url(self, limit: int) -> str:
        """URL of these results with another number of hits on a page."""
        return self._changed(self.root, page=1, page_size=limit)

    def view_url(self, view: View) -> str:
        """URL of these results shown in another way."""
        return self._changed(self.root, view=view)

    def language_url(self, language: str) -> str:
        """URL of these results in another language of the site."""
        return self._changed(self.root, language=language)

    def query_url(self, query: str) -> str:
        """URL of another query under the same filters."""
        return self._changed(self.root, query=query, sort=self._sort_for(query), page=1)

    @property
    def areas_url(self) -> str:
        return self.start()._address(f"{self.root}valdkonnad")

    @property
    def organisations_url(self) -> str:
        return self.organisations_list_url(())

    def organisations_list_url(self, listed: Iterable[tuple[str, str]]) -> str:
        """URL of the list of all organisations; ``listed`` selects a part."""
        return beside(self.start()._address(f"{self.root}organisatsioonid"), listed)

    def area_url(self, area_id: str) -> str:
        """URL of the overview of a focus area."""
        return self.start()._address(f"{self.root}valdkonnad/{quoted(area_id)}")

    def organisation_url(self, slug: str, coloured: bool = False, asked: str = "") -> str:
        """URL of the page of an organisation; ``asked`` is another name that was searched for."""
        path = f"{self.root}organisatsioonid/{quoted(slug)}"
        start = self.start()
        address = start._changed(path, coloured=True) if coloured else start._address(path)
        return beside(address, [("name", asked)]) if asked else address

    def compare_url(self, one: str, other: str) -> str:
        """URL of the comparison of two organisations by name."""
        path = beside(f"{self.root}vordle", [("org", one), ("org", other)])
        return beside(path, [("lang", self.language or "")])

    def report_url(self, article_id: str, facet: str, value: str) -> str:
        """URL of the page to report a wrong value of an article."""
        pairs = (("article", article_id), ("facet", facet), ("value", value))
        return beside(self.start()._address(f"{self.root}teata"), pairs)

    def as_asked(self) -> "SearchState":
        """Same query and filters, default order, first page."""
        usual = default_sort(self.request.query)
        request = replace(self.request, page=1, page_size=PAGE_SIZES[0], sort=usual)
        return replace(self, request=request, coloured=False, view=None)

    def bare(self) -> "SearchState":
        """Start page without a language, for links that should not set one."""
        return replace(self.start(), language=None)

    def with_query(self, query: str) -> "SearchState":
        """Another query under the same filters."""
        request = replace(self.request, query=query, sort=self._sort_for(query), page=1)
        return replace(self, request=request)

    def query_fields(self) -> tuple[tuple[str, str], ...]:
        """Hidden form fields for the query and everything else but the page."""
        return tuple(pair for pair in self._pairs() if pair[0] != "page")

    def with_filter(self, facet: FacetName, chosen: FacetFilter) -> "SearchState":
        """Another filter on ``facet``, first page."""
        return replace(self, request=self.request.with_filter(facet, chosen))

    def in_language(self, language: str) -> "SearchState":
        return replace(self, language=language)

    def in_order(self, sort: Sort) -> "SearchState":
        """The same results in another order, first page."""
        return replace(self, request=replace(self.request, sort=sort, page=1))

    def by_meaning(self, meaning: bool | None) -> "SearchState":
        """With search by meaning, without, or by default; first page."""
        request = replace(self.request, meaning=meaning is not False, page=1)
        return replace(self, request=request, meaning=meaning)

    def in_colour(self, coloured: bool) -> "SearchState":
        return replace(self, coloured=coloured)

    def fields(self, facets: bool) -> tuple[tuple[str, str], ...]:
        """Hidden form fields besides the query, with or without filters."""
        filters = {*FACETS, *map(_not, FACETS), *SPAN_FIELDS}
        left_out = {"q", "page"} | (set() if facets else filters)
        return tuple(pair for pair in self._pairs() if pair[0] not in left_out)

    def _without_choice(self, choice: str) -> "SearchState":
        """Removes a ``choice`` such as ``org:EAS`` or ``not_org:EAS``; unknown ones are ignored."""
        name, _, value = choice.partition(":")
        facet = next((each for each in FACETS if name in (each, _not(each))), None)
        return self.without_value(facet, clean_line(value)) if facet else self

    def _sort_for(self, query: str) -> Sort:
        """Order for another query: a chosen order is kept, the default depends on the query."""
        chosen = self.request.sort
        return default_sort(query) if chosen == default_sort(self.request.query) else chosen

    @cached_property
    def _start(self) -> "SearchState":
        fresh = SearchRequest(sort=default_sort(""))
        return replace(self, request=fresh, coloured=False, view=None, rank=0, meaning=None)

    @cached_property
    def _unlisted(self) -> str:
        """URL parameters of the same results in the same order, without page, size and view."""
        return encoded(self._pairs(page=1, page_size=PAGE_SIZES[0], coloured=False, view=None))

    @cached_property
    def _parameters(self) -> str:
        """URL parameters of this state."""
        return encoded(self._pairs())

    @cached_property
    def _packed(self) -> str:
        """URL parameters of this state packed into one, and its language."""
        code = search_code([pair for pair in self._pairs() if pair[0] != "lang"])
        language = [("lang", self.language)] if self.language else []
        return encoded([(PACKED, code), *language])

    @cached_property
    def _chosen(self) -> Sequence[tuple[str, str]]:
        """The parameters of filters and dates, which most links of a page share."""
        found: list[tuple[str, str]] = []
        for facet in FACETS:
            chosen = self.request.filter(facet)
            found += ((facet, value) for value in chosen.include)
            found += ((_not(facet), value) for value in chosen.exclude)
        ends = {"from": self.request.span.first, "to": self.request.span.last}
        return [*found, *((name, end.iso) for name, end in ends.items() if end)]

    def _address(self, path: str) -> str:
        return with_parameters(path, self._parameters)

    def _changed(self, path: str, **changes: Unpack[_Changes]) -> str:
        """URL of ``path`` with this state and some changes."""
        return with_parameters(path, encoded(self._pairs(**changes)))

    def _pairs(self, **changes: Unpack[_Changes]) -> Iterator[tuple[str, str]]:
        request = self.request
        query = changes.get("query", request.query)
        sort, page = changes.get("sort", request.sort), changes.get("page", request.page)
        page_size = changes.get("page_size", request.page_size)
        view, language = changes.get("view", self.view), changes.get("language", self.language)
        if query:
            yield "q", query
        yield from self._chosen
        if sort != default_sort(query):
            yield "sort", sort
        if page > 1:
            yield "page", str(page)
        if page_size != PAGE_SIZES[0]:
            yield LIMIT, str(page_size)
        if view:
            yield VIEW, view
        if changes.get("coloured", self.coloured):
            yield COLOUR, COLOURED
        if self.meaning is not None:
            yield MEANING, BY_MEANING if self.meaning else WORDS_ONLY
        if language:
            yield "lang", language


def default_sort(query: str) -> Sort:
    """Default order: relevance with words, newest first without."""
    return "relevance" if query else "newest"


def requested_language(parameters: "MultiDict[str, str]", languages: Sequence[str]) -> str | None:
    """Language in the URL, if any. Raises BadRequest for an unknown one."""
    # The language buttons come before the fields of the form.
    language = parameters.get("lang", "")
    if language and language not in languages:
        raise BadRequest(value=language, name="lang", remedy="Choose one of the site's languages")
    return language or None


def requested_facets(parameters: "MultiDict[str, str]") -> tuple[FacetName, ...]:
    """Facets in the parameter ``facets``; without it all filters. Raises BadRequest."""
    if "facets" not in parameters:
        return FACETS
    asked = {each for each in parameters.getlist("facets") if each}
    for unknown in sorted(asked.difference(COUNTED)):
        remedy = "Choose some of focus, year, org, source, language and month, or none: facets="
        raise BadRequest(value=unknown, name="facets", remedy=remedy)
    return tuple(each for each in COUNTED if each in asked)


def is_normalised(parameters: "MultiDict[str, str]", more: Sequence[str] = ()) -> bool:
    """True for a normalised URL: no single parameter is repeated, and no known one is empty.

    ``more`` are names of parameters besides those of a search.
    """
    single = (*SINGLE, *SPAN_FIELDS, *more)
    known = (*single, *FACETS, *map(_not, FACETS))
    return not any(
        name in known and ("" in values or (len(values) > 1 and name in single))
        for name, values in parameters.lists()
    )


def _not(facet: str) -> str:
    return f"not_{facet}"


def _last(parameters: "MultiDict[str, str]", name: str) -> str:
    return next(reversed(parameters.getlist(name)), "")


def _unpacked(parameters: "MultiDict[str, str]") -> "MultiDict[str, str]":
    """Unpacks the parameters in :data:`PACKED`; empty for a damaged code."""
    if PACKED not in parameters:
        return parameters
    try:
        held = search_parameters(parameters[PACKED])
    except ShortLinkUnknown:
        return parameters
    return MultiDict([*held, *parameters.items(multi=True)]) if held else parameters


def _filter(parameters: "MultiDict[str, str]", facet: FacetName) -> FacetFilter:
    """Filter on a facet; a value both chosen and excluded is excluded."""
    if facet not in parameters and _not(facet) not in parameters:  # nearly always
        return NO_FILTER
    exclude = _values(parameters, facet, _not(facet))
    include = (each for each in _values(parameters, facet, facet) if each not in exclude)
    return FacetFilter(tuple(include), exclude)


def _years(parameters: "MultiDict[str, str]", is_span: bool) -> FacetFilter:
    """Filter on the years; a span typed over the year that filled its fields replaces it."""
    years, filled = _filter(parameters, "year"), _last(parameters, FILLED)
    emptied = not any(_last(parameters, name) for name in SPAN_FIELDS)
    if not filled or not (is_span or emptied):
        return years
    return FacetFilter(_removed(years.include, filled), years.exclude)


def _span(parameters: "MultiDict[str, str]") -> tuple[DateInterval, tuple[str, str] | None]:
    """The span of dates; and the two fields as typed if they cannot be parsed."""
    pressed = _last(parameters, DATES)
    # Of repeated parameters, those of the fields come after the hidden ones.
    first, last = (_last(parameters, name) for name in SPAN_FIELDS)
    if not pressed and first == last == _last(parameters, FILLED):
        return ANY_DATE, None
    try:
        span = DateInterval.from_iso(pressed) if pressed else DateInterval.parse(first, last)
    except BadDate:
        first, last = (pressed, "") if pressed else (first, last)
        return ANY_DATE, (first[:LONGEST_DATE], last[:LONGEST_DATE])
    return span, None


def _values(parameters: "MultiDict[str, str]", facet: FacetName, name: str) -> tuple[str, ...]:
    """Values of a repeatable parameter, without repeats and empty ones."""
    values = [clean_line(each) for each in parameters.getlist(name)]
    if facet == "year":
        values = [year_span(each) for each in values]
    if len(values) > MAX_VALUES:
        raise BadRequest(value=len(values), name=name, remedy="Choose fewer values")
    return tuple(dict.fromkeys(filter(None, values)))


def _coloured(value: str) -> bool:
    if value not in ("", COLOURED, PLAIN):
        raise BadRequest(
            value=value[:40], name=COLOUR, remedy="The chart is shown by focus area or together"
        )
    return value == COLOURED


def _meaning(value: str) -> bool | None:
    if value not in ("", BY_MEANING, WORDS_ONLY):
        remedy = "Use 1 to find by meaning, too, or 0 for words alone"
        raise BadRequest(value=value[:40], name=MEANING, remedy=remedy)
    return value == BY_MEANING if value else None


def _removed(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(each for each in values if each != value)
