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
    """A file to read: ``path`` as the user would name it, ``id`` from its path below SOURCE."""

    path: Path
    id: str

    @property
    def name(self) -> str:
        """The ``source`` of its articles, and what errors call it."""
        return shown(self.path)


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file that is read, in units of 1,000,000 bytes."""

    megabytes: float = 5.0


class Reader(Protocol):
    """Reads the files of one format."""

    def __call__(self, file: SourceFile, limits: Limits) -> Iterator[Article | SourceError]:
        """The articles of ``file``, any number of them, with what the file gives and no more.

        Each article has the name of the file as its ``source``. What cannot be read is yielded as
        its error; the rest of the file may follow.
        """
        ...


class Source(Protocol):
    """A place that holds files with articles, such as a directory."""

    @property
    def name(self) -> str:
        """As the user would name it."""
        ...

    def scan(self) -> Iterator[SourceFile | SourceError]:
        """The files of the source in a fixed order, and in its place what cannot be entered.

        Raises SourceNotFound at once, before anything is yielded.
        """
        ...

    def read(self, file: SourceFile) -> Iterator[Article | SourceError]:
        """The articles of a file that :meth:`scan` found, as :class:`Reader` says."""
        ...

    def contains(self, name: str) -> bool:
        """Does a file of this name belong to the source, whether it is there or not?"""
        ...

    def exists(self, name: str) -> bool:
        """Is a file of this name still there, in this source or another of its kind?"""
        ...


def shown(path: Path) -> str:
    """``path`` in one line that can be printed, whatever bytes its name has."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def content_digest(article: Article) -> str:
    """SHA-256 of ``article`` as its source gives it; take it before anything is found in it."""
    content = article_to_dict(article)
    del content["added"]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
