"""Generation store: the directory of an index, its live generation, and crash-safe publishing.

``index/CURRENT`` names the live generation. A power cut may lose anything not flushed (fsync), in
any order, so each step is flushed before the next one depends on it:

1. the files of the new generation, then its directory;
2. ``manifest.json`` under another name, renamed, then the directory again;
3. ``index/``, which holds that directory, and the parent of ``index/`` if that is new;
4. ``CURRENT`` under another name, renamed: this is the switch;
5. ``index/`` again; only then old generations are removed, their manifests first.
"""

import contextlib
import fcntl
import logging
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from search.engines.whoosh.manifest import MANIFEST, Manifest, problems, sync_directory
from search.engines.whoosh.segment.damage_guard import place_of
from search.errors import IndexDamaged, IndexLocked, NoIndex

CURRENT = "CURRENT"
_LOCK = ".lock"
_PREFIX = "gen-"
_NAME = re.compile(_PREFIX + "[0-9]{6,}")
#: ``CURRENT`` is never longer.
_LONGEST = 64
_log = logging.getLogger(__name__)


class GenerationStore:
    """The generations below ``path``, of which the last ``keep`` stay when one is published."""

    def __init__(self, path: Path, keep: int = 3) -> None:
        self.path = path
        self._current = str(path / CURRENT)  # read by every query
        self._keep = max(keep, 1)

    def current(self) -> str | None:
        """Name of the live generation in ``CURRENT``, None if it has none; cheap."""
        try:
            name = self._read_current()
        except OSError:
            return None
        return name if _NAME.fullmatch(name) else None

    def live(self) -> str:
        """Name of the live generation, whose directory is there. Raises NoIndex or IndexDamaged."""
        name = self.current()
        if name and (self.path / name).is_dir():
            return name
        reason = f"{CURRENT} names {name}, which is missing" if name else f"{CURRENT} names nothing"
        try:
            self._read_current()
        except (FileNotFoundError, NotADirectoryError):
            if not self.names():
                raise NoIndex(index=self.path) from None
            reason = f"{CURRENT} is missing"
        except OSError as error:
            reason = f"{CURRENT}: {error.strerror}"
        raise IndexDamaged(index=self.path, reason=reason)

    def names(self) -> tuple[str, ...]:
        """Names of all complete generations, oldest first."""
        return tuple(each for each in self._directories() if self._is_complete(each))

    def earlier(self) -> tuple[str, ...]:
        """Complete generations before the live one, newest first; all where none is live.

        The one that the live one completes is excluded. Those that had been rolled back when a
        later one was made come last.
        """
        name = self.current()
        limit = self.place(name) if name else None
        places = {each: self.place(each) for each in self.names()}
        found = [each for each in places if limit is None or places[each] < limit]
        found.sort(key=lambda each: (places[each], _number(each)), reverse=True)
        left = self._left_behind(places)
        return tuple(sorted(found, key=left.__contains__))

    def returned_to(self) -> str:
        """Name for the place of the live generation after a rollback; else empty."""
        name = self.current()
        place = self.place(name) if name else 0
        is_back = name and any(self.place(each) > place for each in self.names())
        return f"{_PREFIX}{place:06d}" if is_back else ""

    def place(self, name: str) -> int:
        """Place of a generation in the history: its number, or that of the one it completes."""
        try:
            completed = self.manifest(name).completes
        except IndexDamaged:
            completed = ""
        return _number(completed if _NAME.fullmatch(completed) else name)

    def _left_behind(self, places: Mapping[str, int]) -> set[str]:
        """Those of ``places`` that had been rolled back when a later generation was made."""
        found: set[str] = set()
        for name, place in places.items():
            with contextlib.suppress(IndexDamaged):
                follows = self.manifest(name).follows
                if _NAME.fullmatch(follows):
                    since = _number(follows)
                    found.update(each for each in places if since < places[each] < place)
        return found

    def fallbacks(self) -> tuple[str, ...]:
        """Complete generations but the live one, in the order to be tried.

        Those after it, which were rolled back, come last.
        """
        earlier = self.earlier()
        others = (each for each in reversed(self.names()) if each not in earlier)
        return (*earlier, *(each for each in others if each != self.current()))

    def manifest(self, name: str) -> Manifest:
        """Manifest of a generation. Raises IndexDamaged."""
        try:
            with open(self.path / name / MANIFEST, "rb", opener=_at_once) as file:
                return Manifest.from_json(file.read().decode(errors="replace"))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise IndexDamaged(index=self.path, reason=f"{name}/{MANIFEST}: {reason}") from error

    def problems(self, name: str, *, checksums: bool, vectors: bool = True) -> dict[str, str]:
        """Problems of files of a generation, a sentence by name. Raises IndexDamaged.

        Vector files, which words do not need, are left out without ``vectors``.
        """
        manifest = self.manifest(name)
        try:
            return problems(self.path / name, manifest, checksums=checksums, vectors=vectors)
        except OSError as error:
            raise IndexDamaged(index=self.path, reason=f"{name}{place_of(error)}") from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Writer lock, made with the directory. Raises IndexLocked."""
        missing = [each for each in (self.path, *self.path.parents) if not each.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        for each in missing:
            sync_directory(each.parent)
        # The kernel releases this lock with the process, so a killed build never blocks the next.
        with (self.path / _LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise IndexLocked(index=self.path) from error
            self._remove_remains()
            yield

    @contextlib.contextmanager
    def new_directory(self) -> Iterator[Path]:
        """Directory of the next generation, removed if the block fails before it is live."""
        known = max(map(_number, self._directories()), default=0)
        directory = self.path / f"{_PREFIX}{known + 1:06d}"
        directory.mkdir()
        try:
            yield directory
        except BaseException:
            if self.current() != directory.name:
                _remove(directory)
            raise

    def write(self, path: Path, text: str) -> None:
        """Replace ``path`` by ``text``, so that after a power cut it is either old or new.

        Its directory still has to be flushed.
        """
        temporary = path.with_name(path.name + ".tmp")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise

    def publish(
        self, name: str, *, keeps_previous: bool = False, replaces_previous: bool = False
    ) -> None:
        """Make a complete generation live; called under the lock.

        The previous one is kept with ``keeps_previous``, even beyond the number to keep; it is
        removed with ``replaces_previous``, and then no other is.

        Once ``CURRENT`` is renamed it is live in any case. If the disk does not confirm that, a
        warning is logged and nothing is removed: after a power cut the previous one may be live
        again.
        """
        before = self.current()
        if not (self.path / CURRENT).exists():
            with contextlib.suppress(PermissionError):  # of a directory that is not ours
                sync_directory(self.path.parent)
        sync_directory(self.path)
        if (self.path / CURRENT).is_dir() and not (self.path / CURRENT).is_symlink():
            shutil.rmtree(self.path / CURRENT)  # no file can take its place
        self.write(self.path / CURRENT, name + "\n")
        try:
            sync_directory(self.path)
        except OSError as error:
            _log.warning(
                "%s is live, but the disk has not confirmed it (%s). After a power cut %s may be "
                "live again. Check the disk",
                *(name, error.strerror or error, before or "nothing"),
            )
            return
        if replaces_previous and before and before != name:
            _remove(self.path / before)
        self._prune({name, before} if keeps_previous else {name})

    def _read_current(self) -> str:
        """Reads ``CURRENT``. Raises OSError."""
        file = _at_once(self._current, os.O_RDONLY | os.O_CLOEXEC)  # in half the time of open
        try:
            return os.read(file, _LONGEST).decode("ascii", "replace").strip()
        finally:
            os.close(file)

    def _prune(self, kept: Collection[str | None]) -> None:
        """Remove all but ``kept`` and the newest others.

        Those that are damaged go first, then those that another one completes, then those that
        somebody went back from.
        """
        places = {each: self.place(each) for each in self.names()}
        newest = {place: each for each, place in places.items()}
        left = self._left_behind(places)
        others = sorted(
            (each for each in places if each not in kept),
            key=lambda each: (self._is_whole(each), newest[places[each]] == each, each not in left),
        )
        for name in others[: max(len(others) - max(self._keep - len(kept), 0), 0)]:
            _remove(self.path / name)

    def _is_whole(self, name: str) -> bool:
        try:
            return not self.problems(name, checksums=False, vectors=False)
        except IndexDamaged:
            return False

    def _remove_remains(self) -> None:
        """Deletes remains of interrupted builds; the lock must be held, so that none is running."""
        with contextlib.suppress(OSError):
            (self.path / f"{CURRENT}.tmp").unlink(missing_ok=True)
        live = self.current()
        for name in self._directories():
            if not self._is_complete(name) and name != live:
                _remove(self.path / name)

    def _directories(self) -> list[str]:
        """The names of all generations, complete or not, oldest first."""
        try:
            with os.scandir(self.path) as entries:
                found = [each.name for each in entries if _NAME.fullmatch(each.name)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(found, key=_number)

    def _is_complete(self, name: str) -> bool:
        """True also for one that cannot be read: it is damaged, and must not be removed."""
        try:
            return (self.path / name / MANIFEST).is_file()
        except OSError:
            return True


def _at_once(path: str, flags: int) -> int:
    """Opens a file without blocking, should a pipe be in its place."""
    return os.open(path, flags | os.O_NONBLOCK)


def _number(name: str) -> int:
    return int(name.removeprefix(_PREFIX))


def _remove(directory: Path) -> None:
    """Deletes a generation, its manifest first, so that an interrupted deletion leaves remains."""
    with contextlib.suppress(OSError):
        (directory / MANIFEST).unlink(missing_ok=True)
        sync_directory(directory)
    shutil.rmtree(directory, ignore_errors=True)
