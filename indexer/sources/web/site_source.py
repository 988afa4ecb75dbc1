"""Web source: crawls a page, feed, sitemap, site, or the posts of a WordPress."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from indexer.sources.addresses import address_id, clean_address
from indexer.sources.base import (
    Found,
    Input,
    Isolation,
    Reader,
    ReadOptions,
    Remark,
    Skipped,
    Traffic,
    containers_of,
    in_this_process,
)
from indexer.sources.exports.feeds import FeedEntry, feed_entries
from indexer.sources.input_reader import InputReader
from indexer.sources.kinds import kind_of
from indexer.sources.limits import Limits
from indexer.sources.pages.page_head import is_home
from indexer.sources.web.crawler import (
    GONE,
    Crawler,
    RedirectRefused,
    Session,
    WebPage,
    host_of,
    is_transient,
)
from indexer.sources.web.robots import ROBOT
from indexer.sources.web.site_listing import FoundFeed, ListedPage, SiteListing, below, linked_feeds
from indexer.sources.web.sitemaps import is_sitemap, unzipped
from search.article import Article
from search.configuration import SourceSettings
from search.errors import PageNotFound, RobotsForbid, SiteGivenUp, SourceError

DEFAULT_EVERY = 3600.0
#: Seconds for which an interrupted crawl is resumed.
_RESUME_SECONDS = 86_400.0
#: Consecutive failures after which a site is given up for this run.
_MOST_FAILURES = 10
_POSTS_AT_ONCE = 100
_LISTING_KINDS = frozenset(("feed", "json", "jsonl"))
#: Kinds of inputs that are known before they are fetched.
_LINES, _UNLISTED, _STORED = "lines", "unlisted", "stored"
#: Codes of pages without text: the summary of the feed is used instead.
_NO_TEXT = frozenset(("list", "home", "not-found", "frames", "redirect", "script", "no-text"))


class WebSource:
    """Source of the pages at a web address.

    Pages are fetched when they are read. ``session`` is shared with the other sources of a run.
    """

    kind = "web"

    def __init__(
        self,
        settings: SourceSettings,
        readers: Mapping[str, Reader],
        limits: Limits,
        session: Session,
        options: ReadOptions = ReadOptions(),  # noqa: B008 - it is frozen
        isolation: Isolation = in_this_process,
    ) -> None:
        self._settings = settings
        self._limits = limits
        self._session = session
        self._options = options
        self._isolation = isolation
        self._crawler = Crawler(
            session,
            limits,
            settings.location,
            allow_private=settings.allow_private,
            delay=settings.delay,
            is_offline=settings.is_offline,
        )
        self._reader = InputReader({**readers, "feed": self._read_feed}, limits)
        self._address = clean_address(settings.location)
        self._lines: list[Found] = []
        self._waiting: set[str] = set()
        self._read_as: dict[str, str] = {}
        self._failures = 0
        self._is_scanned = False

    @property
    def name(self) -> str:
        return self._settings.location

    @property
    def every(self) -> float:
        return self._settings.every or DEFAULT_EVERY

    def scan(self) -> Iterator[Input | SourceError]:
        """The pages of the source, not fetched yet."""
        try:
            self._begin()
        except SourceError as error:
            yield error
            return
        for each in self._inputs():
            if isinstance(each, Input) and self._claims(each.name):
                self._waiting.add(each.name)
            yield each
        if self._collect_notes() and not self._waiting:
            self._waiting.add(self.name)
            yield self._input(self.name, kind=_LINES)
        self._is_scanned = True
        self._end_if_done()

    def read(self, source: Input) -> Iterator[Found]:
        self._collect_notes()
        yield from self._taken_lines()
        try:
            yield from self._found(source)
        except SourceError as error:
            yield error
        self._waiting.discard(source.name)
        self._collect_notes()
        yield from self._taken_lines()
        self._end_if_done()

    def contains(self, name: str) -> bool:
        """True for all pages of the same host."""
        return bool(clean_address(name)) and host_of(name) == host_of(self._address)

    def exists(self, name: str) -> bool:
        """False only for pages that the server has reported as gone."""
        return bool(clean_address(name)) and not any(
            each in self._session.gone for each in containers_of(name)
        )

    def is_rolling(self, name: str) -> bool:
        return name in self._session.kept

    def traffic(self) -> Traffic:
        return self._crawler.traffic()

    def _begin(self) -> None:
        """Begins a crawl, or resumes an interrupted one. Raises StoreLocked."""
        self._crawler.begin()
        store, now = self._session.store, self._session.clock.now()
        begun = store.begun(self.name)
        if begun is None or not 0 <= now - begun < _RESUME_SECONDS:
            begun = now
            if not self._settings.is_offline:
                store.begin(self.name, now)
        self._crawler.trust(begun, now)

    def _claims(self, name: str) -> bool:
        """False for an input that another source reads; names are read once."""
        return self._session.claimed.setdefault(name, self.name) == self.name

    def _end_if_done(self) -> None:
        if not self._is_scanned or self._waiting:
            return
        if not self._settings.is_offline:
            self._session.store.end(self.name)
        self._crawler.end()

    def _inputs(self) -> Iterator[Input | SourceError]:
        """Inputs of the address: a site, posts of WordPress, a sitemap, or a single page."""
        address = self._address
        if is_home(address):
            yield from self._site(address)
            return
        if _is_posts(address):
            yield self._input(self.name)
            return
        try:
            page = self._crawler.page(address, name=self.name, is_list=True)
            is_list = is_sitemap(unzipped(page.body, self.name, self._limits))
        except SourceError as error:
            yield error
            if is_transient(error):
                yield from self._stored_pages({})
            return
        if is_list:
            listing = self._listing(page.address)
            yield from self._listed(listing, listing.of_sitemap(page, address), address="")
            return
        yield self._input(self.name)

    def _site(self, home: str) -> Iterator[Input | SourceError]:
        listing = self._listing(home)
        yield from self._listed(listing, listing.of_home(home), home)

    def _listing(self, site: str) -> SiteListing:
        most = self._settings.max_pages
        return SiteListing(self._crawler, self._limits, site, most, self._isolation)

    def _listed(
        self,
        listing: SiteListing,
        found: Iterator[ListedPage | FoundFeed | Skipped | SourceError],
        address: str,
    ) -> Iterator[Input | SourceError]:
        """Yields an input for each listed page, and for those that were listed earlier."""
        is_below = below(address) if address else (lambda _: True)
        pages: dict[str, None] = {}
        left_out = unknown = 0
        is_cut = False
        for each in found:
            if isinstance(each, SourceError):
                yield each
            elif isinstance(each, Skipped):
                self._lines.append(each)
            elif isinstance(each, FoundFeed):
                yield self._input(each.address, kind="feed")
            elif not self._options.allows(each.address) or not is_below(each.address):
                left_out += 1
            elif each.address not in pages and len(pages) == self._settings.max_pages:
                is_cut = True
                break
            elif self._settings.is_offline and self._crawler.stored(each.address) is None:
                unknown += 1
            else:
                pages[each.address] = None
                yield self._input(each.written)
        if left_out:
            message = f"addresses left out by the settings: {left_out}"
            self._lines.append(Remark(self.name, "", "left-out", message))
        if unknown:
            message = f"pages that have not been fetched before: {unknown}. Leave --offline out"
            self._lines.append(Remark(self.name, "", "not-fetched", message))
        if is_cut:
            most = self._settings.max_pages
            message = f"only the first {most} pages are read, see --max-pages"
            self._lines.append(Remark(self.name, "", "max-pages", message))
        self._session.store.note_listed(self.name, pages)
        if not listing.is_whole:
            yield from self._stored_pages(pages)
        elif not is_cut:
            yield from self._unlisted(pages)

    def _unlisted(self, pages: Mapping[str, None]) -> Iterator[Input]:
        """Pages that were listed earlier and are no more: they may be gone."""
        store = self._session.store
        for each in store.listed(self.name):
            is_unknown = self._settings.is_offline and self._crawler.stored(each) is None
            if each in pages or is_unknown or not self._options.allows(each):
                continue
            if store.status(each) in GONE:
                self._session.gone.add(each)
            else:
                yield self._input(each, kind=_UNLISTED)

    def _stored_pages(self, pages: Mapping[str, None]) -> Iterator[Input]:
        """Stored pages that were listed earlier, if the listing fails now.

        A site that is down for an hour does not lose its articles.
        """
        for each in self._session.store.listed(self.name) or [self._address]:
            is_other = each not in pages and not is_home(each)
            if is_other and self._options.allows(each) and self._crawler.stored(each) is not None:
                yield self._input(self.name if each == self._address else each, kind=_STORED)

    def _input(self, name: str, kind: str = "") -> Input:
        return Input(
            name=name,
            id=address_id(name),
            kind=kind,
            open=BytesIO,
            address=clean_address(name),
            options=self._options,
            isolation=self._isolation,
        )

    def _found(self, source: Input) -> Iterator[Found]:
        """Fetches and reads an input. Raises SourceError."""
        if source.kind == _LINES:
            return
        self._session.kept.discard(source.name)
        self._session.gone.discard(source.name)
        if source.kind == _STORED or self._failures >= _MOST_FAILURES:
            self._session.kept.add(source.name)  # its present state is unknown
            page = self._crawler.stored(source.address)
        elif source.name == self.name and _is_posts(self._address):
            yield from self._posts(source)
            return
        else:
            page = yield from self._fetched(source)
        if page is not None:
            yield from self._read_page(source, page)

    def _fetched(self, source: Input) -> Generator[Found, None, WebPage | None]:
        """Fetches a page, yielding errors; falls back to the stored page on a transient one."""
        # Of a page with two addresses only one is fetched; the other is reported as a duplicate.
        address = self._read_as.get(source.id) or source.address
        try:
            page = self._crawler.page(address, may_leave=self._may_leave(source), name=source.name)
        except RobotsForbid as error:
            self._session.kept.add(source.name)
            yield from self._forbidden(source, error)
        except RedirectRefused as error:
            self._session.kept.add(source.name)
            message = f"leads to another host: {error.address}"
            yield Skipped(source.name, "", "elsewhere", message)
        except PageNotFound as error:
            yield self._missing(source, error)
        except SourceError as error:
            yield from self._failed(error)
            return self._crawler.stored(address) if is_transient(error) else None
        else:
            self._failures = 0
            self._read_as.setdefault(source.id, address)
            return page
        return None

    def _read_page(self, source: Input, page: WebPage) -> Iterator[Found]:
        """Reads the articles of a fetched page."""
        whole = self._with_content(source, page)
        if kind_of(whole.name, whole.open) in _LISTING_KINDS:
            # It drops old articles. WordPress marks feeds as noindex, which is ignored.
            self._session.kept.add(source.name)
        elif not self._options.noindex and _is_noindex(page):
            yield Skipped(source.name, "", "noindex", "asks not to be indexed")
            return
        for found in self._reader.read(whole, self._session.kept.add):
            yield found
            is_list = isinstance(found, Skipped) and found.code in ("list", "home")
            if is_list and source.name == self.name:
                yield from self._linked_feed(page)

    def _with_content(self, source: Input, page: WebPage) -> Input:
        kind = self._settings.format if source.name == self.name else ""
        return replace(
            source,
            kind=kind or ("feed" if source.kind == "feed" else ""),
            open=partial(BytesIO, page.body),
            address=page.address,
            charset=page.charset,
        )

    def _linked_feed(self, page: WebPage) -> Iterator[Found]:
        """Reads the feed that is linked by a list page named by the user."""
        for each in linked_feeds(page, self._isolation)[:1]:
            feed = self._input(each, kind="feed")
            yield from self._reader.read(
                self._with_content(feed, self._crawler.page(each)), self._session.kept.add
            )

    def _forbidden(self, source: Input, error: RobotsForbid) -> Iterator[Found]:
        if source.name == self.name:
            yield error
        else:
            yield Skipped(source.name, "", "robots", "is not to be fetched, says robots.txt")

    def _missing(self, source: Input, error: PageNotFound) -> Found:
        if error.values["status"] in GONE:
            self._session.gone.add(source.name)
        if source.kind == _UNLISTED:
            return Skipped(source.name, "", "gone", "is not there any more")
        return error

    def _failed(self, error: SourceError) -> Iterator[Found]:
        yield error
        self._failures = self._failures + 1 if is_transient(error) else 0
        if self._failures == _MOST_FAILURES and len(self._waiting) > 1:
            yield SiteGivenUp(file=self.name, count=self._failures)

    def _may_leave(self, source: Input) -> "_RedirectPolicy":
        is_free = source.name == self.name or source.kind == "feed"
        return _RedirectPolicy("" if is_free else host_of(source.address))

    def _read_feed(self, source: Input, limits: Limits) -> Iterator[Found]:
        """Reads the entries of a feed; for a summary the linked page is fetched."""
        for each in feed_entries(source, limits):
            if not isinstance(each, FeedEntry):
                yield each
            elif each.is_summary:
                yield from self._full_entry(each.article, source)
            else:
                yield each.article

    def _full_entry(self, entry: Article, feed: Input) -> Iterator[Found]:
        """The article on the page that an entry links, else the entry."""
        if entry.url and self._options.allows(entry.url):
            found = list(self._page_behind(entry.url))
            articles = [each for each in found if isinstance(each, Article)]
            if articles:
                for each in found:
                    yield _with_date(each, entry) if isinstance(each, Article) else each
                return
            refused = [each for each in found if isinstance(each, Skipped)]
            if any(each.code not in _NO_TEXT for each in refused):
                yield from refused
                return
        yield entry
        message = "stands in the feed as a summary, which was read; its page could not be"
        yield Remark(feed.name, f"“{entry.title}”", "summary", message)

    def _page_behind(self, address: str) -> Iterator[Found]:
        page = None
        try:
            if self._failures < _MOST_FAILURES:
                page = self._crawler.page(address)
        except SourceError as error:
            self._failures += is_transient(error)
            # After a transient failure the stored page is used.
            if not isinstance(error, PageNotFound | RobotsForbid):
                page = self._crawler.stored(address)
        if page is not None:
            yield from self._read_page(self._input(address), page)

    def _posts(self, source: Input) -> Iterator[Found]:
        """Reads all posts of the REST API of a WordPress, page by page."""
        total = number = 1
        is_guess = False
        while number <= total:
            if number > self._settings.max_pages:
                self._session.kept.add(source.name)
                message = f"only the first {number - 1} answers are read, see --max-pages"
                yield Remark(source.name, "", "max-pages", message)
                return
            address = _posts_page(self._address, number, has_terms=bool(self._options.categories))
            try:
                page = self._crawler.page(address, name=source.name)
            except SourceError as error:
                if is_guess and isinstance(error, PageNotFound):
                    return
                yield error
                kept = self._crawler.stored(address) if is_transient(error) else None
                if kept is None:
                    return
                page = kept
            written = page.headers.get("x-wp-totalpages", "")
            is_guess = not written.isdecimal()
            # If a proxy has removed the header, another page may follow a full one.
            is_full = page.body.count(b'"content":') >= _POSTS_AT_ONCE
            total = number + is_full if is_guess else int(written)
            content = partial(BytesIO, page.body)
            whole = replace(source, open=content, address="", charset=page.charset, kind="json")
            yield from self._reader.read(whole)
            number += 1

    def _collect_notes(self) -> bool:
        """Collects the notes of crawler and store as remarks; True if there are any."""
        for place, message in self._crawler.notes:
            self._lines.append(Remark(place, "", "slow", message))
        self._crawler.notes.clear()
        for each in self._session.store.notes:
            self._lines.append(Remark("web.sqlite", "", "store", each))
        self._session.store.notes.clear()
        return bool(self._lines)

    def _taken_lines(self) -> list[Found]:
        lines, self._lines = self._lines, []
        return lines


class _RedirectPolicy:
    """Predicate of redirects to follow: within ``host``, or anywhere if that is empty."""

    def __init__(self, host: str) -> None:
        self._host = host

    def __call__(self, address: str) -> bool:
        return not self._host or host_of(address) == self._host


def _is_noindex(page: WebPage) -> bool:
    """True if the header X-Robots-Tag asks all robots, or this one, not to index."""
    for each in page.headers.get("x-robots-tag", "").lower().split(","):
        name, colon, rule = each.strip().partition(":")
        is_for_us = not colon or name.strip() == ROBOT.lower()
        if is_for_us and (rule if colon else name).strip() in ("noindex", "none"):
            return True
    return False


def _with_date(article: Article, entry: Article) -> Article:
    """``article`` with the date of the feed's entry if its page has none."""
    if article.published is not None:
        return article
    return replace(article, published=entry.published, year=entry.year)


def _is_posts(address: str) -> bool:
    """True for the address of the posts in the REST API of a WordPress."""
    parts = urlsplit(address)
    return parts.path.rstrip("/").endswith("/wp-json/wp/v2/posts") or any(
        name == "rest_route" and value.rstrip("/") == "/wp/v2/posts"
        for name, value in parse_qsl(parts.query)
    )


def _posts_page(address: str, number: int, *, has_terms: bool) -> str:
    """The address of one page of posts, oldest first, so that new ones do not shift the pages."""
    parts = urlsplit(address)
    own = dict(parse_qsl(parts.query, keep_blank_values=True))
    query = {"orderby": "id", "order": "asc", **({"_embed": "wp:term"} if has_terms else {}), **own}
    query |= {"per_page": str(_POSTS_AT_ONCE), "page": str(number)}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))
