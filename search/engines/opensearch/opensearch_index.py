"""The index on OpenSearch: builds, extends, verifies and rolls back its generations.

The alias is moved when the new one is whole (:mod:`search.engines.opensearch.cluster_generations`);
a build that dies leaves indices without a manifest, which the next one removes.
"""

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.article import Article
from search.engine_errors import EngineError
from search.engines.contract import (
    ArticleVectors,
    EngineWriter,
    GenerationFacts,
    IndexedDocument,
    Record,
    StoredDocument,
)
from search.engines.opensearch.backup_archive import read_archive, write_archive
from search.engines.opensearch.bulk_writer import (
    BulkWriter,
    VectorSource,
    measured_vectors,
    published_manifest,
    write_vectors,
)
from search.engines.opensearch.cluster_generations import ClusterGenerations, words_of
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.direct_writer import WriteAlias
from search.engines.opensearch.document_packing import unpack_document
from search.engines.opensearch.generation_check import GenerationCheck
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.index_mapping import SCHEMA_VERSION
from search.engines.opensearch.passage_vectors import (
    PackedPassages,
    key_of,
    packed_passages,
    vector_fields,
)
from search.engines.opensearch.server_documents import ServerDocuments
from search.engines.opensearch.server_vectors import vector_fields_of
from search.engines.opensearch.writer_lock import HeldLock, WriterLock
from search.errors import (
    BackupUnusable,
    IndexDamaged,
    IndexMismatch,
    NoPreviousGeneration,
    NoSoundGeneration,
)
from search.meaning.quantisation import article_key
from search.run_record import RunRecord

if TYPE_CHECKING:
    from search.engines.opensearch.opensearch_reader import OpenSearchReader


class OpenSearchIndex:
    """Keeps the :class:`~search.engines.contract.Index` contract over a cluster.

    ``name`` begins the names of all that is made there, ``keep`` is how many generations stay.
    """

    def __init__(
        self,
        connection: Connection,
        name: str,
        keep: int = 3,
        shards: int = 1,
        replicas: int = 1,
    ) -> None:
        self._connection = connection
        self._name = name
        self._generations = ClusterGenerations(connection, name, keep, shards, replicas)
        self._lock = WriterLock(connection, name)

    def current(self) -> str | None:
        return self._generations.current()

    def names(self) -> tuple[str, ...]:
        return self._generations.names()

    def fallbacks(self) -> Sequence[str]:
        live, earlier = self.current(), self._generations.earlier()
        others = (each for each in reversed(self.names()) if each not in earlier)
        return (*earlier, *(each for each in others if each != live))

    def generation(self, name: str | None = None) -> GenerationFacts:
        name = name or self._generations.live()
        return self._facts(name, self._generations.manifest(name))

    def record(self) -> RunRecord | None:
        record = self._generations.manifest(self._generations.live()).record
        return RunRecord.from_json(record) if record else None

    def open(
        self, fingerprint: str | None = None, freshness: float = 0.0, name: str | None = None
    ) -> "OpenSearchReader":
        # Imported here, as processes that only write need none of it.
        from search.engines.opensearch.opensearch_reader import OpenSearchReader

        name, manifest = self._fitting(fingerprint, name)
        words = words_of(name)
        return OpenSearchReader(self._connection, name, words, manifest, freshness)

    def open_stored(self, fingerprint: str | None = None) -> ServerDocuments:
        name, manifest = self._fitting(fingerprint, None)
        return ServerDocuments(self._connection, name, manifest)

    def stored_articles(self, name: str | None = None) -> Iterator[tuple[Article, str]]:
        name, manifest = self._fitting(None, name)
        for each in ServerDocuments(self._connection, name, manifest).scan(("packed",)):
            document = unpack_document(each["packed"])
            yield document.article, document.digest

    def stored_documents(self) -> Iterator[StoredDocument]:
        name, manifest = self._fitting(None, None)
        for packed, vectors in ServerDocuments(self._connection, name, manifest).archived():
            document, own = unpack_document(packed), None
            if vectors:
                passages = PackedPassages.unpacked(vectors)
                own = passages.article(document.article.id, document.digest)
            yield StoredDocument(document, manifest.model, own)

    @contextlib.contextmanager
    def build(
        self,
        sources: Sequence[str],
        fingerprint: str,
        built: datetime,
        rules: str = "",
        findings: str = "",
        record: Record | None = None,
    ) -> Iterator[EngineWriter]:
        made = (SCHEMA_VERSION, fingerprint, 0, built.isoformat(), tuple(sources))
        manifest = GenerationManifest(*made, rules=rules, findings=findings)
        with self._lock.held() as lock, self._new_generation(lock) as name:
            live = self.current()
            with contextlib.suppress(IndexDamaged):
                model = self._generations.manifest(live).model if live else ""
                manifest = replace(manifest, model=model)
            with self._writer(name, manifest, carried=live) as writer:
                writer.start()
                yield writer
                self._publish(name, writer, manifest, record, lock)

    @contextlib.contextmanager
    def extend(
        self,
        sources: Sequence[str],
        fingerprint: str,
        built: datetime,
        rules: str | None = None,
        findings: str | None = None,
        record: Record | None = None,
    ) -> Iterator[EngineWriter]:
        with self._lock.held() as lock:
            live, manifest = self._fitting(fingerprint, None)
            following = replace(
                manifest,
                built=built.isoformat(),
                sources=tuple(dict.fromkeys((*manifest.sources, *sources))),
                rules=manifest.rules if rules is None else rules,
                findings=manifest.findings if findings in (None, manifest.findings) else "",
                completes="",
            )
            with (
                self._new_generation(lock) as name,
                self._writer(name, following, carried=live, before=live) as writer,
            ):
                yield writer
                if writer.changed or following.rules != manifest.rules:
                    self._publish(name, writer, following, record, lock)

    def add_vectors(self, model: str, batch: Sequence[ArticleVectors]) -> str | None:
        with self._lock.held() as lock:
            live, manifest = self._fitting(None, None)
            documents = ServerDocuments(self._connection, live, manifest)
            wanted = documents.without_these_vectors(model, batch)
            if not wanted:
                return None
            packed = {each.id: packed_passages(each, manifest.fingerprint) for each in wanted}
            with self._new_generation(lock) as name:
                self._generations.clone(live, name)
                write_vectors(self._connection, name, model, packed)
                counts = measured_vectors(self._connection, name, model)
                completes = manifest.completes or live
                following = replace(manifest, model=model, vectors=counts, completes=completes)
                lock.check()
                self._generations.publish(name, following)
                return name

    def verify(
        self, fingerprint: str | None = None, name: str | None = None, *, vectors: bool = True
    ) -> list[str]:
        name, manifest = self._fitting(fingerprint, name)
        problems = GenerationCheck(self._connection, name, manifest).problems()
        if vectors and manifest.model:
            counts = measured_vectors(self._connection, name, manifest.model)
            if counts != manifest.vectors:
                problems.append(f"{name} has not the vectors that were written")
        return problems

    def rollback(self) -> str:
        with self._lock.held():
            self._generations.live()  # raises NoIndex
            reason = ""
            for name in self._generations.earlier():
                wrong = self._wrong(name)
                if not wrong:
                    self._generations.publish(name)
                    return name
                reason = reason or f"{name}: {wrong}"
        if reason:
            raise NoSoundGeneration(index=self._name, reason=reason)
        raise NoPreviousGeneration(index=self._name)

    def backup(self, destination: Path) -> GenerationFacts:
        name, manifest = self._fitting(None, None)
        documents = ServerDocuments(self._connection, name, manifest)
        write_archive(destination, manifest, documents.archived())
        return self._facts(name, manifest)

    def restore(self, backup: Path, fingerprint: str | None = None) -> str:
        with read_archive(backup) as (manifest, documents):
            try:
                self._check_fit(manifest, fingerprint)
            except IndexMismatch as error:
                raise BackupUnusable(path=backup, reason=error.values["reason"]) from error
            with (
                self._lock.held() as lock,
                self._new_generation(lock) as name,
                self._writer(name, manifest) as writer,
            ):
                writer.start()
                for packed, vectors in documents:
                    fields = vector_fields(manifest.model, vectors) if vectors else None
                    writer.add(unpack_document(packed), fields)
                self._publish(name, writer, replace(manifest, completes=""), None, lock)
                return name

    @contextlib.contextmanager
    def _writer(
        self,
        name: str,
        manifest: GenerationManifest,
        *,
        before: str | None = None,
        carried: str | None = None,
    ) -> Iterator[BulkWriter]:
        """A writer of a generation with ``manifest``, on top of the one ``before``.

        Unchanged articles keep the vectors that they have in ``carried``. After the end of the
        block, also by an exception, nothing is written.
        """
        generations = self._generations
        vectors = self._carried(carried, manifest)
        indices = (self._connection, name, words_of(name))
        if before is None:
            alias = WriteAlias(self._connection, name, self._name)
            begin = functools.partial(generations.create, name)
            writer = BulkWriter(*indices, begin, manifest, None, vectors, alias)
        else:
            known = ServerDocuments(self._connection, before, generations.manifest(before))
            begin = functools.partial(generations.clone, before, name)
            writer = BulkWriter(*indices, begin, manifest, known, vectors)
        try:
            yield writer
        finally:
            writer.cancel()

    def _carried(self, source: str | None, manifest: GenerationManifest) -> VectorSource:
        """Source of the vectors of unchanged documents in the generation ``source``."""
        if source is None or not manifest.model:
            return lambda _: {}

        def vectors(documents: Sequence[IndexedDocument]) -> Mapping[str, Mapping[str, Any]]:
            ids = [each.article.id for each in documents]
            known = vector_fields_of(self._connection, source, ids)
            keys = {
                each.article.id: article_key(each.article.id, each.digest, manifest.fingerprint)
                for each in documents
            }
            return {each: fields for each, fields in known.items() if key_of(fields) == keys[each]}

        return vectors

    @contextlib.contextmanager
    def _new_generation(self, lock: HeldLock) -> Iterator[str]:
        """The name of a generation to be written, which is removed if the block fails."""
        self._generations.remove_remains()
        name = self._generations.next_name(lock.begun)
        lock.begin(name)
        try:
            yield name
        except BaseException:
            # The error of the block is raised, not one of removing the remains.
            with contextlib.suppress(EngineError):
                self._generations.remove(name)
            raise

    def _publish(
        self,
        name: str,
        writer: BulkWriter,
        manifest: GenerationManifest,
        record: Record | None,
        lock: HeldLock,
    ) -> None:
        writer.commit()
        written = writer.written
        assert written is not None  # noqa: S101 - set by commit
        run = record(written.articles).to_json() if record else ""
        if not writer.is_update:
            self._generations.compact(name)
        lock.check()
        self._generations.publish(name, published_manifest(manifest, written, run))

    def _fitting(self, fingerprint: str | None, name: str | None) -> tuple[str, GenerationManifest]:
        """A readable generation and its manifest. Raises NoIndex, IndexDamaged or IndexMismatch."""
        name = name or self._generations.live()
        manifest = self._generations.manifest(name)
        self._check_fit(manifest, fingerprint)
        return name, manifest

    def _check_fit(self, manifest: GenerationManifest, fingerprint: str | None) -> None:
        if not manifest.fits:
            reason = "its files are those of another version"
            raise IndexMismatch(index=self._name, reason=reason)
        if fingerprint is not None and manifest.fingerprint != fingerprint:
            reason = "it was analysed by another version"
            raise IndexMismatch(index=self._name, reason=reason)

    def _wrong(self, name: str) -> str:
        try:
            _, manifest = self._fitting(None, name)
            problems = GenerationCheck(self._connection, name, manifest).problems()
            return next(iter(problems), "")
        except (IndexDamaged, IndexMismatch) as error:
            return str(error.values["reason"])

    def _facts(self, name: str, manifest: GenerationManifest) -> GenerationFacts:
        return GenerationFacts(
            name=name,
            articles=manifest.articles,
            built=manifest.built,
            size=self._generations.size(name),
            sources=manifest.sources,
            fingerprint=manifest.fingerprint,
            rules=manifest.rules,
            findings=manifest.findings,
        )
