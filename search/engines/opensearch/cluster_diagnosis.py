"""Diagnosis of the cluster for ``doctor``: nodes, shards, blocks, disks, and who is writing.

Checks that only an administrator may make are left out for other logins.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from search.configuration import OpenSearchSettings
from search.engines.opensearch.cluster_generations import (
    CLAUSE_LIMIT,
    MOST_CLAUSES,
    clause_limit,
    words_of,
)
from search.engines.opensearch.connection import ClusterHealth, Connection
from search.finding import Finding

#: Used shares of a node's disk above which it gets no more shards, and above which its shards
#: become read-only: the low and the flood-stage watermark of OpenSearch.
_TIGHT, _FULL = 0.85, 0.95
_REINDEX = "klastriotsing reindex SOURCE"


class ClusterDiagnosis:
    """Checks the cluster of ``settings``; every method raises EngineError where it cannot.

    ``clock`` is in seconds since 1970.
    """

    def __init__(
        self,
        connection: Connection,
        settings: OpenSearchSettings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._pattern = f"{settings.index}-gen-*"
        self._clock = clock

    def findings(self) -> Iterator[Finding]:
        """Yields all findings, the most important first."""
        version = self._connection.version()
        whole = self._connection.health()
        names = self._connection.server
        yield Finding("engine", "ok", f"{names}: version {version.text}, {_nodes(whole.nodes)}")
        yield from self._shards(whole)
        yield from self._blocks()
        yield from self._disks()
        yield from self._aliases()
        yield from self._clauses()
        yield from self._writer()

    def _shards(self, whole: ClusterHealth) -> Iterator[Finding]:
        health = self._connection.health(self._pattern)
        missing = f"{health.missing} of {health.missing + health.shards} shards"
        if health.status == "red":
            remedy = (
                "Start the node that had them again. If its disk is gone: klastriotsing rollback, "
                f"a snapshot, or {_REINDEX}"
            )
            yield Finding(
                "engine", "wrong", f"{missing} are nowhere: a part cannot be searched", remedy
            )
        elif health.missing and self._settings.replicas >= whole.nodes:
            remedy = f"Set replicas = {whole.nodes - 1} in [opensearch] and reindex, or add a node"
            message = f"{missing} have no place: replicas = {self._settings.replicas}"
            yield Finding("engine", "note", f"{message} with {_nodes(whole.nodes)}", remedy)
        elif health.missing:
            yield Finding(
                "engine",
                "note",
                f"{missing} are copies that are not there",
                "Start the node that is missing; else they are copied to others in a minute",
            )
        elif health.shards:
            yield Finding("engine", "ok", f"all {health.shards} shards are there")

    def _blocks(self) -> Iterator[Finding]:
        path = f"/{self._pattern}/_settings/index.blocks.*"
        params: dict[str, object] = {"flat_settings": True}
        found = self._connection.request("GET", path, params=params).body
        key = "index.blocks.read_only_allow_delete"
        if any(str(each["settings"].get(key)) == "true" for each in found.values()):
            remedy = (
                "Give the nodes disk space; OpenSearch then takes the block away itself, or: "
                f"PUT /{self._pattern}/_settings with {key}: null"
            )
            yield Finding("engine", "wrong", "nothing can be written: a disk was full", remedy)

    def _disks(self) -> Iterator[Finding]:
        stats = self._asked("/_nodes/stats/fs")
        for each in sorted((stats or {}).get("nodes", {}).values(), key=lambda one: one["name"]):
            disk = each["fs"]["total"]
            total, free = disk["total_in_bytes"], disk["available_in_bytes"]
            if total and 1 - free / total >= _TIGHT:
                share = 1 - free / total
                message = (
                    f"the disk of {each['name']} is {share:.0%} full, {free / 1e9:.1f} GB left"
                )
                remedy = f"Make room: from {_FULL:.0%} on nothing is written"
                yield Finding("engine", "wrong" if share >= _FULL else "note", message, remedy)

    def _aliases(self) -> Iterator[Finding]:
        answer = self._connection.request("GET", f"/_alias/{self._settings.index}", accept=(404,))
        live = sorted(answer.body) if answer.status == 200 else []
        if live[1:]:
            message = f"the alias {self._settings.index} stands for {', '.join(live)}"
            yield Finding(
                "engine", "wrong", message, f"Take it from all but the last, or: {_REINDEX}"
            )
        for each in live:
            words = self._connection.request(
                "GET", f"/{words_of(each)}/_settings/index.uuid", accept=(404,)
            )
            if words.status == 404:
                remedy = f"klastriotsing rollback, or {_REINDEX}"
                yield Finding("engine", "wrong", f"{words_of(each)} is missing", remedy)

    def _clauses(self) -> Iterator[Finding]:
        limit = clause_limit(self._connection)
        if limit is not None and limit < MOST_CLAUSES:
            message = f"long queries are refused: {CLAUSE_LIMIT} is {limit}"
            remedy = (
                f"Set {CLAUSE_LIMIT} to {MOST_CLAUSES} for the cluster; a reindex does if it may"
            )
            yield Finding("engine", "note", message, remedy)

    def _writer(self) -> Iterator[Finding]:
        path = f"/{self._settings.index}-lock/_doc/writer"
        lock = self._connection.request("GET", path, accept=(404,)).body
        if lock.get("found"):
            sign = lock["_source"]
            ago = max(self._clock() - sign["time"], 0)
            message = f"process {sign['process']} on {sign['host']} writes"
            yield Finding("engine", "note", f"{message}; its last sign of life is {ago:.0f} s old")

    def _asked(self, path: str) -> dict[str, Any] | None:
        """Body of the answer, None where this login may not ask."""
        answer = self._connection.request("GET", path, accept=(401, 403))
        return answer.body if answer.status == 200 else None


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"
