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
from indexer.sources.web.fetcher import Answer, Fetcher
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
#: A site that asks for longer pauses gets these.
LONGEST_DELAY = 60.0
#: Longer than so many seconds nobody is waited for within a run.
_LONGEST_WAIT = 60.0
_TRIES = 2
#: For so long what robots.txt has said is believed, and that it could not be had.
_ROBOTS_SECONDS = 3600.0
_NO_ROBOTS_SECONDS = 300.0
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_BUSY = frozenset((429, 503))
#: Statuses of what has vanished.
GONE = frozenset((404, 410))
_DENIED = frozenset((401, 402, 403, 407, 451))
_PASSING = (
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
_KEPT = ("content-type", "etag", "last-modified", "x-robots-tag", "x-wp-totalpages")


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as fetched: ``address`` is the last of the redirects, ``headers`` in lower case."""

    address: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """What the server calls the format, such as ``text/html``."""
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
class Pace:
    """The clock of a crawl: ``now`` gives seconds of the epoch, ``sleep`` waits for some."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep


@dataclass(slots=True)
class Session:
    """What the sources of one run share: kept pages, pauses of each host, what robots.txt said.

    ``gone`` are names of inputs that are not there any more; ``kept`` of those of which it is not
    known, or that drop old articles. ``claimed`` says which source reads an input.
    """

    store: PageStore = field(default_factory=PageStore)
    user_agent: str = "Klastriotsing"
    pace: Pace = Pace()
    resolve: Resolve = system_addresses
    gone: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    claimed: dict[str, str] = field(default_factory=dict)
    robots: dict[str, tuple[float, RobotsRules | str]] = field(default_factory=dict)
    last_request: dict[str, float] = field(default_factory=dict)
    put_off: dict[str, float] = field(default_factory=dict)
    _busy: dict[str, Fetcher] = field(default_factory=dict)

    def enter(self, name: str, fetcher: Fetcher) -> None:
        """Opens the store for a source, which asks by ``fetcher``. Raises StoreLocked."""
        self.store.open(name)
        self._busy[name] = fetcher

    def leave(self, name: str) -> None:
        """Closes the store once no source needs it any more, for other processes to use it."""
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


class Visitor:
    """Fetches pages for one source.

    ``name`` is that of the source; ``delay`` are seconds between requests to a host; with
    ``is_offline`` only kept pages are there. ``notes`` are lines for the user: an address, and what
    to say of it.
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
        """Pages and lists of pages asked for since then are not asked for again."""
        self._pages_since = pages_since
        self._lists_since = lists_since

    def end(self) -> None:
        """Closes the connection, and the store if no other source needs it."""
        self._session.leave(self._name)

    def traffic(self) -> Traffic:
        return Traffic(self._requests, self._not_modified)

    def robots(self, url: str) -> RobotsRules:
        """What robots.txt says at the host of ``url``. Raises SourceError if that is not known."""
        if self._is_offline:
            return RobotsRules(sitemaps=self._kept_robots(url).sitemaps)
        self._fetcher.check(url, self._name)
        origin = origin_of(url)
        known = self._session.robots.get(origin)
        now = self._session.pace.now()
        is_failed = known is not None and isinstance(known[1], str)
        believed = _NO_ROBOTS_SECONDS if is_failed else _ROBOTS_SECONDS
        if known is None or now - known[0] > believed:
            known = (now, self._asked_robots(origin))
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
        """The page behind ``url``, and behind its redirects; ``is_list`` if it lists others.

        ``may_leave`` says whether a redirect to an address is followed; if not, LeadsElsewhere is
        raised. ``name`` is what errors call the page. Raises SourceError.
        """
        name = name or url
        at = url
        for _ in range(self._limits.redirects + 1):
            if not self._is_offline:
                self._fetcher.check(at, name)
                if not self.robots(at).allows(at):
                    raise RobotsForbid(file=name)
            kept = self._step(at, name, self._lists_since if is_list else self._pages_since)
            if kept.status not in _REDIRECTS:
                return WebPage(at, kept.headers, kept.body)
            at = _target(at, kept.headers.get("location", ""), name)
            if not may_leave(at):
                if not self._is_offline:
                    self._fetcher.check(at, name)
                raise LeadsElsewhere(at)
        raise TooManyRedirects(file=name, limit=self._limits.redirects)

    def stored(self, url: str) -> WebPage | None:
        """The page behind ``url`` as it was kept, if it was."""
        at = url
        for _ in range(self._limits.redirects + 1):
            kept = self._session.store.page(at)
            if kept is None or kept.status >= 400:
                return None
            if kept.status not in _REDIRECTS:
                return WebPage(at, kept.headers, kept.body)
            at = _target(at, kept.headers.get("location", ""), url)
        return None

    def _step(self, url: str, name: str, fresh_since: float) -> StoredPage:
        """One address: from the store if it is fresh, else asked for; redirects are answers."""
        store = self._session.store
        kept = store.page(url)
        if self._is_offline:
            if kept is None or kept.status >= 400:
                raise NotFetched(file=name)
            return kept
        if kept is None or kept.asked < fresh_since:
            kept = self._refreshed(url, kept, name)
        if kept.status in GONE:
            raise PageNotFound(file=name, status=kept.status)
        return kept

    def _refreshed(self, url: str, kept: StoredPage | None, name: str) -> StoredPage:
        """Asks for ``url``, and keeps what comes. Raises SourceError for anything but a page."""
        conditions = _conditions(kept)
        answer = self._insisted(url, conditions, name)
        now = self._session.pace.now()
        if answer.status == 304 and kept is not None and conditions:
            self._not_modified += 1
            self._session.store.touch(url, kept, now)
            return replace(kept, asked=now)
        is_kept = answer.status == 200 or answer.status in _REDIRECTS or answer.status in GONE
        if not is_kept:
            raise _refusal(answer, name)
        headers = _worth_keeping(answer)
        if answer.status in _REDIRECTS:
            headers["location"] = answer.headers.get("location", "")
        body = answer.body if answer.status == 200 else b""
        page = StoredPage(answer.status, headers, body, now)
        self._session.store.keep(url, page)
        return page

    def _insisted(self, url: str, headers: Mapping[str, str], name: str) -> Answer:
        """The answer, after a second try where the first may have failed by chance."""
        for attempt in range(1, _TRIES + 1):
            is_last = attempt == _TRIES
            try:
                answer = self._asked(url, headers)
            except (Unreachable, BrokenAnswer) as error:
                if is_last:
                    raise _named(error, name) from error
                continue
            except SourceError as error:
                raise _named(error, name) from error
            is_busy = answer.status in _BUSY or answer.status in (500, 502, 504)
            if not is_busy or is_last:
                return answer
            wait = self._wait_of(answer)
            if wait > _LONGEST_WAIT:
                return answer
            self._session.put_off[host_of(url)] = self._session.pace.now() + wait
        raise AssertionError("there is a last try")

    def _asked(self, url: str, headers: Mapping[str, str], cut_at: int | None = None) -> Answer:
        """One request, after the pause that its host gets."""
        host = host_of(url)
        pace = self._session.pace
        earliest = max(
            self._session.last_request.get(host, -math.inf) + self._pause(url),
            self._session.put_off.get(host, -math.inf),
        )
        if (wait := earliest - pace.now()) > 0:
            pace.sleep(wait)
        self._requests += 1
        try:
            return self._fetcher.get(url, headers, cut_at)
        finally:
            self._session.last_request[host] = pace.now()

    def _pause(self, url: str) -> float:
        known = self._session.robots.get(origin_of(url))
        asked = known[1].crawl_delay if known and isinstance(known[1], RobotsRules) else 0.0
        return max(self._delay, min(asked, LONGEST_DELAY))

    def _wait_of(self, answer: Answer) -> float:
        """Seconds that an answer asks to wait."""
        written = answer.headers.get("retry-after", "").strip()
        if written.isdecimal():
            return float(written)
        with contextlib.suppress(ValueError, TypeError):
            return parsedate_to_datetime(written).timestamp() - self._session.pace.now()
        return 0.0

    def _asked_robots(self, origin: str) -> RobotsRules | str:
        """The rules of a host, or why nobody knows them."""
        try:
            status, body = self._answered_robots(f"{origin}/robots.txt")
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

    def _answered_robots(self, address: str) -> tuple[int, bytes]:
        """Status and content behind ``address``, and behind its redirects."""
        at = address
        for _ in range(self._limits.redirects + 1):
            kept = self._session.store.page(at)
            conditions = _conditions(kept)
            answer = self._robots_answer(at, conditions)
            now = self._session.pace.now()
            if answer.status == 304 and kept is not None and conditions:
                self._not_modified += 1
                self._session.store.touch(at, kept, now)
                return 200, kept.body
            if answer.status == 200:
                self._session.store.keep(
                    at, StoredPage(200, _worth_keeping(answer), answer.body, now)
                )
            if answer.status not in _REDIRECTS:
                return answer.status, answer.body
            at = _target(at, answer.headers.get("location", ""), at)
        raise TooManyRedirects(file=at, limit=self._limits.redirects)

    def _robots_answer(self, url: str, headers: Mapping[str, str]) -> Answer:
        most = self._limits.robots_kilobytes * 1024
        try:
            return self._asked(url, headers, most)
        except (Unreachable, BrokenAnswer):
            return self._asked(url, headers, most)

    def _kept_robots(self, url: str) -> RobotsRules:
        kept = self._session.store.page(f"{origin_of(url)}/robots.txt")
        return RobotsRules() if kept is None else read_robots(kept.body)


class LeadsElsewhere(Exception):
    """Raised for a page that leads to an address where nobody wants to go."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def is_failure(error: SourceError) -> bool:
    """True for an error that all pages of a site may have now, and that may soon be over."""
    return isinstance(error, _PASSING)


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


def _conditions(kept: StoredPage | None) -> dict[str, str]:
    """What is sent along to hear only whether ``kept`` has changed: just what the server gave."""
    if kept is None or kept.status != 200:
        return {}
    named = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
    return {header: kept.headers[name] for header, name in named if kept.headers.get(name)}


def _worth_keeping(answer: Answer) -> dict[str, str]:
    return {each: answer.headers[each] for each in _KEPT if each in answer.headers}


def _target(url: str, location: str, name: str) -> str:
    """Where a redirect leads."""
    if not location:
        raise BrokenAnswer(file=name, reason="it leads on, but not where")
    try:
        # Headers come as Latin-1, whatever they are.
        with contextlib.suppress(UnicodeError):
            location = location.encode("latin-1").decode("utf-8")
        return urldefrag(urljoin(url, location.strip())).url
    except ValueError:
        raise BrokenAnswer(file=name, reason="it leads to what is no address") from None


def _refusal(answer: Answer, name: str) -> SourceError:
    """The error that an answer without a page is."""
    if answer.status in _DENIED:
        return AccessDenied(file=name, status=answer.status)
    if answer.status in _BUSY:
        written = answer.headers.get("retry-after", "").strip()
        said = f"; Retry-After: {written}" if written else ""
        return ServerBusy(file=name, status=f"{answer.status}{said}")
    if 400 <= answer.status < 500:
        return PageNotFound(file=name, status=answer.status)
    return ServerFailed(file=name, status=answer.status)


def _named(error: SourceError, name: str) -> SourceError:
    """``error`` about the page ``name``."""
    return type(error)(**{**error.values, "file": name})


def _reason(error: Exception) -> str:
    """Why robots.txt is not known, without what to do."""
    if isinstance(error, SourceError):
        message = str(error).partition(": ")[2]
        return f"robots.txt: {message.rpartition('. ')[0] or message}"
    return f"robots.txt: {error}"
