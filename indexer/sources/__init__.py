"""One reader per format, each yielding articles with what their source gives."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from indexer.sources.textfile import read_text_file
from indexer.sources.walk import SourceFile, find_files, shown
from search.article import Article
from search.article_json import article_to_dict
from search.errors import DuplicateId, SourceError

__all__ = [
    "SourceFile",
    "content_digest",
    "find_files",
    "read_files",
    "read_sources",
    "shown",
]


def read_sources(paths: Sequence[Path], limit_megabytes: float) -> Iterator[Article | SourceError]:
    """The articles of ``paths`` in order, and in its place the error of each file that has none.

    Directories are walked, a file named itself is read whatever its ending. An id that an earlier
    file has is an error. Raises SourceNotFound at once if a path is not there.
    """
    return read_files(find_files(paths), limit_megabytes)


def read_files(
    files: Iterable[SourceFile | SourceError], limit_megabytes: float
) -> Iterator[Article | SourceError]:
    """Like :func:`read_sources`, for files already found."""
    taken: dict[str, str] = {}
    for file in files:
        if isinstance(file, SourceError):
            yield file
            continue
        try:
            article = read_text_file(file, limit_megabytes)
        except SourceError as error:
            yield error
            continue
        other = taken.setdefault(article.id, article.source)
        if other != article.source:
            yield DuplicateId(file=article.source, id=article.id, other=other)
        else:
            yield article


def content_digest(article: Article) -> str:
    """SHA-256 of ``article`` as its source gives it; take it before anything is found in it."""
    content = article_to_dict(article)
    del content["added"]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
