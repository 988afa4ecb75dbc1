"""Lets workers write documents of a new generation straight to the server, each exactly once.

They write through an alias with a random name, which is removed before the generation is published.
A repeated task creates documents with existing ids, which the server refuses; nothing is lost, as
their bytes are the same. Late writes, of a worker presumed lost or an abandoned build, find no
alias. The operation is ``create`` and not ``index``, so that it never replaces a document that was
written again with a later decision.
"""

import os
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from search.configuration import OpenSearchSettings
from search.engine_errors import EngineFailed
from search.engines.contract import IndexedDocument
from search.engines.opensearch.bulk_writer import index_operation
from search.engines.opensearch.connection import LOGIN, BulkOperation, Connection
from search.engines.opensearch.corpus_decisions import DocumentFacts, default_decision
from search.engines.opensearch.document_packing import date_key
from search.engines.opensearch.index_mapping import document_id
from search.engines.opensearch.word_counts import WordCounts
from search.engines.opensearch.written_batch import WrittenBatch

_SCANNED = 2_000


class DirectWriter:
    """A :data:`~search.engines.contract.Pack` that writes documents to the server, in any process.

    It returns a packed :class:`WrittenBatch`. Pickled, it has no login: each machine reads it, like
    the certificates, from the place in ``settings`` or from its environment. Raises EngineError or
    ConfigurationError.
    """

    def __init__(self, settings: OpenSearchSettings, alias: str) -> None:
        self._settings = settings
        self._alias = alias
        self._connection: Connection | None = None

    def __reduce__(self) -> tuple[type["DirectWriter"], tuple[OpenSearchSettings, str]]:
        return type(self), (self._settings, self._alias)

    def __call__(self, documents: Sequence[IndexedDocument]) -> bytes:
        counts = WordCounts()
        facts, operations = [], []
        for each in documents:
            own = DocumentFacts.of(each, date_key(each.article))
            facts.append(own)
            operation = index_operation(each, own, default_decision(own))
            operations.append(operation._replace(action="create"))
            counts.add(each)
        packed = WrittenBatch(facts, counts.to_run()).to_bytes()
        if operations:
            self._opened().bulk(self._alias, operations, require_alias=True)
        return packed

    def _opened(self) -> Connection:
        if self._connection is None:
            login = LOGIN.read(self._settings.login, os.environ)
            self._connection = Connection(self._settings, login)
        return self._connection


class WriteAlias:
    """The alias through which workers write to ``index``, a new generation of ``name``."""

    def __init__(self, connection: Connection, index: str, name: str) -> None:
        self._connection = connection
        self._index = index
        self._alias = f"{name}-writing-{uuid.uuid4().hex}"

    def open(self) -> DirectWriter:
        """Makes the alias, and a writer for workers."""
        self._change("add")
        settings = self._connection.settings
        ca, login = (each and each.absolute() for each in (settings.ca, settings.login))
        return DirectWriter(replace(settings, ca=ca, login=login), self._alias)

    def shut(self) -> None:
        """Removes the alias, so that workers can write nothing more."""
        self._change("remove")

    def check(self, ids: Collection[str]) -> None:
        """Deletes all articles but those with these ``ids``, in the index as it was refreshed.

        Others come from workers that ended before they answered, and from tasks that failed when
        they were done again. Raises EngineFailed where an article is missing.
        """
        answer = self._connection.request("GET", f"/{self._index}/_count").body
        if answer["count"] == len(ids):
            return
        known = set(map(document_id, ids))
        there = set(self._scan())
        if missing := len(known - there):
            reason = f"{missing} of {len(known)} articles written are not there"
            raise EngineFailed(server=self._connection.server, status=200, reason=reason)
        gone = (BulkOperation("delete", each) for each in sorted(there - known))
        self._connection.bulk(self._index, gone)

    def _scan(self) -> Iterator[str]:
        """Yields the server's ids of all documents."""
        body: dict[str, Any] = {
            "size": _SCANNED,
            "query": {"match_all": {}},
            "sort": [{"id": "asc"}],
            "_source": False,
            "track_total_hits": False,
        }
        while hits := self._connection.search(self._index, body)["hits"]["hits"]:
            yield from (each["_id"] for each in hits)
            body["search_after"] = hits[-1]["sort"]

    def _change(self, action: str) -> None:
        what = {action: {"index": self._index, "alias": self._alias}}
        self._connection.request("POST", "/_aliases", {"actions": [what]})
