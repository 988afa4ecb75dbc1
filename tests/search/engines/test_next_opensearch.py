"""OpenSearch 3, the next release: what the connection says and reads holds there as well."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opensearch_cluster import join_cluster
from opensearch_jars import NEXT, build

from search.configuration import OpenSearchSettings
from search.engines.opensearch.connection import BulkOperation, Connection
from search.errors import QueryTooBroad

pytestmark = pytest.mark.next_opensearch


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    cluster = join_cluster(tmp_path / "cluster", made=build(NEXT))
    made = Connection(OpenSearchSettings(tuple(cluster.urls)), None)
    yield made
    made.close()
    cluster.leave()


def test_the_next_release_answers_alike(connection: Connection) -> None:
    assert connection.version().major == 3
    connection.request("PUT", "/uudised", {"settings": {"index.number_of_replicas": 0}})
    connection.wait_for("green", "uudised")
    connection.bulk("uudised", [BulkOperation("index", str(n), {"n": n}) for n in range(20)])
    again = [BulkOperation("create", "7", {}), BulkOperation("delete", "8")]
    assert connection.bulk("uudised", again) == {"7"}
    connection.refresh("uudised")
    answer = connection.search("uudised", {"size": 0}, search_type="dfs_query_then_fetch")
    assert answer["hits"]["total"]["value"] == 19
    many = {"bool": {"should": [{"term": {"n": n}} for n in range(1025)]}}
    with pytest.raises(QueryTooBroad):
        connection.search("uudised", {"query": many})
