"""Indexing pipeline: files → articles → documents → a new generation of the index.

Nothing here reads a clock, prints or chooses a component: all of that is handed in. Analysis is
done by :mod:`indexer.pool`, what can be reused is known to :mod:`indexer.previous_index`.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.document_builder import Failure, IndexTask, RefacetTask, Task, TaskResult
from indexer.pool import TaskRunner
from indexer.previous_index import PreviousIndex, open_previous
from indexer.report import Change, ChangeKind, Report, ReportBuilder
from indexer.sources import (
    CombinedSource,
    Duplicate,
    Input,
    Remark,
    Skipped,
    Source,
    content_digest,
    open_source,
    read_files,
    repeated,
)
from indexer.sources.base import holders
from search.article import Article
from search.configuration import SourceSettings
from search.engines.contract import EngineWriter, Index, Pack, Record, StoredReader
from search.errors import PruneRefused, ReindexRefused, SmallerIndexRefused, SourceError
from search.normalisation import printable

#: Called with how many more articles are done.
Advance = Callable[[int], None]
#: Shows the progress of so many articles as long as a block runs.
Progress = Callable[[int], contextlib.AbstractContextManager[Advance]]
#: A SOURCE of the user: a path, or all that is set for it.
Given = Path | SourceSettings
#: For so many files at most, each article is looked up by itself.
_FEW = 100
#: So many articles are not replaced by less than half as many unasked.
_WORTH_ASKING = 100


@contextlib.contextmanager
def no_progress(total: int) -> Iterator[Advance]:  # noqa: ARG001 - a Progress
    """Default progress callback; shows nothing."""
    yield lambda _: None


def none_unmet(article_ids: Container[str]) -> Iterable[str]:  # noqa: ARG001
    """Default without overrides: no line."""
    return ()


def no_remarks(article: Article) -> Iterable[str]:  # noqa: ARG001
    """Default without checks of given values: no line."""
    return ()


def utc_now() -> datetime:
    return datetime.now(UTC)


class Pipeline:
    """Fills an index; ``runner`` analyses the articles.

    ``fingerprint`` identifies the analysis; an index must fit it. ``rules`` identifies what facets
    are formed by; where an index was filled by others, its facets are formed again. ``findings``
    identifies the code that extracts findings, empty if unknown; where an index was filled by the
    same, a reindex reuses them. ``unmet`` gives a line for each correction of an article that is
    not among the ids. ``open_source`` makes a source of what the user gives, ``timer`` gives
    seconds.
    """

    def __init__(
        self,
        runner: TaskRunner,
        fingerprint: str,
        *,
        rules: str = "",
        findings: str = "",
        unmet: Callable[[Container[str]], Iterable[str]] = none_unmet,
        remarks: Callable[[Article], Iterable[str]] = no_remarks,
        open_source: Callable[[Given], Source] = open_source,
        clock: Callable[[], datetime] = utc_now,
        timer: Callable[[], float] = time.monotonic,
        progress: Progress = no_progress,
    ) -> None:
        self._runner = runner
        self._fingerprint = fingerprint
        self._rules = rules
        self._findings = findings
        self._unmet = unmet
        self._remarks = remarks
        self._open_source = open_source
        self._clock = clock
        self._timer = timer
        self._progress = progress

    def reindex(
        self, index: Index, sources: Sequence[Given], *, fresh: bool = False, yes: bool = False
    ) -> Report:
        """Builds a whole new generation from ``sources`` and switches to it.

        Articles that have not changed are not analysed again, unless ``fresh`` or the analysis has.
        When no article can be indexed, the index stays as it was and the report is empty. Not more
        than half of the articles that are below ``sources`` are left out unless ``yes``, nor do
        less than half as many take the place of a hundred or more. Raises SourceNotFound,
        IndexLocked, WorkerEnded, ReindexRefused, SmallerIndexRefused.
        """
        report = ReportBuilder(self._clock())
        opened = [self._open_source(each) for each in sources]
        source = CombinedSource(opened)
        files = list(source.scan())
        building = index.build(
            [each.name for each in opened],
            self._fingerprint,
            report.started,
            self._rules,
            self._findings,
            self._record(report),
        )
        opening = open_previous(index, self._fingerprint, self._findings, report.notes, fresh=fresh)
        gone: list[str] = []
        with contextlib.suppress(_NothingIndexedError), building as writer, opening as previous:
            ids: set[str] = set()
            with self._progress(len(files)) as advance:
                reading = _Reading(source, files, report, advance, self._remarks, self._timer)
                failures = self._run(
                    self._tasks_for_all(reading, previous, ids, report),
                    writer.packing(),
                    previous.live,
                    report,
                    advance,
                    lambda result: writer.add_packed(result.packed),
                )
            for article_id, _ in failures:
                ids.discard(article_id)
                report.uncount(article_id)
            gone += [each for each in previous.ids() if each not in ids]
            if not ids:
                raise _NothingIndexedError
            places = [previous.article(each).source for each in gone]
            if not yes:
                _check_left_out(source, places, len(ids.intersection(previous.ids())))
                _check_size(len(ids), sum(1 for _ in previous.ids()))
            report.notes += self._unmet(ids)
            changes = zip(places, gone, strict=True)
            report.changes += [Change(place, each, "removed") for place, each in changes]
        return report.build(report.read or len(gone), self._clock(), opened)

    def update(
        self,
        index: Index,
        sources: Sequence[Given],
        *,
        prune: bool = False,
        yes: bool = False,
        files: Sequence[Input] | None = None,
    ) -> Report:
        """Brings new and changed articles of ``sources`` into the live index.

        If the rules have changed since, the facets of all others are formed again, too. ``prune``
        removes articles of ``sources`` whose file has vanished or does not hold them any more, but
        not more than half of them unless ``yes``. ``files`` limits the reading to some of the files
        of ``sources``. Raises SourceNotFound, NoIndex, IndexMismatch, IndexDamaged, IndexLocked,
        PruneRefused, WorkerEnded; then nothing has changed.
        """
        report = ReportBuilder(self._clock())
        opened = [self._open_source(each) for each in sources]
        source = CombinedSource(opened)
        chosen = list(source.scan()) if files is None else list(files)
        names = [each.name for each in opened]
        with self._extending(index, names, report, self._findings) as (writer, live):
            refacets = index.generation().rules != self._rules
            stale = set(live.article_ids()) if refacets else set()
            with self._progress(len(chosen)) as advance:
                reading = _Reading(source, chosen, report, advance, self._remarks, self._timer)
                run = _Update(live, writer, report, reading, files is not None, refacets, stale)
                pack = writer.packing()
                failures = self._run(run.tasks(), pack, None, report, advance, run.write)
            for article_id, error in failures:
                run.forget(article_id, str(error.values["file"]))
            if prune:
                run.prune(yes)
            if refacets:
                report.notes += self._unmet(run.seen.union(live.article_ids()))
                self._refacet(stale, live, writer, report, counted=run.seen)
            count = live.document_count
        total = count + report.total("added") - report.total("removed")
        return report.build(total, self._clock(), opened)

    def reapply(self, index: Index) -> Report:
        """Forms the facets of every stored article again, rewriting the changed ones.

        For a changed taxonomy, gazetteer or overrides; no source is read and no text analysed. An
        article whose facets cannot be formed stays as it is. Raises NoIndex, IndexMismatch,
        IndexDamaged, IndexLocked, WorkerEnded.
        """
        report = ReportBuilder(self._clock())
        with self._extending(index, (), report, None) as (writer, live):
            count = live.document_count
            ids = set(live.article_ids())
            report.notes += self._unmet(ids)
            self._refacet(ids, live, writer, report, counted=ids)
        return report.build(count, self._clock())

    @contextlib.contextmanager
    def _extending(
        self, index: Index, sources: Sequence[str], report: ReportBuilder, findings: str | None
    ) -> Iterator[tuple[EngineWriter, StoredReader]]:
        """Opens a writer on top of the live generation, and a reader of it."""
        made = (self._fingerprint, report.started, self._rules, findings)
        extending = index.extend(sources, *made, self._record(report))
        with extending as writer, contextlib.closing(index.open_stored(self._fingerprint)) as live:
            yield writer, live

    def _record(self, report: ReportBuilder) -> Record:
        """Callback that gives the run record from the finished ``report``."""
        return lambda articles: report.build(articles, self._clock()).record(report.started)

    def _tasks_for_all(
        self, reading: "_Reading", previous: PreviousIndex, ids: set[str], report: ReportBuilder
    ) -> Iterator[Task]:
        """A task for every article read; its id goes to ``ids``."""
        for article in reading.articles():
            ids.add(article.id)
            digest = content_digest(article)
            earlier = previous.digest(article.id)
            is_same = earlier == digest
            what: ChangeKind = "updated" if earlier else "added"
            report.count(article.id, article.source, what, is_same, reading.place)
            key = previous.reusable_key(article.id) if is_same else None
            added = previous.article(article.id).added if earlier and key is None else None
            yield IndexTask(replace(article, added=added or report.started), digest, key)

    def _refacet(
        self,
        ids: Collection[str],
        live: StoredReader,
        writer: EngineWriter,
        report: ReportBuilder,
        counted: set[str],
    ) -> None:
        """Forms facets of stored articles again, rewriting the changed ones.

        Of those that come out the same, ``counted`` are counted.
        """
        unchanged = counted.intersection(ids)

        def write(result: TaskResult) -> None:
            for article_id, source in result.articles:
                writer.delete(article_id)
                report.count(article_id, source, "updated", is_same=False)
                unchanged.discard(article_id)
            writer.add_packed(result.packed)

        found = ((each, live.find(each)) for each in sorted(ids))
        tasks = (RefacetTask(each, key) for each, key in found if key is not None)
        with self._progress(len(ids)) as advance:
            failures = self._run(tasks, writer.packing(), live, report, advance, write)
        unchanged.difference_update(article_id for article_id, _ in failures)
        report.unchanged += len(unchanged)

    def _run(
        self,
        tasks: Iterable[Task],
        pack: Pack,
        live: StoredReader | None,
        report: ReportBuilder,
        advance: Advance,
        write: Callable[[TaskResult], None],
    ) -> list[Failure]:
        """Runs ``tasks`` and passes results to ``write``; returns the failed articles.

        Their errors go to ``report`` last: how far the reading is ahead of the analysis depends on
        the number of processes.
        """
        failures: list[Failure] = []
        with contextlib.closing(self._runner.run(tasks, pack, live)) as results:
            for result in results:
                if result.articles:
                    write(result)
                failures += result.failures
                advance(result.tasks)
        for article_id, error in failures:
            report.fail_article(article_id, error)
        return failures


class _Reading:
    """Reads the inputs of one run; errors go to the report.

    ``chosen`` are the names of the inputs; ``place`` is the name of the source that is being read.
    """

    def __init__(
        self,
        source: CombinedSource,
        files: Sequence[Input | SourceError],
        report: ReportBuilder,
        advance: Advance,
        remarks: Callable[[Article], Iterable[str]],
        timer: Callable[[], float],
    ) -> None:
        self.source = source
        self._remarks = remarks
        self.advance = advance
        self.place = ""
        self._entered: str | None = None
        self._files = files
        self._report = report
        self._timer = timer
        self._begun: set[str] = set()
        self._failed: set[str] = set()

    @property
    def is_short(self) -> bool:
        """True for a run of few files."""
        return len(self._files) <= _FEW

    @property
    def chosen(self) -> set[str]:
        return {each.name for each in self._files if isinstance(each, Input)}

    def is_gone(self, name: str) -> bool:
        """True if an article of the input ``name`` that was not read has vanished.

        The input is not there any more, or was read without any error; a feed drops old articles,
        which have not vanished.
        """
        if not self.source.exists(name):
            return True
        complete = self._begun - self._failed
        names = set(holders(name))
        return bool(names & complete) and not any(map(self.source.is_rolling, names))

    def articles(self) -> Iterator[Article]:
        reading = read_files(self.source, self._files)
        while True:
            began = self._timer()
            step = next(reading, None)
            if step is None:
                return
            file, found = step
            if file is not None:
                self._begun.add(file.name)
            name = str(found.values["file"]) if isinstance(found, SourceError) else ""
            self._enter(file.name if file else name)
            self._report.spend(self.place, self._timer() - began)
            if isinstance(found, Article):
                self._report.notes += map(printable, self._remarks(found))
                yield found
            elif isinstance(found, Remark):
                self._report.notes.append(str(found))
            elif isinstance(found, SourceError):
                self.fail(file.name if file else "", found)
            else:
                self._pass_over(found)

    def _enter(self, name: str) -> None:
        """Notes the source of an input; a container of many articles is looked up once."""
        if name != self._entered:
            self._entered = name
            self.place = self.source.owner(name).name

    def fail(self, name: str, error: SourceError) -> None:
        """Reports an article of the input ``name`` that cannot be indexed."""
        self._report.fail(error, self.place)
        self._failed.add(name)
        self.advance(1)

    def repeat(self, duplicate: Duplicate) -> None:
        """Reports a copy of an article."""
        self._pass_over(duplicate)

    def forget(self, name: str) -> None:
        """Marks an input as incomplete; its error is in the report."""
        self._failed.update(holders(name))

    def _pass_over(self, found: Skipped | Duplicate | None) -> None:
        if isinstance(found, Skipped):
            self._report.skip(found, self.place)
        elif isinstance(found, Duplicate):
            self._report.repeat(found, self.place)
        self.advance(1)


@dataclass(slots=True)
class _Update:
    """An update of the live index.

    ``is_partial``: only some of the files are read. ``refacets``: facets are formed by other rules
    now; ``stale`` are the articles for which that is still to be done. ``seen`` are the ids read so
    far, ``replaced`` those of stored articles that have changed.
    """

    live: StoredReader
    writer: EngineWriter
    report: ReportBuilder
    reading: _Reading
    is_partial: bool
    refacets: bool
    stale: set[str]
    seen: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)

    def tasks(self) -> Iterator[Task]:
        """A task for every new or changed article."""
        digest_of = self.live.digest if self.reading.is_short else self.live.digests().get
        for article in self.reading.articles():
            digest = content_digest(article)
            is_same = digest_of(article.id) == digest
            stored = None if is_same else _find(self.live, article.id)
            if stored and self._is_taken(stored, article):
                self._leave(article, stored.source)
                continue
            self.seen.add(article.id)
            if not (is_same and self.refacets):  # that is formed again, and counted then
                what: ChangeKind = "updated" if stored else "added"
                self.report.count(article.id, article.source, what, is_same, self.reading.place)
            if is_same:
                self.reading.advance(1)
                continue
            if stored:
                self.replaced.add(article.id)
            added = (stored and stored.added) or self.report.started
            yield IndexTask(replace(article, added=added), digest)

    def write(self, result: TaskResult) -> None:
        """Replaces the stored articles by the analysed ones."""
        for article_id, _ in result.articles:
            self.stale.discard(article_id)
            if article_id in self.replaced:
                self.writer.delete(article_id)
        self.writer.add_packed(result.packed)

    def forget(self, article_id: str, file: str) -> None:
        """Treats an article that could not be analysed like an unreadable file."""
        self.seen.discard(article_id)
        self.reading.forget(file)
        self.report.uncount(article_id)

    def prune(self, yes: bool) -> None:
        """Remove articles that have vanished. Raises PruneRefused for more than half of those
        below the sources, unless ``yes``.
        """
        below, gone = 0, []
        source = self.reading.source
        for article_id in self.live.article_ids():
            article = _find(self.live, article_id)
            if article is None or not source.contains(article.source):
                continue
            below += 1
            if article.id not in self.seen and self.reading.is_gone(article.source):
                gone.append(article)
        if len(gone) * 2 > below and not yes:
            raise PruneRefused(count=len(gone), total=below)
        for article in gone:
            self.stale.discard(article.id)
            self.writer.delete(article.id)
            self.report.changes.append(Change(article.source, article.id, "removed"))

    def _leave(self, article: Article, other: str) -> None:
        """Reports an article whose id is that of one in the file ``other``."""
        found = repeated(article, other)
        if isinstance(found, Duplicate):
            self.seen.add(article.id)
            self.reading.repeat(found)
        else:
            self.reading.fail(article.source, found)

    def _is_taken(self, stored: Article, article: Article) -> bool:
        """True if another existing file, not read now, holds this id."""
        if not self.is_partial or stored.source == article.source:
            return False
        if not self.reading.source.exists(stored.source):
            return False
        return self.reading.chosen.isdisjoint(holders(stored.source))


class _NothingIndexedError(Exception):
    """Raised to abandon a generation without articles."""


def _check_left_out(source: CombinedSource, gone: Sequence[str], kept: int) -> None:
    """Raises ReindexRefused where more articles below ``source`` have gone than are ``kept``.

    ``gone`` are the names of the inputs that held them.
    """
    if len(gone) > kept and (count := sum(map(source.contains, gone))) > kept:
        raise ReindexRefused(count=count, total=count + kept)


def _check_size(now: int, before: int) -> None:
    """Raises SmallerIndexRefused where a mistaken source would replace years of news."""
    if before >= _WORTH_ASKING and now * 2 < before:
        raise SmallerIndexRefused(count=now, total=before)


def _find(live: StoredReader, article_id: str) -> Article | None:
    key = live.find(article_id)
    return None if key is None else live.article(key)
