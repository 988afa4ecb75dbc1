"""Protocols of inputs: a source holds files, a reader turns a file into articles."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from search.article import Article
from search.article_json import article_to_dict
from search.errors import SourceError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: ``path`` as the user would name it, ``id`` relative to its SOURCE."""

    path: Path
    id: str

    @property
    def name(self) -> str:
        """Name of the file in articles (``source``) and errors."""
        return shown(self.path)


@dataclass(frozen=True, slots=True)
class Limits:
    """Size limit of files, in units of 1,000,000 bytes."""

    megabytes: float = 5.0


class Reader(Protocol):
    """Protocol: reads the files of one format."""

    def __call__(self, file: SourceFile, limits: Limits) -> Iterator[Article | SourceError]:
        """The articles of ``file``, any number, with given values only.

        Each article has the name of the file as its ``source``. What cannot be read is yielded as
        its error; the rest of the file may follow.
        """
        ...


class Source(Protocol):
    """Protocol: holds files with articles, such as a directory."""

    @property
    def name(self) -> str:
        """Name of the source as the user would write it."""
        ...

    def scan(self) -> Iterator[SourceFile | SourceError]:
        """Files of the source in a fixed order, with errors for unreadable places.

        Raises SourceNotFound at once, before anything is yielded.
        """
        ...

    def read(self, file: SourceFile) -> Iterator[Article | SourceError]:
        """Articles of a scanned file, as :class:`Reader` says."""
        ...

    def contains(self, name: str) -> bool:
        """True if a file of this name belongs to the source, existing or not."""
        ...

    def exists(self, name: str) -> bool:
        """True if a file of this name still exists, here or in a source of the same kind."""
        ...


def shown(path: Path) -> str:
    """``path`` as one printable line, whatever bytes its name has."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def content_digest(article: Article) -> str:
    """SHA-256 of ``article`` as its source gives it, before extraction."""
    content = article_to_dict(article)
    del content["added"]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
