"""Page on which a reader reports that a found value of an article is wrong.

It takes no text: a report names a value that the article has, see ``MistakeBook``.
"""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from search.article_view import ArticleView, ValueView
from search.request import FACETS
from webui.context import localisation, rendered, site, state
from webui.facets.filters import facet_title
from webui.pages.own_forms import is_own_form

SEE_OTHER = 303
REPORTED = ("article", "facet", "value")

mistakes = Blueprint("mistakes", __name__)


@mistakes.get("/teata")
def ask() -> str:
    """Page that asks whether a value of an article shall be reported, or says that it was."""
    here, start = localisation(), state().start()
    view, value = _reported()
    return rendered(
        "mistake.html",
        article=view.article,
        article_url=start.article_url(view.article.id),
        facet=facet_title(value.facet, here),
        value=value,
        report_url=start.report_url(view.article.id, value.facet, value.value),
        is_done="done" in request.args,
        state=start,
        languages={
            each: start.in_language(each).report_url(view.article.id, value.facet, value.value)
            for each in site().languages
        },
    )


@mistakes.post("/teata")
def report() -> Response:
    """Takes a report, then shows that it was taken."""
    # A page of another site must not make its visitors report anything.
    if not is_own_form():
        abort(403)
    view, value = _reported()
    site().metrics.mistakes.note(view.article.id, value.facet, value.value)
    address = state().report_url(view.article.id, value.facet, value.value)
    return redirect(f"{address}&done=1", SEE_OTHER)


def _reported() -> tuple[ArticleView, ValueView]:
    """The article and its value that are named; only what an article has can be."""
    asked = {name: request.args.get(name, "") for name in REPORTED}
    if asked["facet"] not in FACETS:
        abort(404)
    view = site().service.article(asked["article"], language=localisation().language)
    value = next(
        (
            each
            for each in view.values
            if each.facet == asked["facet"] and each.value == asked["value"]
        ),
        None,
    )
    if value is None:
        abort(404)
    return view, value
