"""Discovery files: robots.txt, sitemap.xml and the OpenSearch description."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from xml.etree import ElementTree

from flask import Blueprint, Response, abort, request, url_for

from search.request import NO_FOCUS, SearchRequest
from webui.addresses.parameters import SearchState
from webui.context import absolute, localisation, root, site
from webui.pages.about import STATEMENTS

OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
#: Most characters of a name that OpenSearch descriptions allow.
LONGEST_NAME = 16
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: Most URLs that a sitemap may have.
MOST_ADDRESSES = 50_000

#: Paths with an unlimited number of URLs, such as searches.
ENDLESS = (
    "?",
    "api/",
    "article/*?",
    "embed",
    "export.",
    "facet/",
    "feed.atom?",
    "s/",
    "suggestions",
    "teata",
    "tellimus",
    "valitud",
    "vordle",
)

discovery = Blueprint("discovery", __name__)


@discovery.get("/robots.txt")
def robots() -> Response:
    """robots.txt: start page and articles may be crawled, searches may not."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {root()}{each}" for each in ENDLESS),
    ]
    lines.append(f"Sitemap: {absolute(root())}sitemap.xml")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@discovery.get("/sitemap.xml")
def sitemap() -> Response:
    """Sitemap of start page, overviews and articles; an index of sitemaps for many articles."""
    bare = SearchState.at_start(root())
    ids = sorted(site().service.article_ids())
    around = list(_overviews(bare))
    parts = -(-(len(ids) + len(around)) // MOST_ADDRESSES)
    asked = request.args.get("part", "")
    if parts > 1 and not asked:
        numbered = (f"{bare.root}sitemap.xml?part={number}" for number in range(1, parts + 1))
        return _map("sitemapindex", "sitemap", numbered)
    if asked not in ("", *map(str, range(1, parts + 1))):
        abort(404)
    part = int(asked or 1)
    addresses = chain(around, map(bare.article_url, ids))
    some = islice(addresses, (part - 1) * MOST_ADDRESSES, part * MOST_ADDRESSES)
    return _map("urlset", "url", some)


def _overviews(bare: SearchState) -> Iterator[str]:
    """Start page and overview pages."""
    yield from (bare.url, bare.areas_url)
    areas = site().service.facet("focus", SearchRequest()).values
    yield from (bare.area_url(str(each.value)) for each in areas if each.value != NO_FOCUS)
    yield from map(bare.guide_url, ("abi", *STATEMENTS))
    yield bare.organisations_url
    yield from map(bare.organisation_url, site().slugs.current().values())


def _map(kind: str, entry: str, addresses: Iterable[str]) -> Response:
    whole = ElementTree.Element(kind, {"xmlns": SITEMAP})
    for address in addresses:
        one = ElementTree.SubElement(whole, entry)
        ElementTree.SubElement(one, "loc").text = absolute(address)
    return _xml(whole, "application/xml")


@discovery.get("/opensearch.xml")
def opensearch() -> Response:
    """OpenSearch description for the browser's search box."""
    here = localisation()
    description = ElementTree.Element("OpenSearchDescription", {"xmlns": OPENSEARCH})

    def add(
        name: str, text: str | None = None, attributes: Mapping[str, str] | None = None
    ) -> None:
        ElementTree.SubElement(description, name, dict(attributes or {})).text = text

    add("ShortName", site().configuration.site_name[:LONGEST_NAME])
    add("Description", here.gettext("Estonian cluster news"))
    add("InputEncoding", "UTF-8")
    for language in site().languages:
        add("Language", language)
    icon = absolute(url_for("static", filename="favicon.svg", v=site().assets))
    add("Image", icon, {"type": "image/svg+xml"})
    search = absolute(root()) + "?q={searchTerms}"
    add("Url", None, {"type": "text/html", "method": "get", "template": search})
    own = absolute(root()) + "opensearch.xml"
    kind = "application/opensearchdescription+xml"
    add("Url", None, {"type": kind, "rel": "self", "template": own})
    return _xml(description, kind)


def _xml(whole: ElementTree.Element, mimetype: str) -> Response:
    text = ElementTree.tostring(whole, encoding="utf-8", xml_declaration=True)
    return Response(text, mimetype=mimetype)
