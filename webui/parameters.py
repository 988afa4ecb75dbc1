"""URL parameters: parses them into a search state, and builds links from it.

Every address of the search and article pages is built here, so that none can forget a part of the
state: the query, the chosen values, the order, the page and the language.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from urllib.parse import quote, quote_plus

from werkzeug.datastructures import MultiDict

from search.errors import BadRequest
from search.normalisation import clean, clean_line
from search.request import (
    FACETS,
    FIRST_YEAR,
    LAST_YEAR,
    SORTS,
    FacetFilter,
    FacetName,
    SearchRequest,
    Sort,
    year_span,
)
from webui.short_codes import LONGEST_CODE, article_code, search_code

MAX_VALUES = 100
#: How many bytes of state a page repeats in its links; it has some forty of them.
LONGEST_REPEATED = 170
MAX_PAGE_DIGITS = 7
#: The parameter that colours the chart of the years, and what it takes.
COLOUR, COLOURED, PLAIN = "colour", "focus", "none"
#: The form's fields for the first and the last year; in addresses they are one span.
SPAN_FIELDS = ("year_from", "year_to")
#: The parameter that names chosen articles by their codes, and what stands between these.
CHOSEN, CODE_MARK = "id", "."
#: What files of articles are called, by ending, in the order in which they are offered.
EXPORT_NAMES = {
    "xlsx": "Excel",
    "csv": "CSV",
    "bib": "BibTeX",
    "ris": "RIS",
    "csl.json": "CSL-JSON",
    "json": "JSON",
}


@dataclass(frozen=True)  # no slots: what a page asks for forty times is worked out once
class SearchState:
    """State of a search page: the request, and the links that lead on from it.

    ``root`` is the address of the search page, with the prefix of the site; ``language`` is set
    only where the address names one. ``coloured`` asks for the years by focus area.
    """

    request: SearchRequest
    root: str = "/"
    language: str | None = None
    coloured: bool = False

    @classmethod
    def from_parameters(
        cls, parameters: "MultiDict[str, str]", root: str = "/", languages: Sequence[str] = ()
    ) -> "SearchState":
        """Parses URL parameters; unknown ones are ignored. Raises BadRequest."""
        query = clean(parameters.get("q", "")).replace("\n", " ").strip()
        # A button of the form that is pressed speaks after the fields, and counts.
        sort, page = _last(parameters, "sort"), _last(parameters, "page")
        request = SearchRequest(
            query=query,
            focus=_filter(parameters, "focus"),
            year=_years(parameters),
            org=_filter(parameters, "org"),
            sort=_sort(sort) or default_sort(query),
            page=_page(page),
        )
        language = requested_language(parameters, languages)
        return cls(request, root, language, _coloured(_last(parameters, COLOUR)))

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
        return not (self.request.query or self.request.is_filtered)

    @property
    def fits(self) -> bool:
        """True if the URL is short enough for every link; else the form is used."""
        return len(self._parameters) <= LONGEST_REPEATED

    @property
    def help_url(self) -> str:
        """URL of the help in the same language."""
        return self.start()._address(f"{self.root}abi")

    def article_url(self, article_id: str) -> str:
        """URL of an article; it keeps this search unless too long."""
        kept = self if self.fits else self.start()
        return kept._address(f"{self.root}article/{quote(article_id, safe='/')}")

    def short_article_url(self, article_id: str) -> str:
        """Short permanent link to an article."""
        return f"{self.root}a/{article_code(article_id)}"

    @property
    def short_url(self) -> str | None:
        """Short permanent link to these results; None for a search that does not fit into one."""
        code = search_code([each for each in self.query_fields() if each[0] != "lang"])
        return f"{self.root}s/{code}" if len(code) <= LONGEST_CODE else None

    def collection_url(self, codes: Sequence[str] = ()) -> str:
        """URL of the chosen articles with these codes."""
        named = {CHOSEN: CODE_MARK.join(codes), "lang": self.language or ""}
        return _with_parameters(
            f"{self.root}valitud", _encoded((name, each) for name, each in named.items() if each)
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
        fresh = SearchRequest(sort=default_sort(""))
        return replace(self, request=fresh.with_filter(facet, FacetFilter((value,))))

    def without_facet(self, facet: FacetName) -> "SearchState":
        return self.with_filter(facet, FacetFilter())

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
        return self._changed(f"{self.root}export.{form}", page=1, coloured=False)

    @property
    def feed_url(self) -> str:
        """URL of the Atom feed of these results."""
        usual = default_sort(self.request.query)
        return self._changed(f"{self.root}feed.atom", sort=usual, page=1, coloured=False)

    def facet_url(self, facet: FacetName) -> str:
        """URL of the list of all facet values among these results."""
        return self._changed(f"{self.root}facet/{facet}", page=1)

    def page_url(self, page: int) -> str:
        """URL of another page of these results."""
        return self._changed(self.root, page=page)

    def sort_url(self, sort: Sort) -> str:
        """URL of these results in another order."""
        return self._changed(self.root, sort=sort, page=1)

    def query_url(self, query: str) -> str:
        """URL of another query under the same filters."""
        return self._changed(self.root, query=query, sort=self._sort_for(query), page=1)

    @property
    def areas_url(self) -> str:
        return self.start()._address(f"{self.root}valdkonnad")

    @property
    def organisations_url(self) -> str:
        return self.start()._address(f"{self.root}organisatsioonid")

    def area_url(self, area_id: str) -> str:
        """URL of the overview of a focus area."""
        return self.start()._address(f"{self.root}valdkonnad/{quote(area_id, safe='')}")

    def organisation_url(self, slug: str, coloured: bool = False) -> str:
        """URL of the overview of an organisation."""
        path = f"{self.root}organisatsioonid/{quote(slug, safe='')}"
        return self.start()._changed(path, coloured=coloured)

    def as_asked(self) -> "SearchState":
        """Same query and filters, default order, first page."""
        request = replace(self.request, sort=default_sort(self.request.query), page=1)
        return replace(self, request=request, coloured=False)

    def bare(self) -> "SearchState":
        """Start page without a language, for links that should not set one."""
        return replace(self.start(), language=None)

    def with_query(self, query: str) -> "SearchState":
        """Another query under the same filters."""
        request = replace(self.request, query=query, sort=self._sort_for(query), page=1)
        return replace(self, request=request)

    def query_fields(self) -> tuple[tuple[str, str], ...]:
        """Hidden form fields for all parameters but the query."""
        return tuple(pair for pair in self._pairs() if pair[0] != "page")

    def with_filter(self, facet: FacetName, chosen: FacetFilter) -> "SearchState":
        """Another filter on ``facet``, first page."""
        return replace(self, request=self.request.with_filter(facet, chosen))

    def in_language(self, language: str) -> "SearchState":
        return replace(self, language=language)

    def in_colour(self, coloured: bool) -> "SearchState":
        return replace(self, coloured=coloured)

    def fields(self, facets: bool) -> tuple[tuple[str, str], ...]:
        """Hidden form fields besides the query, with or without filters."""
        left_out = {"q", "page"} | (set() if facets else {*FACETS, *map(_not, FACETS)})
        return tuple(pair for pair in self._pairs() if pair[0] not in left_out)

    def _sort_for(self, query: str) -> Sort:
        """Order for another query: a chosen one stays, a default follows the query."""
        chosen = self.request.sort
        return default_sort(query) if chosen == default_sort(self.request.query) else chosen

    @cached_property
    def _start(self) -> "SearchState":
        return replace(self, request=SearchRequest(sort=default_sort("")), coloured=False)

    @cached_property
    def _parameters(self) -> str:
        """URL parameters of this state."""
        return _encoded(self._pairs())

    def _address(self, path: str) -> str:
        return _with_parameters(path, self._parameters)

    def _changed(
        self,
        path: str,
        query: str | None = None,
        sort: Sort | None = None,
        page: int | None = None,
        coloured: bool | None = None,
    ) -> str:
        """URL of ``path`` with this state and some changes."""
        return _with_parameters(path, _encoded(self._pairs(query, sort, page, coloured)))

    def _pairs(
        self,
        query: str | None = None,
        sort: Sort | None = None,
        page: int | None = None,
        coloured: bool | None = None,
    ) -> Iterator[tuple[str, str]]:
        request = self.request
        query = request.query if query is None else query
        sort, page = sort or request.sort, page or request.page
        if query:
            yield "q", query
        for facet in FACETS:
            yield from ((facet, value) for value in request.filter(facet).include)
            yield from ((_not(facet), value) for value in request.filter(facet).exclude)
        if sort != default_sort(query):
            yield "sort", sort
        if page > 1:
            yield "page", str(page)
        if self.coloured if coloured is None else coloured:
            yield COLOUR, COLOURED
        if self.language:
            yield "lang", self.language


def default_sort(query: str) -> Sort:
    """Default order: relevance with words, newest first without."""
    return "relevance" if query else "newest"


def requested_language(parameters: "MultiDict[str, str]", languages: Sequence[str]) -> str | None:
    """Language in the URL, if any. Raises BadRequest for an unknown one."""
    # The buttons of the languages stand above the form and speak before its fields.
    language = parameters.get("lang", "")
    if language and language not in languages:
        raise BadRequest(value=language, name="lang", remedy="Choose one of the site's languages")
    return language or None


def requested_facets(parameters: "MultiDict[str, str]") -> tuple[FacetName, ...]:
    """Facets named by ``facets``, all without it. Raises BadRequest."""
    if "facets" not in parameters:
        return FACETS
    asked = {each for each in parameters.getlist("facets") if each}
    for unknown in sorted(asked.difference(FACETS)):
        remedy = "Choose some of focus, year and org, or none: facets="
        raise BadRequest(value=unknown, name="facets", remedy=remedy)
    return tuple(each for each in FACETS if each in asked)


def _with_parameters(path: str, parameters: str) -> str:
    return f"{path}?{parameters}" if parameters else path


def _encoded(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(_encoded_pair(*each) for each in pairs)


# A page has some forty addresses, and nearly all of their pairs are the same.
@lru_cache(maxsize=1024)
def _encoded_pair(name: str, value: str) -> str:
    return f"{name}={quote_plus(value)}"


def _not(facet: str) -> str:
    return f"not_{facet}"


def _last(parameters: "MultiDict[str, str]", name: str) -> str:
    return next(reversed(parameters.getlist(name)), "")


def _filter(parameters: "MultiDict[str, str]", facet: FacetName) -> FacetFilter:
    """Filter on a facet; a value both chosen and excluded is excluded."""
    exclude = _values(parameters, facet, _not(facet))
    include = (each for each in _values(parameters, facet, facet) if each not in exclude)
    return FacetFilter(tuple(include), exclude)


def _years(parameters: "MultiDict[str, str]") -> FacetFilter:
    """Filter on years; the span of the two form fields replaces any other span."""
    chosen = _filter(parameters, "year")
    first, last = (parameters.get(name, "").strip() for name in SPAN_FIELDS)
    if not (first or last):
        return chosen
    # Whoever writes the later year first means the same span.
    start, end = sorted((first or str(FIRST_YEAR), last or str(LAST_YEAR)))
    span = start if start == end else f"{start}-{end}"
    single = (each for each in chosen.include if "-" not in each and each != span)
    exclude = _removed(chosen.exclude, span)
    return FacetFilter((*single, span), exclude)


def _values(parameters: "MultiDict[str, str]", facet: FacetName, name: str) -> tuple[str, ...]:
    """Values of a repeatable parameter, without repeats and empty ones."""
    values = [clean_line(each) for each in parameters.getlist(name)]
    if facet == "year":
        values = [year_span(each) for each in values]
    if len(values) > MAX_VALUES:
        raise BadRequest(value=len(values), name=name, remedy="Choose fewer values")
    return tuple(dict.fromkeys(filter(None, values)))


def _sort(value: str) -> Sort | None:
    for sort in SORTS:
        if value == sort:
            return sort
    if value:
        raise BadRequest(value=value, name="sort", remedy="Use relevance, newest, oldest")
    return None


def _coloured(value: str) -> bool:
    if value not in ("", COLOURED, PLAIN):
        raise BadRequest(value=value[:40], name=COLOUR, remedy="Use focus or none")
    return value == COLOURED


def _page(value: str) -> int:
    if not value:
        return 1
    # Digits of other scripts would pass isdigit(), and a page of a hundred digits any check.
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_PAGE_DIGITS):
        raise BadRequest(value=value[:40], name="page", remedy="Pages are counted from 1")
    return int(value)


def _removed(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(each for each in values if each != value)
