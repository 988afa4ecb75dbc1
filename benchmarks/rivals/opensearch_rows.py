"""OpenSearch rows of quality tables: this program on it, and its own analyzer ``estonian``.

The analyzer ``estonian`` is built into OpenSearch: Lucene's tokens, stop words and Snowball stems.
Its row is BM25 by a plain ``match`` query.
"""

import argparse
import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.support.data import copied_to_server
from search.analysis import Analyzer
from search.configuration import OpenSearchSettings
from search.engines.opensearch import Connection
from search.engines.opensearch.connection import BulkOperation
from search.service import SearchService

#: The names of the rows.
OURS, STOCK = "ours on OpenSearch", "OpenSearch's estonian"
_TOP = 10
#: Prefix of all indexes made on the server, which are removed after the measurement.
_NAME = "benchmark-quality"
#: For each hit, best first, the documents it shows.
Answer = Callable[[str], list[tuple[str, ...]]]


def add_server_argument(parser: argparse.ArgumentParser) -> None:
    """Adds the argument of the server."""
    parser.add_argument("--opensearch", metavar="URL", help="adds rows of the server there")


@contextlib.contextmanager
def index_folder() -> Iterator[Path]:
    """Context manager: a directory for the embedded index to be copied to a server."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@contextlib.contextmanager
def server_rows(
    url: str | None,
    index: Path,
    analyzer: Analyzer,
    searched: Callable[[SearchService, str], list[tuple[str, ...]]],
    documents: Sequence[tuple[str, str]],
) -> Iterator[dict[str, Answer]]:
    """Context manager: answers by name of the row; none without ``url``.

    The embedded ``index`` is copied, and searched by ``searched``; ``documents`` are ids and texts.
    """
    if url is None:
        yield {}
        return
    server = OpenSearchSettings((url,), f"{_NAME}-ours", replicas=0, timeout=60)
    connection = Connection(server, None)
    try:
        with copied_to_server(index, server, analyzer) as service:
            yield {OURS: partial(searched, service), STOCK: _stock(connection, documents)}
    finally:
        connection.request("DELETE", f"/{_NAME}-*")
        connection.close()


def _stock(connection: Connection, documents: Sequence[tuple[str, str]]) -> Answer:
    name = f"{_NAME}-stock"
    text = {"type": "text", "analyzer": "estonian"}
    settings = {"number_of_shards": 1, "number_of_replicas": 0}
    body = {"settings": settings, "mappings": {"properties": {"text": text}}}
    connection.request("PUT", f"/{name}", body)
    operations = (
        BulkOperation("index", str(number), {"text": each})
        for number, (_, each) in enumerate(documents)
    )
    connection.bulk(name, operations)
    connection.refresh(name)

    def answer(query: str) -> list[tuple[str, ...]]:
        asked = {"size": _TOP, "_source": False, "query": {"match": {"text": query}}}
        hits = connection.search(name, asked)["hits"]["hits"]
        return [(documents[int(hit["_id"])][0],) for hit in hits]

    return answer
