"""Segments in the format of Whoosh 2.7.4, written from batches of documents in bulk.

Whoosh's own writer spends some fifty microseconds a word; here sorted runs are merged and cut
into files by arrays. What the memory does not hold waits in files without a name.
"""

import pickle
import struct
import tempfile
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import fields
from whoosh.codec import default_codec
from whoosh.codec.whoosh3 import W3Codec

from search.engines.whoosh.storage.batches import FIELD_NUMBERS, LARGE_COLUMNS, Batch, Values
from search.engines.whoosh.storage.blocks import write_postings
from search.engines.whoosh.storage.column_files import ColumnWriter, column_extension, column_types
from search.engines.whoosh.storage.runs import Numbers, Run, merged
from search.engines.whoosh.storage.segment_columns import column_arrays
from search.engines.whoosh.storage.segment_files import SegmentFiles
from search.engines.whoosh.storage.term_files import TermWriter
from search.engines.whoosh.storage.words import word_arrays

#: Batches are put aside on disk when they take more bytes than this.
MEMORY = 96 << 20
#: A smaller segment is one file, which Whoosh copies when it opens it, and a single fsync.
SMALL = 1 << 20
#: Whoosh's columns end at 4 GB; a segment is full when one has half of it.
_FULL = 2 << 30
#: Postings in a piece of a run on disk, and in one of each of all runs in memory.
_PIECE = 1 << 16
_AT_ONCE = 1 << 20
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
        self._files: SegmentFiles | None = None
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
        files = self._files = self._files or SegmentFiles(
            self._directory, self._segment, is_one=is_small
        )
        self._write_columns(files)
        told = _Told()
        self._write_postings(files, told)
        columns = partial(self._written, files)
        arrays = column_arrays(self.count, columns, told.facets, is_one=files.is_one)
        for column in self._columns.values():
            column.finish()
        files.finish({**arrays, **word_arrays(told.words)})
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
        self._files = self._files or SegmentFiles(self._directory, self._segment, is_one=False)
        self._write_columns(self._files)
        if self._runs:
            self._aside.append(_spilled(self._runs, self._directory))
            self._sources.append(_read_back(self._aside[-1]))
            self._runs.clear()
        self._size = 0

    def _write_columns(self, files: SegmentFiles) -> None:
        for name, column in self._types.items():
            if name not in self._columns:
                file = files.create(column_extension(name))
                self._columns[name] = ColumnWriter(file, column)
            for values in self._values:
                self._columns[name].add(values[name])
        self._values.clear()

    def _written(self, files: SegmentFiles, name: str) -> Values:
        """What has been written of a column."""
        column = self._columns[name]
        return Values(column.lengths, files.read(column_extension(name))[: column.size])

    def _write_postings(self, files: SegmentFiles, told: "_Told") -> None:
        terms = TermWriter(files.create(W3Codec.TERMS_EXT))
        posts = files.create(W3Codec.POSTS_EXT)
        size = 0
        for run in merged([*self._sources, *_pieces(self._runs)]):
            written = write_postings(run, size)
            posts.write(written.blocks)
            size += len(written.blocks)
            terms.add(run.keys, written.entries)
            told.add(run)
        terms.finish(FIELD_NUMBERS)


class _Told:
    """What the postings of a segment tell besides, gathered while they are written.

    ``words`` are the terms of title and body with the documents of the field where most have them;
    ``facets`` the values of each field without positions, in order, with the documents.
    """

    def __init__(self) -> None:
        self.words: dict[bytes, int] = {}
        self.facets: dict[str, list[tuple[bytes, Numbers]]] = defaultdict(list)

    def add(self, run: Run) -> None:
        """The next postings; those of a term are never torn apart."""
        for name, number in FIELD_NUMBERS.items():
            prefix, behind = struct.pack("!H", number), struct.pack("!H", number + 1)
            start, end = bisect_left(run.keys, prefix), bisect_left(run.keys, behind)
            if start == end or name == "id":
                continue
            texts = [key[len(prefix) :] for key in run.keys[start:end]]
            counts = run.frequencies[start:end].tolist()
            if name == "body":
                self.words.update(zip(texts, counts, strict=True))
            elif name == "title":  # all bodies were before
                for text, count in zip(texts, counts, strict=True):
                    self.words[text] = max(self.words.get(text, 0), count)
            else:
                (part,) = run.cut((start, end))
                lists = np.split(part.documents, np.cumsum(part.frequencies)[:-1])
                self.facets[name] += zip(texts, lists, strict=True)


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
