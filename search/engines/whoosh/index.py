"""The index as a whole: every change makes a new generation beside the live one, then switches.

``index/CURRENT`` names the live directory. A build that dies, at whatever moment, leaves at most a
directory without a manifest, which the next build removes; readers never see it.
"""

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from search.article import Article
from search.engines.contract import EngineWriter, GenerationFacts, Record
from search.engines.whoosh.manifest import (
    MANIFEST,
    SCHEMA_VERSION,
    Manifest,
    problems,
    sync,
    sync_files,
)
from search.engines.whoosh.segment.arrays import CorruptArray
from search.engines.whoosh.snapshot.articles import StoredArticles, reading
from search.engines.whoosh.snapshot.incremental import write_snapshot
from search.engines.whoosh.snapshot.snapshot import SNAPSHOT, Snapshot
from search.engines.whoosh.writer import WhooshWriter
from search.errors import (
    IndexDamaged,
    IndexLocked,
    IndexMismatch,
    NoIndex,
    NoPreviousGeneration,
)
from search.run_record import RECORD, RunRecord

if TYPE_CHECKING:
    from search.engines.whoosh.reader import WhooshReader

CURRENT = "CURRENT"
_LOCK = ".lock"
_NAME = re.compile(r"gen-\d{6,}")
T = TypeVar("T")


class WhooshIndex:
    """Keeps the :class:`~search.engines.contract.Index` contract over a directory of generations.

    ``keep`` is how many stay, the live one among them. ``step`` is told the name of every step a
    build has completed (``locked``, ``written``, ``synced``, ``manifest ready``,
    ``manifest done``, ``checked``, ``switch ready``, ``switch done``, ``pruned``).
    """

    def __init__(
        self, index: Path, keep: int = 3, step: Callable[[str], None] = lambda _: None
    ) -> None:
        self._index = index
        self._keep = max(keep, 1)
        self._step = step
        self._last: tuple[tuple[int, int], Snapshot] | None = None

    def current(self) -> str | None:
        """Name of the live generation, None if there is none."""
        try:
            return (self._index / CURRENT).read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None

    def names(self) -> tuple[str, ...]:
        """Names of all complete generations, oldest first."""
        if not self._index.is_dir():
            return ()
        with os.scandir(self._index) as entries:
            found = [each.name for each in entries if _NAME.fullmatch(each.name)]
        return tuple(sorted(name for name in found if (self._index / name / MANIFEST).is_file()))

    def manifest(self, name: str | None = None) -> Manifest:
        """Manifest of a generation, the live one unless named. Raises NoIndex or IndexDamaged."""
        return self._read(f"{name or self._live()}/{MANIFEST}", Manifest.from_json)

    def record(self) -> RunRecord | None:
        """What the run did that wrote the live generation, None where nothing says so.

        Raises NoIndex or IndexDamaged.
        """
        name = f"{self._live()}/{RECORD}"
        return self._read(name, RunRecord.from_json) if (self._index / name).exists() else None

    def generation(self, name: str | None = None) -> GenerationFacts:
        """Facts of a generation, the live one unless named. Raises NoIndex or IndexDamaged."""
        name = name or self._live()
        manifest = self.manifest(name)
        size = sum(each.size for each in manifest.files.values())
        same = ("articles", "built", "sources", "fingerprint", "rules", "findings")
        return GenerationFacts(
            name=name, size=size, **{each: getattr(manifest, each) for each in same}
        )

    def open(self, fingerprint: str | None = None, freshness: float = 0.0) -> "WhooshReader":
        """Open the live generation for reading, newer articles lifted by ``freshness`` (0 to 1).

        Raises NoIndex, IndexDamaged, or IndexMismatch if it was built in another way than
        ``fingerprint`` says.
        """
        # What only writes and stores needs nothing that searches.
        from search.engines.whoosh.reader import WhooshReader

        directory = self._sound(fingerprint)
        with reading(directory):
            return WhooshReader(Snapshot(directory), freshness)

    def open_stored(self, fingerprint: str | None = None) -> StoredArticles:
        """Open what is stored of the articles of the live generation, which takes less time.

        Raises as :meth:`open` does.
        """
        directory = self._sound(fingerprint)
        with reading(directory):
            return StoredArticles(self._snapshot(directory))

    def stored_articles(self) -> Iterator[tuple[Article, str]]:
        """Every article of the live generation with its digest, whatever its fingerprint.

        Raises NoIndex, IndexMismatch or IndexDamaged.
        """
        directory = self._sound(None)
        with reading(directory):
            snapshot = self._snapshot(directory)
            for number in np.flatnonzero(snapshot.alive).tolist():
                segment, place = snapshot.segments.locate(number)
                yield segment.stored.article(place), snapshot.digest(number)

    def verify(self) -> list[str]:
        """Read every byte of the live generation; what is wrong, a sentence each.

        Raises NoIndex, IndexDamaged or IndexMismatch.
        """
        name = self._live()
        manifest = self.manifest(name)
        self._check_fit(manifest, None)
        wrong = problems(self._index / name, manifest, checksums=True)
        return wrong or self._miscounts(self._index / name, manifest)

    def rollback(self) -> str:
        """Make the newest generation before the live one live again; its name."""
        with self._locked():
            live = self._live()
            earlier = [name for name in self.names() if name < live]
            if not earlier:
                raise NoPreviousGeneration(index=self._index)
            self._switch(earlier[-1])
            return earlier[-1]

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
        """Write a whole new generation; when the block ends well, it goes live.

        ``rules`` says by what facets are formed, ``findings`` by what they are found in the texts.
        ``record`` is asked last for what the run has done, told how many articles there are now.
        """
        with self._locked(), self._new_directory() as directory:
            made = (SCHEMA_VERSION, fingerprint, 0, built.isoformat(), tuple(sources))
            manifest = Manifest(*made, files={}, rules=rules, findings=findings)
            yield from self._write(WhooshWriter(directory), directory, manifest, None, record)

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

        Files that do not change are shared with the live generation by hard links. When nothing
        was changed, the ``rules`` (None for those before) neither, no generation is made.
        ``findings`` says by what those of the added documents are found (None for as before);
        ``record`` is asked as in :meth:`build`.
        """
        with self._locked():
            live = self._live()
            manifest = self.manifest(live)
            self._check_fit(manifest, fingerprint)
            with self._new_directory() as directory:
                with reading(self._index / live):
                    before = self._snapshot(self._index / live)
                    writer = WhooshWriter(directory, before)
                rules = manifest.rules if rules is None else rules
                following = replace(
                    manifest,
                    fingerprint=fingerprint,
                    built=built.isoformat(),
                    sources=tuple(dict.fromkeys((*manifest.sources, *sources))),
                    rules=rules,
                    findings=manifest.findings if findings in (None, manifest.findings) else "",
                )
                writer.changed = rules != manifest.rules
                yield from self._write(writer, directory, following, before, record)

    def _write(
        self,
        writer: WhooshWriter,
        directory: Path,
        manifest: Manifest,
        before: Snapshot | None,
        record: Record | None,
    ) -> Iterator[EngineWriter]:
        """Hand out a writer, then go live with what it wrote.

        ``manifest`` has the files of the generation ``before``, of which those of segments that
        have not changed are shared.
        """
        try:
            yield writer
        except BaseException:
            # The directory goes anyway; a writer that cannot even be cancelled must not hide why.
            with contextlib.suppress(Exception):
                writer.cancel()
            raise
        if before and not writer.changed:
            writer.cancel()
            shutil.rmtree(directory)
            return
        writer.commit()
        kept = {each.segment for each in writer.segments}
        held = manifest.files.items()
        shared = {name: facts for name, facts in held if name.split(".")[0] in kept}
        for name in shared:
            os.link(self._index / self._live() / name, directory / name)
        write_snapshot(directory, writer.segments, before)
        if record:
            told = record(writer.document_count).to_json()
            (directory / RECORD).write_text(told, encoding="utf-8")
        self._step("written")
        files = sync_files(directory, shared)
        self._step("synced")
        manifest = replace(manifest, articles=writer.document_count, files=files)
        self._replace(directory / MANIFEST, manifest.to_json(), "manifest")
        wrong = problems(directory, manifest, checksums=not shared)
        if wrong:
            raise IndexDamaged(index=self._index, reason=wrong[0])
        self._step("checked")
        self._switch(directory.name)
        self._prune()
        self._step("pruned")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._index.mkdir(parents=True, exist_ok=True)
        # The kernel drops this lock with the process, so a killed build never blocks the next.
        with (self._index / _LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise IndexLocked(index=self._index) from error
            self._remove_remains()
            self._step("locked")
            yield

    @contextlib.contextmanager
    def _new_directory(self) -> Iterator[Path]:
        """That of the next generation, which goes if an error comes before it is live."""
        known = [int(name.removeprefix("gen-")) for name in self.names()]
        directory = self._index / f"gen-{max(known, default=0) + 1:06d}"
        directory.mkdir()
        try:
            yield directory
        except BaseException as error:
            if self.current() != directory.name:
                shutil.rmtree(directory, ignore_errors=True)
            if isinstance(error, CorruptArray):  # of the generation that is extended
                raise IndexDamaged(index=self._index, reason=str(error)) from error
            raise

    def _live(self) -> str:
        name = self.current()
        if name is None:
            raise NoIndex(index=self._index)
        if not _NAME.fullmatch(name) or not (self._index / name).is_dir():
            raise IndexDamaged(index=self._index, reason=f"{CURRENT} names {name!r}")
        return name

    def _read(self, name: str, undo: Callable[[str], T]) -> T:
        """What a file says, as ``undo`` understands it. Raises IndexDamaged."""
        try:
            return undo((self._index / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(index=self._index, reason=f"{name}: {error}") from error

    def _sound(self, fingerprint: str | None) -> Path:
        """The live generation, which fits, and whose files have the sizes they should have."""
        name = self._live()
        manifest = self.manifest(name)
        self._check_fit(manifest, fingerprint)
        wrong = problems(self._index / name, manifest, checksums=False)
        if wrong:
            raise IndexDamaged(index=self._index, reason=wrong[0])
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

    def _miscounts(self, directory: Path, manifest: Manifest) -> list[str]:
        try:
            articles = int(np.count_nonzero(Snapshot(directory).alive))
        except (OSError, ValueError) as error:
            return [f"{directory.name}: {error}"]
        if articles != manifest.articles:
            return [f"{directory.name} holds {articles} articles instead of {manifest.articles}"]
        return []

    def _switch(self, name: str) -> None:
        self._replace(self._index / CURRENT, name + "\n", "switch")

    def _replace(self, path: Path, text: str, step: str) -> None:
        """Replace ``path`` by ``text``, so that after a power cut it is either old or new."""
        temporary = path.with_name(path.name + ".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        self._step(f"{step} ready")
        temporary.replace(path)
        sync(path.parent)
        self._step(f"{step} done")

    def _remove_remains(self) -> None:
        """Delete what interrupted builds left; called under the lock, so none is running."""
        for each in self._index.iterdir():
            incomplete = _NAME.fullmatch(each.name) and not (each / MANIFEST).is_file()
            if incomplete and each.name != self.current():
                shutil.rmtree(each, ignore_errors=True)

    def _prune(self) -> None:
        live = self._live()
        others = [name for name in self.names() if name != live]
        for name in others[: max(len(others) - (self._keep - 1), 0)]:
            shutil.rmtree(self._index / name, ignore_errors=True)
