"""The term index of a segment: Whoosh's hash on disk with keys in order, written in bulk.

A file has a header, keys with their values, 256 hash tables, where those begin, a pickle of facts,
the place of every key, and the length of the last two. What hashes is CRC-32, which Whoosh knows
beside the slower one it takes itself.
"""

import pickle
import struct
from binascii import crc32
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import BinaryIO

import numpy as np

from search.engines.whoosh.storage.runs import Numbers

_HEADER = b"HSH3" + struct.pack("!Bii", 1, 0, 0)
_TABLES = 256
_POINTER = np.dtype([("hash", ">u4"), ("place", ">i8")])
_INDEX_TYPES = {"B": ">u1", "H": ">u2", "i": ">i4", "I": ">u4", "q": ">i8"}
_LENGTHS = 8
_TABLE = np.dtype([("begin", ">i8"), ("slots", ">i4")])


class TermWriter:
    """Writes keys, which must ascend, and their values."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.write(_HEADER)
        self._size = len(_HEADER)
        self._hashes: list[Numbers] = []
        self._places: list[Numbers] = []

    def add(self, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        count = len(keys)
        lengths = np.empty((count, 2), dtype=np.int64)
        lengths[:, 0] = np.fromiter(map(len, keys), np.int64, count)
        lengths[:, 1] = np.fromiter(map(len, values), np.int64, count)
        raw = lengths.astype(">i4").tobytes()
        heads = [raw[i : i + _LENGTHS] for i in range(0, len(raw), _LENGTHS)]
        self._file.write(b"".join(chain.from_iterable(zip(heads, keys, values, strict=True))))
        sizes = lengths.sum(axis=1) + _LENGTHS
        self._places.append(self._size + np.cumsum(sizes) - sizes)
        self._hashes.append(np.fromiter(map(crc32, keys), np.uint32, count))
        self._size += int(sizes.sum())

    def finish(self, fields: Mapping[str, int]) -> None:
        """Write what stands behind the keys; ``fields`` are the numbers that keys begin with."""
        empty = np.empty(0, dtype=np.int64)
        hashes = np.concatenate([empty.astype(np.uint32), *self._hashes])
        places = np.concatenate([empty, *self._places])
        slots = 2 * np.bincount(hashes & (_TABLES - 1), minlength=_TABLES)
        begins = np.cumsum(slots) - slots
        self._file.write(_hash_tables(hashes, places, begins, slots).data)
        tables = np.empty(_TABLES, dtype=_TABLE)
        tables["begin"], tables["slots"] = self._size + begins * _POINTER.itemsize, slots
        self._file.write(tables.tobytes())
        code = "I" if self._size < 1 << 32 else "q"
        facts = {"fieldmap": dict(fields), "indextype": code, "indexlen": len(places)}
        pickled = pickle.dumps(facts, 2)
        index = places.astype(">u4" if code == "I" else ">i8").tobytes()
        self._file.write(pickled + index + struct.pack("!i", len(pickled) + len(index)))


def _hash_tables(hashes: Numbers, places: Numbers, begins: Numbers, slots: Numbers) -> Numbers:
    """All hash tables, end to end; who finds its slot taken goes to the next one of its table."""
    written = np.zeros(int(slots.sum()), dtype=_POINTER)
    tables = (hashes & (_TABLES - 1)).astype(np.int64)
    wanted = (hashes >> 8).astype(np.int64) % np.maximum(slots, 1)[tables]
    apart = 4 * len(hashes) + 1  # so far that no table runs into the next
    order = np.argsort(wanted + tables * apart)
    hashes, places, tables, wanted = hashes[order], places[order], tables[order], wanted[order]
    steps = np.arange(len(order))
    found = np.maximum.accumulate(wanted + tables * apart - steps) + steps - tables * apart
    inside = found < slots[tables]
    at = (begins[tables] + found)[inside]
    written["hash"][at], written["place"][at] = hashes[inside], places[inside]
    for each in np.flatnonzero(~inside).tolist():  # these few go on from the first slot
        slot = int(begins[tables[each]])
        while written["place"][slot]:
            slot += 1
        written[slot] = hashes[each], places[each]
    return written


class TermFile:
    """Reads the keys and values of a term index of ``size`` bytes in order."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        tail = struct.calcsize("!i")
        file.seek(size - tail)
        begin = size - tail - int(struct.unpack("!i", file.read(tail))[0])
        file.seek(begin)
        facts = pickle.load(file)  # noqa: S301, RUF100 - part of an index that is ours
        dtype = np.dtype(_INDEX_TYPES[facts["indextype"]])
        count = facts["indexlen"]
        file.seek(size - tail - count * dtype.itemsize)
        places = np.frombuffer(file.read(count * dtype.itemsize), dtype=dtype)
        file.seek(begin - _TABLES * _TABLE.itemsize)
        end = int(np.frombuffer(file.read(_TABLE.itemsize), dtype=_TABLE)["begin"][0])
        self._bounds = np.append(places.astype(np.int64), end)

    def read(self, chunk: int) -> Iterator[tuple[list[bytes], list[bytes]]]:
        """All keys and values, so many at a time."""
        last = len(self._bounds) - 1
        for start in range(0, last, chunk):
            bounds = self._bounds[start : min(start + chunk, last) + 1]
            self._file.seek(int(bounds[0]))
            data = self._file.read(int(bounds[-1] - bounds[0]))
            places = bounds - bounds[0]
            begins = places[:-1] + _LENGTHS
            rows = np.frombuffer(data, dtype=np.uint8)[places[:-1, None] + np.arange(4)]
            lengths = np.ascontiguousarray(rows).view(">i4").ravel()
            cuts = np.stack((begins, begins + lengths, places[1:]), axis=1).tolist()
            yield [data[a:b] for a, b, _ in cuts], [data[b:c] for _, b, c in cuts]
