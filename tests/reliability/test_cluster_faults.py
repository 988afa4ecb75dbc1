"""Faults of a cluster of three nodes: an answer is whole, or an error says what is wrong."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from opensearch_cluster import ClusterNode, OpenSearchCluster

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer
from search.configuration import Configuration, OpenSearchSettings
from search.engine_errors import (
    EngineBlocked,
    EngineError,
    EngineTimedOut,
    IncompleteAnswer,
)
from search.engines.opensearch.connection import BulkOperation, Connection
from search.engines.registry import engine_findings
from search.finding import Finding
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui.app import create_app

pytestmark = pytest.mark.opensearch

EXAMPLES = Path(__file__).parent.parent.parent / "examples/uudised"
INDEX = "faults"
DOCUMENTS = 300
EVERYTHING = {"size": 0, "track_total_hits": True}


@contextmanager
def connected(*urls: str, timeout: float = 3.0) -> Iterator[Connection]:
    connection = Connection(OpenSearchSettings(urls, timeout=timeout), None)
    try:
        yield connection
    finally:
        connection.close()


def created(connection: Connection, replicas: int) -> None:
    """The index, of three shards, one on each node, each with ``replicas`` on others."""
    settings = {
        "number_of_shards": 3,
        "number_of_replicas": replicas,
        "unassigned.node_left.delayed_timeout": "0",
        "routing.allocation.total_shards_per_node": 3 if replicas else 1,
    }
    connection.request("PUT", f"/{INDEX}", {"settings": {"index": settings}})
    connection.wait_for("green", INDEX)


def filled(connection: Connection, count: int = DOCUMENTS) -> None:
    connection.bulk(INDEX, (BulkOperation("index", str(n), {"n": n}) for n in range(count)))
    connection.refresh(INDEX)


def total(connection: Connection) -> int:
    found: int = connection.search(INDEX, EVERYTHING)["hits"]["total"]["value"]
    return found


@dataclass
class Asking:
    """What somebody gets who asks again and again; every answer must be the whole one."""

    totals: list[int] = field(default_factory=list)
    errors: list[EngineError] = field(default_factory=list)
    slowest: float = 0.0


@contextmanager
def asking(connection: Connection) -> Iterator[Asking]:
    """Somebody searches in a thread of its own."""
    got, over = Asking(), threading.Event()

    def ask() -> None:
        while not over.wait(0.02):
            begun = time.monotonic()
            try:
                got.totals.append(total(connection))
            except EngineError as error:
                got.errors.append(error)
            got.slowest = max(got.slowest, time.monotonic() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield got
    finally:
        over.set()
        thread.join()


def wrong(settings: OpenSearchSettings) -> list[Finding]:
    """What the doctor finds to be wrong with the cluster."""
    return [each for each in engine_findings("opensearch", settings) if each.state == "wrong"]


def holder(cluster: OpenSearchCluster, connection: Connection) -> ClusterNode:
    """A node with a primary shard that is none the cluster is led by."""
    leader = connection.request("GET", "/_cat/cluster_manager?format=json").body[0]["node"]
    rows: list[dict[str, Any]] = connection.request(
        "GET", f"/_cat/shards/{INDEX}*?format=json"
    ).body
    names = {row["node"] for row in rows if row["prirep"] == "p"} - {leader}
    return next(each for each in cluster.nodes if each.name in names)


def test_a_node_killed_amid_searches_shows(three_nodes: OpenSearchCluster) -> None:
    """With a copy of every shard elsewhere no reader gets an error, nor a part."""
    with connected(*three_nodes.urls) as connection:
        created(connection, replicas=1)
        filled(connection)
        victim = holder(three_nodes, connection)
        with asking(connection) as got:
            time.sleep(0.3)
            three_nodes.kill(victim)
            three_nodes.wait("green", nodes=2)
            time.sleep(0.3)
    assert set(got.totals) == {DOCUMENTS}
    assert got.errors == []


def test_a_node_killed_amid_writing_loses_nothing(three_nodes: OpenSearchCluster) -> None:
    count = 4_000
    with connected(*three_nodes.urls) as connection:
        created(connection, replicas=1)
        victim = holder(three_nodes, connection)

        def operations() -> Iterator[BulkOperation]:
            for number in range(count):
                if number == count // 2:
                    # Not at a moment of ours: a request is under way meanwhile.
                    threading.Timer(0.02, three_nodes.kill, [victim]).start()
                yield BulkOperation("index", str(number), {"n": number, "t": "klaster " * 50})

        connection.bulk(INDEX, operations())
        connection.refresh(INDEX)
        assert total(connection) == count
        sums = {"sum": {"sum": {"field": "n"}}, "ids": {"value_count": {"field": "n"}}}
        told = connection.search(INDEX, {"size": 0, "aggs": sums})["aggregations"]
        assert told["sum"]["value"] == sum(range(count))
        assert told["ids"]["value"] == count


def test_a_frozen_node_is_gone_around(three_nodes: OpenSearchCluster) -> None:
    with connected(*three_nodes.urls) as connection:
        created(connection, replicas=1)
        filled(connection)
        with three_nodes.frozen(holder(three_nodes, connection)), asking(connection) as got:
            # As long as it takes until the others hold it to be lost, and a while.
            deadline = time.monotonic() + 30
            while connection.health().nodes == 3 and time.monotonic() < deadline:
                time.sleep(0.2)
            begun = len(got.totals)
            while len(got.totals) < begun + 5 and time.monotonic() < deadline:
                time.sleep(0.1)
        assert len(got.totals) >= begun + 5
    assert set(got.totals) == {DOCUMENTS}
    assert {type(each) for each in got.errors} <= {EngineTimedOut, IncompleteAnswer}
    assert got.slowest < 2 * 3 + 3


def test_a_lost_shard_is_no_smaller_index(three_nodes: OpenSearchCluster) -> None:
    """OpenSearch itself answers 200 with what is left; and all is there again with the node."""
    with connected(*three_nodes.urls) as connection:
        created(connection, replicas=0)
        filled(connection)
        victim = holder(three_nodes, connection)
        three_nodes.kill(victim)
        three_nodes.wait("red", nodes=2)
        alive = next(each for each in three_nodes.nodes if each.is_running)
        part = three_nodes.ask("POST", f"/{INDEX}/_search", EVERYTHING, node=alive)
        assert 0 < part["hits"]["total"]["value"] < DOCUMENTS
        assert part["_shards"]["failed"] == 0
        with pytest.raises(IncompleteAnswer):
            total(connection)
        with pytest.raises(IncompleteAnswer):
            connection.multi_search(INDEX, [EVERYTHING])
        assert connection.health(INDEX).status == "red"
        three_nodes.start(victim)
        connection.wait_for("green", INDEX)
        assert total(connection) == DOCUMENTS


def written_until(deadline: float, connection: Connection) -> None:
    while time.monotonic() < deadline:
        connection.bulk(INDEX, [BulkOperation("index", "1", {"n": 1})])
        time.sleep(0.5)


def test_a_full_disk_stops_writing_and_not_searching(three_nodes: OpenSearchCluster) -> None:
    """The real watermark: no disk has as much room as is asked for here."""
    room = {"low": "900tb", "high": "900tb", "flood_stage": "900tb"}
    marks = {f"cluster.routing.allocation.disk.watermark.{name}": at for name, at in room.items()}
    marks["cluster.routing.allocation.disk.threshold_enabled"] = "true"
    marks["cluster.info.update.interval"] = "10s"
    with connected(*three_nodes.urls) as connection:
        created(connection, replicas=0)
        filled(connection)
        connection.request("PUT", "/_cluster/settings", {"persistent": marks})
        with pytest.raises(EngineBlocked, match="disk usage exceeded flood-stage watermark"):
            written_until(time.monotonic() + 60, connection)
        assert total(connection) == DOCUMENTS


def filled_site(
    settings: OpenSearchSettings, folder: Path, analyzer: Analyzer
) -> tuple[SearchService, FlaskClient]:
    """The example news on a server, with the service and the site over them."""
    configuration = Configuration(index=folder, engine="opensearch", opensearch=settings)
    pipeline(configuration).reindex(index_of(configuration), [str(EXAMPLES)])
    service = SearchService(folder, configuration, analyzer, load_taxonomy(None))
    return service, create_app(service, configuration).test_client()


def test_a_lost_node_with_copies_elsewhere_shows_on_no_page(
    three_nodes: OpenSearchCluster, service: SearchService, analyzer: Analyzer, tmp_path: Path
) -> None:
    """Pages that nobody has asked for are whole at once, and all is well for ``/healthz``."""
    settings = OpenSearchSettings(tuple(three_nodes.urls), INDEX, shards=3, replicas=1, timeout=10)
    copied, client = filled_site(settings, tmp_path, analyzer)
    asked = iter(("klaster", "robot", "puidu robot", "seminar", "toetus", "eesti klaster", "vesi"))

    def check(count: int) -> None:
        for query in itertools.islice(asked, count):
            answer = client.get("/api/search", query_string={"q": query})
            assert answer.status_code == 200, query
            assert answer.get_json()["total"] == service.search(SearchRequest(query)).total, query
        assert client.get("/healthz").status_code == 200

    with closing(copied):
        check(1)
        with connected(*three_nodes.urls) as connection:
            victim = holder(three_nodes, connection)
        three_nodes.kill(victim)
        check(4)
        three_nodes.wait("yellow", nodes=2)
        assert not wrong(settings)
        remedies = [each.remedy for each in engine_findings("opensearch", settings)]
        assert any("Start the node that is missing" in each for each in remedies)
        three_nodes.start(victim)
        three_nodes.wait("green", nodes=3)
        check(2)


def test_the_site_says_which_fault_it_is(
    three_nodes: OpenSearchCluster, analyzer: Analyzer, tmp_path: Path
) -> None:
    """From a fresh index, by way of a lost shard and no server, to all of it again."""
    settings = OpenSearchSettings(tuple(three_nodes.urls), INDEX, shards=3, replicas=0, timeout=3)
    service, client = filled_site(settings, tmp_path, analyzer)

    def told(address: str) -> tuple[int, str | None]:
        answer = client.get(address)
        body = answer.get_json()
        return answer.status_code, body["error"]["code"] if "error" in body else None

    with connected(*three_nodes.urls) as connection:
        victim = holder(three_nodes, connection)
    try:
        assert told("/healthz") == told("/api/search?q=klaster") == (200, None)
        everything = client.get("/api/search?q=klaster").get_json()["total"]
        three_nodes.kill(victim)
        three_nodes.wait("red", nodes=2)
        assert told("/healthz") == told("/api/search?q=meri") == (503, "incomplete-answer")
        page = client.get("/?q=meri")
        assert page.status_code == 503
        assert "<h1>Otsing praegu ei tööta</h1>" in page.text
        (lost,) = wrong(settings)
        assert "shards are nowhere: a part cannot be searched" in lost.message
        assert "Start the node" in lost.remedy
        three_nodes.start(victim)
        three_nodes.wait("green", nodes=3)
        assert told("/healthz") == (200, None)
        assert client.get("/api/search?q=klaster").get_json()["total"] == everything
        assert not wrong(settings)
    finally:
        service.close()
