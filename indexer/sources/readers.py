"""Registry of readers by file ending; combines the SOURCEs of a command into one source."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from indexer.sources.base import Limits, Reader, Source, SourceFile
from indexer.sources.textfile import read_text_file
from indexer.sources.walk import FileSource
from search.article import Article
from search.errors import DuplicateId, SourceError

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

    def scan(self) -> Iterator[SourceFile | SourceError]:
        return _without_repeats([each.scan() for each in self._sources])

    def read(self, file: SourceFile) -> Iterator[Article | SourceError]:
        # A name with bytes that cannot be printed is not recognised as below its directory.
        holding = (each for each in self._sources if each.contains(file.name))
        return next(holding, self._sources[0]).read(file)

    def contains(self, name: str) -> bool:
        return any(each.contains(name) for each in self._sources)

    def exists(self, name: str) -> bool:
        return any(each.exists(name) for each in self._sources)


def read_files(
    source: Source, files: Iterable[SourceFile | SourceError]
) -> Iterator[tuple[SourceFile | None, Article | SourceError | None]]:
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
            if isinstance(found, Article) and found.id in taken:
                yield file, DuplicateId(file=file.name, id=found.id, other=taken[found.id])
                continue
            if isinstance(found, Article):
                taken[found.id] = found.source
            yield file, found
        if is_empty:
            yield file, None


def read_sources(
    paths: Sequence[Path], limit_megabytes: float = Limits().megabytes
) -> Iterator[Article | SourceError]:
    """Articles and errors of ``paths``, in order.

    Raises SourceNotFound at once if a path is not there.
    """
    limits = Limits(limit_megabytes)
    source = CombinedSource([open_source(each, limits) for each in paths])
    found = read_files(source, source.scan())
    return (each for _, each in found if each is not None)


def _without_repeats(
    scans: Iterable[Iterator[SourceFile | SourceError]],
) -> Iterator[SourceFile | SourceError]:
    seen: set[str] = set()
    for scan in scans:
        for each in scan:
            if isinstance(each, SourceFile):
                real = os.path.realpath(each.path)
                if real in seen:
                    continue
                seen.add(real)
            yield each
