"""Review lists: suggestions for the owner's files, as text lines and as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from search.errors import KlastriError

Destination = Literal["overrides", "gazetteer", "taxonomy", "synonyms"]


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One suggestion: a line for a file, a remark, and the same as data."""

    line: str
    remark: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.line}  # {' '.join(self.remark.split())}"


@dataclass(frozen=True, slots=True)
class ReviewList:
    """Suggestions of one kind, most used first; ``total`` counts those left out, too.

    ``place`` is where in the file the lines go.
    """

    name: str
    heading: str
    destination: Destination
    place: str
    entries: tuple[ReviewEntry, ...]
    total: int

    def lines(self) -> Iterator[str]:
        """Heading and suggestions as comments and lines of the file's format."""
        shown = len(self.entries)
        count = str(self.total) if shown == self.total else f"{shown} of {self.total}"
        yield f"# {self.heading}: {count}"
        if self.entries:
            yield f"# → {self.destination}{f', {self.place}' if self.place else ''}"
        yield from map(str, self.entries)

    def to_dict(self) -> dict[str, Any]:
        """JSON form for ``review --json``."""
        return {
            "name": self.name,
            "file": self.destination,
            "place": self.place,
            "total": self.total,
            "entries": [
                {"line": each.line, "remark": each.remark, **each.data} for each in self.entries
            ],
        }


@dataclass(frozen=True, slots=True)
class Review:
    """The review lists."""

    lists: tuple[ReviewList, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"lists": [each.to_dict() for each in self.lists]}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The newest review lists and their generation; None and empty before the first.

    ``is_pending`` while those of the live generation are made; ``problem`` is why that failed.
    """

    generation: str
    review: Review | None
    is_pending: bool
    problem: KlastriError | None = None
