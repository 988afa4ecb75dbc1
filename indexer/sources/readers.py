"""Directories and files as sources, several of them as one, and the reader of each file format."""

import functools
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from indexer.sources.base import Found, Input, Reader, Source, shown
from indexer.sources.cleaning import cleaned
from indexer.sources.limits import Limits
from indexer.sources.textfile import read_text_file
from search.article import Article
from search.errors import DuplicateId, SourceError, SourceNotFound, UnreadableFile

#: A file of this name tells of its directory and is no article.
_ABOUT = "readme"


class FileSource:
    """A directory, walked for files with the endings of ``readers``, or one file.

    Hidden files, READMEs, other endings and loops of links are passed over. A file that is named
    itself is read whatever its ending, by ``default`` if there is no reader for it.
    """

    def __init__(
        self, path: Path, readers: Mapping[str, Reader], default: Reader, limits: Limits
    ) -> None:
        self._path = path
        self._readers = readers
        self._default = default
        self._limits = limits

    @property
    def name(self) -> str:
        return shown(self._path)

    def scan(self) -> Iterator[Input | SourceError]:
        """Files, directories in sorted order. Raises SourceNotFound at once."""
        if not self._path.exists():
            raise SourceNotFound(source=self.name)
        named = Path(os.path.normpath(self._path))
        if not named.is_dir():
            return iter([_source_file(named, named.parent)])
        return self._walk(named, named, set())

    def read(self, source: Input) -> Iterator[Found]:
        suffix = "" if source.path is None else source.path.suffix.lower()
        try:
            yield from self._readers.get(suffix, self._default)(source, self._limits)
        except SourceError as error:
            yield error

    def contains(self, name: str) -> bool:
        return _absolute(Path(name)).is_relative_to(_absolute(self._path))

    def exists(self, name: str) -> bool:
        return Path(name).exists()

    def _walk(
        self, folder: Path, source: Path, entered: set[tuple[int, int]]
    ) -> Iterator[Input | SourceError]:
        try:
            status = folder.stat()
            names = sorted(each.name for each in folder.iterdir())
        except OSError as error:
            yield UnreadableFile(file=shown(folder), reason=error.strerror)
            return
        if (status.st_dev, status.st_ino) in entered:
            return
        entered.add((status.st_dev, status.st_ino))
        for name in names:
            path = folder / name
            if name.startswith(".") or path.stem.lower() == _ABOUT:
                continue
            if path.is_dir():
                yield from self._walk(path, source, entered)
            elif path.suffix.lower() in self._readers and (path.is_file() or path.is_symlink()):
                yield _source_file(path, source)


def _absolute(path: Path) -> Path:
    # Not resolve(): where links led before a file vanished is not known any more.
    return Path(os.path.normpath(path.absolute()))


def _source_file(path: Path, source: Path) -> Input | SourceError:
    identity = path.relative_to(source).with_suffix("").as_posix()
    # Names come decomposed from some systems, with line breaks or undecodable bytes from others.
    if not identity.isprintable():
        reason = "its name holds unprintable characters; rename it"
        return UnreadableFile(file=shown(path), reason=reason)
    kind = "markdown" if path.suffix.lower() == ".md" else "text"
    return Input(
        shown(path),
        unicodedata.normalize("NFC", identity),
        kind,
        functools.partial(_open_regular, path),
        path=path,
    )


def _open_regular(path: Path) -> BinaryIO:
    # To open a pipe would wait for somebody who writes to it.
    if not stat.S_ISREG(path.stat().st_mode):
        raise UnreadableFile(file=shown(path), reason="it is not a regular file")
    return path.open("rb")


#: Readers by the ending of a file in small letters. A directory is walked for these endings; a
#: file that is named itself and has another ending is read as text.
READERS: Mapping[str, Reader] = {".txt": read_text_file, ".md": read_text_file}


def open_source(path: Path, limits: Limits = Limits()) -> Source:  # noqa: B008 - it is frozen
    """The source for a SOURCE of the command line: a directory or a file."""
    return FileSource(path, READERS, read_text_file, limits)


class CombinedSource:
    """Several sources as one, without repeated files."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    @property
    def name(self) -> str:
        return ", ".join(each.name for each in self._sources)

    def scan(self) -> Iterator[Input | SourceError]:
        return _without_repeats([each.scan() for each in self._sources])

    def read(self, source: Input) -> Iterator[Found]:
        # A name with bytes that cannot be printed is not recognised as below its directory.
        holding = (each for each in self._sources if each.contains(source.name))
        return next(holding, self._sources[0]).read(source)

    def contains(self, name: str) -> bool:
        return any(each.contains(name) for each in self._sources)

    def exists(self, name: str) -> bool:
        return any(each.exists(name) for each in self._sources)


def read_files(
    source: Source, files: Iterable[Input | SourceError]
) -> Iterator[tuple[Input | None, Found | None]]:
    """Each article and error of ``files``, with its file.

    A file without any is yielded once, with None. An id that an earlier article has is an error.
    """
    taken: dict[str, str] = {}
    for file in files:
        if isinstance(file, SourceError):
            yield None, file
            continue
        is_empty = True
        for found in source.read(file):
            is_empty = False
            if isinstance(found, Article):
                found = cleaned(found)
            if isinstance(found, Article) and found.id in taken:
                yield file, DuplicateId(file=file.name, id=found.id, other=taken[found.id])
                continue
            if isinstance(found, Article):
                taken[found.id] = found.source
            yield file, found
        if is_empty:
            yield file, None


def _without_repeats(
    scans: Iterable[Iterator[Input | SourceError]],
) -> Iterator[Input | SourceError]:
    seen: set[str] = set()
    for scan in scans:
        for each in scan:
            if isinstance(each, Input):
                real = os.path.realpath(each.path or each.name)
                if real in seen:
                    continue
                seen.add(real)
            yield each
