"""Builds a segment from documents, or from segments that are merged.

Documents become batches in any process: columns in their final form, and postings inverted and
sorted. The writer only merges sorted runs, which are spilled to unnamed temporary files.
"""

import contextlib
import pickle
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from search.engines.contract import IndexedDocument
from search.engines.whoosh.segment import SUFFIX, Segment
from search.engines.whoosh.segment.arrays import Array, ArrayWriter
from search.engines.whoosh.segment.doc_values import DocValueBatch
from search.engines.whoosh.segment.inverted_run import Run, invert, merged, offsets_of
from search.engines.whoosh.segment.stored import STORED_COLUMNS, BytesValues, select_values
from search.engines.whoosh.segment.term_dictionary import TermWriter

#: Runs are spilled to disk when they take more bytes than this.
MEMORY = 96 << 20
#: Postings of a piece of a run on disk, and in the pieces of all runs in memory.
_PIECE = 1 << 16
_AT_ONCE = 1 << 20
_BUFFER = 1 << 18
#: Terms, and documents, of a segment that are copied at a time.
_TERMS, _DOCUMENTS = 4096, 4096


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents, numbered from 0, ready to be merged into a segment."""

    doc_values: DocValueBatch
    stored: Mapping[str, BytesValues]
    run: Run

    def __len__(self) -> int:
        return len(self.doc_values.texts["ids"])

    @classmethod
    def of(cls, documents: Sequence[IndexedDocument]) -> "Batch":
        stored = {
            name: BytesValues.of([pack(each) for each in documents])
            for name, pack in STORED_COLUMNS.items()
        }
        return cls(DocValueBatch.of(documents), stored, invert(documents))


def pack_batch(documents: Sequence[IndexedDocument]) -> bytes:
    """Packs documents for :meth:`WhooshWriter.add_packed` of the same version."""
    return pickle.dumps(Batch.of(documents), 5)


def unpack_batch(data: bytes) -> Batch:
    """Undo :func:`pack_batch`."""
    batch: Batch = pickle.loads(data)  # noqa: S301, RUF100 - our own process made it
    return batch


class SegmentBuilder:
    """Collects the documents of a new segment, numbered in the order they are added."""

    def __init__(self, directory: Path, memory: int = MEMORY) -> None:
        self.name = f"MAIN_{secrets.token_hex(8)}"
        self._directory = directory
        self._memory = memory
        self._file = ArrayWriter(directory / f"{self.name}{SUFFIX}")
        self._stored = {name: self._file.stream(name) for name in STORED_COLUMNS}
        self._lengths: dict[str, list[Array]] = {name: [] for name in STORED_COLUMNS}
        self._doc_values: list[DocValueBatch] = []
        self._runs: list[Run] = []
        self._sources: list[Iterator[Run]] = []
        self._aside: list[IO[bytes]] = []
        self._size = 0
        self.count = 0

    def add(self, batch: Batch) -> None:
        """Add the documents of a batch."""
        self._store(batch.stored)
        self._doc_values.append(batch.doc_values)
        self._runs.append(batch.run.moved(self.count))
        self.count += len(batch)
        self._size += batch.run.size
        if self._size > self._memory:
            self._spill()

    def add_segment(self, segment: Segment, alive: Array) -> None:
        """Add the documents of a segment that are ``alive``. Raises CorruptArray."""
        kept = np.flatnonzero(alive)
        for name in STORED_COLUMNS:
            for values in select_values(segment.file, name, kept, _DOCUMENTS):
                self._store({name: values})
        self._doc_values.append(DocValueBatch.of_segment(segment.doc_values, kept))
        self._sources += _pieces(self._runs)
        self._runs.clear()
        numbers = np.where(alive, np.cumsum(alive) - 1 + self.count, -1)
        self._sources.append(run.renumbered(numbers) for run in segment.terms.runs(_TERMS))
        self.count += len(kept)

    def finish(self) -> str:
        """Write the segment, of one document or more; its name."""
        terms = TermWriter(self._file)
        for run in merged([*self._sources, *_pieces(self._runs)]):
            terms.add(run)
        terms.finish()
        starts = {name: offsets_of(np.concatenate(each)) for name, each in self._lengths.items()}
        self._file.update({f"{name}_starts": each.astype("u8") for name, each in starts.items()})
        self._file.update(DocValueBatch.joined(self._doc_values).arrays())
        self._file.finish()
        self.close()
        return self.name

    def close(self) -> None:
        """Closes open files; the caller that made the directory removes it."""
        for file in self._aside:
            file.close()
        self._file.close()

    def _store(self, stored: Mapping[str, BytesValues]) -> None:
        for name, values in stored.items():
            self._stored[name].write(values.data)
            self._lengths[name].append(values.lengths)

    def _spill(self) -> None:
        """Merges runs into pieces in an unnamed temporary file."""
        file = tempfile.TemporaryFile(dir=self._directory, buffering=_BUFFER)  # noqa: SIM115
        self._aside.append(file)
        for run in merged(_pieces(self._runs)):
            for part in run.parts(_PIECE):
                pickle.dump(part, file, 5)
        file.seek(0)
        self._sources.append(_read_back(file))
        self._runs.clear()
        self._size = 0


def _pieces(runs: Sequence[Run]) -> list[Iterator[Run]]:
    """Splits runs so that merging needs at most :data:`_AT_ONCE` postings in memory."""
    return [run.parts(max(_AT_ONCE // len(runs), _PIECE >> 8)) for run in runs]


def _read_back(file: IO[bytes]) -> Iterator[Run]:
    with contextlib.suppress(EOFError):
        while True:
            yield pickle.load(file)  # noqa: S301, RUF100 - written above
