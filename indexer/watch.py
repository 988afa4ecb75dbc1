"""Watcher: polls directories and indexes settled files; updates from web sites periodically."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from indexer.pipeline import SourceSpec
from indexer.report import Report
from indexer.sources import CombinedSource, Input, Source, open_source, printable_path
from indexer.sources.base import containers_of
from search.errors import KlastriError, SourceError

#: Seconds a file must stay the same before it is read, and before a failed update is tried again.
SETTLE_SECONDS = 1.0
RETRY_SECONDS = 10.0
#: Wakes without changes (one a second) after which files are polled anyway: changes on network
#: drives and renames are not always reported.
_IDLE_WAKES = 15
_Stamp = tuple[int, int, int]


class Update(Protocol):
    """Protocol: indexes ``files`` (all if None); with ``prune`` removes vanished articles.

    ``some`` are the sources to read, all if None.
    """

    def __call__(
        self, files: Sequence[Input] | None, prune: bool, some: Sequence[SourceSpec] | None = None
    ) -> Report: ...


class Watcher:
    """Compares files with the last poll, and indexes those that have settled.

    ``say`` prints a line; ``now`` gives seconds; ``idle`` does some seconds of background work, and
    returns a line to print or an empty one. Errors are printed, and never end it.
    """

    def __init__(
        self,
        sources: Sequence[SourceSpec],
        update: Update,
        say: Callable[[str], None],
        now: Callable[[], float],
        *,
        prune: bool = False,
        open_source: Callable[[SourceSpec], Source] = open_source,
        idle: Callable[[], str] | None = None,
    ) -> None:
        opened = [(each, open_source(each)) for each in sources]
        self._source = CombinedSource([each for _, each in opened if each.every is None])
        self._paths = [_path(given) for given, each in opened if each.every is None]
        self._periodic = [
            (each, source.every) for each, source in opened if source.every is not None
        ]
        self._next = [now() + every for _, every in self._periodic]
        self._update = update
        self._say = say
        self._now = now
        self._prune = prune
        self._idle = idle
        self._idle_from = now()
        self._last: dict[Path, _Stamp] = {}
        self._files: dict[Path, Input] = {}
        self._due: dict[Path, float] = {}
        self._last_error = ""

    @property
    def is_pending(self) -> bool:
        """True while a file has not settled."""
        return bool(self._due)

    def start(self) -> Report:
        """Indexes everything new or changed. Raises what the update raises."""
        self._last = self._file_stamps()
        report = self._update(None, self._prune)
        self._print_report(report)
        return report

    def poll(self) -> None:
        """Detects changes since the last poll; indexes settled files."""
        try:
            current = self._file_stamps()
        except (KlastriError, OSError) as error:
            self._say_once(str(error))
            return
        now = self._now()
        for path in current.keys() | self._last.keys():
            if current.get(path) != self._last.get(path):
                self._due[path] = now + SETTLE_SECONDS
        self._last = current
        settled = sorted(path for path, when in self._due.items() if when <= now)
        for path in settled:
            del self._due[path]
        self._index([path for path in settled if path in current])
        self._remove([path for path in settled if path not in current])

    @property
    def paths(self) -> Sequence[Path]:
        """Directories and files among the sources, to be watched for changes."""
        return self._paths

    def run(self, wakes: Iterable[object]) -> None:
        """Polls after each of ``wakes`` with changes, and periodically without any."""
        for number, changes in enumerate(wakes):
            if changes or self.is_pending or number % _IDLE_WAKES == 0:
                self.poll()
            self._update_due_sources()
            if not self.is_pending:
                self._do_idle_work()

    def _do_idle_work(self) -> None:
        if self._idle is None or self._now() < self._idle_from:
            return
        try:
            if line := self._idle():
                self._print_line(line)
        except (KlastriError, OSError) as error:
            self._say_once(f"{error}; trying again")
            self._idle_from = self._now() + RETRY_SECONDS

    def _update_due_sources(self) -> None:
        """Updates from each periodic source that is due."""
        for at, (given, every) in enumerate(self._periodic):
            if self._now() < self._next[at]:
                continue
            try:
                self._print_report(self._update(None, self._prune, [given]))
            except (KlastriError, OSError) as error:
                self._say_once(f"{error}; trying again")
            self._next[at] = self._now() + every

    def _index(self, paths: Sequence[Path]) -> None:
        if not paths:
            return
        try:
            report = self._update([self._files[path] for path in paths], False)
        except (KlastriError, OSError) as error:
            self._say_once(f"{error}; trying again")
            for path in paths:
                self._due[path] = self._now() + RETRY_SECONDS
            return
        self._print_report(report)
        reported = {each.file for each in report.changes}
        reported |= {str(each.values.get("file")) for each in report.errors}
        reported |= {each.source for each in report.skipped}
        reported |= {each.source for each in report.duplicates}
        named = {holder for each in reported for holder in containers_of(each)}
        for path in paths:
            if printable_path(path) not in named:
                self._print_line(f"{printable_path(path)}: unchanged")

    def _remove(self, paths: Sequence[Path]) -> None:
        if not paths:
            return
        for path in paths:
            consequence = "" if self._prune else ", its article stays (--prune would remove it)"
            self._print_line(f"{printable_path(path)}: is gone{consequence}")
        if self._prune:
            try:
                self._print_report(self._update([], True))
            except (KlastriError, OSError) as error:
                self._say_once(str(error))

    def _file_stamps(self) -> dict[Path, _Stamp]:
        """Inode, size and time of every file; raises SourceNotFound for a missing SOURCE."""
        stamps: dict[Path, _Stamp] = {}
        for file in self._source.scan():
            if isinstance(file, SourceError) or file.path is None:
                continue
            try:
                status = file.path.stat()
            except OSError:
                continue
            self._files[file.path] = file
            stamps[file.path] = (status.st_ino, status.st_size, status.st_mtime_ns)
        return stamps

    def _print_report(self, report: Report) -> None:
        for change in report.changes:
            self._print_line(f"{change.file}: {change.what}")
        for copy in report.duplicates:
            self._print_line(f"{copy.source}: is a copy of {copy.first}")
        for skipped in report.skipped:
            self._print_line(str(skipped))
        for line in report.problems():
            self._print_line(line)

    def _print_line(self, line: str) -> None:
        self._last_error = ""
        self._say(line)

    def _say_once(self, line: str) -> None:
        """Prints a persistent error only when it first occurs."""
        if line != self._last_error:
            self._last_error = line
            self._say(line)


def file_changes(sources: Sequence[Path]) -> Iterable[object]:
    """Yields changes below ``sources`` at least once a second, empty without any."""
    from watchfiles import watch

    if not sources:
        return _seconds()
    # No filter: the source decides which files count.
    return watch(
        *sources,
        watch_filter=None,
        debounce=500,
        rust_timeout=1000,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )


def _seconds() -> Iterator[object]:
    while True:
        time.sleep(1)
        yield ()


def _path(given: SourceSpec) -> Path:
    return given if isinstance(given, Path) else Path(given.location)
