"""The Whoosh index: every change makes a new generation beside the live one, then switches.

``index/CURRENT`` names the live directory (:mod:`search.engines.whoosh.generation_store`). A build
that dies at any moment leaves at most a directory without a manifest, which the next build removes;
readers never see it.
"""

import contextlib
import errno
import functools
import logging
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search.article import Article
from search.engines.contract import (
    ArticleVectors,
    EngineWriter,
    GenerationFacts,
    Record,
    StoredDocument,
)
from search.engines.whoosh.backup import back_up, copy_generation
from search.engines.whoosh.generation_store import GenerationStore
from search.engines.whoosh.manifest import (
    MANIFEST,
    SCHEMA_VERSION,
    FileFacts,
    Manifest,
    is_vector_file,
    read_facts,
    sync_directory,
    sync_files,
)
from search.engines.whoosh.segment.arrays import CorruptArray
from search.engines.whoosh.segment.damage_guard import DamageGuard
from search.engines.whoosh.snapshot.articles import StoredArticles
from search.engines.whoosh.snapshot.incremental import write_snapshot
from search.engines.whoosh.snapshot.snapshot import SNAPSHOT, Snapshot
from search.engines.whoosh.snapshot.vectors import StoredVectors
from search.engines.whoosh.vector_writer import VectorFiles, VectorWriter
from search.engines.whoosh.writer import WhooshWriter
from search.errors import (
    BackupUnusable,
    IndexDamaged,
    IndexMismatch,
    NoIndex,
    NoPreviousGeneration,
    NoSoundGeneration,
)
from search.run_record import RECORD, RunRecord

if TYPE_CHECKING:
    from search.engines.whoosh.reader import WhooshReader

#: Errors of file systems without hard links, or with no more of them.
_CANNOT_LINK = (errno.EPERM, errno.EMLINK, errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP)
#: Device, inode, size and time of a file, which are the same until somebody writes to it.
_Stamp = tuple[int, int, int, int]
_log = logging.getLogger(__name__)


class WhooshIndex:
    """Keeps the :class:`~search.engines.contract.Index` contract over a directory of generations.

    ``keep`` is how many stay, the live one among them.
    """

    def __init__(self, index: Path, keep: int = 3) -> None:
        self._index = index
        self._store = GenerationStore(index, keep)
        self._last: tuple[tuple[int, int], Snapshot] | None = None
        self._checked: dict[_Stamp, FileFacts] = {}

    def current(self) -> str | None:
        """Name of the live generation, None if ``CURRENT`` does not give one."""
        return self._store.current()

    def names(self) -> tuple[str, ...]:
        """Names of all complete generations, oldest first."""
        return self._store.names()

    def fallbacks(self) -> tuple[str, ...]:
        """Generations to read while the live one cannot be read, in the order to be tried."""
        return self._store.fallbacks()

    def manifest(self, name: str | None = None) -> Manifest:
        """Manifest of a generation, the live one unless named. Raises NoIndex or IndexDamaged."""
        return self._store.manifest(name or self._store.live())

    def record(self) -> RunRecord | None:
        """Run record of the live generation, None if it has none.

        Raises NoIndex or IndexDamaged.
        """
        name = f"{self._store.live()}/{RECORD}"
        try:
            if not (self._index / name).exists():
                return None
            return RunRecord.from_json((self._index / name).read_text(encoding="utf-8"))
        except OSError as error:
            reason = f"{name}: {error.strerror}"
            raise IndexDamaged(index=self._index, reason=reason) from error
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise IndexDamaged(index=self._index, reason=f"{name}: it is no report") from error

    def generation(self, name: str | None = None) -> GenerationFacts:
        """Facts of a generation, the live one unless named. Raises NoIndex or IndexDamaged."""
        name = name or self._store.live()
        return _facts(name, self.manifest(name))

    def open(
        self, fingerprint: str | None = None, freshness: float = 0.0, name: str | None = None
    ) -> "WhooshReader":
        """Open a generation for searching, newer articles boosted by ``freshness`` (0 to 1).

        Raises NoIndex, IndexDamaged, or IndexMismatch if it was built in another way than
        ``fingerprint`` says.
        """
        # Imported here, as processes that only write need none of it.
        from search.engines.whoosh.reader import WhooshReader

        directory = self._sound(name, fingerprint)
        with DamageGuard(directory):
            snapshot = Snapshot(directory)
            return WhooshReader(snapshot, freshness, vectors=self._vectors(snapshot))

    def open_stored(self, fingerprint: str | None = None) -> StoredArticles:
        """Open only the stored articles of the live generation, which is faster.

        Raises as :meth:`open` does.
        """
        directory = self._sound(None, fingerprint)
        with DamageGuard(directory):
            snapshot = self._snapshot(directory)
            return StoredArticles(snapshot, self._vectors(snapshot))

    def stored_articles(self, name: str | None = None) -> Iterator[tuple[Article, str]]:
        """Every article of a generation with its digest, for any fingerprint.

        Raises NoIndex, IndexMismatch or IndexDamaged.
        """
        directory = self._sound(name, None)
        with DamageGuard(directory):
            snapshot = self._snapshot(directory)
            for number in np.flatnonzero(snapshot.alive).tolist():
                segment, place = snapshot.segments.locate(number)
                yield segment.stored.article(place), snapshot.digest(number)

    def verify(
        self, fingerprint: str | None = None, name: str | None = None, *, vectors: bool = True
    ) -> list[str]:
        """Verifies every byte of a generation, and opens it; a sentence for each problem.

        Raises NoIndex, IndexDamaged, or IndexMismatch if it was built in another way than
        ``fingerprint`` says. Without ``vectors`` only what words need is read.
        """
        name = name or self._store.live()
        manifest = self.manifest(name)
        self._check_fit(manifest, fingerprint)
        found = self._store.problems(name, checksums=True, vectors=vectors)
        misread = self._misread(name, manifest) if all(map(is_vector_file, found)) else []
        return [*found.values(), *misread]

    def rollback(self) -> str:
        """Make the newest sound generation before the live one live; its name.

        Every byte of it is compared with its checksum first.
        """
        with self._store.locked():
            with contextlib.suppress(IndexDamaged):
                self._store.live()  # raises NoIndex
            reason = ""
            for name in self._store.earlier():
                wrong = self._wrong(name)
                if not wrong:
                    self._store.publish(name)
                    return name
                reason = reason or (wrong if wrong.startswith(name) else f"{name}: {wrong}")
        if reason:
            raise NoSoundGeneration(index=self._index, reason=reason)
        raise NoPreviousGeneration(index=self._index)

    def backup(self, destination: Path) -> GenerationFacts:
        """Copy the live generation into a new index, which appears when it is whole.

        Every byte is compared with its checksum on the way. Raises NoIndex, IndexDamaged,
        BackupExists, or IndexLocked where another backup goes to the same place.
        """
        name, manifest = back_up(self._store, destination)
        return _facts(name, manifest)

    def restore(self, backup: Path, fingerprint: str | None = None) -> str:
        """Make the live generation of another index live here, and keep the one before.

        It is copied, compared with its checksums and opened before the switch. Raises
        BackupUnusable or IndexLocked.
        """
        source = GenerationStore(backup)
        with self._store.locked(), self._store.new_directory() as directory:
            try:
                name = source.live()
                self._check_fit(source.manifest(name), fingerprint)
                manifest = copy_generation(source, name, directory)
                follows = self._store.returned_to()
                self._complete(directory, replace(manifest, completes="", follows=follows))
                if wrong := self._misread(directory.name, manifest):
                    raise IndexDamaged(index=backup, reason=wrong[0])
            except NoIndex as error:
                raise BackupUnusable(path=backup, reason="there is no index") from error
            except (IndexDamaged, IndexMismatch) as error:
                raise BackupUnusable(path=backup, reason=error.values["reason"]) from error
            self._store.publish(directory.name, keeps_previous=True)
            return directory.name

    def stored_documents(self) -> Iterator[StoredDocument]:
        """Every document of the live generation, with vectors of the model that most have some of.

        Raises NoIndex, IndexMismatch or IndexDamaged.
        """
        directory = self._sound(None, None)
        with DamageGuard(directory):
            snapshot = self._snapshot(directory)
            vectors = self._vectors(snapshot)
            model = vectors.fullest_model()
            passages = vectors.articles(model)
            for number in np.flatnonzero(snapshot.alive).tolist():
                segment, place = snapshot.segments.locate(number)
                document, own = segment.stored.document(place), None
                if number in passages:
                    named = document.article.id, document.digest
                    own = ArticleVectors(*named, passages[number])
                yield StoredDocument(document, model, own)

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
        """Write a whole new generation, which goes live when the block ends without an exception.

        ``rules`` is a digest of what forms the facets, ``findings`` one of the code that extracts
        them from texts. ``record`` makes the record of the run from the number of articles, last of
        all.
        """
        with self._store.locked(), self._store.new_directory() as directory:
            made = (SCHEMA_VERSION, fingerprint, 0, built.isoformat(), tuple(sources))
            base, files = self._live_vectors()
            manifest = Manifest(*made, files=files, rules=rules, findings=findings)
            writer = WhooshWriter(directory, vectors=VectorFiles(directory, fingerprint))
            yield from self._write(writer, directory, manifest, base, None, record)

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
        """Write a generation on top of the live one, which must fit ``fingerprint``.

        Files that do not change are shared with the live generation by hard links, after every byte
        of it was compared with its checksum. If neither documents nor ``rules`` (None for unchanged
        ones) changed, no generation is made. ``findings`` is that of the added documents (None if
        unchanged); ``record`` is called as in :meth:`build`.
        """
        with self._store.locked():
            live = self._store.live()
            manifest = self.manifest(live)
            self._check_fit(manifest, fingerprint)
            with self._store.new_directory() as directory, self._building_on(live):
                before = self._snapshot(self._sound(live, fingerprint))
                writer = WhooshWriter(directory, before)
                rules = manifest.rules if rules is None else rules
                following = replace(
                    manifest,
                    fingerprint=fingerprint,
                    built=built.isoformat(),
                    sources=tuple(dict.fromkeys((*manifest.sources, *sources))),
                    rules=rules,
                    findings=manifest.findings if findings in (None, manifest.findings) else "",
                    completes="",
                )
                writer.changed = rules != manifest.rules
                base = before.directory
                yield from self._write(writer, directory, following, base, before, record)

    def add_vectors(self, model: str, batch: Sequence[ArticleVectors]) -> str | None:
        """Add vectors in a generation that takes the place of the live one; its name.

        All other files are shared with the live generation as by :meth:`extend`. Articles that have
        gone or changed are left out; None where nothing is to be added, nor to be dropped.
        """
        with self._store.locked():
            live = self._store.live()
            manifest = self.manifest(live)
            before = self._snapshot(self._sound(live, None))
            with self._building_on(live):
                files = self._unchanged(before.directory, manifest.files)
                vectors = VectorWriter(before, self._vectors(before, files), model)
                wanted = vectors.wanted(batch)
                if not wanted and len(files) == len(manifest.files):
                    return None
                with self._store.new_directory() as directory:
                    kept = vectors.write(directory, wanted, manifest.fingerprint)
                    shared = {
                        name: facts
                        for name, facts in files.items()
                        if name in kept or not is_vector_file(name)
                    }
                    linked = _linked(before.directory, directory, shared)
                    files = sync_files(directory, linked)
                    completes = manifest.completes or live
                    self._finish(directory, replace(manifest, files=files, completes=completes))
                    self._store.publish(directory.name, replaces_previous=True)
                    return directory.name

    def _write(
        self,
        writer: WhooshWriter,
        directory: Path,
        manifest: Manifest,
        base: Path | None,
        before: Snapshot | None,
        record: Record | None,
    ) -> Iterator[EngineWriter]:
        """Yields a writer, and publishes what it wrote.

        ``manifest`` has the files of the generation in ``base``, of which those of segments that
        have not changed and those of vectors are shared. ``before`` is its snapshot to go on from.
        """
        try:
            yield writer
        except BaseException:
            # The directory is removed anyway; an error of cancelling must not hide the first one.
            with contextlib.suppress(Exception):
                writer.cancel()
            raise
        if before and not writer.changed:
            writer.cancel()
            shutil.rmtree(directory)
            return
        unchanged = self._unchanged(base, manifest.files) if base else {}
        writer.commit()
        kept = {each.segment for each in writer.segments}
        shared = {
            name: facts
            for name, facts in unchanged.items()
            if is_vector_file(name) or name.split(".")[0] in kept
        }
        linked = _linked(base, directory, shared) if base else {}
        write_snapshot(directory, writer.segments, before)
        if record:
            run = record(writer.document_count).to_json()
            (directory / RECORD).write_text(run, encoding="utf-8")
        files = sync_files(directory, linked)
        made = replace(manifest, articles=writer.document_count, files=files)
        self._finish(directory, replace(made, follows=self._store.returned_to()))
        self._store.publish(directory.name)

    def _finish(self, directory: Path, manifest: Manifest) -> None:
        """Completes a generation that this process has written, without verifying it."""
        self._complete(directory, manifest)
        self._checked = {_stamp(directory / name): facts for name, facts in manifest.files.items()}

    def _complete(self, directory: Path, manifest: Manifest) -> None:
        """Writes the manifest of a generation whose files are flushed. Raises IndexDamaged."""
        self._store.write(directory / MANIFEST, manifest.to_json())
        sync_directory(directory)
        wrong = next(iter(self._store.problems(directory.name, checksums=False).values()), "")
        if wrong:
            raise IndexDamaged(index=self._index, reason=wrong)

    def _unchanged(self, directory: Path, files: Mapping[str, FileFacts]) -> dict[str, FileFacts]:
        """The files of the generation that is extended, verified by their checksums.

        Files that this process has compared or written itself are not read again until they change:
        watching a directory changes one article at a time. A vector file that has changed is left
        out, which is logged; for any other this raises IndexDamaged.
        """
        found, checked = {}, {}
        for name, facts in files.items():
            stamp = self._stamp_of_unchanged(directory / name, facts)
            if stamp is not None:
                found[name] = checked[stamp] = facts
                continue
            problem = f"{directory.name}/{name} has changed"
            if not is_vector_file(name):
                raise IndexDamaged(index=self._index, reason=problem)
            _log.warning("%s, so its vectors are dropped: run klastriotsing meaning", problem)
        self._checked = checked
        return found

    def _stamp_of_unchanged(self, path: Path, facts: FileFacts) -> _Stamp | None:
        """The stamp of a file that is as it was written, None if it is damaged or missing."""
        try:
            stamp = _stamp(path)
        except FileNotFoundError:
            return None
        is_known = self._checked.get(stamp) == facts
        return stamp if is_known or read_facts(path) == facts else None

    def _live_vectors(self) -> tuple[Path | None, dict[str, FileFacts]]:
        """The live generation with its vector files, none if it is of another version."""
        try:
            name = self._store.live()
            manifest = self.manifest(name)
        except (NoIndex, IndexDamaged):
            return None, {}
        if manifest.schema_version != SCHEMA_VERSION:
            return None, {}
        files = manifest.files.items()
        return self._index / name, {each: facts for each, facts in files if is_vector_file(each)}

    def _vectors(self, snapshot: Snapshot, names: Iterable[str] | None = None) -> StoredVectors:
        """The vectors of a generation, or of some of its files, to be read at first use."""
        manifest = self.manifest(snapshot.directory.name)
        names = tuple(filter(is_vector_file, manifest.files if names is None else names))
        others = functools.partial(self._other_vectors, names)
        return StoredVectors(snapshot, manifest.fingerprint, names, others)

    def _other_vectors(self, names: Collection[str]) -> Iterator[Path]:
        """The vector files of all generations, but for ``names``."""
        seen = set(names)
        for name in self.names():
            with contextlib.suppress(IndexDamaged):
                for each in filter(is_vector_file, self.manifest(name).files):
                    if each not in seen:
                        seen.add(each)
                        yield self._index / name / each

    @contextlib.contextmanager
    def _building_on(self, live: str) -> Iterator[None]:
        """Raises IndexDamaged for errors in files of the generation that is extended."""
        try:
            yield
        except CorruptArray as error:
            raise IndexDamaged(index=self._index, reason=f"{live}: {error}") from error

    def _sound(self, name: str | None, fingerprint: str | None) -> Path:
        """The directory of a generation that fits, and whose files have the right sizes."""
        name = name or self._store.live()
        self._check_fit(self.manifest(name), fingerprint)
        problems = self._store.problems(name, checksums=False, vectors=False)
        if problems:
            reason = f"{name}: {next(iter(problems.values()))}"
            raise IndexDamaged(index=self._index, reason=reason)
        return self._index / name

    def _check_fit(self, manifest: Manifest, fingerprint: str | None) -> None:
        if manifest.schema_version != SCHEMA_VERSION:
            reason = "its files are those of another version"
            raise IndexMismatch(index=self._index, reason=reason)
        if fingerprint is not None and manifest.fingerprint != fingerprint:
            reason = "it was analysed by another version"
            raise IndexMismatch(index=self._index, reason=reason)

    def _snapshot(self, directory: Path) -> Snapshot:
        """The snapshot of a generation; the last one stays open. Raises OSError or CorruptArray."""
        status = (directory / SNAPSHOT).stat()
        stamp = status.st_ino, status.st_mtime_ns
        if self._last is None or (self._last[0], self._last[1].directory) != (stamp, directory):
            known = self._last[1].segments if self._last else ()
            self._last = stamp, Snapshot(directory, known)
        return self._last[1]

    def _wrong(self, name: str) -> str:
        """Verifies every byte of a generation; the first problem, empty for none.

        One of another version is only compared with its checksums.
        """
        try:
            found = list(self._store.problems(name, checksums=True, vectors=False).values())
            manifest = self.manifest(name)
            if not found and manifest.schema_version == SCHEMA_VERSION:
                found = self._misread(name, manifest)
        except IndexDamaged as error:
            return str(error.values["reason"])
        return found[0] if found else ""

    def _misread(self, name: str, manifest: Manifest) -> list[str]:
        """The problems of opening a generation whose checksums are right."""
        from search.engines.whoosh.reader import WhooshReader

        try:
            with DamageGuard(self._index / name):
                snapshot = Snapshot(self._index / name)
                articles = WhooshReader(snapshot).document_count
                for each in snapshot.segments:
                    each.stored.check()
        except IndexDamaged as error:
            return [str(error.values["reason"])]
        if articles != manifest.articles:
            return [f"{name} holds {articles} articles instead of {manifest.articles}"]
        return []


def _facts(name: str, manifest: Manifest) -> GenerationFacts:
    size = sum(each.size for each in manifest.files.values())
    same = ("articles", "built", "sources", "fingerprint", "rules", "findings")
    return GenerationFacts(name=name, size=size, **{each: getattr(manifest, each) for each in same})


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _linked(source: Path, target: Path, files: Mapping[str, FileFacts]) -> dict[str, FileFacts]:
    """Hard-links files of a generation into another; those that need no flushing."""
    return {name: facts for name, facts in files.items() if _link(source / name, target / name)}


def _link(source: Path, target: Path) -> bool:
    """Hard-links a file, or copies it where its file system has no links.

    True for a link; a copy still has to be flushed.
    """
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        shutil.copyfile(source, target)
        return False
    return True
