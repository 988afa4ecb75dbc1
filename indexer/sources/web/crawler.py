"""Crawler politeness: robots.txt, delays, one request at a time, retries, conditional GET."""

import contextlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from urllib.parse import urldefrag, urljoin, urlsplit

from indexer.sources.base import Traffic
from indexer.sources.limits import Limits
from indexer.sources.web.destinations import PORTS, Destinations, Resolve, system_addresses
from indexer.sources.web.fetcher import Fetcher, HttpAnswer
from indexer.sources.web.page_store import PageStore, StoredPage
from indexer.sources.web.robots import RobotsRules, read_robots
from search.errors import (
    AccessDenied,
    BrokenAnswer,
    HostUnknown,
    NoAnswerInTime,
    NotFetched,
    PageNotFound,
    RobotsForbid,
    RobotsUnavailable,
    ServerBusy,
    ServerFailed,
    SourceError,
    TlsFailed,
    TooManyRedirects,
    Unreachable,
)

DEFAULT_DELAY = 1.0
#: The longest Crawl-delay that is respected.
LONGEST_DELAY = 60.0
#: The longest Retry-After that is waited for within a run.
_LONGEST_WAIT = 60.0
_ATTEMPTS = 2
#: Seconds for which robots.txt, or a failure to fetch it, is cached.
_ROBOTS_SECONDS = 3600.0
_NO_ROBOTS_SECONDS = 300.0
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_BUSY = frozenset((429, 503))
#: Statuses of pages that do not exist any more.
GONE = frozenset((404, 410))
_DENIED = frozenset((401, 402, 403, 407, 451))
_TRANSIENT = (
    Unreachable,
    NoAnswerInTime,
    ServerFailed,
    ServerBusy,
    RobotsUnavailable,
    BrokenAnswer,
    HostUnknown,
    TlsFailed,
)
#: Headers that are kept with a page.
_KEPT_HEADERS = ("content-type", "etag", "last-modified", "x-robots-tag", "x-wp-totalpages")


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as fetched: ``address`` is the last of the redirects, ``headers`` in lower case."""

    address: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """Media type, such as ``text/html``."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The character set that the server declares; empty if none."""
        for each in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = each.partition("=")
            if name.strip().lower() == "charset":
                return value.strip(" \"'")
        return ""


@dataclass(frozen=True, slots=True)
class CrawlClock:
    """The clock of a crawl: ``now`` gives seconds of the epoch, ``sleep`` waits."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep


@dataclass(slots=True)
class Session:
    """Crawl session, shared by the sources of a run: page store, delays by host, robots.txt rules.

    ``gone`` are names of inputs that do not exist any more; ``kept`` those that may, or that drop
    old articles. ``claimed`` maps an input to the source that reads it.
    """

    store: PageStore = field(default_factory=PageStore)
    user_agent: str = "Klastriotsing"
    clock: CrawlClock = CrawlClock()
    resolve: Resolve = system_addresses
    gone: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    claimed: dict[str, str] = field(default_factory=dict)
    robots: dict[str, tuple[float, RobotsRules | str]] = field(default_factory=dict)
    last_request: dict[str, float] = field(default_factory=dict)
    put_off: dict[str, float] = field(default_factory=dict)
    _busy: dict[str, Fetcher] = field(default_factory=dict)

    def enter(self, name: str, fetcher: Fetcher) -> None:
        """Opens the store for the source ``name`` with its ``fetcher``. Raises StoreLocked."""
        self.store.open(name)
        self._busy[name] = fetcher

    def leave(self, name: str) -> None:
        """Closes the store when no source needs it any more, so that other processes can."""
        fetcher = self._busy.pop(name, None)
        if fetcher is not None:
            fetcher.close()
        if not self._busy:
            self.store.close()

    def close(self) -> None:
        """Closes all connections, and the store."""
        for each in tuple(self._busy):
            self.leave(each)
        self.store.close()


class Crawler:
    """Crawler of one source: fetches pages politely, or takes them from the page store.

    ``name`` is that of the source; ``delay`` are seconds between requests to a host; with
    ``is_offline`` only stored pages are used. ``notes`` are remarks for the user, each with its
    address.
    """

    def __init__(
        self,
        session: Session,
        limits: Limits,
        name: str,
        *,
        allow_private: tuple[str, ...] = (),
        delay: float | None = None,
        is_offline: bool = False,
    ) -> None:
        self._session = session
        self._limits = limits
        self._name = name
        self._delay = DEFAULT_DELAY if delay is None else delay
        self._is_offline = is_offline
        self._fetcher = Fetcher(
            Destinations(allow_private, session.resolve), limits, session.user_agent
        )
        self._pages_since = self._lists_since = math.inf
        self._requests = 0
        self._not_modified = 0
        self.notes: list[tuple[str, str]] = []

    def begin(self) -> None:
        """Opens the store. Raises StoreLocked."""
        self._session.enter(self._name, self._fetcher)

    def trust(self, pages_since: float, lists_since: float) -> None:
        """Sets from when on stored pages, and lists of pages, are fresh."""
        self._pages_since = pages_since
        self._lists_since = lists_since

    def end(self) -> None:
        """Closes the connection, and the store if no other source needs it."""
        self._session.leave(self._name)

    def traffic(self) -> Traffic:
        return Traffic(self._requests, self._not_modified)

    def robots(self, url: str) -> RobotsRules:
        """Rules of robots.txt at the host of ``url``. Raises SourceError if it is unavailable."""
        if self._is_offline:
            return RobotsRules(sitemaps=self._kept_robots(url).sitemaps)
        self._fetcher.check(url, self._name)
        origin = origin_of(url)
        known = self._session.robots.get(origin)
        now = self._session.clock.now()
        is_failed = known is not None and isinstance(known[1], str)
        believed = _NO_ROBOTS_SECONDS if is_failed else _ROBOTS_SECONDS
        if known is None or now - known[0] > believed:
            known = (now, self._fetched_rules(origin))
            self._session.robots[origin] = known
        rules = known[1]
        if isinstance(rules, str):
            raise RobotsUnavailable(file=self._name, reason=rules)
        return rules

    def page(
        self,
        url: str,
        *,
        may_leave: Callable[[str], bool] = lambda _: True,
        name: str = "",
        is_list: bool = False,
    ) -> WebPage:
        """Fetches the page at ``url``, following redirects; ``is_list`` if it lists others.

        Raises RedirectRefused for a redirect that ``may_leave`` does not allow, and SourceError;
        ``name`` is what errors call the page.
        """
        name = name or url
        at = url
        for _ in range(self._limits.redirects + 1):
            if not self._is_offline:
                self._fetcher.check(at, name)
                if not self.robots(at).allows(at):
                    raise RobotsForbid(file=name)
            kept = self._cached_or_fetched(
                at, name, self._lists_since if is_list else self._pages_since
            )
            if kept.status not in _REDIRECTS:
                return WebPage(at, kept.headers, kept.body)
            at = _target(at, kept.headers.get("location", ""), name)
            if not may_leave(at):
                if not self._is_offline:
                    self._fetcher.check(at, name)
                raise RedirectRefused(at)
        raise TooManyRedirects(file=name, limit=self._limits.redirects)

    def stored(self, url: str) -> WebPage | None:
        """The stored page at ``url``, following stored redirects; None without one."""
        at = url
        for _ in range(self._limits.redirects + 1):
            kept = self._session.store.page(at)
            if kept is None or kept.status >= 400:
                return None
            if kept.status not in _REDIRECTS:
                return WebPage(at, kept.headers, kept.body)
            at = _target(at, kept.headers.get("location", ""), url)
        return None

    def _cached_or_fetched(self, url: str, name: str, fresh_since: float) -> StoredPage:
        """The answer of one address: stored if fresh, else fetched; redirects are not followed."""
        store = self._session.store
        kept = store.page(url)
        if self._is_offline:
            if kept is None or kept.status >= 400:
                raise NotFetched(file=name)
            return kept
        if kept is None or kept.asked < fresh_since:
            kept = self._revalidated(url, kept, name)
        if kept.status in GONE:
            raise PageNotFound(file=name, status=kept.status)
        return kept

    def _revalidated(self, url: str, kept: StoredPage | None, name: str) -> StoredPage:
        """Sends a conditional request for ``url``, and stores the answer. Raises SourceError."""
        conditions = _conditional_headers(kept)
        answer = self._with_retry(url, conditions, name)
        now = self._session.clock.now()
        if answer.status == 304 and kept is not None and conditions:
            self._not_modified += 1
            self._session.store.touch(url, kept, now)
            return replace(kept, asked=now)
        is_kept = answer.status == 200 or answer.status in _REDIRECTS or answer.status in GONE
        if not is_kept:
            raise _error_of(answer, name)
        headers = _kept_headers(answer)
        if answer.status in _REDIRECTS:
            headers["location"] = answer.headers.get("location", "")
        body = answer.body if answer.status == 200 else b""
        page = StoredPage(answer.status, headers, body, now)
        self._session.store.keep(url, page)
        return page

    def _with_retry(self, url: str, headers: Mapping[str, str], name: str) -> HttpAnswer:
        """Requests ``url``, once more after a transient failure."""
        for attempt in range(1, _ATTEMPTS + 1):
            is_last = attempt == _ATTEMPTS
            try:
                answer = self._request(url, headers)
            except (Unreachable, BrokenAnswer) as error:
                if is_last:
                    raise _renamed(error, name) from error
                continue
            except SourceError as error:
                raise _renamed(error, name) from error
            is_busy = answer.status in _BUSY or answer.status in (500, 502, 504)
            if not is_busy or is_last:
                return answer
            wait = self._retry_after(answer)
            if wait > _LONGEST_WAIT:
                return answer
            self._session.put_off[host_of(url)] = self._session.clock.now() + wait
        raise AssertionError("there is a last try")

    def _request(
        self, url: str, headers: Mapping[str, str], cut_at: int | None = None
    ) -> HttpAnswer:
        """Sends one request, after the delay of its host."""
        host = host_of(url)
        clock = self._session.clock
        earliest = max(
            self._session.last_request.get(host, -math.inf) + self._pause(url),
            self._session.put_off.get(host, -math.inf),
        )
        if (wait := earliest - clock.now()) > 0:
            clock.sleep(wait)
        self._requests += 1
        try:
            return self._fetcher.get(url, headers, cut_at)
        finally:
            self._session.last_request[host] = clock.now()

    def _pause(self, url: str) -> float:
        known = self._session.robots.get(origin_of(url))
        asked = known[1].crawl_delay if known and isinstance(known[1], RobotsRules) else 0.0
        return max(self._delay, min(asked, LONGEST_DELAY))

    def _retry_after(self, answer: HttpAnswer) -> float:
        """Seconds of Retry-After; 0 without it."""
        written = answer.headers.get("retry-after", "").strip()
        if written.isdecimal():
            return float(written)
        with contextlib.suppress(ValueError, TypeError):
            return parsedate_to_datetime(written).timestamp() - self._session.clock.now()
        return 0.0

    def _fetched_rules(self, origin: str) -> RobotsRules | str:
        """Fetches the rules of a host; returns the reason where that fails."""
        try:
            status, body = self._fetched_robots(f"{origin}/robots.txt")
        except SourceError as error:
            return _reason(error)
        if status == 429 or status >= 500:
            return f"robots.txt: {status}"
        if status != 200:
            return RobotsRules()
        rules = read_robots(body)
        if rules.crawl_delay > self._delay:
            said = f"asks for {rules.crawl_delay:g} s between requests"
            kept = f"; {LONGEST_DELAY:g} s are kept" if rules.crawl_delay > LONGEST_DELAY else ""
            self.notes.append((f"{origin}/robots.txt", said + kept))
        return rules

    def _fetched_robots(self, address: str) -> tuple[int, bytes]:
        """Fetches a robots.txt, following redirects: status and body."""
        at = address
        for _ in range(self._limits.redirects + 1):
            kept = self._session.store.page(at)
            conditions = _conditional_headers(kept)
            answer = self._robots_answer(at, conditions)
            now = self._session.clock.now()
            if answer.status == 304 and kept is not None and conditions:
                self._not_modified += 1
                self._session.store.touch(at, kept, now)
                return 200, kept.body
            if answer.status == 200:
                self._session.store.keep(
                    at, StoredPage(200, _kept_headers(answer), answer.body, now)
                )
            if answer.status not in _REDIRECTS:
                return answer.status, answer.body
            at = _target(at, answer.headers.get("location", ""), at)
        raise TooManyRedirects(file=at, limit=self._limits.redirects)

    def _robots_answer(self, url: str, headers: Mapping[str, str]) -> HttpAnswer:
        most = self._limits.robots_kilobytes * 1024
        try:
            return self._request(url, headers, most)
        except (Unreachable, BrokenAnswer):
            return self._request(url, headers, most)

    def _kept_robots(self, url: str) -> RobotsRules:
        kept = self._session.store.page(f"{origin_of(url)}/robots.txt")
        return RobotsRules() if kept is None else read_robots(kept.body)


class RedirectRefused(Exception):
    """Raised for a redirect to an address that may not be followed."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def is_transient(error: SourceError) -> bool:
    """True for a transient error, which all pages of a site may have."""
    return isinstance(error, _TRANSIENT)


def origin_of(url: str) -> str:
    """Scheme, host and port of ``url``, as the beginning of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def host_of(url: str) -> str:
    """Host of ``url``, with its port if that is not the standard one; without ``www.``."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    host = (parts.hostname or "").removeprefix("www.")
    is_standard = port is None or port == PORTS.get(parts.scheme.lower())
    return host if is_standard else f"{host}:{port}"


def _conditional_headers(kept: StoredPage | None) -> dict[str, str]:
    """Headers of a conditional request, from the validators of ``kept``."""
    if kept is None or kept.status != 200:
        return {}
    named = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    return {header: kept.headers[name] for header, name in named if kept.headers.get(name)}


def _kept_headers(answer: HttpAnswer) -> dict[str, str]:
    return {each: answer.headers[each] for each in _KEPT_HEADERS if each in answer.headers}


def _target(url: str, location: str, name: str) -> str:
    """Absolute target of a redirect. Raises BrokenAnswer."""
    if not location:
        raise BrokenAnswer(file=name, reason="it leads on, but not where")
    try:
        # http.client decodes headers as Latin-1, also those in UTF-8.
        with contextlib.suppress(UnicodeError):
            location = location.encode("latin-1").decode("utf-8")
        return urldefrag(urljoin(url, location.strip())).url
    except ValueError:
        raise BrokenAnswer(file=name, reason="it leads to what is no address") from None


def _error_of(answer: HttpAnswer, name: str) -> SourceError:
    """The error for the status of an answer without a page."""
    if answer.status in _DENIED:
        return AccessDenied(file=name, status=answer.status)
    if answer.status in _BUSY:
        written = answer.headers.get("retry-after", "").strip()
        said = f"; Retry-After: {written}" if written else ""
        return ServerBusy(file=name, status=f"{answer.status}{said}")
    if 400 <= answer.status < 500:
        return PageNotFound(file=name, status=answer.status)
    return ServerFailed(file=name, status=answer.status)


def _renamed(error: SourceError, name: str) -> SourceError:
    """``error`` for the page ``name``."""
    return type(error)(**{**error.values, "file": name})


def _reason(error: Exception) -> str:
    """Reason why robots.txt is unavailable, without the remedy."""
    if isinstance(error, SourceError):
        message = str(error).partition(": ")[2]
        return f"robots.txt: {message.rpartition('. ')[0] or message}"
    return f"robots.txt: {error}"
