"""Autocomplete suggestions under the search box, as an HTML fragment."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, request

from search.autocomplete import Completion
from search.request import FacetFilter
from webui.context import localisation, rendered, site, state
from webui.localisation import Localisation
from webui.parameters import SearchState

#: More than this would not fit beside the keyboard of a phone.
MOST = 8

completions = Blueprint("completions", __name__)


@dataclass(frozen=True, slots=True)
class Option:
    """An autocomplete option: ``url`` leads to its ``count`` articles."""

    text: str
    kind: str
    url: str
    count: int


@completions.get("/suggestions")
def suggestions() -> str:
    """Options for ``q``, with the parameters of a search to keep the filters."""
    asked, here = state(), localisation()
    # As typed: a blank at the end means that the last word is complete.
    found = site().service.suggest(request.args.get("q", ""), here.language, MOST)
    return rendered("suggestions.html", options=options(found, asked, here))


def options(
    found: Iterable[Completion], state: SearchState, localisation: Localisation
) -> tuple[Option, ...]:
    """View models of ``found``: words extend the search, an organisation opens its articles."""
    kinds = {
        "word": localisation.gettext("word"),
        "organisation": localisation.gettext("organisation"),
        "title": localisation.gettext("title"),
    }
    return tuple(
        Option(each.text, kinds[each.kind], _target(each, state).url, each.count) for each in found
    )


def _target(completion: Completion, state: SearchState) -> SearchState:
    """State of an option: words keep the filters, names and titles drop them."""
    if completion.kind == "organisation":
        before = completion.text[: completion.start].strip()
        name = FacetFilter((completion.text[completion.start :],))
        return state.cleared().with_query(before).with_filter("org", name)
    if completion.kind == "title":
        return state.cleared().with_query(completion.text)
    return state.with_query(completion.text)
