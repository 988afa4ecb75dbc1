"""Routes of short permanent links, which redirect to articles and searches."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from search.errors import ShortLinkUnknown
from webui.addresses.short_codes import search_parameters
from webui.context import root, site, state

short_links = Blueprint("short_links", __name__)


@short_links.get("/a/<code>")
def article_link(code: str) -> Response:
    """Redirects to an article, or to a list in the rare case of several with this code."""
    (ids,) = site().codes.ids([code])
    if not ids:
        raise ShortLinkUnknown(code=code[:80])
    here = state().start()
    return redirect(here.article_url(ids[0]) if len(ids) == 1 else here.collection_url([code]))


@short_links.get("/s/<code>")
def search_link(code: str) -> Response:
    """Redirects to the results of a search; a language in the URL is kept."""
    kept = [("lang", each) for each in request.args.getlist("lang")]
    return redirect(f"{root()}?{urlencode([*search_parameters(code), *kept])}")
