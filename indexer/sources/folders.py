"""File source: a directory, walked recursively for files with articles, or one file."""

import os
import stat
import unicodedata
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from indexer.sources.base import (
    Found,
    Input,
    Isolation,
    ReadOptions,
    Skipped,
    Traffic,
    containers_of,
    in_this_process,
    printable_path,
)
from indexer.sources.input_reader import InputReader
from indexer.sources.kinds import ENDINGS, PAGE_ENDINGS
from indexer.sources.naming import identities, may_be_entered, may_be_read
from search.errors import SourceError, SourceNotFound, UnreadableFile

#: Kind of the input that represents all links of a source that are not followed.
_LINKS = "links"


class FileSource:
    """A directory, walked for files of every kind, or one file.

    Hidden files, READMEs, files of saved pages, other endings and loops of links are ignored. A
    file that is named itself is read with any ending. ``format`` is the kind of all files; empty
    to detect it for each. Symbolic links out of the directory are followed only with
    ``follow_links``: otherwise anybody with write access to it could publish any file.
    """

    kind = "files"
    every = None

    def __init__(
        self,
        path: Path,
        reader: InputReader,
        *,
        format: str = "",  # noqa: A002 - as the user calls it
        options: ReadOptions = ReadOptions(),  # noqa: B008 - it is frozen
        isolation: Isolation = in_this_process,
        follow_links: bool = False,
    ) -> None:
        self._path = path
        self._reader = reader
        self._format = format
        self._options = options
        self._isolation = isolation
        self._root = None if follow_links else Path(os.path.realpath(path))
        self._rolling: set[str] = set()

    @property
    def name(self) -> str:
        return printable_path(self._path)

    def scan(self) -> Iterator[Input | SourceError]:
        """Yields files, directories in sorted order. Raises SourceNotFound at once."""
        if not self._path.exists():
            raise SourceNotFound(source=self.name)
        named = Path(os.path.normpath(self._path))
        if not named.is_dir():
            return iter([self._input(named, self._identity(named), is_named=True)])
        return self._inputs(named)

    def read(self, source: Input) -> Iterator[Found]:
        if source.kind == _LINKS:
            return iter([Skipped(source.name, "", "link", source.id)])
        return self._reader.read(source, self._rolling.add)

    def contains(self, name: str) -> bool:
        if _is_address(name):
            return False
        own = _absolute(self._path)
        return any(_absolute(Path(each)).is_relative_to(own) for each in containers_of(name))

    def exists(self, name: str) -> bool:
        is_there = Path(name).exists() or any(Path(each).is_file() for each in containers_of(name))
        return is_there and not (self.contains(name) and self._leads_out(Path(name)))

    def is_rolling(self, name: str) -> bool:
        return name in self._rolling

    def traffic(self) -> Traffic:
        return Traffic()

    def _inputs(self, folder: Path) -> Iterator[Input | SourceError]:
        """Files of ``folder``, then one input for all links that are not followed."""
        outside: list[Path] = []
        yield from self._walk(folder, "", set(), outside)
        if outside:
            others = f" ({len(outside)} links do)" if outside[1:] else ""
            what = f"leads out of {self.name}{others} and is not followed; follow_links allows it"
            yield Input(
                printable_path(outside[0]), what, _LINKS, partial(_open_regular, outside[0])
            )

    def _walk(
        self, folder: Path, below: str, entered: set[tuple[int, int]], outside: list[Path]
    ) -> Iterator[Input | SourceError]:
        """Walks ``folder``, whose path in the source is ``below``."""
        try:
            status = folder.stat()
            with os.scandir(folder) as entries:
                is_link = {each.name: each.is_symlink() for each in entries}
            names = sorted(is_link)
        except OSError as error:
            yield UnreadableFile(file=printable_path(folder), reason=error.strerror)
            return
        if (status.st_dev, status.st_ino) in entered:
            return
        entered.add((status.st_dev, status.st_ino))
        ids = identities(each for each in names if may_be_read(each))
        for name in names:
            path = folder / name
            if is_link[name] and self._leads_out(path):
                if name in ids or (path.is_dir() and may_be_entered(name, names)):
                    outside.append(path)
            elif path.is_dir():
                if may_be_entered(name, names):
                    yield from self._walk(path, f"{below}{name}/", entered, outside)
            elif name in ids and (path.is_file() or path.is_symlink()):
                yield self._input(path, f"{below}{ids[name]}")

    def _identity(self, path: Path) -> str:
        """The id of a single file: the same as when its directory is the source."""
        # Listing the directory for each of many named files would be slow.
        beside = [path.with_suffix(each) for each in (ENDINGS | PAGE_ENDINGS) if path.stem]
        names = {each.name for each in beside if each.is_file() and may_be_read(each.name)}
        return identities({*names, path.name})[path.name]

    def _leads_out(self, path: Path) -> bool:
        """True if ``path`` leads out of the source by symbolic links, which are not followed."""
        return self._root is not None and not Path(os.path.realpath(path)).is_relative_to(
            self._root
        )

    def _open(self, path: Path) -> BinaryIO:
        if self._leads_out(path):  # put there since the directory was walked
            raise UnreadableFile(file=printable_path(path), reason="it leads out of its directory")
        return _open_regular(path)

    def _input(self, path: Path, identity: str, *, is_named: bool = False) -> Input | SourceError:
        # Names come decomposed from some systems, with line breaks or odd bytes from others.
        if not identity.isprintable():
            reason = "its name holds unprintable characters; rename it"
            return UnreadableFile(file=printable_path(path), reason=reason)
        return Input(
            name=printable_path(path),
            id=unicodedata.normalize("NFC", identity),
            kind=self._format,
            open=partial(self._open, path),
            options=self._options,
            isolation=self._isolation,
            path=path,
            is_named=is_named,
        )


def _is_address(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _absolute(path: Path) -> Path:
    # Not resolve(): after a file has vanished, the targets of its links are unknown.
    return Path(os.path.normpath(path.absolute()))


def _open_regular(path: Path) -> BinaryIO:
    # Opening a pipe would block until somebody writes to it.
    if not stat.S_ISREG(path.stat().st_mode):
        raise UnreadableFile(file=printable_path(path), reason="it is not a regular file")
    return path.open("rb")
