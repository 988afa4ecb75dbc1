"""Reads the stored articles of a generation from the server."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from search.article import Article, Listing
from search.engines.contract import (
    ArticleVectors,
    DocumentKey,
    IndexedDocument,
    VectorStatus,
)
from search.engines.opensearch.cluster_generations import all_generations
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.corpus_decisions import Decision, DocumentFacts
from search.engines.opensearch.document_packing import unpack_document, unpack_listing
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.index_mapping import document_id
from search.engines.opensearch.server_vectors import ServerVectors
from search.engines.shown_names import with_shown_names
from search.errors import ArticleNotFound
from search.meaning.embedder import Vectors

_SCANNED = 2_000
_FETCHED = 200


class ServerDocuments:
    """Keeps the :class:`~search.engines.contract.StoredReader` contract; safe for threads.

    The key of a document is the id of its article.
    """

    def __init__(self, connection: Connection, index: str, manifest: GenerationManifest) -> None:
        self._connection = connection
        self._index = index
        self._manifest = manifest
        self._vectors = ServerVectors(connection, index, manifest, all_generations(index))
        #: Stored fields of the documents of the last answer.
        self._kept: Mapping[str, dict[str, Any]] = {}

    @property
    def document_count(self) -> int:
        return self._manifest.articles

    def find(self, article_id: str) -> DocumentKey | None:
        found = self._fetched([article_id], ())
        return article_id if found else None

    def article(self, key: DocumentKey) -> Article:
        """The article of a document with its organisations as they are shown."""
        source = self._one(key, ("packed", "decision"))
        document = unpack_document(source["packed"])
        shown = _decision(source).shown
        return with_shown_names(document.article, document.naming.maybe, shown, self._also)

    def listings(self, keys: Sequence[DocumentKey]) -> tuple[Listing, ...]:
        """The fields that result lists show, with organisations as they are shown."""
        sources = self._fetched([str(each) for each in keys], ("listing", "decision"))
        return tuple(_listing(sources, str(each)) for each in keys)

    def duplicates(self, keys: Sequence[DocumentKey]) -> tuple[tuple[str, ...], ...]:
        """Addresses (url, else id) of the near-duplicates of each document."""
        if not self._manifest.has_clusters:
            return tuple(() for _ in keys)
        sources = self._fetched([str(each) for each in keys], ("decision",))
        return tuple(_decision(_source(sources, str(each))).duplicates for each in keys)

    def cluster(self, key: DocumentKey) -> str:
        """Id of the representative of a document's cluster."""
        return _decision(self._one(key, ("decision",))).cluster

    def document(self, key: DocumentKey) -> IndexedDocument:
        return unpack_document(self._one(key, ("packed",))["packed"])

    def documents(self, keys: Sequence[DocumentKey]) -> tuple[IndexedDocument, ...]:
        """Several documents, in few round trips."""
        sources = self._fetched([str(each) for each in keys], ("packed",))
        return tuple(unpack_document(_source(sources, str(each))["packed"]) for each in keys)

    def digest(self, article_id: str) -> str | None:
        found = self._fetched([article_id], ("facts",))
        return DocumentFacts.from_json(found[article_id]["facts"]).digest if found else None

    def digests(self) -> Mapping[str, str]:
        return {each.id: each.digest for each in self.facts()}

    def article_ids(self) -> Sequence[str]:
        return [each.id for each in self.facts()]

    def facts(self) -> Iterator[DocumentFacts]:
        """The facts of all documents in the order of ids."""
        for source in self.scan(("facts",)):
            yield DocumentFacts.from_json(source["facts"])

    def scan(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Stored fields of all documents in the order of ids; a generation never changes."""
        for some in self._pages(names):
            yield from (each["_source"] for each in some)

    def _pages(
        self, names: Sequence[str], values: Sequence[str] = ()
    ) -> Iterator[list[dict[str, Any]]]:
        body: dict[str, Any] = {
            "size": _SCANNED if "packed" not in names else _FETCHED,
            "query": {"match_all": {}},
            "sort": [{"id": "asc"}],
            "_source": list(names),
            "docvalue_fields": list(values),
            "track_total_hits": False,
        }
        while hits := self._connection.search(self._index, body)["hits"]["hits"]:
            yield hits
            body["search_after"] = hits[-1]["sort"]

    def vector_status(self, model: str) -> VectorStatus:
        articles, vectors = self._manifest.articles, self._manifest.vectors
        if not model or model != self._manifest.model:
            return VectorStatus(articles, 0, 0)
        return VectorStatus(articles, vectors.articles, vectors.passages, vectors.size)

    def without_vectors(self, model: str) -> Sequence[str]:
        return self._vectors.missing(model)

    def known_vectors(self, model: str, digests: Sequence[bytes]) -> Mapping[bytes, Vectors]:
        return self._vectors.known(model, digests)

    def without_these_vectors(
        self, model: str, batch: Sequence[ArticleVectors]
    ) -> list[ArticleVectors]:
        """The articles of ``batch`` that have not changed, and have no vectors of ``model`` yet."""
        wanted = {each.id: each for each in batch if each.passages}
        sources = self._fetched(list(wanted), ("facts",))
        digests = {each: DocumentFacts.from_json(sources[each]["facts"]).digest for each in sources}
        done = self._vectors.packed(list(sources)) if self._vectors.model == model else {}
        return [
            each
            for name, each in wanted.items()
            if digests.get(name) == each.digest and name not in done
        ]

    def archived(self) -> Iterator[tuple[str, bytes]]:
        """All packed documents with their packed vectors, empty for none."""
        for some in self._pages(("packed",), ("id",)):
            vectors = self._vectors.packed([each["fields"]["id"][0] for each in some])
            for each in some:
                yield each["_source"]["packed"], vectors.get(each["fields"]["id"][0], b"")

    def close(self) -> None:
        """The connection belongs to the index."""

    def _also(self, name: str) -> Sequence[str]:
        """The names that are shown as this one, in order."""
        return self._renamed.get(name, ())

    @cached_property
    def _renamed(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for each, shown in sorted(self._manifest.renamed.items()):
            found.setdefault(shown, []).append(each)
        return found

    def _one(self, key: DocumentKey, names: Sequence[str]) -> dict[str, Any]:
        return _source(self._fetched([str(key)], names), str(key))

    def _fetched(self, ids: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Stored fields by id of those documents that there are."""
        kept = self._kept
        found = {each: kept[each] for each in ids if each in kept and {*names} <= kept[each].keys()}
        ids = [each for each in ids if each not in found]
        for start in range(0, len(ids), _FETCHED):
            some = ids[start : start + _FETCHED]
            sources = fetch(self._connection, self._index, map(document_id, some), names)
            found.update(
                (each, source)
                for each, source in zip(some, sources, strict=True)
                if source is not None
            )
        return found


def fetch(
    connection: Connection, index: str, ids: Any, names: Sequence[str]
) -> list[dict[str, Any] | None]:
    """Stored fields of documents by the server's ids, None for missing ones."""
    wanted = [{"_id": each, "_source": list(names) or False} for each in ids]
    if not wanted:
        return []
    docs = connection.request("POST", f"/{index}/_mget", {"docs": wanted}).body["docs"]
    return [(each.get("_source") or {}) if each.get("found") else None for each in docs]


def _source(sources: Mapping[str, dict[str, Any]], key: str) -> dict[str, Any]:
    try:
        return sources[key]
    except KeyError:
        raise ArticleNotFound(id=key) from None


def _decision(source: Mapping[str, Any]) -> Decision:
    """The decision on a document that is stored with it."""
    return Decision.from_json(source["decision"])


def _listing(sources: Mapping[str, dict[str, Any]], key: str) -> Listing:
    source = _source(sources, key)
    listing = unpack_listing(source["listing"])
    shown = _decision(source).shown
    first = (shown[each] for each in listing.organisations if each in shown)
    names = tuple(dict.fromkeys((*first, *shown.values())))
    return listing if names == listing.organisations else replace(listing, organisations=names)
