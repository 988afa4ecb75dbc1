"""Embedded search: a search box with results for other sites, in an iframe, without cookies.

A site includes ``/embed.js``, which creates the iframe of ``/embed`` and adjusts its height. Both
are off until ``embed_origins`` lists the sites that may use them.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from flask import Blueprint, Response, current_app, request
from markupsafe import Markup

from search.errors import BadRequest, EmbeddingOff, KlastriError
from search.results import Hit, Results
from webui.addresses.parameters import SearchState
from webui.components import safe_url, shown_date
from webui.context import answer, root, site, state
from webui.fragments import marked
from webui.localisation import Localisation
from webui.templating import render

#: Colour theme: light as most sites, dark, or the visitor's setting.
Theme = Literal["light", "dark", "auto"]
THEMES: tuple[Theme, ...] = get_args(Theme)
USUAL_RESULTS, MOST_RESULTS = 5, 20
#: Cache lifetime of the script for other sites, whose URL has no cache-busting stamp.
SCRIPT_SECONDS = 60 * 60

embed = Blueprint("embed", __name__)


@dataclass(frozen=True, slots=True)
class EmbeddedHit:
    """An article in the list; ``source`` is its site, not a collection of the owner's."""

    url: str
    title: Markup
    language: str
    date: str | None
    iso_date: str | None
    source: str | None
    snippet: Markup | None


@dataclass(frozen=True, slots=True)
class EmbedPage:
    """View model of the iframe; ``fields`` are the hidden fields of its form.

    ``query`` is the typed text, ``problem`` why it cannot be searched; ``origin`` is the site that
    gets the height.
    """

    query: str
    fields: tuple[tuple[str, str], ...]
    theme: Theme
    origin: str
    heading: str
    problem: str
    hits: tuple[EmbeddedHit, ...]
    all_url: str


@embed.get("/embed")
def embedded() -> Response:
    """Route of the iframe: box and list, by the parameters of the visitor and of the owner."""
    _refuse_unless_on()
    here = _localisation()
    theme, origin = _theme(request.args.get("theme", "")), request.args.get("origin", "")
    fields = tuple((name, value) for name, value in request.args.items(multi=True) if name != "q")
    page = EmbedPage(
        query=request.args.get("q", ""),
        fields=fields,
        theme=theme,
        origin=origin if origin in site().configuration.embed_origins else "",
        heading="",
        problem="",
        hits=(),
        all_url=root(),
    )
    status = 200
    try:
        page = _answered(page, here)
    except KlastriError as error:
        if error.status >= 500:
            raise
        page, status = replace(page, problem=here.error(error)), error.status
    text = render(
        "embed.html",
        here.language,
        page=page,
        root=root(),
        site_name=site().configuration.site_name,
        assets=site().assets,
    )
    return Response(text, status, mimetype="text/html")


@embed.get("/embed.js")
def script() -> Response:
    """Route of the script for other sites."""
    _refuse_unless_on()
    with current_app.open_resource("static/embed.js") as file:
        response = Response(file.read(), mimetype="text/javascript")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    return response


@embed.after_request
def allow_framing(response: Response) -> Response:
    """Allows the configured sites to frame the embedded search, including its errors."""
    origins = site().configuration.embed_origins
    if origins:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; "
            f"base-uri 'none'; frame-ancestors {' '.join(origins)}"
        )
    return response


def _refuse_unless_on() -> None:
    if not site().configuration.embed_origins:
        raise EmbeddingOff


def _localisation() -> Localisation:
    """The language in the URL, else the site's first; no cookie or header is read."""
    languages = site().languages
    wished = request.args.get("lang")
    return Localisation.of(wished if wished in languages else languages[0])


def _theme(value: str) -> Theme:
    return next((each for each in THEMES if each == value), THEMES[0])


def _results(value: str) -> int:
    if not value:
        return USUAL_RESULTS
    if value.isascii() and value.isdigit() and 1 <= int(value[:4]) <= MOST_RESULTS:
        return int(value[:4])
    remedy = "A frame holds 1 to 20 results"
    raise BadRequest(value=value[:40], name="results", remedy=remedy)


def _answered(page: EmbedPage, here: Localisation) -> EmbedPage:
    """Adds the results for this URL to ``page``. Raises BadRequest, QueryTooLong, QueryTooBroad."""
    typed = state()
    asked = typed.with_query(_combined(request.args.get("query", ""), typed.request.query))
    size = _results(request.args.get("results", ""))
    wanted = replace(asked.request, page_size=size, meaning=asked.meaning is True)
    results = answer(wanted, here.language, facets=())
    return replace(
        page,
        query=typed.request.query,
        heading=_heading(results, asked, here),
        hits=tuple(_hit(each, asked, here) for each in results.hits),
        all_url=asked.url,
    )


def _combined(fixed: str, typed: str) -> str:
    """Conjunction of the owner's and the reader's query."""
    fixed, typed = fixed.strip(), typed.strip()
    return f"({fixed}) {typed}" if fixed and typed else fixed or typed


def _heading(results: Results, asked: SearchState, here: Localisation) -> str:
    count = results.total or results.partial or results.near
    if not count:
        return here.gettext("No article was found")
    if not asked.request.query:
        return here.gettext("Newest articles")
    return here.ngettext("{count} article found", "{count} articles found", count)


def _hit(hit: Hit, asked: SearchState, here: Localisation) -> EmbeddedHit:
    date = shown_date(hit.published, hit.year)
    return EmbeddedHit(
        url=asked.article_url(hit.id),
        title=marked(hit.title, hit.title_marks),
        language=hit.language,
        date=here.date(date) if date else None,
        iso_date=date.iso if date else None,
        source=hit.source if safe_url(hit.url) else None,
        snippet=next((marked(each.text, each.marks) for each in hit.snippets), None),
    )
