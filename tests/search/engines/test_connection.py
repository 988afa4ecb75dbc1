"""The connection to OpenSearch: a real server, one behind TLS and a password, and odd answers."""

import logging
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from opensearch_cluster import OpenSearchCluster
from scripted_server import scripted
from tls_proxy import GuardedServer, authority, guarded

from search.configuration import OpenSearchSettings
from search.engine_errors import (
    EngineBlocked,
    EngineFailed,
    EngineMismatch,
    EngineNotInstalled,
    EngineRefused,
    EngineTimedOut,
    EngineUnavailable,
    EngineUntrusted,
    IncompleteAnswer,
)
from search.engines.opensearch.circuit_breaker import CircuitBreaker
from search.engines.opensearch.connection import LOGIN, BulkOperation, Connection
from search.errors import ConfigurationError, QueryTooBroad
from search.login import Login

pytestmark = pytest.mark.opensearch

USER, PASSWORD = "otsing", "väga salajane: 1%"
EVERYTHING = {"query": {"match_all": {}}, "track_total_hits": True}


@contextmanager
def connected(*urls: str, login: Login | None = None, **settings: Any) -> Iterator[Connection]:
    pauses: list[float] = []
    connection = Connection(OpenSearchSettings(urls, **settings), login, pauses.append)
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture(scope="module")
def connection(opensearch: OpenSearchCluster) -> Iterator[Connection]:
    with connected(*opensearch.urls) as made:
        yield made


@pytest.fixture
def index(connection: Connection) -> Iterator[str]:
    """An index of one's own with 20 documents."""
    name = f"connection-{uuid.uuid4().hex}"
    connection.request("PUT", f"/{name}", {"settings": {"index.number_of_replicas": 0}})
    connection.bulk(name, (BulkOperation("index", str(n), {"n": n}) for n in range(20)))
    connection.refresh(name)
    yield name
    connection.request("DELETE", f"/{name}")


def total(answer: dict[str, Any]) -> int:
    found = answer["hits"]["total"]["value"]
    assert isinstance(found, int)
    return found


def test_the_server_says_which_it_is(connection: Connection, index: str) -> None:
    version = connection.version()
    assert (version.major, version.minor) == (2, 19)
    connection.wait_for("green", index)
    health = connection.health(index)
    assert (health.status, health.nodes, health.shards, health.missing) == ("green", 1, 1, 0)


def test_what_is_written_in_bulk_is_found(connection: Connection, index: str) -> None:
    """In more requests than one, with any characters, and deleted or there already."""
    written = [BulkOperation("index", f"õ/{n}", {"t": f"Ü “𝄞” \n{n}"}) for n in range(1500)]
    assert connection.bulk(index, written) == frozenset()
    again = [
        BulkOperation("create", "õ/7", {}),
        BulkOperation("create", "uus", {}),
        BulkOperation("delete", "õ/8"),
        BulkOperation("delete", "ei ole"),
    ]
    assert connection.bulk(index, again) == {"õ/7"}
    connection.refresh(index)
    assert total(connection.search(index, EVERYTHING)) == 20 + 1500 + 1 - 1
    both = connection.multi_search(index, [EVERYTHING, {**EVERYTHING, "size": 1}])
    assert [len(each["hits"]["hits"]) for each in both] == [10, 1]
    kept = connection.request("GET", f"/{index}/_doc/%C3%B5%2F7").body
    assert kept["_source"] == {"t": "Ü “𝄞” \n7"}


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda c, _: c.search("ei-ole", {}), EngineFailed, "(404: no such index [ei-ole])"),
        (lambda c, i: c.search(i, {"query": {"x": {}}}), EngineFailed, "unknown query [x]"),
        (lambda c, i: c.multi_search(i, [{"query": {"x": {}}}]), EngineFailed, "400"),
        (lambda c, _: c.bulk("ei-ole", [BulkOperation("index", "1", {})]), EngineFailed, "404"),
    ],
    ids=["no-index", "no-query", "no-query-of-many", "bulk"],
)
def test_what_the_server_refuses_is_an_error(
    connection: Connection,
    index: str,
    ask: Callable[[Connection, str], object],
    error: type[Exception],
    said: str,
) -> None:
    with pytest.raises(error) as caught:
        ask(connection, index)
    assert said in str(caught.value)


def test_a_status_that_is_expected_is_no_error(connection: Connection, index: str) -> None:
    answer = connection.request("GET", f"/{index}/_doc/ei-ole", accept=(404,))
    assert (answer.status, answer.body["found"]) == (404, False)


def test_a_full_disk_stops_writing_and_not_searching(connection: Connection, index: str) -> None:
    """The block that the server sets at the flood-stage watermark."""
    block = {"index.blocks.read_only_allow_delete": True}
    connection.request("PUT", f"/{index}/_settings", block)
    with pytest.raises(EngineBlocked) as caught:
        connection.bulk(index, [BulkOperation("index", "1", {})])
    assert "disk usage exceeded flood-stage watermark" in str(caught.value)
    assert total(connection.search(index, EVERYTHING)) == 20


def test_an_index_that_has_no_copy_is_not_waited_for_long(connection: Connection) -> None:
    name = f"connection-{uuid.uuid4().hex}"
    nowhere = {"index.routing.allocation.require._name": "ei-ole"}
    asked = {"wait_for_active_shards": 0}
    connection.request("PUT", f"/{name}", {"settings": nowhere}, asked)
    try:
        with pytest.raises(IncompleteAnswer, match="0 of 2 shards"):
            connection.wait_for("yellow", name, seconds=0.1)
        with pytest.raises(IncompleteAnswer):
            connection.search(name, EVERYTHING)
    finally:
        connection.request("DELETE", f"/{name}")


@pytest.fixture(scope="module")
def guard(
    opensearch: OpenSearchCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GuardedServer]:
    folder = tmp_path_factory.mktemp("guard")
    with guarded(opensearch.urls[0], folder, USER, PASSWORD) as server:
        yield server


@pytest.mark.nginx
@pytest.mark.openssl
def test_a_guarded_server_lets_in_who_knows_the_password(
    guard: GuardedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with connected(guard.url, ca=guard.ca, login=Login(USER, PASSWORD)) as connection:
        assert connection.version().major == 2
        assert PASSWORD not in repr(connection) + caplog.text
        assert "Authorization" not in caplog.text


@pytest.mark.nginx
@pytest.mark.openssl
@pytest.mark.parametrize("login", [None, Login(USER, "vale"), Login("keegi", PASSWORD)])
def test_a_guarded_server_refuses_others(guard: GuardedServer, login: Login | None) -> None:
    with (
        connected(guard.url, ca=guard.ca, login=login) as connection,
        pytest.raises(EngineRefused) as caught,
    ):
        connection.version()
    assert "401: the login is missing or wrong" in str(caught.value)
    assert PASSWORD not in str(caught.value)


@pytest.mark.nginx
@pytest.mark.openssl
def test_a_certificate_that_nobody_vouches_for_is_refused(
    guard: GuardedServer, tmp_path: Path
) -> None:
    other = guard.url.replace("127.0.0.1", "localhost")
    for url, ca, said in (
        (guard.url, None, "unable to get local issuer certificate"),
        (guard.url, authority(tmp_path, "other"), "certificate"),
        (other, guard.ca, "localhost"),
    ):
        with (
            connected(url, ca=ca, login=Login(USER, PASSWORD)) as connection,
            pytest.raises(EngineUntrusted) as caught,
        ):
            connection.version()
        assert said in str(caught.value)


def test_a_server_that_is_not_there_is_unavailable(unused_url: str) -> None:
    begun = time.monotonic()
    with (
        connected(unused_url, "http://127.0.0.1:2") as connection,
        pytest.raises(EngineUnavailable) as caught,
    ):
        connection.search("uudised", EVERYTHING)
    assert "(Connection refused)" in str(caught.value)
    assert time.monotonic() - begun < 5


def test_without_the_extra_it_is_named(unused_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    with pytest.raises(EngineNotInstalled, match="make opensearch") as caught:
        Connection(OpenSearchSettings((unused_url,)), None)
    assert "in a moment" not in str(caught.value)


@pytest.fixture
def unused_url() -> str:
    return "http://127.0.0.1:1"


def test_another_node_answers_for_one_that_is_not_there(
    opensearch: OpenSearchCluster, unused_url: str
) -> None:
    with connected(unused_url, *opensearch.urls) as connection:
        for _ in range(4):
            assert connection.version().major == 2


def test_plain_http_where_tls_is_expected_is_unavailable(opensearch: OpenSearchCluster) -> None:
    url = opensearch.urls[0].replace("http:", "https:")
    with connected(url) as connection, pytest.raises(EngineUnavailable, match="TLS: "):
        connection.version()


def shards(successful: int, total: int = 3, failed: int = 0) -> dict[str, Any]:
    return {"_shards": {"total": total, "successful": successful, "failed": failed}, "hits": {}}


PART, WHOLE = shards(2), shards(3)
#: As the server says it, deep inside; how many it allows is a setting that other tests change.
_CLAUSES = {"type": "too_many_clauses", "reason": "maxClauseCount is set to 1024"}
_SHARD = {"type": "query_shard_exception", "reason": "failed", "caused_by": _CLAUSES}
CLAUSES = {
    "type": "search_phase_execution_exception",
    "reason": "all shards failed",
    "failed_shards": [{"shard": 0, "reason": _SHARD}],
}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([(200, PART)], IncompleteAnswer),
        ([(200, shards(3, failed=1))], IncompleteAnswer),
        ([(200, {**WHOLE, "timed_out": True})], EngineTimedOut),
        ([(200, PART), (200, WHOLE)], None),
        ([None, (200, WHOLE)], None),
        ([None], EngineUnavailable),
        ([(503, {"error": {"type": "x", "reason": "y"}}), (200, WHOLE)], None),
        ([(429, {"error": {"type": "es_rejected_execution_exception"}})], EngineUnavailable),
        ([(502, "<h1>Bad gateway</h1>"), (200, WHOLE)], None),
        ([(200, "<h1>Welcome</h1>")], EngineMismatch),
        ([(403, {"error": {"type": "security_exception"}})], EngineRefused),
        ([(500, {"error": {"type": "x", "reason": "null"}})], EngineFailed),
        ([(400, "")], EngineFailed),
        ([(400, {"error": CLAUSES, "status": 400})], QueryTooBroad),
    ],
)
def test_a_part_is_never_taken_for_an_answer(
    answers: list[tuple[int, Any] | None], error: type[Exception] | None
) -> None:
    """What may be whole a moment later is asked for again."""
    with scripted(*answers) as server, connected(server.url) as connection:
        if error is None:
            assert connection.search("uudised", EVERYTHING) == WHOLE
        else:
            with pytest.raises(error):
                connection.search("uudised", EVERYTHING)
        wanted = {"POST /uudised/_search?allow_partial_search_results=false"}
        assert set(server.asked) == wanted
        assert len(server.asked) <= 3


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_neither_counts_nor_documents_are_of_a_part(method: str) -> None:
    lost = {"_id": "1", "error": {"type": "no_shard_available_action_exception", "reason": "x"}}
    missing = {"_id": "2", "found": False}
    for path, answer in (("_count", PART), ("_mget", {"docs": [missing, lost]})):
        with (
            scripted((200, answer)) as server,
            connected(server.url) as connection,
            pytest.raises(IncompleteAnswer),
        ):
            connection.request(method, f"/uudised/{path}?x=1")
    with scripted((200, {"docs": [missing]})) as server, connected(server.url) as connection:
        assert connection.request(method, "/uudised/_mget").body == {"docs": [missing]}


def test_what_must_happen_once_is_not_sent_again() -> None:
    with scripted(None) as server, connected(server.url) as connection:
        with pytest.raises(EngineUnavailable):
            connection.request("PUT", "/uudised", {}, repeat=False)
        assert server.asked == ["PUT /uudised"]


def test_where_an_answer_takes_too_long_another_node_is_asked_once() -> None:
    with (
        scripted((200, WHOLE), delay=0.3) as one,
        scripted((200, WHOLE), delay=0.3) as other,
        connected(one.url, other.url, timeout=0.1) as connection,
    ):
        with pytest.raises(EngineTimedOut, match=r"within 0\.1 s"):
            connection.search("uudised", EVERYTHING)
        assert (len(one.asked), len(other.asked)) == (1, 1)


def test_while_nobody_answers_readers_do_not_wait_their_turn() -> None:
    """And what writes is tried all the same."""
    with (
        scripted((200, WHOLE), delay=0.3) as server,
        connected(server.url, timeout=0.1) as connection,
    ):
        for _ in range(2):
            with pytest.raises(EngineTimedOut):
                connection.search("uudised", EVERYTHING)
        assert len(server.asked) == 1
        assert connection.request("POST", "/uudised/_refresh").body == WHOLE


def test_the_breaker_lets_one_try_after_a_while_and_all_after_that() -> None:
    now = 0.0
    breaker = CircuitBreaker(lambda: now)
    breaker.enter()
    breaker.failed(EngineTimedOut(server="x", seconds="1"))
    with pytest.raises(EngineTimedOut):
        breaker.enter()
    now = 2.0
    breaker.enter()
    with pytest.raises(EngineTimedOut):
        breaker.enter()
    breaker.succeeded()
    breaker.enter()
    breaker.enter()


def item(status: int, kind: str = "") -> dict[str, Any]:
    error = {"error": {"type": kind, "reason": "…"}} if kind else {}
    return {"index": {"status": status, **error}}


def test_of_a_bulk_request_what_was_refused_is_sent_again() -> None:
    busy = item(429, "es_rejected_execution_exception")
    lost = item(503, "unavailable_shards_exception")
    operations = [BulkOperation("index", each, {}) for each in "abc"]
    first = (200, {"errors": True, "items": [item(201), busy, lost]})
    with scripted(first, (200, {"errors": False})) as server, connected(server.url) as connection:
        connection.bulk("uudised", operations, require_alias=True)
        assert server.asked == ["POST /uudised/_bulk?timeout=10s&require_alias=true"] * 2
    still = (200, {"errors": True, "items": [lost]})
    with scripted(still) as server, connected(server.url) as connection:
        with pytest.raises(IncompleteAnswer):
            connection.bulk("uudised", operations[:1])
        assert len(server.asked) == 6
    bad = (200, {"errors": True, "items": [item(400, "mapper_parsing_exception")]})
    with scripted(bad) as server, connected(server.url) as connection:
        with pytest.raises(EngineFailed):
            connection.bulk("uudised", operations[:1])
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ({"distribution": "opensearch", "number": "2.18.0"}, "opensearch 2.18.0"),
        ({"distribution": "opensearch", "number": "4.0.0"}, "opensearch 4.0.0"),
        ({"number": "8.15.1"}, "Elasticsearch 8.15.1"),
        (None, "something else"),
    ],
)
def test_a_server_of_another_kind_is_refused(version: object, found: str) -> None:
    with (
        scripted((200, {"version": version})) as server,
        connected(server.url) as connection,
        pytest.raises(EngineMismatch) as caught,
    ):
        connection.version()
    assert f"is {found}, and this program needs OpenSearch 2.19" in str(caught.value)


def test_a_password_never_goes_in_the_clear_to_another_machine() -> None:
    settings = OpenSearchSettings(("https://a.example", "http://b.example:9200"))
    with pytest.raises(ConfigurationError, match="would get the password"):
        Connection(settings, Login(USER, PASSWORD))


def test_the_login_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "login"
    file.write_text(f"{USER}\n{PASSWORD}\n", encoding="utf-8")
    login = LOGIN.read(file, {})
    assert login == Login(USER, PASSWORD)
    assert PASSWORD not in repr(login)
    variables = {"KLASTRIOTSING_OPENSEARCH_USER": "u", "KLASTRIOTSING_OPENSEARCH_PASSWORD": "p"}
    assert LOGIN.read(file, variables) == Login("u", "p")
    assert LOGIN.read(None, {}) is None
    with pytest.raises(ConfigurationError, match=r"Check “login” of \[opensearch\]"):
        LOGIN.read(tmp_path / "none", {})


def test_a_certificate_file_that_is_none_is_named(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    for text in (None, "no certificate"):
        if text:
            ca.write_text(text)
        with pytest.raises(ConfigurationError, match="Check “ca” of"):
            Connection(OpenSearchSettings(("https://127.0.0.1",), ca=ca), None)
