"""An article as the index stores it, so that a list of articles need not read all of it."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from search.article import PARAGRAPH_BREAK, Article, Listing
from search.article_json import article_from_dict, article_to_dict

#: What is stored: the text, what lists show beside it, and the whole article but for its text.
Stored = Mapping[str, bytes]


def article_to_stored(article: Article) -> Stored:
    """The stored fields of an article."""
    whole = article_to_dict(article)
    whole["body"] = [len(each) for each in article.body]
    listing = (
        *(article.id, article.title, article.url),
        article.published and article.published.value.iso,
        article.year and article.year.value,
        article.added and article.added.isoformat(),
        article.language,
        article.duplicates,
        [each.value for each in article.focus_areas],
        [each.value for each in article.organisations],
    )
    return {
        "article": _dumped(whole),
        "listing": _dumped(listing),
        "text": article.body_text.encode(),
    }


def article_from_stored(stored: Stored) -> Article:
    """Undo :func:`article_to_stored`; also of an earlier schema, which had all in one."""
    whole = _loaded(stored["article"])
    if "text" in stored:
        whole["body"] = _paragraphs(stored["text"].decode(), whole["body"])
    return article_from_dict(whole)


def listing_from_stored(stored: Stored) -> Listing:
    """What lists show of a stored article."""
    values = _loaded(stored["listing"])
    article_id, title, url, published, year, added, language, *lists = values
    duplicates, focus_areas, organisations = map(tuple, lists)
    when = datetime.fromisoformat(added) if added else None
    text = stored["text"].decode()
    plain = (article_id, title, url, published, year, when, language)
    return Listing(*plain, duplicates, focus_areas, organisations, text)


def _paragraphs(text: str, lengths: list[int]) -> Iterator[str]:
    start = 0
    for length in lengths:
        yield text[start : start + length]
        start += length + len(PARAGRAPH_BREAK)


def _dumped(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _loaded(data: bytes) -> Any:
    return json.loads(data.decode())  # of bytes it would guess the encoding
