"""Segments in the format of Whoosh 2.7.4, written from batches of documents in bulk.

Whoosh's own writer spends some fifty microseconds a word; here sorted runs are merged and cut
into files by arrays. What the memory does not hold waits in files without a name.
"""

import pickle
import shutil
import struct
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from io import SEEK_END, BytesIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from whoosh import fields
from whoosh.codec import default_codec
from whoosh.codec.whoosh3 import W3Codec

from search.engines.whoosh.storage.batches import FIELD_NUMBERS, LARGE_COLUMNS, Batch, Values
from search.engines.whoosh.storage.blocks import document_frequency, write_postings
from search.engines.whoosh.storage.column_files import ColumnWriter, column_extension, column_types
from search.engines.whoosh.storage.runs import Run, merged
from search.engines.whoosh.storage.term_files import TermFile, TermWriter
from search.engines.whoosh.storage.words import words_path, write_words

#: Batches are put aside on disk when they take more bytes than this.
MEMORY = 96 << 20
#: A smaller segment is one file, which Whoosh copies when it opens it, and a single fsync.
SMALL = 1 << 20
#: Whoosh's columns end at 4 GB; a segment is full when one has half of it.
_FULL = 2 << 30
#: Postings in a piece of a run on disk, and in one of each of all runs in memory.
_PIECE = 1 << 16
_AT_ONCE = 1 << 20
_TERMS = 4096
_BUFFER = 1 << 18


def is_half_full(storage: Any, segment: Any) -> bool:
    """Is a column of a segment so large that the segment must not grow any more?"""
    if segment.is_compound():
        return False
    names = (segment.make_filename(column_extension(name)) for name in LARGE_COLUMNS)
    return any(storage.file_length(name) > _FULL // 2 for name in names)


class SegmentBuilder:
    """Collects documents of one new segment, which are numbered as they come."""

    def __init__(self, directory: Path, schema: fields.Schema, memory: int = MEMORY) -> None:
        self._directory = directory
        self._types = column_types(schema)
        self._memory = memory
        self._segment: Any = default_codec().new_segment(None, "MAIN")
        self._files: _Files | None = None
        self._columns: dict[str, ColumnWriter] = {}
        self._values: list[Mapping[str, Values]] = []
        self._runs: list[Run] = []
        self._sources: list[Iterator[Run]] = []
        self._aside: list[Any] = []
        self._size = 0
        self.count = 0

    @property
    def is_full(self) -> bool:
        """Should no more documents be added?"""
        return any(each.size > _FULL for each in self._columns.values())

    def add(self, batch: Batch) -> None:
        """Add the documents of a batch."""
        self._runs.append(batch.run.moved(self.count))
        self._hold(batch.columns, batch.size)
        self.count += batch.count

    def add_segment(
        self, count: int, columns: Iterable[Mapping[str, Values]], postings: Iterator[Run]
    ) -> None:
        """Add ``count`` documents of another segment: their columns and their postings."""
        base = self.count
        for values in columns:
            self._hold(values, sum(len(each.data) for each in values.values()))
        self._sources += _pieces(self._runs)
        self._runs.clear()
        self._sources.append(run.moved(base) for run in postings)
        self.count += count

    def finish(self) -> Any:
        """Write the segment, of one document or more; what the table of contents has of it."""
        is_small = self._size < SMALL
        files = self._files = self._files or _Files(self._directory, self._segment, is_one=is_small)
        self._write_columns(files)
        for column in self._columns.values():
            column.finish()
        self._write_postings(files)
        with files.reopened(W3Codec.TERMS_EXT) as terms:
            name = self._segment.segment_id()
            write_words(words_path(self._directory, name), _word_counts(terms))
        files.finish()
        self.close()
        self._segment.compound = files.is_one
        self._segment.set_doc_count(self.count)
        # None of the fields has lengths in Whoosh's sense; ours are columns.
        self._segment._fieldlengths = defaultdict(int)
        return self._segment

    def close(self) -> None:
        """Let go of open files; what was written goes with the directory."""
        for file in self._aside:
            file.close()
        if self._files:
            self._files.close()

    def _hold(self, values: Mapping[str, Values], size: int) -> None:
        self._values.append(values)
        self._size += size
        if self._size > self._memory:
            self._put_aside()

    def _put_aside(self) -> None:
        """Columns go to their files, postings to one of their own until the end."""
        self._files = self._files or _Files(self._directory, self._segment, is_one=False)
        self._write_columns(self._files)
        if self._runs:
            self._aside.append(_spilled(self._runs, self._directory))
            self._sources.append(_read_back(self._aside[-1]))
            self._runs.clear()
        self._size = 0

    def _write_columns(self, files: "_Files") -> None:
        for name, column in self._types.items():
            if name not in self._columns:
                file = files.create(column_extension(name))
                self._columns[name] = ColumnWriter(file, column)
            for values in self._values:
                self._columns[name].add(values[name])
        self._values.clear()

    def _write_postings(self, files: "_Files") -> None:
        terms = TermWriter(files.create(W3Codec.TERMS_EXT))
        posts = files.create(W3Codec.POSTS_EXT)
        size = 0
        for run in merged([*self._sources, *_pieces(self._runs)]):
            written = write_postings(run, size)
            posts.write(written.blocks)
            size += len(written.blocks)
            terms.add(run.keys, written.entries)
        terms.finish(FIELD_NUMBERS)


def _word_counts(file: BinaryIO) -> Iterator[tuple[str, int]]:
    """The terms of title and body in order, with the documents of the field where most have it."""
    terms = TermFile(file, file.seek(0, SEEK_END))
    found = merge(*(_counts(terms, FIELD_NUMBERS[name]) for name in ("body", "title")))
    for term, same in groupby(found, key=itemgetter(0)):
        yield term.decode(), max(count for _, count in same)


def _counts(terms: TermFile, field: int) -> Iterator[tuple[bytes, int]]:
    begin, end = struct.pack("!H", field), struct.pack("!H", field + 1)
    for keys, entries in terms.read(_TERMS, begin, end):
        for key, entry in zip(keys, entries, strict=True):
            yield key[len(begin) :], document_frequency(entry)


def _pieces(runs: Sequence[Run]) -> list[Iterator[Run]]:
    """Runs in pieces so small that merging holds no more than :data:`_AT_ONCE` postings."""
    return [run.parts(max(_AT_ONCE // len(runs), _PIECE >> 8)) for run in runs]


def _spilled(runs: list[Run], directory: Path) -> Any:
    """A file without a name that has the runs, merged and in pieces."""
    file = tempfile.TemporaryFile(dir=directory, buffering=_BUFFER)  # noqa: SIM115 - read later
    for run in merged(_pieces(runs)):
        for part in run.parts(_PIECE):
            pickle.dump(part, file, 5)
    file.seek(0)
    return file


def _read_back(file: Any) -> Iterator[Run]:
    while True:
        try:
            run: Run = pickle.load(file)  # noqa: S301, RUF100 - written above
        except EOFError:
            return
        yield run


class _Files:
    """The files of a segment while they are written: apart, or in ``is_one`` (Whoosh: compound).

    A compound file has a place for where its directory is, the files, and the pickled directory.
    """

    _START = struct.Struct("!qi")

    def __init__(self, directory: Path, segment: Any, *, is_one: bool) -> None:
        self._directory = directory
        self._segment = segment
        self.is_one = is_one
        self._open: dict[str, BinaryIO] = {}

    def create(self, extension: str) -> BinaryIO:
        name = self._segment.make_filename(extension)
        path = self._directory / name
        file: BinaryIO = BytesIO() if self.is_one else path.open("wb", buffering=_BUFFER)
        self._open[name] = file
        return file

    def reopened(self, extension: str) -> BinaryIO:
        """What has been written to a file, to be read."""
        name = self._segment.make_filename(extension)
        file = self._open[name]
        if isinstance(file, BytesIO):
            return BytesIO(file.getbuffer())
        file.flush()
        path: Path = self._directory / name
        return path.open("rb")

    def finish(self) -> None:
        """End all files."""
        if self.is_one:
            self._write_one()
        self.close()

    def close(self) -> None:
        """Let go of all files, whatever they hold."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def _write_one(self) -> None:
        at = self._START.size
        contents: dict[str, dict[str, int]] = {}
        for name, file in self._open.items():
            contents[name] = {"offset": at, "length": file.tell()}
            at += file.tell()
        described = pickle.dumps(contents, 2) + pickle.dumps({}, 2)
        path = self._directory / self._segment.make_filename(self._segment.COMPOUND_EXT)
        with path.open("wb") as one:
            one.write(self._START.pack(at, len(described)))
            for file in self._open.values():
                file.seek(0)
                shutil.copyfileobj(file, one)
            one.write(described)
