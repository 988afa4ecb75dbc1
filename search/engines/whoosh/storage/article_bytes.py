"""An article as the index stores it, so that a list of articles need not read all of it.

Its text, what lists show beside that, and the whole article but for its text stand apart.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from search.article import PARAGRAPH_BREAK, Article, Listing
from search.article_json import article_from_dict, article_to_dict


def pack_article(article: Article) -> bytes:
    """An article but for its text, of which only the lengths of the paragraphs are there."""
    return _dumped({**article_to_dict(article), "body": [len(each) for each in article.body]})


def unpack_article(packed: bytes, text: bytes | None) -> Article:
    """Undo :func:`pack_article`; in earlier schemas no ``text`` was apart."""
    data = _loaded(packed)
    if text is not None:
        data["body"] = _paragraphs(text.decode(), data["body"])
    return article_from_dict(data)


def pack_text(article: Article) -> bytes:
    """The text of an article."""
    return article.body_text.encode()


def pack_listing(article: Article) -> bytes:
    """What lists show of an article but for its text."""
    return _dumped(
        (
            *(article.id, article.title, article.url),
            article.published and article.published.value.iso,
            article.year and article.year.value,
            article.added and article.added.isoformat(),
            article.language,
            article.duplicates,
            [each.value for each in article.focus_areas],
            [each.value for each in article.organisations],
        )
    )


def unpack_listing(packed: bytes, text: bytes) -> Listing:
    """What lists show of an article."""
    article_id, title, url, published, year, added, language, *lists = _loaded(packed)
    duplicates, focus_areas, organisations = map(tuple, lists)
    when = datetime.fromisoformat(added) if added else None
    plain = (article_id, title, url, published, year, when, language)
    return Listing(*plain, duplicates, focus_areas, organisations, text.decode())


def _paragraphs(text: str, lengths: list[int]) -> Iterator[str]:
    start = 0
    for length in lengths:
        yield text[start : start + length]
        start += length + len(PARAGRAPH_BREAK)


def _dumped(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _loaded(data: bytes) -> Any:
    return json.loads(data.decode())  # of bytes it would guess the encoding
