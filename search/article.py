"""The article model: what sources give, extraction completes and the index stores."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, TypeVar

Origin = Literal["given", "found"]
Precision = Literal["day", "month", "year"]
#: Where evidence stands. ``url``, ``path`` and ``given`` point outside the shown text.
Part = Literal["title", "body", "url", "path", "given"]
#: The text of ``given`` evidence that stands for a correction by the owner, not for the source.
OVERRIDE = "overrides"
T = TypeVar("T", covariant=True)
PARAGRAPH_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the day, the month or only the year."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def precision(self) -> Precision:
        if self.month is None:
            return "year"
        return "month" if self.day is None else "day"

    @property
    def iso(self) -> str:
        """ISO 8601, cut to the precision: ``2016``, ``2016-12`` or ``2016-12-01``."""
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        return text

    @property
    def sort_key(self) -> int:
        """``yyyymmdd`` with 0 for what is unknown, so that a bare year sorts before its days."""
        return self.year * 10000 + (self.month or 0) * 100 + (self.day or 0)

    @classmethod
    def from_iso(cls, text: str) -> "PartialDate":
        """Read :attr:`iso` back. Raises ValueError for anything else, impossible dates too."""
        numbers = [int(piece) for piece in text.split("-")]
        if not 1 <= len(numbers) <= 3:
            raise ValueError(text)
        year, month, day = (*numbers, None, None)[:3]
        assert year is not None  # noqa: S101 - split() yields at least one piece
        date(year, month or 1, day or 1)
        return cls(year, month, day)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence for a value: characters ``start`` to ``end`` of ``part`` read ``text``.

    Offsets of ``body`` count in :attr:`Article.body_text`, in code points.
    """

    part: Part
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Extracted(Generic[T]):
    """A value with its origin: given by the source, or extracted with evidence (best first)."""

    value: T
    origin: Origin
    evidence: tuple[Evidence, ...] = ()
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention in the text, kept so that facets can be formed again without analysis.

    ``name`` is the nominative as the text alone gives it, before aliases and corrections.
    """

    kind: Literal["organisation"]
    name: str
    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class KnownAs:
    """An organisation's other names, present and past, from the gazetteer and overrides."""

    name: str
    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """An article. ``body`` holds its paragraphs; facets are empty until extracted.

    ``known_as`` are those of its organisations that have other names.
    """

    id: str
    title: str
    body: tuple[str, ...]
    source: str
    url: str | None = None
    published: Extracted[PartialDate] | None = None
    year: Extracted[int] | None = None
    added: datetime | None = None
    language: str = ""
    duplicates: tuple[str, ...] = ()
    focus_areas: tuple[Extracted[str], ...] = ()
    organisations: tuple[Extracted[str], ...] = ()
    mentions: tuple[Mention, ...] = field(default=())
    known_as: tuple[KnownAs, ...] = ()

    @property
    def body_text(self) -> str:
        """The paragraphs as one string; all body offsets count in it."""
        return PARAGRAPH_BREAK.join(self.body)


@dataclass(frozen=True, slots=True)
class Listing:
    """The fields of an article that result lists show: values without evidence, and the text.

    ``published`` is ISO 8601, cut to what is known; ``text`` is :attr:`Article.body_text`.
    """

    id: str
    title: str
    url: str | None
    published: str | None
    year: int | None
    added: datetime | None
    language: str
    duplicates: tuple[str, ...]
    focus_areas: tuple[str, ...]
    organisations: tuple[str, ...]
    text: str
