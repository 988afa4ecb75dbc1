"""Writes the documents and words of a new generation in bulk.

Documents are sent to the server as they arrive, with default decisions. Decisions that depend on
all documents are known at the end; then documents with other decisions are sent again.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from search.engines.contract import IndexedDocument, Pack, StoredDocument
from search.engines.opensearch.bulk_sender import BulkSender
from search.engines.opensearch.connection import BulkOperation, Connection
from search.engines.opensearch.corpus_decisions import (
    CorpusDecisions,
    Decision,
    DocumentFacts,
    SharedTexts,
    decide,
    default_decision,
)
from search.engines.opensearch.document_packing import (
    date_key,
    pack_documents,
    searched_fields,
    unpack_document,
    unpack_documents,
)
from search.engines.opensearch.generation_manifest import GenerationManifest, VectorCounts
from search.engines.opensearch.index_mapping import document_id
from search.engines.opensearch.passage_vectors import packed_passages, vector_fields
from search.engines.opensearch.server_documents import ServerDocuments, fetch
from search.engines.opensearch.server_vectors import having, vector_fields_of
from search.engines.opensearch.term_scoring import Lengths
from search.engines.opensearch.word_counts import WordRuns
from search.engines.opensearch.words_index import word_id, word_source
from search.engines.opensearch.written_batch import WrittenBatch

if TYPE_CHECKING:
    from search.engines.opensearch.direct_writer import WriteAlias

_BATCH = 100
_WORDS = 2_000
_Fields = Mapping[str, Any]
#: Returns the vector fields, by id, of those documents that already have vectors.
VectorSource = Callable[[Sequence[IndexedDocument]], Mapping[str, _Fields]]


@dataclass(frozen=True, slots=True)
class WrittenFacts:
    """Facts of a generation that was written, for its manifest."""

    articles: int
    has_clusters: bool
    newest: float | None
    lengths: Lengths
    mean_length: float
    renamed: Mapping[str, str]
    other_names: Mapping[str, str]
    model: str
    vectors: VectorCounts


class BulkWriter:
    """Keeps the :class:`~search.engines.contract.EngineWriter` contract over two indices.

    ``begin`` makes them when something is to be written; with ``before``, the generation that they
    are copies of, documents can be deleted. ``manifest`` has the model of the ``vectors`` that
    documents have, and the fingerprint of their analysis. Workers write through ``write_alias``.
    """

    def __init__(
        self,
        connection: Connection,
        index: str,
        words: str,
        begin: Callable[[], None],
        manifest: GenerationManifest,
        before: ServerDocuments | None = None,
        vectors: VectorSource = lambda _: {},
        write_alias: "WriteAlias | None" = None,
    ) -> None:
        self._connection = connection
        self._sender = BulkSender(connection)
        self._index = index
        self._words = words
        self._begin = begin
        self._before = before
        self._model = manifest.model
        self._fingerprint = manifest.fingerprint
        self._vectors = vectors
        self._given: dict[str, _Fields] = {}
        self._write_alias = write_alias
        self._direct: Pack | None = None
        self._noted: list[str] = []
        self._documents: list[IndexedDocument] = []
        self._counts = WordRuns()
        self._decisions: dict[str, Decision | None] | None = None
        self._texts = SharedTexts()
        self._facts: dict[str, DocumentFacts] = {}
        self.written: WrittenFacts | None = None

    @property
    def is_update(self) -> bool:
        """Is an earlier generation extended?"""
        return self._before is not None

    @property
    def changed(self) -> bool:
        """Is there anything to write?"""
        return self._decisions is not None

    def packing(self) -> Pack:
        if self._write_alias is None:
            return pack_documents
        self.start()
        self._direct = self._direct or self._write_alias.open()
        return self._direct

    def add(self, document: IndexedDocument, vectors: _Fields | None = None) -> None:
        """Adds a document, with the fields for its vectors of the model, if it has some."""
        self.start()
        self._documents.append(document)
        if vectors:
            self._given[document.article.id] = vectors
        if len(self._documents) >= _BATCH:
            self._take()

    def add_stored(self, stored: StoredDocument) -> None:
        fields = None
        if stored.vectors and stored.vectors.passages:
            self._model = stored.model
            packed = packed_passages(stored.vectors, self._fingerprint)
            fields = vector_fields(stored.model, packed)
        self.add(stored.document, fields)

    def add_packed(self, packed: bytes) -> None:
        written = WrittenBatch.from_bytes(packed)
        if written is not None:
            self._note(written)
            return
        for each in unpack_documents(packed):
            self.add(each)

    def delete(self, article_id: str) -> None:
        if self._before is None and not self.changed:
            return
        if not self.changed and self._before and self._before.find(article_id) is None:
            return
        decisions = self.start()
        self._take()
        if article_id not in decisions:
            return
        self._sender.wait()
        (source,) = fetch(self._connection, self._index, [document_id(article_id)], ("packed",))
        if source:
            self._counts.add(unpack_document(source["packed"]), -1)
        self._connection.bulk(self._index, [BulkOperation("delete", document_id(article_id))])
        del decisions[article_id], self._facts[article_id]

    def start(self) -> dict[str, Decision | None]:
        """Makes the indices if they are not there yet; the decision on each document so far.

        None means the default one.
        """
        if self._decisions is None:
            self._begin()
            self._decisions = {}
            if self._before:
                for each, decision in _state(self._before):
                    self._keep(each, None if decision == default_decision(each) else decision)
        return self._decisions

    def commit(self) -> None:
        """Writes everything, and decides over all documents."""
        written = self.start()
        self._take()
        self._sender.wait()
        if self._write_alias and self._direct:
            self._write_alias.shut()
        self._connection.refresh(self._index)
        if self._write_alias and self._direct:
            self._write_alias.check(written)
        decisions = decide(list(self._facts.values()))
        self._send_again(decisions.differing(written))
        self._write_words()
        self._sender.wait()
        self._sender.close()
        for each in (self._index, self._words):
            self._connection.refresh(each)
        self.written = self._measured(decisions)

    def cancel(self) -> None:
        """Stops writing; the caller that made the indices removes them."""
        self._sender.close()
        self._counts.close()

    def _note(self, written: WrittenBatch) -> None:
        """Counts documents that a worker has written."""
        self.start()
        self._counts.add_run(written.words)
        for facts in written.facts:
            self._keep(facts)
            self._noted.append(facts.id)

    def _keep(self, facts: DocumentFacts, decision: Decision | None = None) -> None:
        """Keeps the facts of a document, and the decision that was written with it."""
        decisions = self.start()
        self._facts[facts.id] = self._texts.shared(facts)
        decisions[facts.id] = decision

    def _take(self) -> None:
        documents, self._documents = self._documents, []
        if not documents:
            return
        operations = []
        vectors = {**self._vectors(documents), **self._given}
        self._given = {}
        for each in documents:
            facts = DocumentFacts.of(each, date_key(each.article))
            self._counts.add(each)
            self._keep(facts)
            operations.append(
                index_operation(each, facts, default_decision(facts), vectors.get(each.article.id))
            )
        self._sender.send(self._index, operations)

    def _send_again(self, differing: Mapping[str, Decision]) -> None:
        """Sends ``differing`` documents again, and those that workers wrote without vectors."""
        written = self.start()
        noted = self._noted if self._model else ()
        for some in _pieces(list(dict.fromkeys((*differing, *noted))), _BATCH):
            sources = fetch(self._connection, self._index, map(document_id, some), ("packed",))
            documents = [unpack_document(source["packed"]) for source in sources if source]
            vectors: Mapping[str, _Fields] = {}
            if self._model:
                there = vector_fields_of(self._connection, self._index, some)
                vectors = {**self._vectors(documents), **there}
            operations = []
            for each in documents:
                name = each.article.id
                if name in differing or name in vectors:
                    facts = self._facts[name]
                    decision = differing.get(name) or written[name] or default_decision(facts)
                    operations.append(index_operation(each, facts, decision, vectors.get(name)))
            self._sender.send(self._index, operations)

    def _write_words(self) -> None:
        changed = self._counts.changed()
        while some := list(itertools.islice(changed, _WORDS)):
            ids = [word_id(each.term) for each in some]
            before: Sequence[Mapping[str, Any] | None] = [None] * len(some)
            if self._before:
                names = ("documents", "title", "body", "readings")
                before = fetch(self._connection, self._words, ids, names)
            operations = []
            for word, each, known in zip(ids, some, before, strict=True):
                source = word_source(each, known)
                if source is not None:
                    operations.append(BulkOperation("index", word, source))
                elif known is not None:
                    operations.append(BulkOperation("delete", word))
            self._sender.send(self._words, operations)
        self._counts.close()

    def _measured(self, decisions: CorpusDecisions) -> WrittenFacts:
        def filled(field: str) -> dict[str, Any]:
            average = {"length": {"avg": {"field": field}}}
            return {"filter": {"range": {field: {"gt": 0}}}, "aggs": average}

        body = {
            "size": 0,
            "track_total_hits": True,
            "aggs": {
                "title": filled("title_length"),
                "body": filled("body_length"),
                "every_title": {"avg": {"field": "title_length"}},
                "every_body": {"avg": {"field": "body_length"}},
                "newest": {"max": {"field": "age"}},
                "vectors": _vector_sums(self._model),
            },
        }
        response = self._connection.search(self._index, body)
        found = response["aggregations"]
        every = (found["every_body"]["value"] or 0.0) + 3 * (found["every_title"]["value"] or 0.0)
        return WrittenFacts(
            articles=int(response["hits"]["total"]["value"]),
            has_clusters=decisions.has_clusters,
            newest=found["newest"]["value"],
            lengths=Lengths(
                found["title"]["length"]["value"] or 1.0, found["body"]["length"]["value"] or 1.0
            ),
            mean_length=every or 1.0,
            renamed=decisions.renamed(),
            other_names=decisions.other_names(),
            model=self._model,
            vectors=_counted(found["vectors"]),
        )


def write_vectors(
    connection: Connection, index: str, model: str, packed: Mapping[str, bytes]
) -> None:
    """Writes documents again with their packed vectors of ``model``, by id.

    The server can only replace a whole document.
    """
    for some in _pieces(list(packed), _BATCH):
        names = ("packed", "facts", "decision")
        operations = []
        for source in fetch(connection, index, map(document_id, some), names):
            if source is not None:
                facts, decision = _unpacked(source)
                vectors = vector_fields(model, packed[facts.id])
                document = unpack_document(source["packed"])
                operations.append(index_operation(document, facts, decision, vectors))
        connection.bulk(index, operations)
    connection.refresh(index)


def measured_vectors(connection: Connection, index: str, model: str) -> VectorCounts:
    """Counts the documents with vectors of ``model``, their passages and bytes."""
    body = {"size": 0, "track_total_hits": False, "aggs": {"vectors": _vector_sums(model)}}
    return _counted(connection.search(index, body)["aggregations"]["vectors"])


def published_manifest(
    manifest: GenerationManifest, written: WrittenFacts, record: str
) -> GenerationManifest:
    """The manifest of what was written."""
    fields = {name: getattr(manifest, name) for name in manifest.__slots__}
    fields |= {name: getattr(written, name) for name in written.__slots__}
    return GenerationManifest(**{**fields, "record": record})


def _state(before: ServerDocuments) -> Iterator[tuple[DocumentFacts, Decision]]:
    for source in before.scan(("facts", "decision")):
        yield _unpacked(source)


def _unpacked(source: Mapping[str, Any]) -> tuple[DocumentFacts, Decision]:
    """The facts of a document and the decision on it, as they are stored."""
    return DocumentFacts.from_json(source["facts"]), Decision.from_json(source["decision"])


def index_operation(
    document: IndexedDocument,
    facts: DocumentFacts,
    decision: Decision,
    vectors: _Fields | None = None,
) -> BulkOperation:
    """Bulk operation that indexes a document, with the fields of its ``vectors``."""
    fields = searched_fields(document)
    names = list(dict.fromkeys(decision.shown.values()))
    values = [
        f"{facet}:{each}"
        for facet in ("focus", "language", "source")
        for each in _values(fields, facet)
    ]
    fields |= {
        "org": names,
        "facet_values": [each.casefold() for each in (*values, *(f"org:{name}" for name in names))],
        "cluster": decision.cluster,
        "clustered": decision.is_clustered,
        "cluster_rank": int(decision.cluster != document.article.id),
        "facts": facts.to_json(),
        "decision": decision.to_json(),
    }
    return BulkOperation("index", document_id(document.article.id), fields | {**(vectors or {})})


def _vector_sums(model: str) -> dict[str, Any]:
    """Aggregation that counts vectors of ``model``."""
    sums = {name: {"sum": {"field": name}} for name in ("passage_count", "vector_bytes")}
    return {"filter": having(model), "aggs": sums}


def _counted(found: Mapping[str, Any]) -> VectorCounts:
    sums = (int(found[name]["value"]) for name in ("passage_count", "vector_bytes"))
    return VectorCounts(int(found["doc_count"]), *sums)


def _values(fields: Mapping[str, Any], facet: str) -> Iterable[str]:
    value = fields[facet]
    return [value] if isinstance(value, str) else value


def _pieces(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
