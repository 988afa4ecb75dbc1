"""Addresses: URL parameters become a request, and a request becomes links.

Every address of the search and article pages is built here, so that none can forget a part of the
state: the query, the chosen values, the order, the page and the language.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args
from urllib.parse import quote, urlencode

from werkzeug.datastructures import MultiDict

from search.errors import BadRequest
from search.request import FACETS, FacetFilter, FacetName, SearchRequest, Sort

MAX_VALUES = 100
MAX_PAGE_DIGITS = 7


@dataclass(frozen=True, slots=True)
class SearchState:
    """What a visitor has asked for, and the addresses that lead on from there.

    ``root`` is the address of the search page, with the prefix of the site; ``language`` is set
    only where the address names one.
    """

    request: SearchRequest
    root: str = "/"
    language: str | None = None

    @classmethod
    def from_parameters(
        cls, parameters: "MultiDict[str, str]", root: str = "/", languages: Sequence[str] = ()
    ) -> "SearchState":
        """Read URL parameters; those we do not know are left alone. Raises BadRequest."""
        query = parameters.get("q", "").strip()
        request = SearchRequest(
            query=query,
            focus=_filter(parameters, "focus"),
            year=_filter(parameters, "year"),
            org=_filter(parameters, "org"),
            sort=_sort(parameters.get("sort", "")) or default_sort(query),
            page=_page(parameters.get("page", "")),
        )
        return cls(request, root, requested_language(parameters, languages))

    @classmethod
    def at_start(cls, root: str) -> "SearchState":
        """Nothing asked yet."""
        return cls(SearchRequest(sort=default_sort("")), root)

    @property
    def url(self) -> str:
        """The address of these results."""
        return self._address(self.root)

    @property
    def is_start(self) -> bool:
        """Nothing asked yet: the page a visitor meets first."""
        return not (self.request.query or self.request.is_filtered)

    def article_url(self, article_id: str) -> str:
        """The address of an article that remembers these results."""
        return self._address(f"{self.root}article/{quote(article_id, safe='/')}")

    def with_value(self, facet: FacetName, value: str) -> "SearchState":
        """``value`` chosen in ``facet``, besides what is chosen already."""
        chosen = self.request.filter(facet)
        return self._with(
            facet,
            FacetFilter(_added(chosen.include, value), _removed(chosen.exclude, value)),
        )

    def excluding(self, facet: FacetName, value: str) -> "SearchState":
        """``value`` left out of the answer."""
        chosen = self.request.filter(facet)
        return self._with(
            facet,
            FacetFilter(_removed(chosen.include, value), _added(chosen.exclude, value)),
        )

    def without_value(self, facet: FacetName, value: str) -> "SearchState":
        """``value`` neither chosen nor left out."""
        chosen = self.request.filter(facet)
        return self._with(
            facet,
            FacetFilter(_removed(chosen.include, value), _removed(chosen.exclude, value)),
        )

    def only(self, facet: FacetName, value: str) -> "SearchState":
        """Every article with ``value``: no query and no other filter."""
        fresh = SearchRequest(sort=default_sort(""))
        return replace(self, request=fresh.with_filter(facet, FacetFilter((value,))))

    def without_facet(self, facet: FacetName) -> "SearchState":
        return self._with(facet, FacetFilter())

    def cleared(self) -> "SearchState":
        """The same query without any filter."""
        state = self
        for facet in FACETS:
            state = state.without_facet(facet)
        return state

    def start(self) -> "SearchState":
        """The start page in the same language."""
        return replace(self, request=SearchRequest(sort=default_sort("")))

    def with_query(self, query: str) -> "SearchState":
        """Another query under the same filters."""
        request = replace(self.request, query=query, sort=self._sort_for(query), page=1)
        return replace(self, request=request)

    def on_page(self, page: int) -> "SearchState":
        return replace(self, request=replace(self.request, page=page))

    def sorted_by(self, sort: Sort) -> "SearchState":
        return replace(self, request=replace(self.request, sort=sort, page=1))

    def in_language(self, language: str) -> "SearchState":
        return replace(self, language=language)

    def fields(self, facets: bool) -> tuple[tuple[str, str], ...]:
        """What a form has to carry besides the query, with or without the facets."""
        left_out = {"q", "page"} | (set() if facets else {*FACETS, *map(_not, FACETS)})
        return tuple(pair for pair in self._pairs() if pair[0] not in left_out)

    def _with(self, facet: FacetName, chosen: FacetFilter) -> "SearchState":
        return replace(self, request=self.request.with_filter(facet, chosen))

    def _sort_for(self, query: str) -> Sort:
        """The order for another query: the visitor's own choice stays, a default follows."""
        chosen = self.request.sort
        return default_sort(query) if chosen == default_sort(self.request.query) else chosen

    def _address(self, path: str) -> str:
        parameters = urlencode(list(self._pairs()))
        return f"{path}?{parameters}" if parameters else path

    def _pairs(self) -> Iterator[tuple[str, str]]:
        request = self.request
        if request.query:
            yield "q", request.query
        for facet in FACETS:
            yield from ((facet, value) for value in request.filter(facet).include)
            yield from ((_not(facet), value) for value in request.filter(facet).exclude)
        if request.sort != default_sort(request.query):
            yield "sort", request.sort
        if request.page > 1:
            yield "page", str(request.page)
        if self.language:
            yield "lang", self.language


def default_sort(query: str) -> Sort:
    """Relevance needs words; without any the newest articles come first."""
    return "relevance" if query else "newest"


def requested_language(parameters: "MultiDict[str, str]", languages: Sequence[str]) -> str | None:
    """The language that the address asks for, if any. Raises BadRequest for one we do not have."""
    language = parameters.get("lang", "")
    if language and language not in languages:
        raise BadRequest(value=language, name="lang", remedy="Choose one of the site's languages")
    return language or None


def _not(facet: str) -> str:
    return f"not_{facet}"


def _filter(parameters: "MultiDict[str, str]", facet: FacetName) -> FacetFilter:
    return FacetFilter(_values(parameters, facet, facet), _values(parameters, facet, _not(facet)))


def _values(parameters: "MultiDict[str, str]", facet: FacetName, name: str) -> tuple[str, ...]:
    """The values of a repeatable parameter, each once; a form also sends empty ones."""
    values = [each.strip() for each in parameters.getlist(name)]
    if facet == "year":
        values = [each.replace("..", "-") for each in values]
    unique = tuple(dict.fromkeys(filter(None, values)))
    if len(unique) > MAX_VALUES:
        raise BadRequest(value=len(unique), name=name, remedy="Choose fewer values")
    return unique


def _sort(value: str) -> Sort | None:
    for sort in get_args(Sort):
        if value == sort:
            return sort  # type: ignore[no-any-return]
    if value:
        raise BadRequest(value=value, name="sort", remedy="Use relevance, newest, oldest")
    return None


def _page(value: str) -> int:
    text = value.strip()
    if not text:
        return 1
    # Digits of other scripts would pass isdigit(), and a page of a hundred digits any check.
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_PAGE_DIGITS):
        raise BadRequest(value=value[:40], name="page", remedy="Pages are counted from 1")
    return int(text)


def _added(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return values if value in values else (*values, value)


def _removed(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(each for each in values if each != value)
