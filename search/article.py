"""Article model, and its JSON form in the index and in ``/api/article/ID``."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlsplit

Origin = Literal["given", "found"]
Precision = Literal["day", "month", "year"]
#: Part with the evidence. ``url``, ``path`` and ``given`` point outside the shown text.
Part = Literal["title", "body", "url", "path", "given"]
#: The text of ``given`` evidence for a value that the owner corrected.
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
        """``yyyymmdd``, unknown parts 0, so that a bare year sorts before its days."""
        return self.year * 10000 + (self.month or 0) * 100 + (self.day or 0)

    @classmethod
    def from_iso(cls, text: str) -> "PartialDate":
        """Reads :attr:`iso` back. Raises ValueError for anything else, impossible dates too."""
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
    """A mention in the text, stored so that facets can be formed again without analysis.

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

    ``known_as`` are those of its organisations that have other names; ``source`` is the file,
    page or member of an archive that it was read from, ``collection`` what that belongs to.
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
    collection: str = ""

    @property
    def publisher(self) -> str:
        """What the facet ``source`` shows: the site of the address, else the collection."""
        return site_of(self.url) or self.collection

    @property
    def body_text(self) -> str:
        """The paragraphs as one string; all body offsets count in it."""
        return PARAGRAPH_BREAK.join(self.body)


@dataclass(frozen=True, slots=True)
class Listing:
    """The fields of an article that result lists show: values without evidence, and the text.

    ``published`` is ISO 8601, cut to what is known; ``source`` is :attr:`Article.publisher`,
    ``text`` :attr:`Article.body_text`.
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
    source: str
    text: str


def site_of(url: str | None) -> str:
    """Host of a web address in lower case, without ``www.``; empty if it is none."""
    try:
        parts = urlsplit((url or "").strip())
        host = parts.hostname if parts.scheme.lower() in ("http", "https") else None
    except ValueError:
        return ""
    return (host or "").removeprefix("www.")


def article_to_dict(article: Article) -> dict[str, Any]:
    """The article as plain data, with dates as ISO 8601 text."""
    data = _fields(article)
    data["body"] = list(article.body)
    data["published"] = article.published and date_to_dict(article.published)
    data["year"] = article.year and _extracted(article.year)
    data["added"] = article.added.isoformat() if article.added else None
    for name in ("focus_areas", "organisations"):
        data[name] = tuple(_extracted(each) for each in data[name])
    for name in ("mentions", "known_as"):
        data[name] = tuple(_fields(each) for each in data[name])
    if not article.known_as:
        del data["known_as"]  # keeps the content digest of articles without it
    return data


def article_from_dict(data: dict[str, Any]) -> Article:
    """Reads :func:`article_to_dict` back."""
    published = data["published"]
    return Article(
        collection=data["collection"],
        id=data["id"],
        title=data["title"],
        body=tuple(data["body"]),
        source=data["source"],
        url=data["url"],
        published=published and date_from_dict(published),
        year=data["year"] and extracted_from_dict(data["year"]),
        added=datetime.fromisoformat(data["added"]) if data["added"] else None,
        language=data["language"],
        duplicates=tuple(data["duplicates"]),
        focus_areas=tuple(map(extracted_from_dict, data["focus_areas"])),
        organisations=tuple(map(extracted_from_dict, data["organisations"])),
        mentions=tuple(Mention(**each) for each in data["mentions"]),
        known_as=tuple(_known_as(each) for each in data.get("known_as", ())),
    )


def _known_as(data: dict[str, Any]) -> KnownAs:
    return KnownAs(data["name"], tuple(data["aliases"]), tuple(data["former"]))


def date_to_dict(date: Extracted[PartialDate]) -> dict[str, Any]:
    """A date with its value as ISO 8601 text."""
    return {**_extracted(date), "value": date.value.iso}


def date_from_dict(data: dict[str, Any]) -> Extracted[PartialDate]:
    """Reads :func:`date_to_dict` back."""
    value = PartialDate.from_iso(data["value"])
    return Extracted(value, data["origin"], _evidence(data), data["score"])


def _extracted(extracted: Extracted[Any]) -> dict[str, Any]:
    evidence = tuple(_fields(each) for each in extracted.evidence)
    return {**_fields(extracted), "evidence": evidence}


def _fields(value: Article | Extracted[Any] | Evidence | Mention | KnownAs) -> dict[str, Any]:
    """Fields of a dataclass by name, without the deep copy of ``asdict``."""
    return {name: getattr(value, name) for name in value.__slots__}


def extracted_from_dict(data: dict[str, Any]) -> Extracted[Any]:
    """Reads ``asdict`` of an extracted value back; not of a date."""
    return Extracted(data["value"], data["origin"], _evidence(data), data["score"])


def _evidence(data: dict[str, Any]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(each["part"], each["start"], each["end"], each["text"])
        for each in data["evidence"]
    )
