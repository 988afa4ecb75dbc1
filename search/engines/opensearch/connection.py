"""Connection to OpenSearch: HTTP requests with retries where these are safe, whole answers only.

All requests of the engine go through here. The server may answer for some shards only, with status
200; such an answer never gets past :meth:`Connection.search`.
"""

import base64
import importlib
import json
import logging
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

from search.configuration import OpenSearchSettings
from search.engine_errors import (
    EngineError,
    EngineMismatch,
    EngineNotInstalled,
    EngineUnavailable,
    IncompleteAnswer,
)
from search.engines.opensearch.circuit_breaker import CircuitBreaker
from search.engines.opensearch.response_errors import ResponseErrors
from search.errors import ConfigurationError, KlastriError
from search.login import Login, LoginPlace

#: Where the login is, besides ``login`` of ``[opensearch]``.
LOGIN = LoginPlace(
    "KLASTRIOTSING_OPENSEARCH_USER", "KLASTRIOTSING_OPENSEARCH_PASSWORD", "opensearch"
)
INSTALL = 'Install it: make opensearch, or pip install "klastriotsing[opensearch]"'
#: Supported versions: from this one up to, but without, this major.
OLDEST, TOO_NEW = (2, 19), 4
#: Timeout in seconds of all requests but searches.
PATIENCE = 60.0
#: A bulk request: characters and operations at most.
BULK_CHARACTERS, BULK_OPERATIONS = 4_000_000, 1_000
#: Pauses in seconds before retries; bulk requests are retried longer.
PAUSES, BULK_PAUSES = (0.2, 1.0), (3.0, 5.0, 5.0)
#: Last parts of the paths that only read, from several shards.
_READING = ("_count", "_mget", "_search")
#: Sent with every search: an error instead of a partial answer.
_WHOLE = {"allow_partial_search_results": False}
_LOOPBACK = ("localhost", "::1")

Json = dict[str, Any]
_Result = TypeVar("_Result")


class BulkOperation(NamedTuple):
    """One operation of a bulk request; ``source`` is None for ``delete``."""

    action: Literal["index", "create", "delete"]
    id: str
    source: Mapping[str, Any] | None = None


class _BulkLines(NamedTuple):
    """An operation with its lines of the request."""

    operation: BulkOperation
    text: str


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """Status and JSON (None where there is none) of an answer."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class ServerVersion:
    """Version of the server, such as 2.19.6."""

    major: int
    minor: int
    text: str


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """Health of some indexes: ``status`` is ``green``, ``yellow`` or ``red``.

    So many ``nodes`` run and ``shards`` (replicas, too) are active; ``missing`` are not.
    """

    status: str
    nodes: int
    shards: int
    missing: int


class Connection:
    """HTTP client for the server of ``settings``, safe for threads; connects when first used.

    Every method raises an EngineError where there is no whole answer. ``pause`` waits for some
    seconds. Raises ConfigurationError for settings that cannot be used, and EngineNotInstalled
    where the packages of the extra are missing.
    """

    def __init__(
        self,
        settings: OpenSearchSettings,
        login: Login | None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        names = ", ".join(settings.urls)
        self._server = f"OpenSearch at {names}"
        self._errors = ResponseErrors(self._server)
        self._settings = settings
        self._pause = pause
        self._breaker = CircuitBreaker()
        _check_login(settings.urls, login)
        self._library = self._imported()
        self._transport = self._opened(login)

    def __repr__(self) -> str:
        return f"Connection({self._server})"

    @property
    def server(self) -> str:
        """Name of the server in messages."""
        return self._server

    @property
    def settings(self) -> OpenSearchSettings:
        """The settings of the server."""
        return self._settings

    def close(self) -> None:
        """Closes all connections to the server."""
        self._transport.connection_pool.close()

    def version(self) -> ServerVersion:
        """The version of the server. Raises EngineMismatch for one that is not supported."""
        body = self.request("GET", "/").body
        version = body.get("version") if isinstance(body, dict) else None
        if not isinstance(version, dict):
            raise EngineMismatch(server=self._server, found="something else")
        text = str(version.get("number"))
        found = f"{version.get('distribution', 'Elasticsearch')} {text}"
        parts = text.split(".")
        if version.get("distribution") != "opensearch" or len(parts) < 2:
            raise EngineMismatch(server=self._server, found=found)
        major, minor = int(parts[0]), int(parts[1])
        if (major, minor) < OLDEST or major >= TOO_NEW:
            raise EngineMismatch(server=self._server, found=found)
        return ServerVersion(major, minor, text)

    def health(self, indexes: str = "") -> ClusterHealth:
        """Health of the cluster, or of ``indexes`` (names with commas, an alias or a pattern)."""
        path = f"/_cluster/health/{indexes}".rstrip("/")
        health = self.request("GET", path).body
        missing = health["unassigned_shards"] + health["initializing_shards"]
        return ClusterHealth(
            health["status"], health["number_of_nodes"], health["active_shards"], missing
        )

    def wait_for(self, status: str, indexes: str = "", seconds: float = PATIENCE) -> None:
        """Waits until ``indexes`` have ``status`` (``yellow``: all can be searched, or ``green``).

        Raises IncompleteAnswer after ``seconds``.
        """
        params = {"wait_for_status": status, "timeout": f"{seconds:.0f}s"}
        path = f"/_cluster/health/{indexes}".rstrip("/")
        answer = self.request("GET", path, params=params, timeout=seconds + 5, accept=(408,))
        if answer.status == 408 or answer.body.get("timed_out"):
            health = answer.body
            active = health["active_shards"]
            total = active + health["unassigned_shards"] + health["initializing_shards"]
            problem = self._errors.of_shards({"total": total, "successful": active})
            raise problem or self._errors.of_time(seconds)

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        params: Mapping[str, object] | None = None,
        *,
        timeout: float | None = None,
        accept: Collection[int] = (),
        repeat: bool = True,
    ) -> ServerAnswer:
        """Sends a request; ``body`` becomes JSON, unless it is a text.

        A status of 400 and above raises, but for those of ``accept``. Without an answer it is sent
        again, to another node if there is one; with ``repeat`` false only where it cannot have
        arrived. ``timeout`` is in seconds; by default that of the settings for requests that read.
        """
        last = path.partition("?")[0].rpartition("/")[2]
        reads = method == "GET" or last in _READING
        limit = timeout or (self._settings.timeout if reads else PATIENCE)
        text = body if body is None or isinstance(body, str) else _json(body)
        options = {name: _option(value) for name, value in (params or {}).items()}

        def answer() -> ServerAnswer:
            found = self._sent(method, path, text, options, limit, accept)
            if last in _READING and found.status == 200:
                self._whole(found.body)
            return found

        return self._answered(answer, repeat=repeat, reads=reads)

    def _answered(
        self, call: Callable[[], _Result], *, repeat: bool = True, reads: bool = True
    ) -> _Result:
        """Result of ``call`` with retries; reading requests fail fast through the breaker."""
        breaker = self._breaker if reads else CircuitBreaker()
        breaker.enter()
        try:
            result = self._repeated(call, repeat=repeat)
        except _UnsureError as unsure:
            if unsure.is_silent:
                breaker.failed(unsure.error)
            else:
                breaker.succeeded()
            raise unsure.error from None
        except BaseException:
            breaker.succeeded()
            raise
        breaker.succeeded()
        return result

    def _repeated(self, call: Callable[[], _Result], *, repeat: bool) -> _Result:
        """Result of ``call``, which is retried where it raises _UnsureError."""
        for pause in (*PAUSES, None):
            try:
                return self._at_some_node(call)
            except _UnsureError as unsure:
                may_repeat = repeat or unsure.is_unsent
                # A reader has waited for a node that hangs: one other node is tried.
                is_enough = unsure.is_slow and (pause != PAUSES[0] or not self._settings.urls[1:])
                if pause is None or not may_repeat or is_enough:
                    raise
            self._pause(pause)
        raise AssertionError("the last try returns or raises")

    def _at_some_node(self, call: Callable[[], _Result]) -> _Result:
        """Result of ``call`` at the first node that accepts the connection."""
        for _ in self._settings.urls[1:]:
            try:
                return call()
            except _UnsureError as unsure:
                if not unsure.is_unsent:
                    raise
        return call()

    def _sent(
        self,
        method: str,
        path: str,
        text: str | None,
        options: Json,
        timeout: float,
        accept: Collection[int],
    ) -> ServerAnswer:
        library = self._library
        try:
            body = self._transport.perform_request(
                method, path, params=dict(options), body=text, timeout=timeout
            )
        except library.ConnectionTimeout:
            slow = self._errors.of_time(timeout)
            raise _UnsureError(slow, is_slow=True, is_silent=True) from None
        except library.ConnectionError as error:
            broken = self._errors.of_connection(error.info)
            if not isinstance(broken, EngineUnavailable):
                raise broken from None
            is_unsent = _is_refused(error.info)
            raise _UnsureError(broken, is_unsent=is_unsent, is_silent=True) from None
        except library.SerializationError:
            raise EngineMismatch(server=self._server, found="something else") from None
        except library.TransportError as error:
            if error.status_code in accept:
                return ServerAnswer(error.status_code, error.info)
            problem = self._errors.of_answer(error.status_code, error.info or error.error)
            if isinstance(problem, EngineUnavailable | IncompleteAnswer):
                raise _UnsureError(problem) from None
            raise problem from None
        return ServerAnswer(200, body)

    def search(self, index: str, body: Mapping[str, Any], **params: object) -> Json:
        """Searches in ``index``. Raises QueryTooBroad."""
        found: Json = self.request("POST", f"/{index}/_search", body, {**_WHOLE, **params}).body
        return found

    def multi_search(
        self, index: str, bodies: Sequence[Mapping[str, Any]], **header: object
    ) -> list[Json]:
        """Sends several searches in one round trip; ``header`` goes with each."""
        head = _json({**_WHOLE, **header})
        text = "".join(f"{head}\n{_json(each)}\n" for each in bodies)
        path, limit = f"/{index}/_msearch", self._settings.timeout

        def answers() -> list[Json]:
            found = self._sent("POST", path, text, {}, limit, ()).body
            return [self._whole(each) for each in found["responses"]]

        return self._answered(answers)

    def _whole(self, answer: Json) -> Json:
        """``answer``, if all shards have answered; raises otherwise."""
        problem: KlastriError | None
        if "docs" in answer:
            problem = self._errors.of_documents(answer["docs"])
        elif "error" in answer:
            problem = self._errors.of_answer(answer.get("status", 500), answer)
        elif answer.get("timed_out"):
            problem = self._errors.of_time(self._settings.timeout)
        else:
            problem = self._errors.of_shards(answer["_shards"])
        if isinstance(problem, EngineUnavailable | IncompleteAnswer):
            raise _UnsureError(problem)
        if problem is not None:
            raise problem
        return answer

    def refresh(self, index: str) -> None:
        """Makes all writes visible to searches. Raises IncompleteAnswer."""
        shards = self.request("POST", f"/{index}/_refresh").body["_shards"]
        # An unassigned replica counts in the total, and is no failure.
        if shards["failed"] and (problem := self._errors.of_shards(shards)):
            raise problem

    def bulk(
        self, index: str, operations: Iterable[BulkOperation], **params: object
    ) -> frozenset[str]:
        """Sends any number of ``operations`` in bulk requests, with retries.

        Returns the ids of ``create`` that were there already. Raises EngineBlocked, and
        EngineUnavailable where a shard takes nothing; operations before that may have been done.
        """
        there: set[str] = set()
        for chunk in _chunks(operations):
            left = chunk
            for pause in (*PAUSES, *BULK_PAUSES, None):
                left, problem = self._bulk_once(index, left, there, params)
                if problem is None:
                    break
                if pause is None:
                    raise problem
                self._pause(pause)
        return frozenset(there)

    def _bulk_once(
        self,
        index: str,
        chunk: Sequence[_BulkLines],
        there: set[str],
        params: Mapping[str, object],
    ) -> tuple[list[_BulkLines], EngineError | None]:
        """Sends ``chunk``; returns what has to be sent again, with the reason."""
        text = "".join(each.text for each in chunk)
        # The server waits so long for a shard that is not there.
        options = {"timeout": "10s", **params}
        response = self.request("POST", f"/{index}/_bulk", text, options).body
        left: list[_BulkLines] = []
        why: EngineError | None = None
        items = response["items"] if response["errors"] else ()
        for each, item in zip(chunk, items, strict=False):
            result = item[each.operation.action]
            if result["status"] == 409 and each.operation.action == "create":
                there.add(each.operation.id)
            elif "error" in result:
                problem = self._errors.of_answer(result["status"], result)
                if not isinstance(problem, EngineUnavailable | IncompleteAnswer):
                    raise problem
                left.append(each)
                why = problem
        return left, why

    def _imported(self) -> Any:
        try:
            return importlib.import_module("opensearchpy")
        except ModuleNotFoundError:
            raise EngineNotInstalled(
                server=self._server, package="opensearch-py", remedy=INSTALL
            ) from None

    def _opened(self, login: Login | None) -> Any:
        settings = self._settings
        # Our errors report failures; without a handler the client would log them to stderr as well.
        logging.getLogger("opensearch").addHandler(logging.NullHandler())
        context = _tls(settings.ca) if any(map(_is_encrypted, settings.urls)) else None
        return self._library.Transport(
            [_host(each) for each in settings.urls],
            headers=_headers(login),
            ssl_context=context,
            timeout=settings.timeout,
            pool_maxsize=32,
            # Tries are counted in ``request``; a failed node is tried last for a while.
            max_retries=0,
            retry_on_timeout=True,
            retry_on_status=(502,),
        )


class _UnsureError(Exception):
    """Raised for a failure after which a retry may succeed.

    ``is_unsent`` if the request cannot have arrived, ``is_silent`` if no answer came, ``is_slow``
    if it timed out.
    """

    def __init__(
        self,
        error: EngineError,
        *,
        is_unsent: bool = False,
        is_slow: bool = False,
        is_silent: bool = False,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.is_unsent = is_unsent
        self.is_slow = is_slow
        self.is_silent = is_silent


def _check_login(urls: Iterable[str], login: Login | None) -> None:
    """Refuses to send a password to another machine without TLS."""
    for each in urls:
        host = urlsplit(each).hostname or ""
        is_here = host in _LOOPBACK or host.startswith("127.")
        if login is not None and not _is_encrypted(each) and not is_here:
            raise ConfigurationError(
                file="[opensearch]",
                problem=f"{each} would get the password in the clear",
                remedy="Write https:// in urls",
            )


def _headers(login: Login | None) -> dict[str, str]:
    """The header of Basic authentication in UTF-8; the client would write it in Latin-1."""
    if login is None:
        return {}
    pair = f"{login.user}:{login.password}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _is_refused(problem: object) -> bool:
    """Was the connection refused, so that nothing has been sent?"""
    cause = problem.__cause__ or problem.__context__ if isinstance(problem, Exception) else None
    return isinstance(cause, ConnectionRefusedError)


def _is_encrypted(url: str) -> bool:
    return url.startswith("https:")


def _host(url: str) -> Json:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {"host": parts.hostname, "port": port, "use_ssl": parts.scheme == "https"}


def _tls(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise ConfigurationError(
            file=ca,
            problem=f"is no certificate that can be read ({error.strerror or error.args[0]})",
            remedy="Check “ca” of [opensearch]",
        ) from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _option(value: object) -> object:
    """A value for a query string: the client would write True with a capital."""
    return str(value).lower() if isinstance(value, bool) else value


def _chunks(operations: Iterable[BulkOperation]) -> Iterator[list[_BulkLines]]:
    chunk: list[_BulkLines] = []
    size = 0
    for each in operations:
        head = _json({each.action: {"_id": each.id}})
        text = f"{head}\n" if each.source is None else f"{head}\n{_json(each.source)}\n"
        if chunk and (size + len(text) > BULK_CHARACTERS or len(chunk) == BULK_OPERATIONS):
            yield chunk
            chunk, size = [], 0
        chunk.append(_BulkLines(each, text))
        size += len(text)
    if chunk:
        yield chunk
