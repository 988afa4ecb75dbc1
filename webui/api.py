"""JSON API and its OpenAPI 3.1 description."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, get_args

from flask import Blueprint, request

from search.article import Origin, Part, article_to_dict
from search.engines.contract import CompletionKind
from search.meaning.vector_report import VectorReport
from search.request import COUNTED, FACETS, MAX_QUERY_LENGTH, SORTS
from search.results import How
from webui.addresses.list_options import MAX_DIGITS, PAGE_SIZES
from webui.addresses.parameters import (
    BY_MEANING,
    MAX_VALUES,
    WORDS_ONLY,
    requested_facets,
    requested_language,
)
from webui.context import answer, localisation, root, site, state
from webui.entities.entity_api import ENTITIES

Schema = Mapping[str, Any]

_YEAR = r"((19|20|21)[0-9]{2}|2200)"
#: A year, a span of years, or ``unknown``; forms also send empty values.
YEARS = rf"^\s*({_YEAR}((-|\.\.){_YEAR})?|unknown|)\s*$"
#: A year, a month or a day; forms also send empty values.
WHEN = rf"^({_YEAR}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?|)$"
INTEGER: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
DATE: Schema = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$",
    "description": "ISO 8601, cut to its precision",
}
_FACET_PARAMETERS = {
    "focus": ("Ids of focus areas, any of them; `none` for articles without one", TEXT),
    "year": ("Years, spans such as 2014-2016, or `unknown`", {"type": "string", "pattern": YEARS}),
    "org": ("Names of organisations, any of them", TEXT),
    "source": ("Sites such as `rmel.ee`, or names of collections, any of them", TEXT),
    "language": ("Codes of languages such as `et`, any of them; `unknown`", TEXT),
}

api = Blueprint("api", __name__)


@api.get("/api/search")
def search() -> dict[str, Any]:
    """Search results as JSON; takes the parameters of the search page, and ``facets`` to count."""
    asked = state().request
    facets = requested_facets(request.args)
    results = answer(asked, localisation().language, facets)
    return results.to_dict()


@api.get("/api/suggest")
def suggest() -> list[dict[str, Any]]:
    """Autocomplete: words, organisations and titles of the index."""
    state()  # rejects the same parameters as a search
    # As typed: a blank at the end means that the last word is complete.
    found = site().service.suggest(request.args.get("q", ""))
    return [
        {"text": each.text, "kind": each.kind, "count": each.count, "known_as": each.known_as}
        for each in found
    ]


@api.get("/api/article/<path:article_id>")
def article(article_id: str) -> dict[str, Any]:
    """One article with the evidence for its facets, and articles like it."""
    requested_language(request.args, site().languages)  # rejects an unknown one
    view = site().service.article(article_id, language=localisation().language)
    return {**article_to_dict(view.article), "similar": [asdict(each) for each in view.similar]}


@api.get("/healthz")
def health() -> dict[str, Any]:
    """Health check: 503 without a readable index, “degraded” if it is not the live generation."""
    served = site().service.served()
    problem = served.problem
    return {
        "status": "degraded" if problem else "ok",
        "articles": served.articles,
        "generation": served.name,
        "problem": getattr(problem, "code", "unreadable") if problem else None,
        **({"meaning": _health_of(served.vectors)} if served.vectors else {}),
    }


def _health_of(report: VectorReport) -> dict[str, Any]:
    """Public health of search by meaning, without paths that are in errors."""
    held = report.vectors
    damage = "vectors-damaged" if held.problems else None
    return {
        "model": None if report.problem else report.model,
        "done": held.done,
        "passages": held.passages,
        "bytes": held.size,
        "problem": "embedder-unavailable" if report.problem else damage,
    }


@api.get("/api/openapi.json")
def description() -> dict[str, Any]:
    """OpenAPI description of the API."""
    return describe(site().configuration.site_name, root().rstrip("/") or "/", site().languages)


def describe(title: str, server: str, languages: Sequence[str]) -> dict[str, Any]:
    """OpenAPI document for a site called ``title`` at ``server`` in ``languages``."""
    text = "Language of labels, explanations and messages; empty as if it were not there"
    language = _query("lang", text, _one_of([*languages, ""]))
    query = _query("q", "What is searched; see the help page for its language", _words())
    searched = [query, *_filters(), *_dates(), *_pages(), language]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version("klastriotsing"),
            "summary": "Full-text search of Estonian cluster news with facets",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "paths": {
            "/api/search": _get(
                "search", "Search, with facets", [*searched, _facets()], _ref("Results")
            ),
            "/api/suggest": _get(
                "suggest",
                "How what is being typed may go on",
                searched,
                _list(_ref("Completion")),
            ),
            "/api/article/{id}": _get(
                "article",
                "One article with the evidence for its facets, and articles like it",
                [_article_id(), language],
                _ref("Article"),
                {"404": "There is no such article"},
            ),
            "/api/overview": _get(
                "overview",
                "One focus area or organisation: names, years, and what is named beside it",
                [*_entity(), language],
                _ref("Overview"),
                {"404": "No article has it"},
            ),
            "/api/openapi.json": _get("describe", "This document", [], {"type": "object"}),
            "/healthz": _get("health", "Is there an index to answer from?", [], _ref("Health")),
        },
        "components": {"schemas": _schemas()},
    }


def _get(
    name: str,
    summary: str,
    parameters: Sequence[Schema],
    answer: Schema,
    more: Mapping[str, str] | None = None,
) -> Schema:
    errors = {
        "400": "The request cannot be understood; the message says what to change",
        **(more or {}),
        "503": "There is no index to answer from yet",
    }
    responses: dict[str, Schema] = {"200": _answer("Done", answer)}
    responses |= {status: _answer(text, _ref("Error")) for status, text in errors.items()}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": list(parameters),
            "responses": responses,
        }
    }


def _answer(text: str, schema: Schema) -> Schema:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _query(name: str, text: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _article_id() -> Schema:
    text = "The id of the article: a path, whose slashes may stand as they are"
    schema = {"type": "string", "minLength": 1}
    return {"name": "id", "in": "path", "required": True, "description": text, "schema": schema}


def _entity() -> list[Schema]:
    value = {"type": "string", "minLength": 1}
    text = "Id of a focus area, or any name of an organisation"
    return [
        {**_query("facet", "What it is", _one_of(ENTITIES)), "required": True},
        {**_query("value", text, value), "required": True},
    ]


def _words() -> Schema:
    return {"type": "string", "maxLength": MAX_QUERY_LENGTH, "default": ""}


def _filters() -> list[Schema]:
    chosen, left_out = [], []
    for facet in FACETS:
        text, items = _FACET_PARAMETERS[facet]
        values = {"type": "array", "items": items, "maxItems": MAX_VALUES}
        chosen.append({**_query(facet, text, values), "explode": True})
        left_out.append({**_query(f"not_{facet}", f"Left out: {text}", values), "explode": True})
    return [*chosen, *left_out]


def _dates() -> list[Schema]:
    said = "day, month or year; an article counts if all it may be from is within"
    return [
        _query(name, f"{which} {said}", {"type": "string", "pattern": WHEN, "default": ""})
        for name, which in (("from", "First"), ("to", "Last"))
    ]


def _pages() -> list[Schema]:
    most = 10**MAX_DIGITS - 1
    number = {"type": "integer", "minimum": 1, "maximum": most}
    page = {"anyOf": [number, {"const": ""}], "default": 1}
    return [
        _query("sort", "Order; relevance unless nothing is searched", _one_of([*SORTS, ""])),
        _query("page", "Pages of hits, counted from 1", page),
        _query(
            "meaning",
            "0 for words alone, where the site finds by meaning",
            _one_of([BY_MEANING, WORDS_ONLY, ""]),
        ),
        _query("limit", "Hits on a page, ten unless given", _one_of([*map(str, PAGE_SIZES), ""])),
    ]


def _facets() -> Schema:
    text = "Facets to be counted, all but month unless given; none if empty, which is faster"
    values = {"type": "array", "items": _one_of([*COUNTED, ""])}
    return {**_query("facets", text, values), "explode": True}


def _one_of(values: Sequence[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _optional(kind: str) -> Schema:
    return {"type": [kind, "null"]}


def _object(properties: Mapping[str, Schema]) -> Schema:
    """JSON Schema of an object with all of these properties required."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Schema]:
    return {
        "Results": _results(),
        "Hit": _hit(),
        "FacetValue": _object(
            {
                "value": {"type": ["string", "integer"]},
                "label": TEXT,
                "count": COUNT,
                "selected": FLAG,
            }
        ),
        "Completion": _object(
            {
                "text": TEXT,
                "kind": _one_of(get_args(CompletionKind)),
                "count": COUNT,
                "known_as": TEXT,
            }
        ),
        "Article": _article(),
        "Overview": _overview(),
        "Evidence": _object(
            {"part": _one_of(get_args(Part)), "start": COUNT, "end": COUNT, "text": TEXT}
        ),
        "Health": _health(),
        "Error": _object({"error": _object({"code": TEXT, "message": TEXT})}),
    }


def _health() -> Schema:
    health = _object(
        {
            "status": _one_of(["ok", "degraded"]),
            "articles": COUNT,
            "generation": TEXT,
            "problem": _optional("string"),
        }
    )
    counts = dict.fromkeys(("done", "passages", "bytes"), COUNT)
    texts = {name: _optional("string") for name in ("model", "problem")}
    meaning = {**_object({**counts, **texts}), "description": "Only there if it is configured"}
    return {**health, "properties": {**health["properties"], "meaning": meaning}}


def _results() -> Schema:
    values = _list(_ref("FacetValue"))
    suggestion = _object({"text": TEXT, "query": TEXT, "count": COUNT})
    return _object(
        {
            "query": TEXT,
            "searched": {**TEXT, "description": "Differs from query only if it was replaced"},
            "explanation": TEXT,
            "total": {**COUNT, "description": "Articles that match fully"},
            "partial": {**COUNT, "description": "Articles with only some of the words"},
            "near": {**COUNT, "description": "Articles found by meaning alone"},
            "took_ms": {"type": "number", "minimum": 0},
            "page": INTEGER,
            "pages": COUNT,
            "hits": _list(_ref("Hit")),
            "facets": {"type": "object", "properties": dict.fromkeys(COUNTED, values)},
            "suggestions": _list(suggestion),
        }
    )


def _overview() -> Schema:
    value = _object({"value": {"type": ["string", "integer"]}, "label": TEXT, "count": COUNT})
    line = {"id": TEXT, "title": TEXT, "published": DATE, "url": _optional("string")}
    return _object(
        {
            "facet": _one_of(ENTITIES),
            "value": TEXT,
            "label": TEXT,
            "description": {**TEXT, "description": "What a focus area is about"},
            "aliases": _list(TEXT),
            "former": _list(TEXT),
            "total": COUNT,
            "facets": {"type": "object", "properties": dict.fromkeys(FACETS, _list(value))},
            "newest": _list(_object(line)),
        }
    )


def _hit() -> Schema:
    span = {"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}
    why = _object({"query": TEXT, "form": TEXT, "how": _one_of(get_args(How))})
    return _object(
        {
            "id": TEXT,
            "title": TEXT,
            "url": _optional("string"),
            "published": DATE,
            "year": _optional("integer"),
            "language": TEXT,
            "focus_areas": {**_list(TEXT), "description": "Ids, strongest first"},
            "organisations": _list(TEXT),
            "score": {"type": "number"},
            "nearness": {
                "type": ["number", "null"],
                "description": "Cosine of the nearest passage, if found by meaning alone",
            },
            "snippets": _list(_object({"text": TEXT, "marks": _list(span)})),
            "why": _list(why),
            "missing": {**_list(TEXT), "description": "Words of the query that it lacks"},
            "duplicates": {**_list(TEXT), "description": "Where else the story can be read"},
            "source": {**TEXT, "description": "Site of the address, else the collection"},
        }
    )


def _article() -> Schema:
    mention = _object(
        {
            "kind": {"const": "organisation"},
            "name": TEXT,
            "part": _one_of(get_args(Part)),
            "start": COUNT,
            "end": COUNT,
        }
    )
    known_as = _object({"name": TEXT, "aliases": _list(TEXT), "former": _list(TEXT)})
    similar = {"id": TEXT, "title": TEXT, "language": TEXT, "published": DATE}
    similar |= {"year": _optional("integer"), "score": {"type": "number"}}
    article = _object(
        {
            "id": TEXT,
            "title": TEXT,
            "body": {**_list(TEXT), "description": "Paragraphs"},
            "source": TEXT,
            "url": _optional("string"),
            "published": _found(DATE, is_optional=True),
            "year": _found(INTEGER, is_optional=True),
            "added": {"type": ["string", "null"], "format": "date-time"},
            "language": TEXT,
            "duplicates": _list(TEXT),
            "focus_areas": _list(_found(TEXT)),
            "organisations": _list(_found(TEXT)),
            "mentions": _list(mention),
            "collection": {**TEXT, "description": "What an article without an address is of"},
            "similar": {**_list(_object(similar)), "description": "The most similar, best first"},
        }
    )
    article["properties"]["known_as"] = {
        **_list(known_as),
        "description": "Organisations of the article that have other names; absent without any",
    }
    return article


def _found(value: Schema, *, is_optional: bool = False) -> Schema:
    """JSON Schema of a value with its origin and evidence."""
    found = _object(
        {
            "value": value,
            "origin": _one_of(get_args(Origin)),
            "evidence": _list(_ref("Evidence")),
            "score": {"type": "number"},
        }
    )
    return {**found, "type": ["object", "null"]} if is_optional else found
