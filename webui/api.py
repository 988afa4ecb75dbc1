"""The same answers as JSON, for programs."""

from typing import Any

from flask import Blueprint, request

from search.article_json import article_to_dict
from webui.parameters import requested_language
from webui.site import answer, localisation, site, state

api = Blueprint("api", __name__)


@api.get("/api/search")
def search() -> dict[str, Any]:
    """What the search page shows, as data; takes the same parameters."""
    results = answer(state().request, localisation().language)
    return results.to_dict()


@api.get("/api/suggest")
def suggest() -> list[dict[str, Any]]:
    """How what is being typed may go on: words, organisations and titles of the index."""
    state()  # refuses the same parameters as a search
    # As typed: a blank at the end means that the last word is complete.
    found = site().service.suggest(request.args.get("q", ""), localisation().language)
    return [{"text": each.text, "kind": each.kind, "count": each.count} for each in found]


@api.get("/api/article/<path:article_id>")
def article(article_id: str) -> dict[str, Any]:
    """One article with the evidence for its facets."""
    requested_language(request.args, site().languages)  # refuses one that we do not have
    view = site().service.article(article_id, language=localisation().language)
    return article_to_dict(view.article)


@api.get("/healthz")
def health() -> dict[str, Any]:
    """Whether there is an index to answer from; 503 if not."""
    service = site().service
    # The count first: it is what fails where there is nothing to answer from.
    articles = service.document_count()
    return {"status": "ok", "articles": articles, "generation": service.generation()}
