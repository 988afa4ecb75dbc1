"""Converts articles to and from JSON, as the index stores and ``/api/article/ID`` answers them."""

from datetime import datetime
from typing import Any, TypeVar

from search.article import Article, Evidence, Extracted, KnownAs, Mention, PartialDate

T = TypeVar("T")


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
        del data["known_as"]  # few have it, and without it the content is what it always was
    return data


def article_from_dict(data: dict[str, Any]) -> Article:
    """Undo :func:`article_to_dict`."""
    published = data["published"]
    return Article(
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
    """Undo :func:`date_to_dict`."""
    value = PartialDate.from_iso(data["value"])
    return Extracted(value, data["origin"], _evidence(data), data["score"])


def _extracted(extracted: Extracted[Any]) -> dict[str, Any]:
    evidence = tuple(_fields(each) for each in extracted.evidence)
    return {**_fields(extracted), "evidence": evidence}


def _fields(value: Article | Extracted[Any] | Evidence | Mention | KnownAs) -> dict[str, Any]:
    """Fields of a dataclass by name, not copied; ``asdict`` copies all that is below them."""
    return {name: getattr(value, name) for name in value.__slots__}


def extracted_from_dict(data: dict[str, Any]) -> Extracted[Any]:
    """Undo ``asdict`` of an extracted value that is no date."""
    return Extracted(data["value"], data["origin"], _evidence(data), data["score"])


def _evidence(data: dict[str, Any]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(each["part"], each["start"], each["end"], each["text"])
        for each in data["evidence"]
    )
