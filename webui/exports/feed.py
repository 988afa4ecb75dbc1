"""Atom feed of the newest matches of a search."""

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

from flask import Blueprint, Response, request

from search.article import PartialDate
from search.request import SearchRequest
from search.results import Hit, Results
from webui.addresses.parameters import SearchState
from webui.components import safe_url, xml_text
from webui.context import absolute, localisation, site, state
from webui.localisation import Localisation

ATOM = "http://www.w3.org/2005/Atom"
MIMETYPE = "application/atom+xml"
ENTRIES = 50
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

feed = Blueprint("feed", __name__)


@feed.get("/feed.atom")
def atom() -> Response:
    """Feed of the newest matches, full or by meaning; takes the parameters of the search."""
    asked, here = state().as_asked(), localisation()
    service = site().service
    wanted = replace(asked.request, sort="added", page_size=ENTRIES)
    results = service.search(wanted, here.language, facets=())
    # If the query was replaced by another, it has no matches of its own yet.
    own = results.searched == asked.request.query
    hits = _newest(results, wanted, here) if own else []
    newest = hits or service.search(SearchRequest(sort="added", page_size=1), facets=()).hits
    whole = _feed(asked, here, max(map(_added, newest), default=_LONG_AGO))
    whole.extend(_entry(each, asked, here) for each in hits)
    text = ElementTree.tostring(whole, encoding="utf-8", xml_declaration=True)
    response = Response(text, mimetype=MIMETYPE)
    response.add_etag()
    response.make_conditional(request)
    return response


def _newest(results: Results, asked: SearchRequest, here: Localisation) -> list[Hit]:
    """Full matches of the first page, and hits by meaning from wherever those begin."""
    hits = [each for each in results.hits if each.full or each.is_near]
    begin = (results.found - results.near) // ENTRIES + 1
    if results.near and begin > 1 and len(hits) < ENTRIES:
        beyond = site().service.search(replace(asked, page=begin), here.language, facets=())
        hits += [each for each in beyond.hits if each.is_near]
    return sorted(hits, key=_added, reverse=True)[:ENTRIES] if results.near else hits


def _feed(state: SearchState, here: Localisation, updated: datetime) -> ElementTree.Element:
    name = site().configuration.site_name
    subject = state.request.query or here.gettext("Estonian cluster news")
    own = absolute(state.feed_url)
    whole = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": here.language})
    _add(whole, "id", own)
    _add(whole, "title", f"{subject} – {name}")
    _add(whole, "updated", _moment(updated))
    _link(whole, "self", own, MIMETYPE)
    _link(whole, "alternate", absolute(state.url), "text/html")
    _add(ElementTree.SubElement(whole, "author"), "name", name)
    return whole


def _entry(hit: Hit, state: SearchState, here: Localisation) -> ElementTree.Element:
    own = absolute(state.bare().article_url(hit.id))
    entry = ElementTree.Element("entry", {"xml:lang": hit.language} if hit.language else {})
    # Without query and language, so that the article has the same id in all feeds.
    _add(entry, "id", own)
    _add(entry, "title", hit.title)
    _add(entry, "updated", _moment(_added(hit)))
    published = PartialDate.from_iso(hit.published) if hit.published else None
    if published and published.precision == "day":
        _add(entry, "published", f"{published.iso}T00:00:00Z")
    _link(entry, "alternate", own, "text/html")
    source = safe_url(hit.url)
    if source:
        _link(entry, "via", source)
    for area in hit.focus_areas:
        label = site().service.area_label(area, here.language)
        ElementTree.SubElement(entry, "category", {"term": area, "label": label})
    if hit.is_near:
        near = {"term": "meaning", "label": here.gettext("Near in meaning")}
        ElementTree.SubElement(entry, "category", near)
    _add(entry, "summary", _summary(hit))
    return entry


def _summary(hit: Hit) -> str:
    return " ".join(each.text for each in hit.snippets)


def _added(hit: Hit) -> datetime:
    return hit.added or _LONG_AGO


def _moment(moment: datetime) -> str:
    """Formats a time in RFC 3339, in UTC with whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = xml_text(text, "\ufffd")


def _link(parent: ElementTree.Element, rel: str, address: str, mimetype: str = "") -> None:
    kind = {"type": mimetype} if mimetype else {}
    ElementTree.SubElement(parent, "link", {"rel": rel, **kind, "href": xml_text(address)})
