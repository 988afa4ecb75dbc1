"""The straight way in: files → articles → language, facets, terms → a new generation.

Nothing here reads a clock, prints or chooses a component: all of that is handed in.
"""

import contextlib
import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from indexer.document import build_document
from indexer.report import Change, Report, Tally
from indexer.sources import SourceFile, content_digest, find_files, read_files, shown
from search.analysis import Analyzer
from search.article import Article
from search.engines.contract import EngineReader, EngineWriter, IndexedDocument
from search.errors import DuplicateId, PruneRefused, SourceError

T = TypeVar("T")
#: Passes items on while it shows how many of ``total`` are done.
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


class Enricher(Protocol):
    """What the pipeline needs of :class:`indexer.enrich.Enricher`."""

    def find(self, document: IndexedDocument) -> IndexedDocument:
        """``document`` with what its text tells by itself as its ``findings``."""
        ...

    def form(self, document: IndexedDocument) -> IndexedDocument:
        """``document`` with its facets formed of its findings, whatever they were before."""
        ...

    def unmet(self, article_ids: Container[str]) -> Iterable[str]:
        """What to tell of corrections that none of these articles is meant by."""
        ...


class Index(Protocol):
    """What the pipeline needs of an index, such as :class:`search.engines.whoosh.Generations`."""

    def build(
        self, sources: Sequence[str], fingerprint: str, built: datetime, rules: str = ""
    ) -> contextlib.AbstractContextManager[EngineWriter]: ...

    def extend(
        self, sources: Sequence[str], fingerprint: str, built: datetime, rules: str | None = None
    ) -> contextlib.AbstractContextManager[EngineWriter]: ...

    def rules(self) -> str: ...

    def stored_articles(self) -> Iterable[tuple[Article, str]]: ...

    def open(self, fingerprint: str | None = None) -> EngineReader: ...

    def current(self) -> str | None: ...


def no_progress(items: Iterable[T], total: int) -> Iterable[T]:  # noqa: ARG001 - a Progress
    """Shows nothing."""
    return items


def utc_now() -> datetime:
    return datetime.now(UTC)


class Pipeline:
    """Fills indexes.

    ``fingerprint`` says how articles are analysed; an index must fit it. ``rules`` says by what
    their facets are formed; where an index was filled by others, its facets are formed again.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        enricher: Enricher,
        fingerprint: str,
        *,
        rules: str = "",
        limit_megabytes: float = 5.0,
        clock: Callable[[], datetime] = utc_now,
        progress: Progress = no_progress,
    ) -> None:
        self._analyzer = analyzer
        self._enricher = enricher
        self._fingerprint = fingerprint
        self._rules = rules
        self._limit = limit_megabytes
        self._clock = clock
        self._progress = progress

    def reindex(self, index: Index, sources: Sequence[Path]) -> Report:
        """Build a whole new generation of ``sources`` and switch to it.

        When no article can be read, the index stays as it was and the report is empty. Raises
        SourceNotFound, IndexLocked.
        """
        tally = Tally(self._clock())
        files = list(find_files(sources))
        before: dict[str, _Known] = {}
        with contextlib.suppress(_NothingReadError):
            building = index.build(_names(sources), self._fingerprint, tally.started, self._rules)
            with building as writer:
                before = _remember(index, tally)
                ids: set[str] = set()
                for article in self._read(files, tally):
                    digest = content_digest(article)
                    known = before.pop(article.id, None)
                    is_same = known is not None and known.digest == digest
                    tally.count(article, "updated" if known else "added", is_same)
                    added = known.added if known else None
                    article = replace(article, added=added or tally.started)
                    writer.add(self._document(article, digest))
                    ids.add(article.id)
                if not tally.read:
                    raise _NothingReadError
                tally.notes += self._enricher.unmet(ids)
            tally.changes += [Change(each.source, id_, "removed") for id_, each in before.items()]
        return tally.report(tally.read or len(before), self._clock())

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
        IndexDamaged, IndexLocked, PruneRefused; then nothing has changed.
        """
        tally = Tally(self._clock())
        chosen = list(find_files(sources)) if files is None else list(files)
        with self._extending(index, _names(sources), tally) as (writer, live):
            digests = live.digests()
            is_other = index.rules() != self._rules
            left = set(live.article_ids()) if is_other else set()
            seen: set[str] = set()
            own_files: set[str] = set()
            for article in self._read(chosen, tally):
                digest = content_digest(article)
                is_same = digests.get(article.id) == digest
                known = None if is_same else _find(live, article.id)
                if files is not None and known and _is_taken(known, article, chosen):
                    tally.errors.append(
                        DuplicateId(file=article.source, id=article.id, other=known.source)
                    )
                    continue
                seen.add(article.id)
                own_files.add(article.source)
                if is_same and is_other:
                    continue  # formed again below
                tally.count(article, "updated" if known else "added", is_same)
                if is_same:
                    continue
                left.discard(article.id)
                if known:
                    writer.delete(article.id)
                article = replace(article, added=(known and known.added) or tally.started)
                writer.add(self._document(article, digest))
            if prune:
                for article in _vanished(live, sources, seen, own_files, yes):
                    left.discard(article.id)
                    writer.delete(article.id)
                    tally.changes.append(Change(article.source, article.id, "removed"))
            if is_other:
                tally.notes += self._enricher.unmet(seen.union(live.article_ids()))
            for article_id in sorted(left):
                if formed := self._form_again(live, writer, article_id):
                    tally.count(formed, "updated", is_same=False)
                elif article_id in seen:
                    tally.unchanged += 1
            count = live.document_count
        return tally.report(count + tally.total("added") - tally.total("removed"), self._clock())

    def reapply(self, index: Index) -> Report:
        """Form the facets of every article again, and rewrite those that come out otherwise.

        For a changed taxonomy, gazetteer or overrides; no source is read and no text analysed.
        Raises NoIndex, IndexMismatch, IndexDamaged, IndexLocked.
        """
        tally = Tally(self._clock())
        with self._extending(index, (), tally) as (writer, live):
            count = live.document_count
            ids = set(live.article_ids())
            tally.notes += self._enricher.unmet(ids)
            for article_id in self._progress(sorted(ids), count):
                formed = self._form_again(live, writer, article_id)
                if formed is None:
                    tally.unchanged += 1
                else:
                    tally.count(formed, "updated", is_same=False)
        return tally.report(count, self._clock())

    @contextlib.contextmanager
    def _extending(
        self, index: Index, sources: Sequence[str], tally: Tally
    ) -> Iterator[tuple[EngineWriter, EngineReader]]:
        """A writer on top of the live generation, and a reader of that."""
        with (
            index.extend(sources, self._fingerprint, tally.started, self._rules) as writer,
            contextlib.closing(index.open(self._fingerprint)) as live,
        ):
            yield writer, live

    def _form_again(
        self, live: EngineReader, writer: EngineWriter, article_id: str
    ) -> Article | None:
        """Form the facets of a stored article; the article if they came out otherwise."""
        number = live.find(article_id)
        if number is None:
            return None
        stored = live.document(number)
        formed = self._enricher.form(stored)
        if formed == stored:
            return None
        writer.delete(article_id)
        writer.add(formed)
        return formed.article

    def _read(self, files: Sequence[SourceFile | SourceError], tally: Tally) -> Iterator[Article]:
        """The articles of ``files``; errors go to ``tally``."""
        for each in self._progress(read_files(files, self._limit), len(files)):
            if isinstance(each, SourceError):
                tally.errors.append(each)
            else:
                yield each

    def _document(self, article: Article, digest: str) -> IndexedDocument:
        document = build_document(article, self._analyzer, digest)
        return self._enricher.form(self._enricher.find(document))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a reindex wants to know of an article in the index before it."""

    added: datetime | None
    digest: str
    source: str


class _NothingReadError(Exception):
    """Leaves the building of a generation that would be empty."""


def _names(sources: Sequence[Path]) -> tuple[str, ...]:
    return tuple(shown(each) for each in sources)


def _find(live: EngineReader, article_id: str) -> Article | None:
    number = live.find(article_id)
    return None if number is None else live.article(number)


def _remember(index: Index, tally: Tally) -> dict[str, _Known]:
    """The articles of the live generation by id; none if there is no generation to read."""
    if index.current() is None:
        return {}
    try:
        return {
            article.id: _Known(article.added, digest, article.source)
            for article, digest in index.stored_articles()
        }
    except Exception as error:
        # A reindex is the way out of a damaged index, whatever reading its remains may raise.
        tally.notes.append(f"The index before could not be read, so all articles are new ({error})")
        return {}


def _is_taken(known: Article, article: Article, chosen: Sequence[SourceFile | SourceError]) -> bool:
    """Does another file that is still there, and is not being read now, hold this id?"""
    if known.source == article.source or not Path(known.source).exists():
        return False
    return all(shown(each.path) != known.source for each in chosen if isinstance(each, SourceFile))


def _vanished(
    live: EngineReader, sources: Sequence[Path], seen: set[str], own_files: set[str], yes: bool
) -> list[Article]:
    """Articles below ``sources`` whose file is gone or has become another article.

    A file that could not be read keeps its article. Raises PruneRefused for more than half.
    """
    below, vanished = 0, []
    for article_id in live.article_ids():
        article = _find(live, article_id)
        if article is None or not _is_below(article.source, sources):
            continue
        below += 1
        gone = article.source in own_files or not Path(article.source).exists()
        if article.id not in seen and gone:
            vanished.append(article)
    if len(vanished) * 2 > below and not yes:
        raise PruneRefused(count=len(vanished), total=below)
    return vanished


def _is_below(file: str, sources: Sequence[Path]) -> bool:
    return any(_absolute(file).is_relative_to(_absolute(each)) for each in sources)


def _absolute(path: str | Path) -> Path:
    # Not resolve(): where links led before the file vanished is not known any more.
    return Path(os.path.normpath(Path(path).absolute()))
