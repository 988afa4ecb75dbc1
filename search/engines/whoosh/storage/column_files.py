"""The columns of a segment, read and written as Whoosh has them, many documents at a time."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
from whoosh import columns, fields
from whoosh.codec.whoosh3 import W3Codec

from search.engines.whoosh.storage.batches import STORED, Values
from search.engines.whoosh.storage.runs import Numbers

#: Whoosh stores the place of each value beside its length where documents are more than this.
_MANY = 1 << 15
_CHUNK = 4096
#: What such a file ends with, behind the type of the lengths.
_PLACED = b"IX"


def column_types(schema: fields.Schema) -> dict[str, columns.Column]:
    """The columns of a segment by name; stored fields as the bytes they are pickled to."""
    types = {name: field.column_type for name, field in schema.items() if field.column_type}
    return {**types, STORED: columns.VarBytesColumn()}


def files_of(storage: Any, segment: Any) -> Any:
    """The storage that has the files of a segment under their own names."""
    return segment.open_compound_file(storage) if segment.is_compound() else storage


class ColumnWriter:
    """Writes one column; values of varying length are followed by their lengths."""

    def __init__(self, file: BinaryIO, column: columns.Column) -> None:
        self._file = file
        self._is_varying = isinstance(column, columns.VarBytesColumn)
        self._lengths: list[Numbers] = []
        self.size = 0

    def add(self, values: Values) -> None:
        self._file.write(values.data)
        self.size += len(values.data)
        if self._is_varying:
            self._lengths.append(values.lengths)

    @property
    def lengths(self) -> Numbers:
        """Bytes of each value, where they vary."""
        return np.concatenate([np.empty(0, dtype=np.uint32), *self._lengths])

    def finish(self) -> None:
        if not self._is_varying:
            return
        lengths = self.lengths
        code = _type_code(int(lengths.max(initial=0)))
        self._file.write(lengths.astype(_dtype(code)).tobytes())
        if len(lengths) > _MANY:
            places = np.cumsum(lengths, dtype=np.int64) - lengths
            self._file.write(places.astype(_dtype("I")).tobytes())
            self._file.write(code.encode() + _PLACED)
        else:
            self._file.write(code.encode())


class VaryingColumn:
    """The values of a column of varying length, read one by one."""

    def __init__(self, data: memoryview, count: int) -> None:
        """``data`` are the bytes of its file, ``count`` is how many values it has."""
        codes = bytes(data[-len(_PLACED) - 1 :])
        is_placed = codes.endswith(_PLACED)
        dtype = _dtype(chr(codes[0] if is_placed else codes[-1]))
        end = len(data) - (len(codes) + 4 * count if is_placed else 1)
        lengths = np.frombuffer(data, dtype, count, end - count * dtype.itemsize)
        #: All values, one behind the other, and where each ends.
        self.data = data
        self.ends = np.cumsum(lengths, dtype=np.int64)
        self._ends = self.ends.data  # gives a number in less time than the array does

    def __getitem__(self, number: int) -> bytes:
        start = self._ends[number - 1] if number else 0
        return bytes(self.data[start : self._ends[number]])


def read_columns(
    files: Any, segment: Any, types: Mapping[str, columns.Column], kept: Numbers
) -> Iterator[dict[str, Values]]:
    """The columns of the documents ``kept`` (ascending) of a segment, some at a time.

    ``files`` is the storage that has them.
    """
    documents = segment.codec().per_document_reader(files, segment)
    try:
        cuts = [
            (name, _Cuts(documents.column_reader(name, column), segment.doc_count_all()))
            for name, column in types.items()
        ]
        for start in range(0, len(kept), _CHUNK):
            some = kept[start : start + _CHUNK]
            yield {name: each.read(some) for name, each in cuts}
    finally:
        documents.close()


class _Cuts:
    """Cuts values out of a column of a segment."""

    def __init__(self, reader: Any, count: int) -> None:
        self._file, self._base = reader._dbfile, reader._basepos
        if isinstance(reader, columns.VarBytesColumn.Reader):
            self._default = b""  # of those that have none in the file
            lengths = np.asarray(reader._lengths, dtype=np.int64)
        else:
            # Whoosh's own writer leaves out the default value at the end.
            self._default = reader._defaultbytes
            lengths = np.zeros(count, dtype=np.int64)
            lengths[: reader._count] = reader._fixedlen
        self._bounds = np.concatenate(([0], np.cumsum(lengths)))

    def read(self, numbers: Numbers) -> Values:
        """The values of some documents, whose numbers ascend."""
        pieces = []
        breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
        for some in np.split(numbers, breaks):
            first, last = int(self._bounds[some[0]]), int(self._bounds[some[-1] + 1])
            if last > first:
                pieces.append(self._file.get(self._base + first, last - first))
            if self._default:
                absent = self._bounds[some + 1] == self._bounds[some]
                pieces.append(self._default * int(np.count_nonzero(absent)))
        lengths = self._bounds[numbers + 1] - self._bounds[numbers]
        return Values(lengths.astype(np.uint32), b"".join(pieces))


def _type_code(greatest: int) -> str:
    return "B" if greatest < 1 << 8 else "H" if greatest < 1 << 16 else "I"


def _dtype(code: str) -> np.dtype[Any]:
    return np.dtype(code).newbyteorder(">")


def column_extension(name: str) -> str:
    """What the name of a column's file ends with."""
    return f".{name}{W3Codec.COLUMN_EXT}"
