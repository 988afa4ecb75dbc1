"""The index as a whole on OpenSearch: every change makes a generation beside the live one.

The alias is moved when the new one is whole (:mod:`search.engines.opensearch.cluster_generations`);
a build that dies leaves indices without a manifest, which the next one removes.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from search.article import Article
from search.engine_errors import EngineError
from search.engines.contract import ArticleVectors, EngineWriter, GenerationFacts, Record
from search.engines.opensearch.bulk_writer import BulkWriter, published_manifest
from search.engines.opensearch.cluster_generations import ClusterGenerations, words_of
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.direct_writing import WritingDoor
from search.engines.opensearch.document_archive import read_archive, write_archive
from search.engines.opensearch.document_packing import unpack_document
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.index_mapping import SCHEMA_VERSION
from search.engines.opensearch.server_documents import ServerDocuments
from search.engines.opensearch.writer_lock import WriterLock
from search.errors import (
    BackupUnusable,
    IndexDamaged,
    IndexMismatch,
    MeaningUnsupported,
    NoPreviousGeneration,
    NoSoundGeneration,
)
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
        said = self._generations.manifest(self._generations.live()).record
        return RunRecord.from_json(said) if said else None

    def open(
        self, fingerprint: str | None = None, freshness: float = 0.0, name: str | None = None
    ) -> "OpenSearchReader":
        # What only writes needs nothing that searches.
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
        with self._lock.held(), self._new_generation() as name:
            writer = self._writer(name, None)
            writer.start()
            yield writer
            self._publish(name, writer, manifest, record)

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
        with self._lock.held():
            live, manifest = self._fitting(fingerprint, None)
            following = replace(
                manifest,
                built=built.isoformat(),
                sources=tuple(dict.fromkeys((*manifest.sources, *sources))),
                rules=manifest.rules if rules is None else rules,
                findings=manifest.findings if findings in (None, manifest.findings) else "",
            )
            with self._new_generation() as name:
                writer = self._writer(name, live)
                yield writer
                if writer.changed or following.rules != manifest.rules:
                    self._publish(name, writer, following, record)

    def add_vectors(
        self,
        model: str,  # noqa: ARG002 - none is kept
        batch: Sequence[ArticleVectors],  # noqa: ARG002
    ) -> str | None:
        """Raises MeaningUnsupported: this engine keeps no vectors."""
        raise MeaningUnsupported(engine="opensearch")

    def verify(
        self,
        fingerprint: str | None = None,
        name: str | None = None,
        *,
        vectors: bool = True,  # noqa: ARG002 - there are none
    ) -> list[str]:
        name, manifest = self._fitting(fingerprint, name)
        return self._problems(name, manifest)

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
        write_archive(
            destination, manifest, (each["packed"] for each in documents.scan(("packed",)))
        )
        return self._facts(name, manifest)

    def restore(self, backup: Path, fingerprint: str | None = None) -> str:
        with read_archive(backup) as (manifest, documents):
            try:
                self._check_fit(manifest, fingerprint)
            except IndexMismatch as error:
                raise BackupUnusable(path=backup, reason=error.values["reason"]) from error
            with self._lock.held(), self._new_generation() as name:
                writer = self._writer(name, None)
                writer.start()
                for each in documents:
                    writer.add(unpack_document(each))
                self._publish(name, writer, manifest, None)
                return name

    def _writer(self, name: str, live: str | None) -> BulkWriter:
        generations = self._generations
        if live is None:
            door = WritingDoor(self._connection, name, self._name)
            create = lambda: generations.create(name)  # noqa: E731
            return BulkWriter(self._connection, name, words_of(name), create, door=door)
        before = ServerDocuments(self._connection, live, generations.manifest(live))
        begin = lambda: generations.clone(live, name)  # noqa: E731
        return BulkWriter(self._connection, name, words_of(name), begin, before)

    @contextlib.contextmanager
    def _new_generation(self) -> Iterator[str]:
        """The name of a generation to be written, which goes if it is not published."""
        self._generations.remove_remains()
        name = self._generations.next_name()
        try:
            yield name
        except BaseException:
            # Whatever happened is told, not that the remains could not be removed.
            with contextlib.suppress(EngineError):
                self._generations.remove(name)
            raise

    def _publish(
        self, name: str, writer: BulkWriter, manifest: GenerationManifest, record: Record | None
    ) -> None:
        writer.commit()
        written = writer.written
        assert written is not None  # noqa: S101 - set by commit
        said = record(written.articles).to_json() if record else ""
        self._generations.publish(name, published_manifest(manifest, written, said))

    def _fitting(self, fingerprint: str | None, name: str | None) -> tuple[str, GenerationManifest]:
        """A generation that this program reads. Raises NoIndex, IndexDamaged or IndexMismatch."""
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

    def _problems(self, name: str, manifest: GenerationManifest) -> list[str]:
        """What is wrong with a generation; every stored document is read."""
        held = words = 0
        problems = []
        documents = ServerDocuments(self._connection, name, manifest)
        for each in documents.scan(("packed", "facts")):
            held += 1
            try:
                unpack_document(each["packed"])
            except (ValueError, LookupError, TypeError, OSError):
                problems.append(f"{name}: document {held} cannot be read")
        if held != manifest.articles:
            problems.append(f"{name} has {held} documents instead of {manifest.articles}")
        words = self._connection.request("GET", f"/{words_of(name)}/_count").body["count"]
        if manifest.articles and not words:
            problems.append(f"{words_of(name)} is empty")
        return problems

    def _wrong(self, name: str) -> str:
        try:
            _, manifest = self._fitting(None, name)
            return next(iter(self._problems(name, manifest)), "")
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
