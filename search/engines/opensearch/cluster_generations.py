"""The generations of an index on the server: names, manifests, and the alias of the live one.

The alias ``NAME`` points to the live generation and is moved atomically. Each generation is two
indices, of documents and of words; the manifest in the mapping of the first is written last, so a
generation without one was never finished. A published generation is never written to.
"""

import contextlib
import re
from collections.abc import Sequence
from typing import Any

from search.engine_errors import EngineTimedOut, EngineUnavailable
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.index_mapping import documents_body, words_body
from search.errors import IndexDamaged, NoIndex

_WORDS = "-words"
#: The setting for the maximum of clauses in a query, and the value that long queries need.
CLAUSE_LIMIT, MOST_CLAUSES = "indices.query.bool.max_clause_count", 32_768
_SETTINGS = "/_cluster/settings"
#: Bytes of a shard up to which its segments are merged into one: the server would never merge
#: larger ones again, so deleted documents would stay. That is 5 GB, its own limit, and some minutes
#: of work.
_LARGEST_MERGED = 5_000_000_000
#: Timeout of merging in seconds; this amount is merged in far less.
_MERGING = 1800.0


class ClusterGenerations:
    """The generations of the index ``name``, of which the last ``keep`` stay.

    New ones get the given numbers of ``shards`` and ``replicas``.
    """

    def __init__(
        self, connection: Connection, name: str, keep: int, shards: int, replicas: int
    ) -> None:
        self._connection = connection
        self.name = name
        self._keep = max(keep, 1)
        self._shards = shards
        self._replicas = replicas
        self._pattern = re.compile(re.escape(name) + r"-gen-(\d{6,})")

    def current(self) -> str | None:
        """The index that the alias points to."""
        answer = self._connection.request("GET", f"/_alias/{self.name}", accept=(404,))
        if answer.status == 404:
            return None
        return next(iter(answer.body), None)

    def live(self) -> str:
        """Name of the live generation. Raises NoIndex."""
        name = self.current()
        if name is None:
            raise NoIndex(index=self.name)
        return name

    def names(self) -> tuple[str, ...]:
        """Names of all complete generations, oldest first."""
        return tuple(name for name, meta in self._every().items() if "manifest" in meta)

    def manifest(self, name: str) -> GenerationManifest:
        """Manifest of a generation. Raises IndexDamaged."""
        path = f"/{name}/_mapping"
        answer = self._connection.request(
            "GET", path, params={"filter_path": "*.mappings._meta"}, accept=(404,)
        )
        if answer.status == 404:
            raise IndexDamaged(index=self.name, reason=f"{name} is missing")
        try:
            return GenerationManifest.from_meta(answer.body[name]["mappings"]["_meta"])
        except (KeyError, ValueError) as error:
            raise IndexDamaged(index=self.name, reason=f"{name}: it has no manifest") from error

    def size(self, name: str) -> int:
        """Bytes of a generation on all nodes."""
        params = {"filter_path": "_all.total.store.size_in_bytes"}
        path = f"/{name},{words_of(name)}/_stats/store"
        stats = self._connection.request("GET", path, params=params).body
        return int(stats["_all"]["total"]["store"]["size_in_bytes"])

    def next_name(self, begun: str = "") -> str:
        """A name of no generation, nor of one that was ``begun`` and removed."""
        numbers = [self._number(each) for each in (*self._every(), begun)]
        return f"{self.name}-gen-{max(numbers, default=0) + 1:06d}"

    def earlier(self) -> tuple[str, ...]:
        """Complete generations before the live one, newest first.

        One to which the live one adds nothing but vectors is not before it.
        """
        live, places = self.current(), self._places()
        limit = places.get(live or "", self._number(live) if live else None)
        found = [each for each in places if limit is None or places[each] < limit]
        return tuple(sorted(found, key=lambda each: (places[each], self._number(each)))[::-1])

    def create(self, name: str) -> None:
        """Makes the empty indices of a generation."""
        self._allow_long_queries()
        self._put(name, documents_body(self._shards, self._replicas))
        self._put(words_of(name), words_body(self._shards, self._replicas))

    def clone(self, source: str, name: str) -> None:
        """Copies a published generation into a new one, which can be written."""
        settings = {"index.blocks.write": None, "index.number_of_replicas": self._replicas}
        for old, new in ((source, name), (words_of(source), words_of(name))):
            path = f"/{old}/_clone/{new}"
            body = {"settings": settings}
            self._connection.request("PUT", path, body, repeat=False)
            meta: dict[str, Any] = {"_meta": {}}
            self._connection.wait_for("yellow", new)
            self._connection.request("PUT", f"/{new}/_mapping", meta)

    def publish(self, name: str, manifest: GenerationManifest | None = None) -> None:
        """Makes a generation live, and removes those that are not kept.

        With ``manifest`` it is finished first.
        """
        if manifest is not None:
            self._finish(name, manifest)
        before = self.current()
        if before == name:
            return
        actions: list[dict[str, Any]] = [{"add": {"index": name, "alias": self.name}}]
        if before:
            removed = {"index": before, "alias": self.name, "must_exist": True}
            actions.insert(0, {"remove": removed})
        self._connection.request("POST", "/_aliases", {"actions": actions}, repeat=False)
        self._prune((name, before))

    def compact(self, name: str) -> None:
        """Merges the segments of a generation into one a shard, unless they are too large.

        That removes deleted documents, which halves its size, and a search reads one segment.
        After updates merging is left to the server: to write everything again for a few articles
        would cost more than it gives.
        """
        for each in (name, words_of(name)):
            self._connection.request("POST", f"/{each}/_flush")
            path = f"/{each}/_stats/store,segments"
            stats = self._connection.request("GET", path).body["_all"]["primaries"]
            size = stats["store"]["size_in_bytes"]
            if size > _LARGEST_MERGED * self._shards or stats["segments"]["count"] <= self._shards:
                continue
            params = {"max_num_segments": 1}
            # The answer is not needed: the server goes on merging if it comes too late.
            with contextlib.suppress(EngineTimedOut, EngineUnavailable):
                self._connection.request(
                    "POST", f"/{each}/_forcemerge", params=params, timeout=_MERGING, repeat=False
                )
            # Until then searches use the old segments, which are not removed.
            self._connection.refresh(each)

    def remove(self, name: str) -> None:
        """Removes a generation or its remains."""
        # In one step: an index of words without one of documents would never be found.
        path, params = f"/{name},{words_of(name)}", {"ignore_unavailable": True}
        self._connection.request("DELETE", path, params=params, accept=(404,), repeat=False)

    def remove_remains(self) -> None:
        """Removes remains of interrupted builds; the lock must be held, so that none is running."""
        live = self.current()
        for name, meta in self._every().items():
            if "manifest" not in meta and name != live:
                self.remove(name)

    def _finish(self, name: str, manifest: GenerationManifest) -> None:
        for each in (name, words_of(name)):
            self._connection.request("POST", f"/{each}/_flush")
            block = {"index": {"blocks": {"write": True}}}
            self._connection.request("PUT", f"/{each}/_settings", block)
        body = {"_meta": manifest.to_meta()}
        self._connection.request("PUT", f"/{name}/_mapping", body)

    def _prune(self, kept: Sequence[str | None]) -> None:
        """Removes all generations but ``kept`` and the newest, first those that others complete."""
        places = self._places()
        newest = {place: each for each, place in places.items()}
        completed = places.keys() - newest.values()
        others = [each for each in places if each not in kept]
        others.sort(key=lambda each: each not in completed)
        # What the live one completes stays for its open readers, beyond the number to keep.
        room = max(self._keep - len({*kept} - {None} - completed), 0)
        spare = len(others) - room
        for number, each in enumerate(others):
            if number < spare or each in completed:
                self.remove(each)

    def _places(self) -> dict[str, int]:
        """Complete generations, oldest first, with their place in the history.

        The place is their number, or that of the one to which they add vectors.
        """
        found = {}
        for name, meta in self._every().items():
            if "manifest" in meta:
                found[name] = self._number(name)
                with contextlib.suppress(ValueError):
                    completes = GenerationManifest.from_meta(meta).completes
                    found[name] = self._number(completes or name)
        return found

    def _allow_long_queries(self) -> None:
        """Raises the limit of clauses, as long queries have more than servers allow by default."""
        limit = clause_limit(self._connection)
        if limit is not None and limit < MOST_CLAUSES:
            body = {"persistent": {CLAUSE_LIMIT: MOST_CLAUSES}}
            # Without permission to set it long queries are refused; ``doctor`` reports that.
            self._connection.request("PUT", _SETTINGS, body, accept=(403,))

    def _put(self, name: str, body: dict[str, Any]) -> None:
        params = {"wait_for_active_shards": 1}
        self._connection.request("PUT", f"/{name}", body, params, repeat=False)

    def _every(self) -> dict[str, dict[str, Any]]:
        """The ``_meta`` of every generation, complete or not, by name, oldest first."""
        path = f"/{self.name}-gen-*/_mapping"
        indices = self._connection.request("GET", path, accept=(404,)).body
        names = [each for each in indices if self._pattern.fullmatch(each)]
        return {
            each: indices[each]["mappings"].get("_meta", {})
            for each in sorted(names, key=self._number)
        }

    def _number(self, name: str) -> int:
        match = self._pattern.fullmatch(name)
        return int(match[1]) if match else 0


def clause_limit(connection: Connection) -> int | None:
    """The server's limit of clauses in a query; None where this login may not know."""
    params: dict[str, object] = {"include_defaults": True, "flat_settings": True}
    answer = connection.request("GET", _SETTINGS, params=params, accept=(401, 403))
    groups = answer.body.values() if answer.status == 200 else ()
    return max((int(each[CLAUSE_LIMIT]) for each in groups if CLAUSE_LIMIT in each), default=None)


def all_generations(name: str) -> str:
    """Pattern of the names of all generations of the index that has the generation ``name``."""
    return name.rpartition("-gen-")[0] + "-gen-*"


def words_of(name: str) -> str:
    """Name of the words index of a generation."""
    return name + _WORDS
