"""HTTP client: fetches one address, with checked destinations, verified TLS, and limits.

Redirects are not followed, because each target must be checked. Proxies of the environment are not
used.
"""

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any

from indexer.sources.limits import Limits
from indexer.sources.web.destinations import Destination, Destinations
from indexer.sources.web.unpacking import NotCompressed, TooLong, Unpacker
from search.errors import (
    AnswerTooLarge,
    BrokenAnswer,
    NoAnswerInTime,
    SourceError,
    TlsFailed,
    Unreachable,
)

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse
    from urllib3.connection import HTTPConnection

_MEGABYTE = 1_000_000
_PIECE = 1 << 16
_CODINGS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "identity": "", "": ""}
_PAGE_TYPES = frozenset(("text/html", "application/xhtml+xml", ""))
_ACCEPTED = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
#: Statuses of answers whose body is ignored.
_WITHOUT_TEXT = frozenset((204, 301, 302, 303, 304, 307, 308))


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP answer: status, headers in lower case, and the decompressed body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetcher:
    """Requests one address at a time, over a persistent connection.

    ``user_agent`` is the header, ``timer`` gives seconds.
    """

    def __init__(
        self,
        destinations: Destinations,
        limits: Limits,
        user_agent: str,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._destinations = destinations
        self._limits = limits
        self._user_agent = user_agent
        self._timer = timer
        self._kept: tuple[tuple[str, str, int, str], HTTPConnection] | None = None

    def check(self, url: str, name: str) -> None:
        """Raises an error of ``name`` for a ``url`` that may not be requested.

        That is AddressRefused, HostUnknown or PrivateAddress.
        """
        self._destinations.check(url, name)

    def get(
        self, url: str, headers: Mapping[str, str] | None = None, cut_at: int | None = None
    ) -> HttpAnswer:
        """Sends GET; returns an answer of any status, its body cut at ``cut_at`` bytes if given.

        Without that a larger body than the limits allow is an error. Raises SourceError.
        """
        destination = self._destinations.check(url, url)
        sent = {
            "Host": destination.authority,
            "User-Agent": self._user_agent,
            "Accept": _ACCEPTED,
            "Accept-Encoding": "gzip, deflate",
            **(headers or {}),
        }
        failure: SourceError | None = None
        for address in destination.addresses:
            try:
                return self._asked(destination, address, url, sent, cut_at)
            except Unreachable as error:  # another address may work
                failure = error
        assert failure is not None  # noqa: S101 - there is at least one address
        raise failure

    def close(self) -> None:
        """Closes the persistent connection."""
        if self._kept is not None:
            self._kept[1].close()
            self._kept = None

    def _asked(
        self,
        destination: Destination,
        address: str,
        url: str,
        headers: Mapping[str, str],
        cut_at: int | None,
    ) -> HttpAnswer:
        from urllib3.exceptions import HTTPError

        deadline = _Deadline(self._limits.answer_seconds)
        try:
            with deadline, self._connection(destination, address) as connection:
                deadline.connection = connection
                connection.request(
                    "GET",
                    destination.target,
                    headers=headers,
                    preload_content=False,
                    decode_content=False,
                )
                deadline.socket = connection.sock
                response = connection.getresponse()
                with _closed_on_failure(response):
                    answer, is_whole = self._read(response, url, cut_at)
                if not is_whole:
                    response.close()
                    connection.close()
                if deadline.has_passed:  # a truncated body may look complete
                    raise self._too_late(url, self._limits.answer_seconds)
                return answer
        except SourceError:
            raise
        # Header parsers raise some of these for malformed answers, too.
        except (HTTPError, OSError, ValueError, EOFError, _http_exception()) as error:
            if deadline.has_passed:
                raise self._too_late(url, self._limits.answer_seconds) from error
            raise self._failure(error, url) from error

    @contextlib.contextmanager
    def _connection(self, destination: Destination, address: str) -> "Iterator[HTTPConnection]":
        """Context manager: a connection to ``address``, kept open unless there is an error."""
        key = (destination.scheme, destination.host, destination.port, address)
        kept, self._kept = self._kept, None
        if kept is not None and kept[0] == key and kept[1].is_connected:
            connection = kept[1]
        else:
            if kept is not None:
                kept[1].close()
            connection = self._opened(destination, address)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._kept = (key, connection)

    def _opened(self, destination: Destination, address: str) -> "HTTPConnection":
        from urllib3.connection import HTTPConnection, HTTPSConnection

        seconds = self._limits.connect_seconds
        if destination.scheme == "http":
            return HTTPConnection(address, destination.port, timeout=seconds)
        return HTTPSConnection(
            address,
            destination.port,
            timeout=seconds,
            server_hostname=destination.host.rstrip("."),
            ssl_context=_verifying(),
        )

    def _read(
        self, response: "BaseHTTPResponse", url: str, cut_at: int | None
    ) -> tuple[HttpAnswer, bool]:
        """Reads the answer; also whether it is complete, so that the connection can be reused."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status in _WITHOUT_TEXT:
            headers.pop("content-encoding", None)
            cut_at = _PIECE
        coding = _CODINGS.get(headers.get("content-encoding", "").strip().lower())
        if coding is None:
            raise BrokenAnswer(file=url, reason="it is packed in a way nobody asked for")
        most = cut_at if cut_at is not None else int(self._megabytes(headers) * _MEGABYTE)
        unpacker = Unpacker(coding, most, cuts=cut_at is not None)
        is_whole = True
        try:
            while is_whole and (piece := response.read1(_PIECE)):
                unpacker.add(piece)
                is_whole = not (cut_at is not None and unpacker.is_full)
            body = unpacker.result()
        except TooLong:
            limit = f"{self._megabytes(headers):g} MB"
            raise AnswerTooLarge(file=url, limit=limit) from None
        except NotCompressed as error:
            raise BrokenAnswer(file=url, reason=f"it cannot be unpacked: {error}") from error
        return HttpAnswer(response.status, headers, body), is_whole

    def _megabytes(self, headers: Mapping[str, str]) -> float:
        """Limit of the body: lower for pages than for documents, sitemaps and exports."""
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        return (
            self._limits.page_megabytes if kind in _PAGE_TYPES else self._limits.web_pdf_megabytes
        )

    def _failure(self, error: Exception, url: str) -> SourceError:
        from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError
        from urllib3.exceptions import TimeoutError as TimedOut

        cause = error.__cause__ or error.__context__ or error
        if isinstance(error, ssl.SSLCertVerificationError | ssl.CertificateError):
            return TlsFailed(file=url, reason=getattr(error, "verify_message", "") or str(error))
        if isinstance(error, SSLError | ssl.SSLError):
            reason = getattr(error, "reason", "") or str(error)
            return TlsFailed(file=url, reason=str(reason))
        if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
            seconds = f"{self._limits.connect_seconds:g}"
            return Unreachable(file=url, reason=f"no connection within {seconds} s")
        if isinstance(error, TimedOut | TimeoutError) and not isinstance(error, NewConnectionError):
            return self._too_late(url, self._limits.connect_seconds)
        if isinstance(error, NewConnectionError | OSError):
            reason = getattr(cause, "strerror", None) or getattr(error, "strerror", None)
            return Unreachable(file=url, reason=reason or "the connection was closed")
        return BrokenAnswer(file=url, reason=_short(error))

    def _too_late(self, url: str, seconds: float) -> NoAnswerInTime:
        return NoAnswerInTime(file=url, seconds=f"{seconds:g}")


@contextlib.contextmanager
def _closed_on_failure(response: "BaseHTTPResponse") -> "Iterator[None]":
    try:
        yield
    except BaseException:
        response.close()
        raise


class _Deadline:
    """Closes a connection at its deadline, even while bytes are still arriving."""

    def __init__(self, seconds: float) -> None:
        self.connection: HTTPConnection | None = None
        # http.client drops the socket of an answer that ends with the connection.
        self.socket: Any = None
        self.has_passed = False
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _pass(self) -> None:
        self.has_passed = True
        socket = self.socket or getattr(self.connection, "sock", None)
        if socket is not None:
            with contextlib.suppress(OSError):
                socket.shutdown(SHUT_RDWR)


def _verifying() -> ssl.SSLContext:
    """TLS context that verifies certificates by the authorities of the system."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or (paths.capath and any(Path(paths.capath).iterdir()))):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _http_exception() -> type[Exception]:
    from http.client import HTTPException

    return HTTPException


def _short(error: Exception) -> str:
    if "IncompleteRead" in str(error):
        return "it ends too early"
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
