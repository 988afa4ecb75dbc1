"""Classifies web pages: article, list, home page, missing page, frames, redirect, empty."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from indexer.sources.pages.markup import text_length
from indexer.sources.pages.page_head import PageHead, is_home, types
from indexer.sources.pages.page_title import SECTIONS, Headline, plain

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


@dataclass(frozen=True, slots=True)
class NoArticle:
    """Reason why a page is no article: code and message, as of ``Skipped``."""

    code: str
    message: str


LIST = NoArticle("list", "is a list of articles")
HOME = NoArticle("home", "is a home page")
MISSING = NoArticle("not-found", "says that the page is not there")
FRAMES = NoArticle("frames", "holds only frames; read the pages within")
REDIRECT = NoArticle("redirect", "only leads to another page")
SCRIPT = NoArticle("script", "shows its text only by scripts; save it from a browser")
EMPTY = NoArticle("no-text", "holds no text")
NOINDEX = NoArticle("noindex", "asks not to be indexed")

#: Classes of the body, as whole names, by which content systems mark lists, homes and articles.
_LISTS = frozenset(
    """archive author author-template blog-index category date item-list-page layout-blog
    layout-list page-search page-taxonomy page-views paged path-search path-taxonomy
    post-type-archive search search-results tag tag-template taxonomy view-archive view-categories
    view-category view-list view-search view-tag view-tags""".split()
)
_HOMES = frozenset(
    "front front-page home home-template homepage is-front-page page-front path-frontpage"
    " view-featured view-frontpage".split()
)
_ARTICLES = frozenset(
    """article-page blog-article-page node-type-article node-type-news node-type-uudis
    page-node-type-article page-node-type-news page-node-type-uudis post-page post-template single
    single-news single-post single-uudis view-article view-item""".split()
)
_LIST_ADDRESS = re.compile(
    r"/(?:page|lk|lehekylg)/\d+(?:/|$)"
    r"|/(?:category|kategooria|rubriik|tag|sildid?|silt|author|autor)(?:/[^/]+){0,2}/?$"
    r"|/(?:archives?|arhiiv)(?:/(?:19|20)\d\d(?:/\d\d?)?)?/?$|/(?:search|otsing)(?:/|$)"
    r"|/(?:19|20)\d\d(?:/\d\d?){0,2}/?$",
    re.IGNORECASE,
)
# Old systems have articles at “?page=3&id=12”: some parameters mark a list only if alone.
_LIST_QUERY = re.compile(r"(?:.*&)?(?:s|q|search|otsi|paged)=[^&].*|(?:cat|tag|author|m)=[^&]+")
_LIST_TYPES = {"CollectionPage", "SearchResultsPage", "ProfilePage"}
_MISSING = re.compile(
    r"(?:(?:viga|error|ошибка)\s*:?\s*)?404"
    r"(?:\s*[-–—:|.!].{0,80}|\s+(?:error|viga|page|leh|not found|ei leitud).{0,60})?"
    r"|.{0,40}(?:leht\w*|dokument\w*|artikl\w*)"
    r" (?:ei leitud|puudub|ei eksisteeri|pole olemas).{0,60}"
    r"|.{0,30}ei leidnud (?:seda )?leh\w+.{0,30}"
    r"|.{0,20}(?:page|file) not found.{0,60}|not found"
    r"|.{0,40}страница не найдена.{0,60}|.{0,30}page (?:can.?t|could ?n.t|cannot) be found.{0,40}",
    re.IGNORECASE,
)
_REFRESH = re.compile(r"\s*(\d+)\s*[;,]\s*(?:url\s*=)?\s*\S", re.IGNORECASE)
_REFRESH_SECONDS = 10
_SCRIPT_ASKED = re.compile(r"java\s?script", re.IGNORECASE)
_MUCH_TEXT = 600
_TEASERS, _NOTICE, _MORE_BELOW = 3, 60, 2
_LEAD = 250


def refused(root: "Element", head: PageHead) -> NoArticle | None:
    """Reason against an article that needs no text: frames, redirect; None without one."""
    if root.find(".//frameset") is not None:
        return FRAMES
    body = root.find("body")
    length = 0 if body is None else text_length(body)
    refresh = _REFRESH.match(head.meta("refresh"))
    if refresh and int(refresh[1]) <= _REFRESH_SECONDS and length < _LEAD:
        return REDIRECT
    return None


def kind_of_page(
    root: "Element", head: PageHead, address: str, headline: Headline, *, has_pages: bool
) -> NoArticle | None:
    """Classifies a page without clutter: the reason why it is no article, None if it may be one.

    ``has_pages`` is the result of :func:`is_paged` before boilerplate was removed.
    """
    body = root.find("body")
    body = root if body is None else body
    names = set(f"{body.get('class', '')} {root.get('class', '')}".split())
    if "error404" in names or "page-404" in names or _is_missing(body, head, headline.text):
        return MISSING
    if not _ARTICLES.isdisjoint(names):
        return None
    teasers, is_list = _teasers(body, headline)
    if not _HOMES.isdisjoint(names) and (teasers > 1 or is_home(address)):
        return HOME
    if not _LISTS.isdisjoint(names):
        return LIST
    marked = body.findall(".//*[@itemprop='articleBody']")
    if len(marked) == 1 or len(head.articles) == 1:
        return None
    if address and is_home(address):
        return HOME
    if address and _is_list_address(address):
        return LIST
    if any(_LIST_TYPES & set(types(each)) for each in head.objects):
        return LIST
    if is_list:
        return LIST
    return LIST if has_pages and teasers > 1 else None


def nothing_found(root: "Element") -> NoArticle:
    """Reason for a page without text: empty, or rendered by scripts."""
    scripts = len(root.findall(".//script"))
    asks = any(_SCRIPT_ASKED.search("".join(each.itertext())) for each in root.iter("noscript"))
    return SCRIPT if asks or scripts else EMPTY


def _is_missing(body: "Element", head: PageHead, title: str) -> bool:
    if text_length(body) > _MUCH_TEXT:
        return False
    h1 = body.find(".//h1")
    heads = [title, re.split(r"\s[|–—-]\s", head.title)[0]]
    heads += [] if h1 is None else [" ".join("".join(h1.itertext()).split())]
    return any(_MISSING.fullmatch(each) for each in heads if each)


def _is_list_address(address: str) -> bool:
    parts = urlsplit(address)
    return bool(_LIST_ADDRESS.search(parts.path) or _LIST_QUERY.fullmatch(parts.query))


def _teasers(body: "Element", headline: Headline) -> tuple[int, bool]:
    """The number of headings that lead to other pages, and whether they make the page a list.

    They do if there is hardly any text between the headline and the first, or much more below.
    """
    addresses: set[str] = set()
    above = below = 0
    wanted = plain(headline.text) if headline.is_sure else ""
    for each in body.iter("h1", "h2", "h3", "h4", "p", "li", "td", "div", "span"):
        if each.tag in ("h1", "h2", "h3", "h4"):
            if wanted and plain("".join(each.itertext())) == wanted and not _leads_to(each):
                addresses.clear()
                above = below = 0
            elif address := _leads_to(each):
                addresses.add(address)
            continue
        own = each.text if each.tag in ("div", "span", "td") else "".join(each.itertext())
        length = 0 if each.find("h3") is not None else len((own or "").strip())
        above, below = (above, below + length) if addresses else (above + length, below)
    is_section = not wanted or wanted in SECTIONS
    is_list = len(addresses) >= _TEASERS and (
        is_section or above < _NOTICE or below > _MORE_BELOW * above
    )
    return len(addresses), is_list


def _leads_to(heading: "Element") -> str:
    """The link target of a whole heading; empty if none."""
    link = heading.find(".//a")
    parent = heading.getparent()
    link = parent if link is None and parent is not None and parent.tag == "a" else link
    address = "" if link is None else link.get("href", "")
    is_whole = bool(address) and text_length(heading) <= text_length(link) + 3
    return address if is_whole and not address.startswith("#") else ""


def is_paged(body: "Element") -> bool:
    """True if a page, before boilerplate is removed, links further pages of a list."""
    pages = {
        "pagination",
        "page-numbers",
        "pager",
        "paging",
        "pagenavi",
        "wp-pagenavi",
        "nav-previous",
    }
    for each in body.iter("ul", "div", "nav", "a", "span"):
        if not pages.isdisjoint(each.get("class", "").split()) and re.search(
            r"\b1\b.*\b2\b", " ".join(each.itertext())
        ):
            return True
    return False
