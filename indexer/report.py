"""Report of an indexing run: counts, changes, errors and skipped inputs, as text and JSON."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from indexer.sources import Duplicate, Skipped, Source
from search.errors import SourceError
from search.run_record import MOST_KEPT, RunRecord

ChangeKind = Literal["added", "updated", "removed"]
#: Outcomes that are counted for each source.
_OUTCOMES = ("added", "updated", "unchanged", "duplicates", "failed", "skipped")
#: Singular and plural of skipped inputs by code.
_SKIPPED_AS = {
    "draft": ("draft", "drafts"),
    "pending": ("waiting for review", "waiting for review"),
    "future": ("to be published later", "to be published later"),
    "private": ("private", "private"),
    "trash": ("in the trash", "in the trash"),
    "page": ("page", "pages"),
    "attachment": ("attachment", "attachments"),
    "revision": ("revision", "revisions"),
    "nav_menu_item": ("menu item", "menu items"),
    "post-type": ("of another type", "of other types"),
    "list": ("list", "lists"),
    "home": ("home page", "home pages"),
    "not-found": ("page that is not there", "pages that are not there"),
    "redirect": ("redirect", "redirects"),
    "script": ("made by scripts", "made by scripts"),
    "no-text": ("without text", "without text"),
    "noindex": ("not to be indexed", "not to be indexed"),
    "password": ("locked", "locked"),
    "frames": ("page of frames", "pages of frames"),
    "empty": ("empty", "empty"),
    "sheet": ("sheet", "sheets"),
    "robots": ("forbidden by robots.txt", "forbidden by robots.txt"),
    "elsewhere": ("on another host", "on other hosts"),
    "gone": ("gone", "gone"),
    "status": ("not published", "not published"),
    "excluded": ("left out by the settings", "left out by the settings"),
    "sitemap": ("sitemap", "sitemaps"),
    "foreign": ("of no known kind", "of no known kind"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """Change of one article; ``file`` is its path as the user would name it."""

    file: str
    id: str
    what: ChangeKind


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Report on one source; ``seconds`` is the time of reading it."""

    source: str
    kind: str
    counts: tuple[tuple[str, int], ...]
    requests: int
    not_modified: int
    seconds: float = field(compare=False)

    def to_dict(self) -> dict[str, Any]:
        counts = dict(self.counts)
        return {
            "source": self.source,
            "kind": self.kind,
            "read": sum(counts.values()) - counts["skipped"],
            **counts,
            "requests": self.requests,
            "not_modified": self.not_modified,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of articles by outcome, and an error for each that could not be indexed.

    After a reindex ``updated`` and ``unchanged`` compare with the previous index. ``articles`` is
    the number in the live index, ``seconds`` the duration, ``notes`` are for the user. ``skipped``
    were left out on purpose, ``duplicates`` are further copies of articles.
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
    skipped: tuple[Skipped, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    sources: tuple[SourceReport, ...] = ()

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

    @property
    def read(self) -> int:
        """Number of articles read, with any outcome."""
        indexed = self.added + self.updated + self.unchanged
        return indexed + len(self.duplicates) + self.failed

    def summary(self) -> str:
        """The run in one line."""
        counts = f"{self.added} new, {self.updated} changed, {self.unchanged} unchanged"
        for count, one, several in (
            (len(self.duplicates), "duplicate", "duplicates"),
            (self.failed, "failed", "failed"),
        ):
            counts += f", {count} {one if count == 1 else several}" if count else ""
        removed = f"; {self.removed} removed" if self.removed else ""
        return f"{self.read} read: {counts}{skipped_summary(self.skipped)}{removed}"

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
            "errors": [error_to_dict(each) for each in self.errors],
            "skipped": [skipped_to_dict(each) for each in self.skipped],
            "duplicates": duplicates_to_list(self.duplicates),
            "sources": [each.to_dict() for each in self.sources],
            "notes": list(self.notes),
        }


def skipped_summary(skipped: Iterable[Skipped]) -> str:
    """Formats “; 38 skipped (20 drafts, 12 lists, 6 without text)”; empty if there are none."""
    codes = Counter(each.code for each in skipped)
    if not codes:
        return ""
    kinds = [
        f"{count} {_SKIPPED_AS.get(code, (code, code))[count != 1]}"
        for code, count in codes.most_common()
    ]
    return f"; {codes.total()} skipped ({', '.join(kinds)})"


def error_to_dict(error: SourceError) -> dict[str, str]:
    """JSON form of an error: ``source``, ``member``, ``code`` and ``message``."""
    member = str(error.values.get("member", ""))
    source = str(error.values["file"])
    return {"source": source, "member": member, "code": error.code, "message": str(error)}


def skipped_to_dict(skipped: Skipped) -> dict[str, str]:
    """JSON form of a skipped input, like that of an error."""
    return {
        "source": skipped.source,
        "member": skipped.member,
        "code": skipped.code,
        "message": str(skipped),
    }


def duplicates_to_list(duplicates: Iterable[Duplicate]) -> list[dict[str, Any]]:
    """JSON form of duplicates: the ``id`` and all ``copies``, beginning with the indexed one."""
    copies: dict[str, list[str]] = {}
    for each in duplicates:
        copies.setdefault(each.id, [each.first]).append(each.source)
    return [{"id": each, "copies": found} for each, found in copies.items()]


@dataclass(slots=True)
class ReportBuilder:
    """Counts articles during a run, for the report at its end.

    ``place`` is the name of the source that an input was read from.
    """

    started: datetime
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    _outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    _seconds: dict[str, float] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)

    def count(
        self, article_id: str, source: str, what: ChangeKind, is_same: bool, place: str = ""
    ) -> None:
        """Counts an article as ``what``, or as unchanged if ``is_same``."""
        self._places[article_id] = place
        self._outcomes[place, "unchanged" if is_same else what] += 1
        if is_same:
            self.unchanged += 1
        else:
            self.changes.append(Change(source, article_id, what))

    def uncount(self, article_id: str) -> None:
        """Reverts the count of an article whose analysis failed."""
        place = self._places.get(article_id, "")
        for at, change in enumerate(self.changes):
            if change.id == article_id:
                self._outcomes[place, change.what] -= 1
                del self.changes[at]
                return
        self._outcomes[place, "unchanged"] -= 1
        self.unchanged -= 1

    def fail(self, error: SourceError, place: str) -> None:
        self.errors.append(error)
        self._outcomes[place, "failed"] += 1

    def fail_article(self, article_id: str, error: SourceError) -> None:
        """Records the failure of an article that was counted before."""
        self.fail(error, self._places.get(article_id, ""))

    def skip(self, skipped: Skipped, place: str) -> None:
        self.skipped.append(skipped)
        self._outcomes[place, "skipped"] += 1

    def repeat(self, duplicate: Duplicate, place: str) -> None:
        self.duplicates.append(duplicate)
        self._outcomes[place, "duplicates"] += 1

    def spend(self, place: str, seconds: float) -> None:
        """Adds to the reading time of a source."""
        self._seconds[place] = self._seconds.get(place, 0.0) + seconds

    def total(self, what: ChangeKind) -> int:
        return sum(each.what == what for each in self.changes)

    @property
    def read(self) -> int:
        """Articles read so far that are indexed."""
        return self.unchanged + self.total("added") + self.total("updated")

    def build(self, articles: int, now: datetime, sources: Iterable[Source] = ()) -> Report:
        """Builds the report, with ``articles`` in the index."""
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
            skipped=tuple(self.skipped),
            duplicates=tuple(self.duplicates),
            sources=tuple(self._of_source(each) for each in sources),
        )

    def _of_source(self, source: Source) -> SourceReport:
        counts = tuple((each, self._outcomes[source.name, each]) for each in _OUTCOMES)
        traffic = source.traffic()
        return SourceReport(
            source.name,
            source.kind,
            counts,
            traffic.requests,
            traffic.not_modified,
            self._seconds.get(source.name, 0.0),
        )
