"""Report of an indexing run: counts, changes and errors, as text and as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from search.errors import SourceError
from search.run_record import MOST_KEPT, RunRecord

ChangeKind = Literal["added", "updated", "removed"]


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one article; ``file`` is its path as the user would name it."""

    file: str
    id: str
    what: ChangeKind


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of articles by outcome, and an error for each that could not be indexed.

    After a reindex ``updated`` and ``unchanged`` compare with the index before it. ``articles`` is
    how many the live index holds now, ``seconds`` what it took, ``notes`` are for the user.
    """

    added: int
    updated: int
    unchanged: int
    removed: int
    articles: int
    seconds: float
    errors: tuple[SourceError, ...] = ()
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        return len(self.errors)

    @property
    def articles_per_second(self) -> float:
        """Articles read and compared per second, analysed where needed."""
        return (self.added + self.updated + self.unchanged) / self.seconds if self.seconds else 0.0

    @property
    def is_empty(self) -> bool:
        """True if there was no article to index or remove."""
        return not (self.added or self.updated or self.unchanged or self.removed)

    def problems(self) -> Iterator[str]:
        """One line for each error, and for each note."""
        yield from (str(each) for each in self.errors)
        yield from self.notes

    def summary(self) -> str:
        """The run in one line."""
        counts = f"{self.added} added, {self.updated} updated, {self.unchanged} unchanged"
        counts += f", {self.removed} removed" if self.removed else ""
        counts += f", {self.failed} failed" if self.failed else ""
        noun = "article" if self.articles == 1 else "articles"
        return f"{counts}; {self.articles} {noun} in the index ({self.seconds:.1f} s)"

    def record(self, started: datetime) -> RunRecord:
        """Run record of this run, which began at ``started``."""
        return RunRecord(
            started=started.isoformat(),
            seconds=self.seconds,
            added=self.added,
            updated=self.updated,
            unchanged=self.unchanged,
            removed=self.removed,
            articles=self.articles,
            failed=self.failed,
            errors=self.errors[:MOST_KEPT],
            noted=len(self.notes),
            notes=self.notes[:MOST_KEPT],
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON form for ``--json``."""
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "failed": self.failed,
            "articles": self.articles,
            "seconds": round(self.seconds, 3),
            "articles_per_second": round(self.articles_per_second, 1),
            "errors": [
                {"file": str(each.values["file"]), "code": each.code, "message": str(each)}
                for each in self.errors
            ],
            "notes": list(self.notes),
        }


@dataclass(slots=True)
class ReportBuilder:
    """Counts articles during a run, for the report at its end."""

    started: datetime
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, article_id: str, source: str, what: ChangeKind, is_same: bool) -> None:
        """Counts an article as ``what``, or as unchanged if ``is_same``."""
        if is_same:
            self.unchanged += 1
        else:
            self.changes.append(Change(source, article_id, what))

    def uncount(self, article_id: str) -> None:
        """Takes back the count of an article whose analysis failed."""
        for at, change in enumerate(self.changes):
            if change.id == article_id:
                del self.changes[at]
                return
        self.unchanged -= 1

    def total(self, what: ChangeKind) -> int:
        return sum(each.what == what for each in self.changes)

    @property
    def read(self) -> int:
        """Articles read so far."""
        return self.unchanged + self.total("added") + self.total("updated")

    def build(self, articles: int, now: datetime) -> Report:
        """The finished report, with ``articles`` in the index."""
        return Report(
            added=self.total("added"),
            updated=self.total("updated"),
            unchanged=self.unchanged,
            removed=self.total("removed"),
            articles=articles,
            seconds=(now - self.started).total_seconds(),
            errors=tuple(self.errors),
            changes=tuple(self.changes),
            notes=tuple(self.notes),
        )
