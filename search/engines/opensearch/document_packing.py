"""Packs documents for the server: indexed fields, and stored fields to read them again.

``packed`` has the whole document, for updates, highlights and copies; ``listing`` the fields shown
in result
lists; ``facts`` the input of decisions (:mod:`search.engines.opensearch.corpus_decisions`).
"""

import base64
import json
import re
import zlib
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from search.analysis import ESTONIAN
from search.analysis.folding import folded_key
from search.article import (
    Article,
    Evidence,
    Extracted,
    Listing,
    article_from_dict,
    article_to_dict,
)
from search.engines.contract import IndexedDocument, IndexedField, NameEvidence
from search.engines.opensearch.index_mapping import (
    ALTERNATIVE,
    HOLE,
    MOST_TIMES,
    escaped,
)
from search.engines.scoring_parameters import EARLY
from search.request import NO_FOCUS, UNKNOWN_VALUE, UNKNOWN_YEAR

#: Fields of a server's document.
Fields = dict[str, Any]
_LEVEL = 4
#: Between the key of a title and the title.
HEADLINE_BREAK = "\0"
_WORD = re.compile(r"\w+")


def pack_documents(documents: Sequence[IndexedDocument]) -> bytes:
    """Packs documents for a writer, in this process or another."""
    return zlib.compress(_dumped([_to_data(each) for each in documents]).encode(), _LEVEL)


def unpack_documents(packed: bytes) -> list[IndexedDocument]:
    """Undo :func:`pack_documents`."""
    return [_from_data(each) for each in json.loads(zlib.decompress(packed))]


def pack_document(document: IndexedDocument) -> str:
    """Packs a whole document into a text for the server."""
    return base64.b64encode(pack_documents((document,))).decode("ascii")


def unpack_document(packed: str) -> IndexedDocument:
    """Undo :func:`pack_document`."""
    return unpack_documents(base64.b64decode(packed))[0]


def searched_fields(document: IndexedDocument) -> Fields:
    """The indexed and stored fields of a document, but for those by decisions."""
    article = document.article
    published = date_key(article)
    slots = _slots(document.body)
    fields: Fields = {
        "title": _joined(_slots(document.title)),
        "body": _joined(slots),
        "early": _joined(slots[:EARLY]),
        "weighted": _weighted(document.body),
        "title_length": document.title.length,
        "body_length": document.body.length,
        "id": article.id,
        "spread": zlib.crc32(article.id.encode()) >> 1,
        "foreign": int((article.language or UNKNOWN_VALUE) != ESTONIAN),
        "focus": list(dict.fromkeys(each.value for each in article.focus_areas)) or [NO_FOCUS],
        "year": str(article.year.value) if article.year else UNKNOWN_YEAR,
        "source": article.publisher or UNKNOWN_VALUE,
        "language": article.language or UNKNOWN_VALUE,
        "added": int(article.added.timestamp()) if article.added else 0,
        "headline": headline(article.title),
        "title_words": title_words(article.title),
        "listing": pack_listing(article),
        "packed": pack_document(document),
    }
    if article.year:
        fields["year_number"] = article.year.value
    if published:
        month, day = published // 100 % 100, published % 100
        fields["published"] = published
        fields["first_day"] = published + (not month) * 100 + (not day)
        fields["last_day"] = published + (not month) * 1200 + (not day) * 31
        fields["age"] = _years(published)
        if month:
            fields["month"] = f"{published // 10000:04d}-{month:02d}"
    return fields


def pack_listing(article: Article) -> str:
    """Packs the fields that result lists show of an article."""
    return _dumped(
        [
            article.id,
            article.title,
            article.url,
            article.published.value.iso if article.published else None,
            article.year.value if article.year else None,
            article.added and article.added.isoformat(),
            article.language,
            article.duplicates,
            [each.value for each in article.focus_areas],
            [each.value for each in article.organisations],
            article.publisher,
            article.body_text,
        ]
    )


def unpack_listing(packed: str) -> Listing:
    """Undo :func:`pack_listing`; organisations are as the article writes them."""
    article_id, title, url, published, year, added, language, *lists, source, text = json.loads(
        packed
    )
    duplicates, focus_areas, organisations = map(tuple, lists)
    when = datetime.fromisoformat(added) if added else None
    plain = (article_id, title, url, published, year, when, language)
    return Listing(*plain, duplicates, focus_areas, organisations, source, text)


def headline(title: str) -> str:
    """A title after its completion key."""
    return f"{folded_key(title)}{HEADLINE_BREAK}{title}"


def title_words(text: str) -> str:
    """The words of a title without case and diacritics."""
    return " ".join(_WORD.findall(folded_key(text)))


def date_key(article: Article) -> int:
    """``yyyymmdd`` with 0 for what is unknown."""
    if article.published is not None:
        return article.published.value.sort_key
    return article.year.value * 10000 if article.year else 0


def _years(published: int) -> float:
    """A date in years; a year or a month alone counts by its middle."""
    year, month, day = published // 10_000, published // 100 % 100, published % 100
    months = 6.0 if not month else month - 1 + ((day - 0.5) / 31 if day else 0.5)
    return year + months / 12


def _slots(field: IndexedField) -> list[str]:
    """The terms at each position of a field, as the ``positions`` analyzer takes them."""
    places: dict[int, list[str]] = {}
    for term, positions in field.postings.items():
        text = escaped(term)
        for position in positions:
            if position in places:
                places[position].append(text)
            else:
                places[position] = [text]
    if not places:
        return []
    return [ALTERNATIVE.join(places[at]) if at in places else HOLE for at in range(max(places) + 1)]


def _joined(slots: Sequence[str]) -> str:
    """The text for the ``positions`` analyzer, without holes behind the last word."""
    end = len(slots)
    while end and slots[end - 1] == HOLE:
        end -= 1
    return " ".join(slots[:end])


def _weighted(field: IndexedField) -> str:
    pieces = []
    for term, positions in field.postings.items():
        times = min(len(positions) + bisect_left(positions, EARLY), MOST_TIMES)
        pieces.append(f"{escaped(term)}{ALTERNATIVE}{times}")
    return " ".join(pieces)


def _to_data(document: IndexedDocument) -> dict[str, Any]:
    naming = document.naming
    return {
        "article": article_to_dict(document.article),
        "title": _field_to_data(document.title),
        "body": _field_to_data(document.body),
        "digest": document.digest,
        "signature": base64.b64encode(document.signature).decode("ascii"),
        "findings": base64.b64encode(document.findings).decode("ascii"),
        "passages": {name: list(map(int, each)) for name, each in document.passages.items()},
        "maybe": [
            (each.value, [(e.part, e.start, e.end, e.text) for e in each.evidence], each.score)
            for each in naming.maybe
        ],
        "proven": naming.proven,
        "aliases": naming.aliases,
        "settled": naming.settled,
    }


def _from_data(data: dict[str, Any]) -> IndexedDocument:
    maybe = tuple(
        Extracted(value, "found", tuple(Evidence(*each) for each in evidence), score)
        for value, evidence, score in data["maybe"]
    )
    naming = NameEvidence(
        maybe,
        tuple(data["proven"]),
        tuple((short, name) for short, name in data["aliases"]),
        tuple(data["settled"]),
    )
    return IndexedDocument(
        article=article_from_dict(data["article"]),
        title=_field_from_data(data["title"]),
        body=_field_from_data(data["body"]),
        digest=data["digest"],
        signature=base64.b64decode(data["signature"]),
        findings=base64.b64decode(data["findings"]),
        passages={name: tuple(each) for name, each in data["passages"].items()},
        naming=naming,
    )


def _field_to_data(field: IndexedField) -> list[Any]:
    numbers = (field.starts, field.ends, field.sentences, field.addresses)
    return [dict(field.postings), int(field.length), *numbers]


def _field_from_data(data: list[Any]) -> IndexedField:
    postings, length, starts, ends, sentences, addresses = data
    return IndexedField(postings, starts, ends, length, sentences, addresses)


def _dumped(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(numbers: Any) -> Any:
    """Numbers of an array for JSON."""
    return numbers.tolist() if hasattr(numbers, "tolist") else list(numbers)
