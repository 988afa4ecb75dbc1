"""Routes on which a reader reports a wrong facet value of an article.

Reports contain no text, see ``MistakeStore``.
"""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from search.article_view import ArticleView, ValueView
from search.request import FACETS
from webui.context import localisation, rendered, site, state
from webui.facets.filters import facet_title
from webui.pages.csrf import is_same_site_form

SEE_OTHER = 303
REPORTED = ("article", "facet", "value")

mistakes = Blueprint("mistakes", __name__)


@mistakes.get("/teata")
def ask() -> str:
    """Page that asks to confirm the report of a value, or confirms that it was reported."""
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
    """Records a report, and redirects to the confirmation page."""
    # Other sites must not submit reports through their visitors (CSRF).
    if not is_same_site_form():
        abort(403)
    view, value = _reported()
    site().metrics.mistakes.note(view.article.id, value.facet, value.value)
    address = state().report_url(view.article.id, value.facet, value.value)
    return redirect(f"{address}&done=1", SEE_OTHER)


def _reported() -> tuple[ArticleView, ValueView]:
    """The article and value of the parameters; 404 unless the article has the value."""
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
