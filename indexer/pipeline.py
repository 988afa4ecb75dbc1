"""The straight way in: files → articles → language, facets, terms → a new generation.

Nothing here reads a clock, prints or chooses a component: all of that is handed in. What is costly
is done by :mod:`indexer.workers`, what need not be done again is known to :mod:`indexer.reuse`.
"""

import contextlib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from indexer.analyst import Again, Done, Failure, Fresh, Task
from indexer.pruning import vanished
from indexer.report import Change, Report, Tally, What
from indexer.reuse import Before, before
from indexer.sources import SourceFile, content_digest, find_files, read_files, shown
from indexer.workers import Hands
from search.article import Article
from search.engines.contract import EngineWriter, Index, StoredReader
from search.errors import DuplicateId, SourceError
from search.run_record import RunRecord

#: Told how many more articles are done.
Advance = Callable[[int], None]
#: For so many files at most, each article is looked up by itself.
_FEW = 100
#: Shows the progress of so many articles as long as a block runs.
Progress = Callable[[int], contextlib.AbstractContextManager[Advance]]


@contextlib.contextmanager
def no_progress(total: int) -> Iterator[Advance]:  # noqa: ARG001 - a Progress
    """Shows nothing."""
    yield lambda _: None


def none_unmet(article_ids: Container[str]) -> Iterable[str]:  # noqa: ARG001
    """There are no corrections."""
    return ()


def utc_now() -> datetime:
    return datetime.now(UTC)


class Pipeline:
    """Fills indexes; ``hands`` does the costly part.

    ``fingerprint`` says how articles are analysed; an index must fit it. ``rules`` says by what
    their facets are formed; where an index was filled by others, its facets are formed again.
    ``findings`` says by what code and in which year the findings are found, empty if that is not
    known; where an index was filled by the same, a reindex takes them over. ``unmet`` gives a line
    for each correction of an article that is not among the ids.
    """

    def __init__(
        self,
        hands: Hands,
        fingerprint: str,
        *,
        rules: str = "",
        findings: str = "",
        unmet: Callable[[Container[str]], Iterable[str]] = none_unmet,
        limit_megabytes: float = 5.0,
        clock: Callable[[], datetime] = utc_now,
        progress: Progress = no_progress,
    ) -> None:
        self._hands = hands
        self._fingerprint = fingerprint
        self._rules = rules
        self._findings = findings
        self._unmet = unmet
        self._limit = limit_megabytes
        self._clock = clock
        self._progress = progress

    def reindex(self, index: Index, sources: Sequence[Path], *, fresh: bool = False) -> Report:
        """Build a whole new generation of ``sources`` and switch to it.

        Articles that have not changed are not analysed again, unless ``fresh`` or the analysis has.
        When no article can be read, the index stays as it was and the report is empty. Raises
        SourceNotFound, IndexLocked, WorkerEnded.
        """
        tally = Tally(self._clock())
        files = list(find_files(sources))
        building = index.build(
            _names(sources),
            self._fingerprint,
            tally.started,
            self._rules,
            self._findings,
            self._recorder(tally),
        )
        reusing = before(index, self._fingerprint, self._findings, tally.notes, fresh=fresh)
        earlier = 0
        with contextlib.suppress(_NothingReadError), building as writer, reusing as known:
            ids: set[str] = set()
            with self._progress(len(files)) as advance:
                tasks = self._all_anew(files, known, ids, tally, advance)
                failures = self._do(
                    tasks, known.live, tally, advance, lambda done: writer.add_packed(done.packed)
                )
            for article_id, _ in failures:
                ids.discard(article_id)
                tally.take_back(article_id)
            gone = [each for each in known.ids() if each not in ids]
            earlier = len(gone)
            if not ids:
                raise _NothingReadError
            tally.notes += self._unmet(ids)
            tally.changes += [Change(known.of(each).source, each, "removed") for each in gone]
        return tally.report(tally.read or earlier, self._clock())

    def update(
        self,
        index: Index,
        sources: Sequence[Path],
        *,
        prune: bool = False,
        yes: bool = False,
        files: Sequence[SourceFile] | None = None,
    ) -> Report:
        """Bring new and changed articles of ``sources`` into the live index.

        If the rules have changed since, the facets of all others are formed again, too. ``prune``
        removes articles whose file below ``sources`` has vanished or now holds another article, but
        not more than half of those below ``sources`` unless ``yes``. ``files`` limits the reading
        to some of the files below ``sources``. Raises SourceNotFound, NoIndex, IndexMismatch,
        IndexDamaged, IndexLocked, PruneRefused, WorkerEnded; then nothing has changed.
        """
        tally = Tally(self._clock())
        chosen = list(find_files(sources)) if files is None else list(files)
        with self._extending(index, _names(sources), tally, self._findings) as (writer, live):
            is_other = index.generation().rules != self._rules
            left = set(live.article_ids()) if is_other else set()
            run = _Update(live, writer, tally, chosen, files is not None, is_other, left)
            with self._progress(len(chosen)) as advance:
                tasks = self._changed(run, advance)
                failures = self._do(tasks, None, tally, advance, run.take)
            for article_id, error in failures:
                run.forget(article_id, str(error.values["file"]))
            for article in vanished(live, sources, run.seen, run.files, yes) if prune else ():
                left.discard(article.id)
                writer.delete(article.id)
                tally.changes.append(Change(article.source, article.id, "removed"))
            if is_other:
                tally.notes += self._unmet(run.seen.union(live.article_ids()))
                self._form_again(left, live, writer, tally, counted=run.seen)
            count = live.document_count
        return tally.report(count + tally.total("added") - tally.total("removed"), self._clock())

    def reapply(self, index: Index) -> Report:
        """Form the facets of every article again, and rewrite those that come out otherwise.

        For a changed taxonomy, gazetteer or overrides; no source is read and no text analysed. An
        article whose facets cannot be formed stays as it is. Raises NoIndex, IndexMismatch,
        IndexDamaged, IndexLocked, WorkerEnded.
        """
        tally = Tally(self._clock())
        with self._extending(index, (), tally, None) as (writer, live):
            count = live.document_count
            ids = set(live.article_ids())
            tally.notes += self._unmet(ids)
            self._form_again(ids, live, writer, tally, counted=ids)
        return tally.report(count, self._clock())

    @contextlib.contextmanager
    def _extending(
        self, index: Index, sources: Sequence[str], tally: Tally, findings: str | None
    ) -> Iterator[tuple[EngineWriter, StoredReader]]:
        """A writer on top of the live generation, and a reader of that."""
        made = (self._fingerprint, tally.started, self._rules, findings)
        extending = index.extend(sources, *made, self._recorder(tally))
        with extending as writer, contextlib.closing(index.open_stored(self._fingerprint)) as live:
            yield writer, live

    def _recorder(self, tally: Tally) -> Callable[[int], RunRecord]:
        """What gives the record of a run whose ``tally`` is whole by then."""
        return lambda articles: tally.report(articles, self._clock()).record(tally.started)

    def _all_anew(
        self,
        files: Sequence[SourceFile | SourceError],
        known: Before,
        ids: set[str],
        tally: Tally,
        advance: Advance,
    ) -> Iterator[Task]:
        """A task for every article of ``files``, whose ids go to ``ids``."""
        for article in self._read(files, tally, advance):
            ids.add(article.id)
            digest = content_digest(article)
            earlier = known.digest(article.id)
            is_same = earlier == digest
            tally.count(article.id, article.source, "updated" if earlier else "added", is_same)
            key = known.key(article.id) if is_same else None
            added = known.of(article.id).added if earlier and key is None else None
            yield Fresh(replace(article, added=added or tally.started), digest, key)

    def _changed(self, run: "_Update", advance: Advance) -> Iterator[Task]:
        """A task for every new or changed article."""
        are_few = len(run.chosen) <= _FEW
        digest_of = run.live.digest if are_few else run.live.digests().get
        for article in self._read(run.chosen, run.tally, advance):
            digest = content_digest(article)
            is_same = digest_of(article.id) == digest
            known = None if is_same else _find(run.live, article.id)
            if known and run.is_taken(known, article):
                other = DuplicateId(file=article.source, id=article.id, other=known.source)
                run.tally.errors.append(other)
                advance(1)
                continue
            run.seen.add(article.id)
            run.files.add(article.source)
            if not (is_same and run.is_other):  # that is formed again, and counted then
                what: What = "updated" if known else "added"
                run.tally.count(article.id, article.source, what, is_same)
            if is_same:
                advance(1)
                continue
            if known:
                run.known.add(article.id)
            added = (known and known.added) or run.tally.started
            yield Fresh(replace(article, added=added), digest)

    def _form_again(
        self,
        ids: Collection[str],
        live: StoredReader,
        writer: EngineWriter,
        tally: Tally,
        counted: set[str],
    ) -> None:
        """Form the facets of stored articles, and rewrite those that come out otherwise.

        Of those that come out the same, ``counted`` are counted.
        """
        unchanged = counted.intersection(ids)

        def use(done: Done) -> None:
            for article_id, source in done.articles:
                writer.delete(article_id)
                tally.count(article_id, source, "updated", is_same=False)
                unchanged.discard(article_id)
            writer.add_packed(done.packed)

        found = ((each, live.find(each)) for each in sorted(ids))
        tasks = (Again(each, key) for each, key in found if key is not None)
        with self._progress(len(ids)) as advance:
            failures = self._do(tasks, live, tally, advance, use)
        unchanged.difference_update(article_id for article_id, _ in failures)
        tally.unchanged += len(unchanged)

    def _do(
        self,
        tasks: Iterable[Task],
        live: StoredReader | None,
        tally: Tally,
        advance: Advance,
        use: Callable[[Done], None],
    ) -> list[Failure]:
        """Have ``tasks`` done, and ``use`` what comes of them.

        Gives the articles that could not be analysed. Their errors go to ``tally`` last: how far
        the reading is ahead of the analysis must not show.
        """
        failures: list[Failure] = []
        with contextlib.closing(self._hands.do(tasks, live)) as results:
            for done in results:
                use(done)
                failures += done.failures
                advance(done.tasks)
        tally.errors += [error for _, error in failures]
        return failures

    def _read(
        self, files: Sequence[SourceFile | SourceError], tally: Tally, advance: Advance
    ) -> Iterator[Article]:
        """The articles of ``files``; errors go to ``tally``."""
        for each in read_files(files, self._limit):
            if isinstance(each, SourceError):
                tally.errors.append(each)
                advance(1)
            else:
                yield each


@dataclass(slots=True)
class _Update:
    """An update in the making.

    ``chosen`` are the files to read, all or ``is_some`` of them. ``is_other`` says that facets are
    formed by other rules now, ``left`` are the articles for which that is still to be done,
    ``seen`` the ids read so far, ``files`` the files they were read from, ``known`` the changed
    ones.
    """

    live: StoredReader
    writer: EngineWriter
    tally: Tally
    chosen: Sequence[SourceFile | SourceError]
    is_some: bool
    is_other: bool
    left: set[str]
    seen: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)

    def take(self, done: Done) -> None:
        """Write what was analysed in place of what there was."""
        for article_id, _ in done.articles:
            self.left.discard(article_id)
            if article_id in self.known:
                self.writer.delete(article_id)
        self.writer.add_packed(done.packed)

    def forget(self, article_id: str, file: str) -> None:
        """An article could not be analysed: as if its file could not be read."""
        self.seen.discard(article_id)
        self.files.discard(file)
        self.tally.take_back(article_id)

    def is_taken(self, known: Article, article: Article) -> bool:
        """Does another file that is still there, and is not being read now, hold this id?"""
        if not self.is_some or known.source == article.source or not Path(known.source).exists():
            return False
        names = (shown(each.path) for each in self.chosen if isinstance(each, SourceFile))
        return all(each != known.source for each in names)


class _NothingReadError(Exception):
    """Leaves the building of a generation that would be empty."""


def _names(sources: Sequence[Path]) -> tuple[str, ...]:
    return tuple(shown(each) for each in sources)


def _find(live: StoredReader, article_id: str) -> Article | None:
    key = live.find(article_id)
    return None if key is None else live.article(key)
