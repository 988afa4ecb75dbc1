"""JSON API of entity pages: a focus area or organisation, its names and related entities."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, request

from search.article import KnownAs
from search.errors import BadRequest
from search.normalisation import clean_line
from search.request import NO_FOCUS, FacetName
from search.results import Hit, Overview
from webui.addresses.parameters import requested_language
from webui.context import localisation, site
from webui.entities.entity_pages import known_as

#: The facets whose values have pages.
ENTITIES: tuple[FacetName, ...] = ("focus", "org")

entity_api = Blueprint("entity_api", __name__)


@entity_api.get("/api/overview")
def overview() -> dict[str, Any]:
    """Overview of the focus area or organisation given by ``facet`` and ``value``."""
    requested_language(request.args, site().languages)  # rejects an unknown one
    asked, value = request.args.get("facet", ""), clean_line(request.args.get("value", ""))
    facet = next((each for each in ENTITIES if each == asked), None)
    if facet is None:
        raise BadRequest(value=asked[:40], name="facet", remedy="Use focus or org")
    if not value:
        raise BadRequest(value="", name="value", remedy="Name a focus area or an organisation")
    named = site().names.by_name(value) if facet == "org" else None
    value = named.name if named else value
    here = localisation()
    found = site().service.overview(facet, value, here.language) if value != NO_FOCUS else None
    if found is None:
        abort(404)
    names = known_as(value, found.newest) if facet == "org" else KnownAs(value)
    description = site().areas.description(value, here.language) if facet == "focus" else ""
    return _told(facet, value, found, names, description)


def _told(
    facet: FacetName, value: str, found: Overview, names: KnownAs, description: str
) -> dict[str, Any]:
    return {
        "facet": facet,
        "value": value,
        "label": found.label,
        "description": description,
        "aliases": list(names.aliases),
        "former": list(names.former),
        "total": found.total,
        "facets": {
            each.name: [
                {"value": one.value, "label": one.label, "count": one.count}
                for one in each.values
                if one.value != value
            ]
            for each in found.facets
        },
        "newest": [_line(each) for each in found.newest],
    }


def _line(hit: Hit) -> Mapping[str, Any]:
    return {"id": hit.id, "title": hit.title, "published": hit.published, "url": hit.url}
