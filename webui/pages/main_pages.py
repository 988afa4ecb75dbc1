"""Routes of the search, article and help pages, and of autocomplete."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from search.autocomplete import Completion
from search.request import FacetFilter, FacetName
from webui.addresses.parameters import SearchState
from webui.addresses.preferences import PREFERENCES_COOKIE, Preferences
from webui.components import other_name_note
from webui.context import (
    OrganisationUrls,
    answer,
    localisation,
    preferences,
    rendered,
    root,
    site,
    state,
    typed_state,
)
from webui.exports.sharing import article_sharing, shared_link
from webui.facets.date_control import is_month_by_month
from webui.facets.year_series import is_short, year_series
from webui.localisation import Localisation
from webui.pages.about import FOR_OWNERS
from webui.pages.article_page import article_page
from webui.pages.help import OF_MEANING, help_page
from webui.pages.neighbours import neighbours
from webui.pages.page_meta import PageMeta, article_meta, search_meta
from webui.pages.search_page import MOST_PARTS, no_results_help, search_page
from webui.pages.value_notes import value_notes

YEAR_IN_SECONDS = 365 * 24 * 60 * 60
#: More suggestions would not fit beside the keyboard of a phone.
MOST_SUGGESTIONS = 8

pages = Blueprint("pages", __name__)
# Its answers set no cookie.
completions = Blueprint("completions", __name__)


@pages.get("/")
def search() -> str | BaseResponse:
    """Route of the search page: box, filters and results."""
    typed, here = typed_state(), localisation()
    if not (typed.misread or typed.is_said_by(request.args)):
        return redirect(typed.url)  # parameters of a form, normalised
    asked = typed.with_years_as_span()
    service, areas = site().service, site().areas
    months: tuple[FacetName, ...] = ("month",) if is_short(asked.request.span) else ()
    results = answer(asked.request, here.language, (*service.facets(), *months), MOST_PARTS)
    by_month = is_month_by_month(results, here)
    series = (
        year_series(service, results, areas, here, is_by_month=by_month) if asked.coloured else ()
    )
    offered = no_results_help(service, results, asked, here)
    view = asked.view or preferences().view or "full"
    today = site().today()
    urls = OrganisationUrls(asked)
    by_meaning = service.finds_by_meaning
    page = search_page(
        results, asked, areas, here, today, series, offered, urls, view, finds_by_meaning=by_meaning
    )
    short = None if asked.is_start else asked.short_url
    text = rendered(
        "search.html",
        page=page,
        state=asked,
        languages=_languages(asked),
        short=shared_link(short) if short else None,
        meta=search_meta(results, asked, here) if asked.fits else None,
    )
    return Response(text, HTTPStatus.BAD_REQUEST) if asked.misread else text


@pages.get("/article/<path:article_id>")
def article(article_id: str) -> str:
    """Route of the article page, with highlights for the query."""
    asked, here = state(), localisation()
    view = site().service.article(article_id, asked.request.query, here.language)
    around = neighbours(site().service, view.article.id, asked, here)
    page = article_page(view, asked, site().areas, here, around)
    return rendered(
        "article.html",
        page=page,
        state=asked,
        languages=_languages(asked, article_id),
        sharing=article_sharing(view.article, asked, here),
        meta=article_meta(view, asked),
        notes=value_notes(view, asked),
    )


@pages.get("/abi")
def search_help() -> str:
    """Route of the help page: the query language with examples."""
    asked = state().start()
    left_out = frozenset[str]() if site().service.finds_by_meaning else OF_MEANING
    text = help_page(localisation().language, asked, left_out=left_out)
    languages = {each: asked.in_language(each).help_url for each in site().languages}
    return rendered(
        "help.html",
        page=text,
        state=asked,
        languages=languages,
        owners_url=asked.guide_url(FOR_OWNERS),
        meta=PageMeta(text.title, text.title, asked.bare().help_url),
    )


@pages.after_request
def remember_preferences(response: Response) -> Response:
    """Sets the cookie to the preferences in the URL."""
    if response.status_code != HTTPStatus.OK:
        return response
    asked, known = state(), preferences()
    if asked.language or asked.view:
        chosen = Preferences(asked.language or known.language, asked.view or known.view)
        response.set_cookie(
            PREFERENCES_COOKIE,
            chosen.written,
            max_age=YEAR_IN_SECONDS,
            path=root(),
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response


def _languages(asked: SearchState, article_id: str | None = None) -> dict[str, str]:
    """URLs of this page in every language of the site."""
    if article_id is None:
        return {each: asked.language_url(each) for each in site().languages}
    states = {each: asked.in_language(each) for each in site().languages}
    return {each: here.article_url(article_id, here.rank) for each, here in states.items()}


@dataclass(frozen=True, slots=True)
class Option:
    """An autocomplete option: ``url`` leads to its ``count`` articles.

    ``why`` is the other name by which an organisation was found.
    """

    text: str
    why: str
    kind: str
    url: str
    count: int


@completions.get("/suggestions")
def suggestions() -> str:
    """Route of the options for ``q``; the parameters of a search keep the filters."""
    asked, here = typed_state(), localisation()
    # As typed: a blank at the end means that the last word is complete.
    found = site().service.suggest(request.args.get("q", ""), MOST_SUGGESTIONS)
    return rendered("suggestions.html", options=options(found, asked, here))


def options(
    found: Iterable[Completion], state: SearchState, localisation: Localisation
) -> tuple[Option, ...]:
    """View models of ``found``: words extend the search, an organisation links its articles."""
    kinds = {
        "word": localisation.gettext("word"),
        "organisation": localisation.gettext("organisation"),
        "title": localisation.gettext("title"),
    }
    return tuple(
        Option(
            each.text,
            other_name_note(each.known_as, localisation),
            kinds[each.kind],
            _target(each, state).url,
            each.count,
        )
        for each in found
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
