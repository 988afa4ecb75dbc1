"""HTML fragment of autocomplete suggestions under the search box."""

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
    """One way to go on: ``url`` leads to what it finds, ``count`` articles."""

    text: str
    kind: str
    url: str
    count: int


@completions.get("/suggestions")
def suggestions() -> str:
    """The options for ``q``; the parameters of a search, so that word options keep the filters."""
    asked, here = state(), localisation()
    # As typed: a blank at the end means that the last word is complete.
    found = site().service.suggest(request.args.get("q", ""), here.language, MOST)
    return rendered("suggestions.html", options=options(found, asked, here))


def options(
    found: Iterable[Completion], state: SearchState, localisation: Localisation
) -> tuple[Option, ...]:
    """Present ``found``: words go on searching, an organisation leads to all of its articles."""
    kinds = {
        "word": localisation.gettext("word"),
        "organisation": localisation.gettext("organisation"),
        "title": localisation.gettext("title"),
    }
    return tuple(
        Option(each.text, kinds[each.kind], _target(each, state).url, each.count) for each in found
    )


def _target(completion: Completion, state: SearchState) -> SearchState:
    """Names and titles are found whatever filters are in force, words under them, as if typed."""
    if completion.kind == "organisation":
        before = completion.text[: completion.start].strip()
        name = FacetFilter((completion.text[completion.start :],))
        return state.cleared().with_query(before).with_filter("org", name)
    if completion.kind == "title":
        return state.cleared().with_query(completion.text)
    return state.with_query(completion.text)
