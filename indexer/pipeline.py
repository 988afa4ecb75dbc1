"""Indexing pipeline: files → articles → documents → a new generation of the index.

Clock, output and components are injected. :mod:`indexer.pool` runs the analysis,
:mod:`indexer.previous_index` finds what can be reused.
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
from indexer.sources.base import containers_of
from search.article import Article
from search.configuration import SourceSettings
from search.engines.contract import EngineWriter, Index, Pack, Record, StoredReader
from search.errors import PruneRefused, ReindexRefused, SmallerIndexRefused, SourceError
from search.normalisation import printable

#: Called with the number of further articles done.
Advance = Callable[[int], None]
#: Context manager that shows the progress over a number of articles.
Progress = Callable[[int], contextlib.AbstractContextManager[Advance]]
#: A SOURCE of the user: a path, or the settings of a source.
SourceSpec = Path | SourceSettings
#: Up to this number of files, stored articles are looked up one by one.
_FEW_FILES = 100
#: An index of this size, in articles, is not replaced by one of less than half without ``yes``.
_MANY_ARTICLES = 100


@contextlib.contextmanager
def no_progress(total: int) -> Iterator[Advance]:  # noqa: ARG001 - a Progress
    """Default progress callback; shows nothing."""
    yield lambda _: None


def no_unmatched_overrides(article_ids: Container[str]) -> Iterable[str]:  # noqa: ARG001
    """Default of ``unmatched_overrides``: no lines."""
    return ()


def no_remarks(article: Article) -> Iterable[str]:  # noqa: ARG001
    """Default of ``remarks``: no lines."""
    return ()


def utc_now() -> datetime:
    return datetime.now(UTC)


class Pipeline:
    """Fills an index; ``runner`` analyses the articles.

    ``fingerprint`` identifies the analysis; an index must have the same. ``rules`` identifies the
    files of facet formation; if an index has others, its facets are formed again. ``findings``
    identifies the code that extracts findings, empty if unknown; a reindex reuses those of the same
    code. ``unmatched_overrides`` yields a line for each override whose article is not among the
    ids, ``remarks`` one for each ignored value. ``timer`` returns seconds.
    """

    def __init__(
        self,
        runner: TaskRunner,
        fingerprint: str,
        *,
        rules: str = "",
        findings: str = "",
        unmatched_overrides: Callable[[Container[str]], Iterable[str]] = no_unmatched_overrides,
        remarks: Callable[[Article], Iterable[str]] = no_remarks,
        open_source: Callable[[SourceSpec], Source] = open_source,
        clock: Callable[[], datetime] = utc_now,
        timer: Callable[[], float] = time.monotonic,
        progress: Progress = no_progress,
    ) -> None:
        self._runner = runner
        self._fingerprint = fingerprint
        self._rules = rules
        self._findings = findings
        self._unmatched_overrides = unmatched_overrides
        self._remarks = remarks
        self._open_source = open_source
        self._clock = clock
        self._timer = timer
        self._progress = progress

    def reindex(
        self, index: Index, sources: Sequence[SourceSpec], *, fresh: bool = False, yes: bool = False
    ) -> Report:
        """Builds a whole new generation from ``sources`` and switches to it.

        Unchanged articles are not analysed again, unless ``fresh`` or the analysis has changed.
        When no article can be indexed, the index stays as it was and the report is empty. Without
        ``yes``, at most half of the articles below ``sources`` may be removed, and an index of a
        hundred or more may not shrink to less than half. Raises SourceNotFound, IndexLocked,
        WorkerEnded, ReindexRefused, SmallerIndexRefused.
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
                _check_removed(source, places, len(ids.intersection(previous.ids())))
                _check_size(len(ids), sum(1 for _ in previous.ids()))
            report.notes += self._unmatched_overrides(ids)
            changes = zip(places, gone, strict=True)
            report.changes += [Change(place, each, "removed") for place, each in changes]
        return report.build(report.read or len(gone), self._clock(), opened)

    def update(
        self,
        index: Index,
        sources: Sequence[SourceSpec],
        *,
        prune: bool = False,
        yes: bool = False,
        files: Sequence[Input] | None = None,
    ) -> Report:
        """Adds new and changed articles of ``sources`` to the live index.

        If the rules have changed since, the facets of all others are formed again, too. ``prune``
        removes articles of ``sources`` whose file has vanished or does not contain them any more,
        at most half of them unless ``yes``. ``files`` limits the reading to some of the files of
        ``sources``. Raises SourceNotFound, NoIndex, IndexMismatch, IndexDamaged, IndexLocked,
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
                report.notes += self._unmatched_overrides(run.seen.union(live.article_ids()))
                self._refacet(stale, live, writer, report, counted=run.seen)
            count = live.document_count
        total = count + report.total("added") - report.total("removed")
        return report.build(total, self._clock(), opened)

    def reapply(self, index: Index) -> Report:
        """Forms the facets of every stored article again, rewriting the changed ones.

        For a changed taxonomy, gazetteer or overrides; no source is read and no text analysed. An
        article whose facets cannot be formed is unchanged. Raises NoIndex, IndexMismatch,
        IndexDamaged, IndexLocked, WorkerEnded.
        """
        report = ReportBuilder(self._clock())
        with self._extending(index, (), report, None) as (writer, live):
            count = live.document_count
            ids = set(live.article_ids())
            report.notes += self._unmatched_overrides(ids)
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
        """Yields a task for every article read, and adds its id to ``ids``."""
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

        Unchanged ones among ``counted`` are counted as such.
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

        Their errors are reported last: the order of reading and analysis errors would depend on the
        number of processes.
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
    def has_few_files(self) -> bool:
        """True for a run of few files."""
        return len(self._files) <= _FEW_FILES

    @property
    def chosen(self) -> set[str]:
        return {each.name for each in self._files if isinstance(each, Input)}

    def is_gone(self, name: str) -> bool:
        """True if an article of the input ``name`` that was not read has vanished.

        Its input does not exist any more, or was read without errors and does not drop old articles
        as feeds do.
        """
        if not self.source.exists(name):
            return True
        complete = self._begun - self._failed
        names = set(containers_of(name))
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
        """Sets ``place`` to the source of an input, looked up once for each container."""
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
        self._failed.update(containers_of(name))

    def _pass_over(self, found: Skipped | Duplicate | None) -> None:
        if isinstance(found, Skipped):
            self._report.skip(found, self.place)
        elif isinstance(found, Duplicate):
            self._report.repeat(found, self.place)
        self.advance(1)


@dataclass(slots=True)
class _Update:
    """An update of the live index.

    ``is_partial``: only some of the files are read. ``refacets``: the rules of facets have changed;
    ``stale`` are the articles still to be refaceted. ``seen`` are the ids read so far, ``replaced``
    those of stored articles that have changed.
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
        """Yields a task for every new or changed article."""
        digest_of = self.live.digest if self.reading.has_few_files else self.live.digests().get
        for article in self.reading.articles():
            digest = content_digest(article)
            is_same = digest_of(article.id) == digest
            stored = None if is_same else _find(self.live, article.id)
            if stored and self._is_id_taken(stored, article):
                self._reject(article, stored.source)
                continue
            self.seen.add(article.id)
            if not (is_same and self.refacets):  # else counted when it is refaceted
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
        """Removes vanished articles. Raises PruneRefused for more than half, unless ``yes``."""
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

    def _reject(self, article: Article, other: str) -> None:
        """Reports an article with the id of one in the file ``other``: a duplicate or an error."""
        found = repeated(article, other)
        if isinstance(found, Duplicate):
            self.seen.add(article.id)
            self.reading.repeat(found)
        else:
            self.reading.fail(article.source, found)

    def _is_id_taken(self, stored: Article, article: Article) -> bool:
        """True if this id belongs to another existing file that is not read in this run."""
        if not self.is_partial or stored.source == article.source:
            return False
        if not self.reading.source.exists(stored.source):
            return False
        return self.reading.chosen.isdisjoint(containers_of(stored.source))


class _NothingIndexedError(Exception):
    """Raised to abandon a generation without articles."""


def _check_removed(source: CombinedSource, gone: Sequence[str], kept: int) -> None:
    """Raises ReindexRefused if more articles below ``source`` have vanished than are ``kept``.

    ``gone`` are the names of their inputs.
    """
    if len(gone) > kept and (count := sum(map(source.contains, gone))) > kept:
        raise ReindexRefused(count=count, total=count + kept)


def _check_size(now: int, before: int) -> None:
    """Raises SmallerIndexRefused if a large index would shrink to less than half."""
    if before >= _MANY_ARTICLES and now * 2 < before:
        raise SmallerIndexRefused(count=now, total=before)


def _find(live: StoredReader, article_id: str) -> Article | None:
    key = live.find(article_id)
    return None if key is None else live.article(key)
