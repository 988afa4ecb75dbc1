"""Metadata of a web page: title, canonical address, JSON-LD, meta elements."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from indexer.sources.addresses import address_id, clean_address

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Comments by browsers and mirroring programs with the address of a saved page.
_SAVED_FROM = (
    re.compile(r"<!--\s*saved from url=\(\d{1,6}\)(\S{1,2000})", re.IGNORECASE),
    re.compile(r"<!--\s*Page saved with SingleFile\s+url:\s*(\S{1,2000})", re.IGNORECASE),
    re.compile(r"<!--\s*Mirrored from (\S{1,2000}) by HTTrack", re.IGNORECASE),
)
_HEAD_CHARACTERS = 20_000
_ARTICLES = re.compile(r"(?:\w*Article|BlogPosting|Report|LiveBlogPosting)")
_BROKEN_DATE = re.compile(r'"datePublished"\s*:\s*"([^"\n]{4,40})"')
_MOST_OBJECTS = 500


@dataclass(frozen=True, slots=True)
class PageHead:
    """Metadata of a page as written, empty if missing.

    ``metas`` maps names and properties in lower case to the first content of each; ``objects`` are
    those of JSON-LD, ``broken`` the text of JSON-LD that cannot be parsed.
    """

    title: str
    language: str
    canonical: str
    metas: Mapping[str, str]
    objects: Sequence[Mapping[str, Any]]
    broken: str
    saved_from: str

    def meta(self, *names: str) -> str:
        """The content of the first of ``names`` that has one."""
        return next((self.metas[each] for each in names if self.metas.get(each)), "")

    @property
    def articles(self) -> Sequence[Mapping[str, Any]]:
        """JSON-LD objects that are articles."""
        return [each for each in self.objects if any(map(_ARTICLES.fullmatch, types(each)))]

    @property
    def site_names(self) -> Sequence[str]:
        """Names of the site that the head gives."""
        named = [each for each in self.objects if {"WebSite", "Organization"} & set(types(each))]
        publishers = [each.get("publisher") for each in self.articles]
        given = [each.get("name") for each in (*named, *publishers) if isinstance(each, Mapping)]
        names = [self.meta("og:site_name", "application-name", "apple-mobile-web-app-title")]
        return [each for each in (*names, *given) if isinstance(each, str) and each.strip()]

    @property
    def linked_date(self) -> str:
        """``datePublished`` of JSON-LD, as written; preferably of an article, else of a page."""
        pages = [each for each in self.objects if "WebPage" in types(each)]
        dates = [each.get("datePublished") for each in (*self.articles[:1], *pages[:1])]
        found = next((each for each in dates if isinstance(each, str) and each.strip()), "")
        if not found and (match := _BROKEN_DATE.search(self.broken)):
            return match[1]
        return found


def page_head(root: "Element", html: str) -> PageHead:
    """Reads the metadata of the page ``html``, whose tree is ``root``."""
    objects, broken = _linked_data(root)
    title = root.find(".//title")
    body = root.find("body")
    return PageHead(
        title="" if title is None else " ".join("".join(title.itertext()).split()),
        language=root.get("lang")
        or root.get("xml:lang")
        or ("" if body is None else body.get("lang", "")),
        canonical=next(
            (
                each.get("href", "")
                for each in root.iter("link")
                if "canonical" in _words(each, "rel")
            ),
            "",
        ),
        metas=_metas(root),
        objects=objects,
        broken=broken,
        saved_from=_saved_from(html[:_HEAD_CHARACTERS]),
    )


def page_address(head: PageHead, fetched: str) -> str:
    """Address of a page: canonical, Open Graph, where it was saved or ``fetched`` from.

    A fetched page may give addresses of its own host only. Empty if there is none.
    """
    base = fetched or head.saved_from
    home = ""
    for written in (head.canonical, head.meta("og:url"), head.saved_from):
        address = clean_address(urljoin(base, written.strip())) if written.strip() else ""
        if not address or "." not in _host(address):
            continue
        if fetched and _host(address) != _host(fetched):
            continue
        # Misconfigured sites declare the home page as the address of every page.
        if not is_home(address):
            return address
        home = home or address
    return clean_address(fetched) or home


def is_home(address: str) -> bool:
    """True for the address of a home page, or of one in another language."""
    identity = address_id(address)
    return re.fullmatch(r"[^/?]+(?:/(?:et|ee|en|ru|est|eng|rus|index\.\w+))*", identity) is not None


def types(item: Mapping[str, Any]) -> list[str]:
    """The types of a JSON-LD object."""
    given = item.get("@type", [])
    return [
        each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)
    ]


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _saved_from(text: str) -> str:
    found = next((match[1] for each in _SAVED_FROM if (match := each.search(text))), "")
    return f"http://{found}" if found and "://" not in found else found


def _words(element: "Element", name: str) -> list[str]:
    return str(element.get(name, "")).lower().split()


def _metas(root: "Element") -> dict[str, str]:
    metas: dict[str, str] = {}
    for each in root.iter("meta"):
        name = each.get("property") or each.get("name") or each.get("http-equiv") or ""
        content = " ".join(each.get("content", "").split())
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _linked_data(root: "Element") -> tuple[list[Mapping[str, Any]], str]:
    objects: list[Mapping[str, Any]] = []
    broken: list[str] = []
    for each in root.iter("script"):
        if "ld+json" not in each.get("type", "").lower():
            continue
        text = "".join(each.itertext()).strip().removeprefix("//<![CDATA[").removesuffix("//]]>")
        try:
            objects += _flat(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            broken.append(text)
    return objects[:_MOST_OBJECTS], "\n".join(broken)


def _flat(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from _flat(each)
    elif isinstance(value, dict):
        yield value
        yield from _flat(value.get("@graph", []))
        yield from _flat(value.get("mainEntity", []))
