"""Discovers the pages of a site: sitemaps of robots.txt, usual places, else a feed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote, urljoin, urlsplit

from indexer.sources.addresses import absolute_address, clean_address
from indexer.sources.base import Isolation, Skipped
from indexer.sources.decoding import decode
from indexer.sources.kinds import kind_of
from indexer.sources.limits import Limits
from indexer.sources.pages.markup import parse_markup
from indexer.sources.web.crawler import Crawler, RedirectRefused, WebPage, host_of, origin_of
from indexer.sources.web.sitemaps import is_sitemap, read_sitemap, unzipped
from search.errors import NothingListed, SourceError

_USUAL_SITEMAPS = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
_USUAL_FEED = "feed/"
_FEED_TYPES = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
)
#: Names that WordPress and its plugins give to sitemaps of posts, and of pages, lists and authors.
_POSTS = re.compile(r"/(?:wp-sitemap-posts-post-\d+|post-sitemap\d*)\.xml", re.IGNORECASE)
_NO_POSTS = re.compile(
    r"/(?:wp-sitemap-(?:posts-page|posts-attachment|taxonomies|users)-[\w-]*"
    r"|(?:page|attachment|category|post_tag|post_format|author)-sitemap\d*)\.xml",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"comment|kommentaar|комментар", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A listed page; ``written`` is its address as in the sitemap."""

    address: str
    written: str


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """The address of a feed."""

    address: str


Listed = ListedPage | FoundFeed | Skipped | SourceError


class SiteListing:
    """Discovers the pages of one site; ``most`` limits the number of sitemaps.

    ``is_whole`` becomes False if a sitemap or feed could not be read.
    """

    def __init__(
        self, crawler: Crawler, limits: Limits, site: str, most: int, isolation: Isolation
    ) -> None:
        self._crawler = crawler
        self._isolation = isolation
        self._limits = limits
        self._site = host_of(site)
        self._most = most
        self._visited: set[str] = set()
        self.is_whole = True

    def of_home(self, home: str) -> Iterator[Listed]:
        """Pages of the site with the home page ``home``, or its feed."""
        try:
            named = self._crawler.robots(home).sitemaps
        except SourceError as error:
            self.is_whole = False
            yield error
            return
        origin = origin_of(home)
        is_any = False
        for each in named:
            address = absolute_address(each, f"{origin}/")
            for found in self._child_sitemap(address or each, home, 0):
                is_any = is_any or not isinstance(found, Skipped | SourceError)
                yield found
        if is_any:
            return
        for path in _USUAL_SITEMAPS:
            page = self._page_or_none(origin + path)
            if page is not None and page.address not in self._visited and self._lists(page):
                yield from self.of_sitemap(page, origin + path)
                return
        feed = self._feed_of(home)
        if feed:
            yield FoundFeed(feed)
        elif self.is_whole:  # else there may be one that fails only now
            yield NothingListed(file=home)

    def of_sitemap(self, page: WebPage, name: str, depth: int = 1) -> Iterator[Listed]:
        """Pages listed by the sitemap ``page`` and its child sitemaps; ``depth`` is its level."""
        self._visited.update((name, page.address))
        try:
            data = unzipped(page.body, name, self._limits)
            content = read_sitemap(data, name, self._limits)
        except SourceError as error:
            self.is_whole = False
            yield error
            return
        if content.problems:
            self.is_whole = False
        yield from content.problems
        yield from self._pages(content.pages, page, name)
        has_posts = any(_POSTS.search(each) for each in content.sitemaps)
        for each in content.sitemaps:
            address = absolute_address(each, page.address)
            if has_posts and _NO_POSTS.search(each):
                yield Skipped(name, address, "page", "lists pages that are no news")
            else:
                yield from self._child_sitemap(address or each, name, depth)

    def _pages(self, written: list[str], page: WebPage, name: str) -> Iterator[Listed]:
        elsewhere = 0
        for each in written:
            address = absolute_address(each, page.address)
            if address and host_of(address) == self._site:
                yield ListedPage(address, _printable(urljoin(page.address, each)))
            else:
                elsewhere += 1
        if elsewhere:
            message = f"lists addresses of other hosts, which are not asked: {elsewhere}"
            yield Skipped(name, "", "elsewhere", message)

    def _child_sitemap(self, address: str, parent: str, depth: int) -> Iterator[Listed]:
        """Pages listed by the child sitemap at ``address`` of ``parent``."""
        if host_of(address) != self._site:
            yield Skipped(
                parent, address, "elsewhere", "stands on another host, which is not asked"
            )
            return
        if address in self._visited:
            yield Skipped(parent, address, "repeated", "is named again, and was read once")
            return
        if depth >= self._limits.sitemap_depth or len(self._visited) >= self._most:
            self.is_whole = False
            limit = f"more than {self._limits.sitemap_depth} sitemaps deep"
            yield Skipped(parent, address, "too-deep", f"is not read: {limit}")
            return
        self._visited.add(address)
        try:
            page = self._crawler.page(address, may_leave=self._is_here, is_list=True)
            if _kind(page, self._limits) == "feed":
                yield FoundFeed(address)
                return
            yield from self.of_sitemap(page, address, depth + 1)
        except SourceError as error:
            self.is_whole = False
            yield error
        except RedirectRefused as error:
            message = f"leads to another host, which is not asked: {error.address}"
            yield Skipped(parent, address, "elsewhere", message)

    def _page_or_none(self, address: str) -> WebPage | None:
        """The page at ``address``; None if it cannot be fetched."""
        try:
            return self._crawler.page(address, may_leave=self._is_here, is_list=True)
        except (SourceError, RedirectRefused):
            return None

    def _is_here(self, address: str) -> bool:
        return host_of(address) == self._site

    def _lists(self, page: WebPage) -> bool:
        try:
            return is_sitemap(unzipped(page.body, page.address, self._limits))
        except SourceError:
            return False

    def _feed_of(self, home: str) -> str:
        """The address of the feed that the home page links, or of the usual one; empty if none."""
        page = self._page_or_none(home)
        if page is not None and _kind(page, self._limits) == "feed":
            return home
        linked = linked_feeds(page, self._isolation) if page else []
        usual = urljoin(f"{home.partition('?')[0].rstrip('/')}/", _USUAL_FEED)
        for each in dict.fromkeys((*linked, usual)):
            feed = self._page_or_none(each) if self._is_here(each) or each in linked else None
            if feed is not None and _kind(feed, self._limits) in ("feed", "json"):
                return each
        return ""


def linked_feeds(page: WebPage, isolation: Isolation) -> list[str]:
    """Addresses of feeds in ``<link>`` elements of ``page``, except of comments."""
    try:
        text = decode(page.body, page.charset, page.address).text
        return isolation(page.address, feed_links, text, page.address)
    except SourceError:
        return []


def feed_links(html: str, base: str) -> list[str]:
    """Addresses of feeds in ``<link>`` elements of ``html``, whose address is ``base``."""
    root = parse_markup(html)
    links = [] if root is None else root.findall(".//link")
    found = []
    for each in links:
        is_feed = str(each.get("type", "")).lower().strip() in _FEED_TYPES
        target = absolute_address(each.get("href") or "", base)
        said = f"{each.get('title', '')} {target}"
        if is_feed and target and not _COMMENTS.search(said):
            found.append(target)
    return found


def below(home: str) -> Callable[[str], bool]:
    """Predicate of addresses below a home page, of a site or a part of it."""
    path = urlsplit(clean_address(home)).path
    is_file = "." in path.rpartition("/")[2]
    folder = (path.rpartition("/")[0] if is_file else path).rstrip("/") + "/"
    return lambda address: f"{urlsplit(address).path.rstrip('/')}/".startswith(folder)


def _printable(address: str) -> str:
    return "".join(each if each.isprintable() else quote(each) for each in address)


def _kind(page: WebPage, limits: Limits) -> str:
    data = unzipped(page.body, page.address, limits)
    return kind_of(page.address, lambda: BytesIO(data))
