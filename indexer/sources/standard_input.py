"""Standard input as a source, buffered in an unnamed temporary file."""

import hashlib
import io
import os
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, cast

from indexer.sources.base import Found, Input, Isolation, ReadOptions, Traffic
from indexer.sources.input_reader import InputReader
from indexer.sources.limits import Limits
from search.article import Article
from search.configuration import STANDARD_INPUT
from search.errors import SourceError, TooLarge

_ID = "stdin"
_MEGABYTE = 1_000_000
_CHUNK = 1 << 20


def standard_input() -> BinaryIO:
    return sys.stdin.buffer


class StandardInput:
    """Source of standard input: one document, or one container of many.

    A document without an address has the digest of its content as its id.
    """

    name = STANDARD_INPUT
    kind = "stdin"
    every = None

    def __init__(
        self,
        reader: InputReader,
        limits: Limits,
        format: str,  # noqa: A002 - as the user calls it
        options: ReadOptions,
        isolation: Isolation,
        stream: Callable[[], BinaryIO] = standard_input,
    ) -> None:
        self._reader = reader
        self._limits = limits
        self._format = format
        self._options = options
        self._isolation = isolation
        self._stream = stream
        self._digest = ""

    def scan(self) -> Iterator[Input | SourceError]:
        """Yields one input, read completely now because standard input cannot be read again."""
        kept = _Kept()
        most = int(self._limits.wordpress_megabytes * _MEGABYTE)
        stream = self._stream()
        while piece := stream.read(_CHUNK):
            kept.write(piece)
            if kept.size > most:
                megabytes = f"more than {self._limits.wordpress_megabytes:g}"
                limit = f"{self._limits.wordpress_megabytes:g}"
                yield TooLarge(file=self.name, megabytes=megabytes, limit=limit)
                return
        self._digest = kept.digest
        yield Input(
            name=self.name,
            id=_ID,
            kind=self._format,
            open=kept.open,
            options=self._options,
            isolation=self._isolation,
        )

    def read(self, source: Input) -> Iterator[Found]:
        for found in self._reader.read(source):
            if isinstance(found, Article) and found.id == source.id:
                yield replace(found, id=f"{_ID}/{self._digest}")
            else:
                yield found

    def contains(self, name: str) -> bool:  # noqa: ARG002 - a Source
        """False: earlier input has not vanished because there is other input now."""
        return False

    def exists(self, name: str) -> bool:
        return name == self.name

    def is_rolling(self, name: str) -> bool:  # noqa: ARG002 - a Source
        return True

    def traffic(self) -> Traffic:
        return Traffic()


class _Kept:
    """An unnamed temporary file that can be opened repeatedly."""

    def __init__(self) -> None:
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with this object
        weakref.finalize(self, file.close)
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()[:16]

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._digest.update(piece)
        self.size += len(piece)

    def open(self) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_Stream(self, self._file.fileno()), _CHUNK))


class _Stream(io.RawIOBase):
    """Reads the temporary file from the beginning, independently of other streams on it."""

    def __init__(self, kept: _Kept, descriptor: int) -> None:
        self._kept = kept
        self._descriptor = descriptor
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._kept.size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        count = os.preadv(self._descriptor, [buffer], self._at)
        self._at += count
        return count
