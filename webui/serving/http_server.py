"""HTTP server: waitress with an epoll loop, a bounded queue and limits on slow clients.

waitress parses requests and sends answers in one thread, so that slow clients block no search
thread. This module changes three things: waitress polls every open connection in its loop, its
queue is unbounded, and a client that sends a byte now and then never times out.
"""

import heapq
import resource
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.wasyncore import close_all, readwrite

from search.configuration import Configuration
from webui.app import MAX_BODY, SECURITY_HEADERS
from webui.operating.metrics import Metrics
from webui.serving.rate_limit import RateLimiter, client_name
from webui.serving.refusals import RETRY_SECONDS, Refusal, RefusalPages
from webui.serving.request_log import RefusalRecord

#: The operator's pages are for this machine only.
ADMIN_HOST = "127.0.0.1"
_ACCEPTED_AT_ONCE = 64
#: Descriptors for everything but connections: the index, logs, temporary files.
_OTHER_FILES = 256
_LEAST_CONNECTIONS = 64
#: Seconds that a refused client has to read the answer, while what it still sends is discarded.
_LINGERING_SECONDS = 2.0
#: Refusals of requests that may not have arrived completely.
_UNREAD = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
)
#: Share of the idle connections that is closed when there are too many.
_CLOSED_SHARE = 0.05
#: Reasons for closing a connection that are not reported.
_UNREPORTED = ("idle", "refused")


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Limits of a server, in seconds, bytes and numbers.

    ``threads`` answer concurrently, and at most ``waiting`` requests wait up to ``wait_seconds``
    for them; at ``connections`` the longest idle are closed for new ones. A client has
    ``request_seconds`` for a whole request, ``idle_seconds`` between two, and must accept
    ``taken_bytes`` of its answer in every ``taken_seconds``. A body has at most ``body_bytes``, the
    header ``header_bytes``; ``memory_bytes`` of an answer are in memory, the rest in a file;
    unsent answers of all clients have at most ``pending_bytes``.
    """

    threads: int = 8
    waiting: int = 64
    wait_seconds: float = 5.0
    connections: int = 4000
    request_seconds: float = 15.0
    idle_seconds: float = 60.0
    taken_seconds: float = 15.0
    taken_bytes: int = 8 * 1024
    body_bytes: int = 16 * 1024
    header_bytes: int = 32 * 1024
    memory_bytes: int = 128 * 1024
    pending_bytes: int = 512 * 1024 * 1024


class ServerWatcher(Protocol):
    """Protocol: is notified of refused requests and of connections that are closed early."""

    def refused(self, refusal: Refusal, client: str) -> None: ...

    def ended(self, reason: str) -> None: ...


class HttpServer:
    """A server of ``application`` at ``host`` and ``port`` (0 for any free one).

    ``trusted_proxies`` set X-Forwarded-For. Raises OSError if the port is taken.
    """

    def __init__(
        self,
        application: WSGIApplication,
        pages: RefusalPages,
        *,
        host: str,
        port: int,
        trusted_proxies: int = 0,
        limits: ServerLimits | None = None,
        limiter: RateLimiter | None = None,
        watcher: ServerWatcher | None = None,
    ) -> None:
        self.limits = limits or ServerLimits()
        self.host = host
        self._pages = pages
        self._trusted_proxies = trusted_proxies
        self._limiter = limiter or RateLimiter(0)
        self._watcher = watcher
        self._is_closing = False
        self._channels: dict[int, Any] = {}
        spare = max(_raise_descriptor_limit() - _OTHER_FILES, _LEAST_CONNECTIONS)
        self._most_connections = min(self.limits.connections, spare)
        self._active: set[int] = set()
        self._watched: dict[int, tuple[Any, int]] = {}
        self._answering = _Dispatcher(self.limits.threads)
        self._refusing = _Dispatcher(1)
        adjustments = self._adjustments(host, port)
        self._listeners = [
            _Listener(
                application,
                self._channels,
                dispatcher=self._answering,
                adj=adjustments,
                sockinfo=each,
                owner=self,
            )
            for each in adjustments.listen
        ]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._listeners[0].effective_port)

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return sum(len(each.active_channels) for each in self._listeners)

    def run(self) -> None:
        """Serves until KeyboardInterrupt, or until ``close``."""
        try:
            self._loop()
        except (SystemExit, KeyboardInterrupt):
            pass
        finally:
            self._refusing.shutdown()
            self._answering.shutdown()
            for each in self._open_channels():
                each.drop()
            close_all(self._channels)

    def close(self) -> None:
        """Ends ``run`` in another thread."""
        self._is_closing = True
        for each in self._listeners:
            each.pull_trigger()

    def admit(self, channel: Any) -> None:
        """Queues the first request of ``channel``, or refuses it."""
        request = channel.requests[0]
        if request.error is not None and not isinstance(request.error, Refusal):
            request.error = self._refusal(channel, request.error.code)
        elif request.error is None:
            request.error = self._over_limits(channel)
        channel.queued = time.monotonic()
        (self._refusing if request.error else self._answering).add_task(channel)

    def refuse_if_late(self, channel: Any) -> None:
        """Refuses the first request of ``channel`` if it has waited for too long."""
        request = channel.requests[0]
        late = time.monotonic() - channel.queued > self.limits.wait_seconds
        if request.error is None and late:
            request.error = self._refusal(channel, 503, RETRY_SECONDS)

    def mark_active(self, descriptor: int) -> None:
        """Marks a connection to be registered again: it may wait for other events now."""
        self._active.add(descriptor)

    def close_idle(self) -> None:
        """Closes the longest idle connections if the limit of connections is reached."""
        if len(self._channels) < self._most_connections:
            return
        silent = [each for each in self._open_channels() if not each.requests]
        most = max(1, int(len(silent) * _CLOSED_SHARE))
        for each in heapq.nsmallest(most, silent, key=lambda channel: channel.last_activity):
            self._end(each, "room")

    def is_full(self) -> bool:
        """True if the limit of connections is reached."""
        return len(self._channels) >= self._most_connections

    def _adjustments(self, host: str, port: int) -> Any:
        return Adjustments(
            host=host,
            port=port,
            threads=self.limits.threads,
            ident="",
            backlog=2048,
            # waitress removes X-Forwarded headers by default; the app trusts as many proxies as
            # configured, none by default.
            clear_untrusted_proxy_headers=not self._trusted_proxies,
            max_request_body_size=self.limits.body_bytes + 1,
            max_request_header_size=self.limits.header_bytes,
            inbuf_overflow=self.limits.memory_bytes,
            outbuf_overflow=self.limits.memory_bytes,
            log_socket_errors=False,
        )

    def _over_limits(self, channel: Any) -> Refusal | None:
        request = channel.requests[0]
        if self._answering.waiting >= self.limits.waiting:
            return self._refusal(channel, 503, RETRY_SECONDS)
        if self._pages.is_static(request.path):
            return None
        wait = self._limiter.wait(self._client(channel))
        return self._refusal(channel, 429, wait) if wait else None

    def _refusal(self, channel: Any, status: int, seconds: float = 0.0) -> Refusal:
        request = channel.requests[0]
        path = getattr(request, "path", "")
        found = self._pages.refusal(status, path, request.headers, seconds)
        if self._watcher:
            self._watcher.refused(found, self._client(channel))
        return found

    def _client(self, channel: Any) -> str:
        said = channel.requests[0].headers.get("X_FORWARDED_FOR", "")
        return client_name(str(channel.addr[0]), said, self._trusted_proxies)

    def _loop(self) -> None:
        """Event loop: polls by epoll, so that idle connections cost nothing."""
        self._active.update(self._channels)
        swept = time.monotonic()
        with select.epoll() as poller:
            while self._channels and not self._is_closing:
                for descriptor in tuple(self._active):
                    self._watch(descriptor, poller)
                for descriptor, events in poller.poll(1.0):
                    channel = self._channels.get(descriptor)
                    if channel is not None:
                        self._active.add(descriptor)
                        readwrite(channel, events)
                if time.monotonic() - swept >= 1:
                    swept = time.monotonic()
                    self._sweep(time.time())

    def _watch(self, descriptor: int, poller: select.epoll) -> None:
        channel = self._channels.get(descriptor)
        if channel is None:
            # The kernel removes a closed descriptor by itself.
            self._watched.pop(descriptor, None)
            self._active.discard(descriptor)
            return
        # A later change by a worker pulls the trigger, so that this runs again.
        if not (isinstance(channel, _Channel) and channel.is_active()):
            self._active.discard(descriptor)
        events = select.EPOLLIN if channel.readable() else 0
        if channel.writable() and not channel.accepting:
            events |= select.EPOLLOUT
        before, known = self._watched.get(descriptor, (None, 0))
        if before is not channel:
            poller.register(descriptor, events)
        elif known != events:
            poller.modify(descriptor, events)
        self._watched[descriptor] = (channel, events)

    def _sweep(self, now: float) -> None:
        """Closes connections that are idle or late."""
        for channel in self._open_channels():
            reason = channel.late(now)
            if reason:
                self._end(channel, reason)
        self._limit_pending()

    def _limit_pending(self) -> None:
        """Closes the connections with the most unsent bytes until all are below the limit."""
        waiting = [each for each in self._open_channels() if each.total_outbufs_len]
        pending = sum(each.total_outbufs_len for each in waiting)
        if pending <= self.limits.pending_bytes:
            return
        for each in sorted(waiting, key=lambda channel: -int(channel.total_outbufs_len)):
            pending -= each.total_outbufs_len
            self._end(each, "slow reader")
            if pending <= self.limits.pending_bytes:
                return

    def _open_channels(self) -> Sequence[Any]:
        return [each for one in self._listeners for each in tuple(one.active_channels.values())]

    def _end(self, channel: Any, reason: str) -> None:
        if self._watcher and reason not in _UNREPORTED:
            self._watcher.ended(reason)
        channel.drop()


class _Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Thread pool for requests; unlike that of waitress it does not log its queue length."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.set_thread_count(threads)

    @property
    def waiting(self) -> int:
        return len(self.queue)

    def add_task(self, task: Any) -> None:
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection with timeouts for slow clients."""

    queued = 0.0

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:  # noqa: A002 - waitress's name
        self._owner: HttpServer = server.owner
        self._began = self._measured = time.time()
        self._taken = 0
        self._lingers_until = 0.0
        self._is_refused = False
        super().__init__(server, sock, addr, adj, map=map)

    def is_active(self) -> bool:
        """True while it has requests, unsent bytes or is closing."""
        return bool(
            self.requests or self.total_outbufs_len or self.will_close or self.close_when_flushed
        )

    def late(self, now: float) -> str:
        """Reason to close this connection, empty without one."""
        limits = self._owner.limits
        if self._lingers_until:
            return "refused" if now > self._lingers_until else ""
        if self.total_outbufs_len:
            if now - self._measured < limits.taken_seconds:
                return ""
            taken, self._taken, self._measured = self._taken, 0, now
            return "slow reader" if taken < limits.taken_bytes else ""
        self._taken, self._measured = 0, now
        if self.requests:
            return ""
        if self.request is not None:
            return "slow request" if now - self._began > limits.request_seconds else ""
        return "idle" if now - self.last_activity > limits.idle_seconds else ""

    def add_channel(self, map: Any = None) -> None:  # noqa: A002 - waitress's name
        super().add_channel(map)
        self._owner.mark_active(self._fileno)

    def received(self, data: bytes) -> bool:
        if self._lingers_until:
            return True
        if self.request is None:
            self._began = time.time()
        return bool(super().received(data))

    def readable(self) -> bool:
        return bool(self._lingers_until) or bool(super().readable())

    def writable(self) -> bool:
        return not self._lingers_until and bool(super().writable())

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = int(super().send(data, do_close=do_close))
        self._taken += sent
        return sent

    def service(self) -> None:
        self._owner.refuse_if_late(self)
        error = self.requests[0].error
        self._is_refused = error is not None and error.status in _UNREAD
        super().service()

    def handle_close(self) -> None:
        """Closes; lingers after a refusal, because a reset would discard the answer."""
        if self._is_refused and self.connected and not self._lingers_until:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.drop()
                return
            self._lingers_until = time.time() + _LINGERING_SECONDS
            self.will_close = self.close_when_flushed = False
            return
        self.drop()

    def drop(self) -> None:
        """Closes at once."""
        if self._fileno is not None:
            super().handle_close()


class _Listener(TcpWSGIServer):  # type: ignore[misc]
    """A listening socket of the server ``owner``."""

    channel_class = _Channel

    def __init__(self, *arguments: Any, owner: HttpServer, **options: Any) -> None:
        self.owner = owner
        super().__init__(*arguments, **options)

    def add_task(self, task: Any) -> None:
        self.owner.admit(task)

    def readable(self) -> bool:
        return True

    def handle_accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            self.owner.close_idle()
            before = len(self.active_channels)
            if self.owner.is_full():
                self._reject()
                return
            super().handle_accept()
            if len(self.active_channels) == before:
                return

    def _reject(self) -> None:
        """Accepts a connection and closes it at once."""
        accepted = self.accept()
        if accepted is not None:
            accepted[0].close()


def _raise_descriptor_limit() -> int:
    """Raises the limit of open files to the hard limit, and returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1 << 20
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft
    return 1 << 20 if hard == resource.RLIM_INFINITY else hard


def public_server(
    app: Flask, configuration: Configuration, metrics: Metrics, host: str, port: int
) -> HttpServer:
    """The server of the public site. Raises OSError if the port is taken."""
    prefix = "/" + configuration.prefix.strip("/") if configuration.prefix.strip("/") else ""
    return HttpServer(
        app,
        RefusalPages(app, prefix, SECURITY_HEADERS),
        host=host,
        port=port,
        trusted_proxies=configuration.trusted_proxies,
        limits=ServerLimits(body_bytes=MAX_BODY),
        limiter=RateLimiter(configuration.requests_per_minute),
        watcher=RefusalRecord(
            metrics,
            logs=configuration.log != "plain",
            with_clients=configuration.log == "json-with-clients",
        ),
    )


def admin_server(app: Flask, metrics: Metrics, port: int) -> HttpServer:
    """The server of the operator's pages, for this machine only."""
    return HttpServer(
        app,
        RefusalPages(app, "", SECURITY_HEADERS),
        host=ADMIN_HOST,
        port=port,
        limits=ServerLimits(threads=2, waiting=16, connections=200, body_bytes=MAX_BODY),
        watcher=RefusalRecord(metrics, logs=False, with_clients=False),
    )
