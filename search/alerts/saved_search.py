"""Saved searches: what an alert asks again and again, as text and back, and its title."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Literal, get_args

from search.i18n import Translator
from search.request import FACETS, UNKNOWN_YEAR, FacetFilter, FacetName, SearchRequest

Frequency = Literal["daily", "weekly"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
#: What says how results are shown and not which.
_SHOWN = frozenset(("sort", "page", "page_size"))


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search with how often it is asked.

    ``parameters`` is that of the address of its results, behind the question mark; ``language``
    that of the letters.
    """

    request: SearchRequest
    parameters: str
    language: str
    frequency: Frequency


def packed_request(request: SearchRequest) -> str:
    """JSON of what ``request`` finds; the same for all requests that find the same."""
    usual = SearchRequest()
    found = {
        each.name: _packed(value)
        for each in fields(request)
        if each.name not in _SHOWN
        and (value := getattr(request, each.name)) != getattr(usual, each.name)
    }
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def unpacked_request(text: str) -> SearchRequest:
    """The request of :func:`packed_request`. Raises BadRequest for what is no longer asked so."""
    known = {each.name for each in fields(SearchRequest)}
    found = json.loads(text)
    return replace(
        SearchRequest(), **{name: _unpacked(found[name]) for name in known & found.keys()}
    )


def _packed(value: object) -> object:
    if isinstance(value, FacetFilter):
        return {"include": list(value.include), "exclude": list(value.exclude)}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and "include" in value:
        return FacetFilter(tuple(value["include"]), tuple(value["exclude"]))
    if isinstance(value, dict) and "date" in value:
        return date.fromisoformat(value["date"])
    return tuple(value) if isinstance(value, list) else value


def title_of(request: SearchRequest, area_label: Callable[[str], str], texts: Translator) -> str:
    """What a search is called in a subject: “puit · Rohemajandus · 2014–2016”, or all articles."""
    pieces = [request.query] if request.query else []
    pieces += _chosen(request, area_label, texts)
    return " · ".join(pieces) or texts.gettext("all new articles")


def _chosen(
    request: SearchRequest, area_label: Callable[[str], str], texts: Translator
) -> Iterator[str]:
    for facet in FACETS:
        for value in request.filter(facet).include:
            yield _label(facet, value, area_label, texts)
        for value in request.filter(facet).exclude:
            yield texts.gettext("not {label}", label=_label(facet, value, area_label, texts))


def _label(
    facet: FacetName, value: str, area_label: Callable[[str], str], texts: Translator
) -> str:
    if facet == "focus":
        return area_label(value)
    if facet == "year":
        return texts.gettext("Year unknown") if value == UNKNOWN_YEAR else value.replace("-", "–")
    return value
