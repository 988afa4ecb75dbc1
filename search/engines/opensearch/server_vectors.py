"""Reads the passage vectors of a generation from the server."""

import base64
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from search.engine_errors import EngineError
from search.engines.contract import MeaningQuery, NearestPassage
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.passage_vectors import PackedPassages, vector_fields
from search.engines.opensearch.term_scoring import Clause, all_of, but_not
from search.meaning.all_but_the_top import SAMPLED, CommonDirections, of_length_one
from search.meaning.embedder import Vectors
from search.meaning.fusion import NEARNESS_DECIMALS

_FETCHED = 200
_SCANNED = 2_000
_SHORTEST = 1e-3
_EVERYTHING: Clause = {"match_all": {}}


class ServerVectors:
    """Passage vectors of one generation; safe for threads.

    ``others`` is a pattern of the names of all generations, whose passages may be reused.
    """

    def __init__(
        self, connection: Connection, index: str, manifest: GenerationManifest, others: str
    ) -> None:
        self._connection = connection
        self._index = index
        self._manifest = manifest
        self._others = others
        self._common: CommonDirections | None = None

    @property
    def model(self) -> str:
        """Digest of the model of the vectors, empty if there are none."""
        return self._manifest.model

    def query(self, meaning: MeaningQuery) -> Vectors | None:
        """The vector of a query without common directions, of length 1.

        None where nothing has vectors of its model.
        """
        common = self.common(meaning.model)
        if common is None or len(common.mean) != len(meaning.vector):
            return None
        return of_length_one(common.without_directions(meaning.vector))

    def common(self, model: str) -> CommonDirections | None:
        """Mean and common directions of the vectors of ``model``, None if there are none."""
        if not model or model != self._manifest.model or not self._manifest.vectors.passages:
            return None
        if self._common is None:
            self._common = self._sampled()
        return self._common

    def packed(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Packed vectors by id, of those documents that have some."""
        found = {}
        for start in range(0, len(ids) if self.model else 0, _FETCHED):
            some: Clause = {"terms": {"id": ids[start : start + _FETCHED]}}
            body = _body(all_of([some, having(self.model)]), _FETCHED)
            for each in self._connection.search(self._index, body)["hits"]["hits"]:
                found[each["fields"]["id"][0]] = packed_of(each)
        return found

    def known(self, model: str, digests: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Vectors of passages in any generation, by the digests of their texts."""
        found: dict[bytes, Vectors] = {}
        # Other generations only save work, so their errors are ignored.
        ignored: tuple[tuple[type[EngineError], ...], ...] = ((), (EngineError,))
        for index, errors in zip((self._index, self._others), ignored, strict=True):
            with contextlib.suppress(*errors):
                while wanted := {each.hex() for each in digests if each not in found}:
                    having_some: Clause = {"terms": {"passages": sorted(wanted)}}
                    body = _body(all_of([having_some, having(model)]), _FETCHED)
                    hits = self._connection.search(index, body)["hits"]["hits"]
                    for each in hits:
                        passages = PackedPassages.unpacked(packed_of(each))
                        rows = zip(passages.digests, passages.vectors, strict=True)
                        found.update((digest, row) for digest, row in rows if digest in digests)
                    if not hits:
                        break
        return found

    def missing(self, model: str) -> list[str]:
        """Ids of the documents without vectors of ``model``, last added first."""
        body: dict[str, Any] = {
            "size": _SCANNED,
            "query": but_not(_EVERYTHING, [having(model)]),
            "sort": [{"added": "desc"}, {"id": "desc"}],
            "_source": False,
            "docvalue_fields": ["id"],
            "track_total_hits": False,
        }
        found: list[str] = []
        while hits := self._connection.search(self._index, body)["hits"]["hits"]:
            found += (each["fields"]["id"][0] for each in hits)
            body["search_after"] = hits[-1]["sort"]
        return found

    def nearest(self, packed: bytes, query: Vectors) -> NearestPassage:
        """The passage of a document nearest to a query."""
        passages = PackedPassages.unpacked(packed)
        cosines = self._centred(passages) @ query
        row = int(cosines.argmax())
        nearness = round(float(cosines[row]), NEARNESS_DECIMALS)
        return NearestPassage(int(passages.starts[row]), int(passages.ends[row]), nearness)

    def towards(
        self, query: Vectors, documents: Sequence[bytes], weights: Sequence[float]
    ) -> Vectors:
        """``query`` moved towards the nearest passages of ``documents`` (Rocchio's feedback).

        Their sum by ``weights`` counts as much as the query.
        """
        moved = np.zeros_like(query)
        for packed, weight in zip(documents, weights, strict=True):
            own = self._centred(PackedPassages.unpacked(packed))
            cosines = np.round(own @ query, NEARNESS_DECIMALS)
            moved += weight * own[int(cosines.argmax())]
        return of_length_one(query + of_length_one(moved))

    def centroid(self, packed: bytes) -> Vectors:
        """Mean of a document's passages without common directions, of length 1."""
        return of_length_one(self._centred(PackedPassages.unpacked(packed)).sum(axis=0))

    def _centred(self, passages: PackedPassages) -> Vectors:
        """Vectors of passages without common directions, of length 1; 0 where nothing is left."""
        common = self.common(self.model)
        assert common is not None  # noqa: S101 - there are the vectors of these passages
        own = common.without(passages.vectors)
        own[np.linalg.norm(own, axis=1) <= _SHORTEST] = 0.0
        return of_length_one(own)

    def _sampled(self) -> CommonDirections:
        """Common directions of a sample of passages, evenly spread."""
        passages = self._manifest.vectors.passages
        # The same number as in the embedded engine, which takes every second, third … passage.
        wanted = passages if passages < 2 * SAMPLED else SAMPLED
        rows: list[Vectors] = []
        for packed in self._spread():
            rows.append(PackedPassages.unpacked(packed).vectors)
            wanted -= len(rows[-1])
            if wanted <= 0:
                break
        return CommonDirections.of(np.concatenate(rows), passages)

    def _spread(self) -> Iterator[bytes]:
        """Yields the vectors of all documents in a random but stable order."""
        body = _body(having(self.model), _SCANNED)
        body["sort"] = [{"spread": "asc"}, {"id": "asc"}]
        while hits := self._connection.search(self._index, body)["hits"]["hits"]:
            yield from map(packed_of, hits)
            body["search_after"] = hits[-1]["sort"]


def vector_fields_of(
    connection: Connection, index: str, ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Fetches the vector fields of those documents that have some, by their ids."""
    found = {}
    for start in range(0, len(ids), _FETCHED):
        some: Clause = {"terms": {"id": ids[start : start + _FETCHED]}}
        body = _body(all_of([some, {"exists": {"field": "model"}}]), _FETCHED)
        body["docvalue_fields"].append("model")
        for each in connection.search(index, body)["hits"]["hits"]:
            fields = each["fields"]
            found[fields["id"][0]] = vector_fields(fields["model"][0], packed_of(each))
    return found


def having(model: str) -> Clause:
    """Clause for documents with vectors of ``model``."""
    return {"term": {"model": model}}


def packed_of(hit: Mapping[str, Any]) -> bytes:
    """Packed vectors of a hit, from its doc value fields."""
    text = hit["fields"]["vectors"][0]
    # The server leaves out the padding of base64.
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _body(query: Clause, size: int) -> dict[str, Any]:
    return {
        "size": size,
        "query": query,
        "_source": False,
        "docvalue_fields": ["id", "vectors"],
        "track_total_hits": False,
    }
