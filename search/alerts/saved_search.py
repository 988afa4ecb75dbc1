"""Saved search: serialises the query and filters of an alert to JSON and back, and titles them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from search.i18n import Translator
from search.request import FACETS, UNKNOWN_YEAR, FacetFilter, FacetName, SearchRequest

Frequency = Literal["daily", "weekly"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
#: Fields for how results are shown, which are not saved.
_SHOWN = frozenset(("sort", "page", "page_size"))
#: Defaults of fields, which are not saved; alerts do not find by meaning unless ordered so.
_USUAL = SearchRequest(meaning=False)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search and how often it is executed.

    ``parameters`` is the query string of the address of its results; ``language`` that of the
    e-mails.
    """

    request: SearchRequest
    parameters: str
    language: str
    frequency: Frequency


def packed_request(request: SearchRequest) -> str:
    """Serialises ``request`` to canonical JSON: equal for all requests of equal results."""
    found = {
        each.name: _packed(value)
        for each in fields(request)
        if each.name not in _SHOWN
        and (value := getattr(request, each.name)) != getattr(_USUAL, each.name)
    }
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def unpacked_request(text: str) -> SearchRequest:
    """Reads :func:`packed_request` back. Raises ValueError for unknown fields."""
    found = json.loads(text)
    known = {each.name for each in fields(_USUAL)}
    if found.keys() - known:
        raise ValueError("what was asked is not known")  # ignoring it would find more
    return replace(
        _USUAL, **{name: _unpacked(value, getattr(_USUAL, name)) for name, value in found.items()}
    )


def _packed(value: Any) -> object:
    if isinstance(value, FacetFilter):
        return {"include": list(value.include), "exclude": list(value.exclude)}
    # Intervals have a form in ISO 8601.
    return value.iso if hasattr(value, "iso") else value


def _unpacked(value: Any, usual: Any) -> Any:
    if isinstance(usual, FacetFilter):
        return FacetFilter(tuple(value["include"]), tuple(value["exclude"]))
    return type(usual).from_iso(value) if hasattr(usual, "from_iso") else value


def title_of(request: SearchRequest, area_label: Callable[[str], str], texts: Translator) -> str:
    """Title of a search for a subject: “puit · Rohemajandus · 2014–2016”, or all articles."""
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
    for each in fields(request):
        value = getattr(request, each.name)
        if value and hasattr(value, "iso"):
            yield value.iso.replace("/", "–")


def _label(
    facet: FacetName, value: str, area_label: Callable[[str], str], texts: Translator
) -> str:
    if facet == "focus":
        return area_label(value)
    if facet == "year":
        return texts.gettext("Year unknown") if value == UNKNOWN_YEAR else value.replace("-", "–")
    return value
