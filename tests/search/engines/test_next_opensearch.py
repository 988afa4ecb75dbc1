"""OpenSearch 3, the next release: the engine and its connection do there what they do on 2."""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from drawn import draw_documents, draw_node, draw_request
from engines import OpenSearchEngine, WhooshEngine
from opensearch_cluster import OpenSearchCluster, join_cluster
from opensearch_jars import NEXT, build

from search.configuration import OpenSearchSettings
from search.engines.opensearch.connection import BulkOperation, Connection
from search.errors import QueryTooBroad
from search.request import COUNTED

pytestmark = pytest.mark.next_opensearch


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSearchCluster]:
    made = join_cluster(tmp_path_factory.mktemp("cluster"), made=build(NEXT))
    yield made
    made.leave()


def test_the_connection_does_as_before(cluster: OpenSearchCluster) -> None:
    with contextlib.closing(
        Connection(OpenSearchSettings(tuple(cluster.urls)), None)
    ) as connection:
        assert connection.version().major == 3
        connection.request("PUT", "/uudised", {"settings": {"index.number_of_replicas": 0}})
        connection.wait_for("green", "uudised")
        connection.bulk("uudised", [BulkOperation("index", str(n), {"n": n}) for n in range(20)])
        again = [BulkOperation("create", "7", {}), BulkOperation("delete", "8")]
        assert connection.bulk("uudised", again) == {"7"}
        connection.refresh("uudised")
        answer = connection.search("uudised", {"size": 0}, search_type="dfs_query_then_fetch")
        assert answer["hits"]["total"]["value"] == 19


def test_the_engine_answers_as_the_embedded_one(cluster: OpenSearchCluster, tmp_path: Path) -> None:
    documents = draw_documents(100, seed=3)
    one = WhooshEngine("numpy").build(tmp_path, [documents])
    other = OpenSearchEngine(cluster.urls[0], shards=3).build(tmp_path, [documents])
    met = 0
    with contextlib.closing(one), contextlib.closing(other):
        for number in range(40):
            draw = random.Random(f"next {number}")
            node, request = draw_node(draw), draw_request(draw)
            with contextlib.suppress(QueryTooBroad):
                mine, its = (each.search(node, request, COUNTED) for each in (one, other))
                assert one.ids([e.key for e in mine.documents]) == other.ids(
                    [e.key for e in its.documents]
                )
                scores = [each.score for each in mine.documents]
                assert [each.score for each in its.documents] == pytest.approx(scores, rel=1e-3)
                assert (mine.total, mine.partial) == (its.total, its.partial)
                for name in COUNTED:
                    assert list(mine.facets[name]) == list(its.facets[name])
                met += mine.total > 0
    assert met > 10
