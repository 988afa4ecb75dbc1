"""The terms of a segment, found in its files as they are mapped into memory.

Whoosh's own reader seeks and reads, a dozen times for each term, which threads must not share. Here
nothing moves, so every thread may look things up at once.
"""

import mmap
import os
import struct
from binascii import crc32
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from whoosh.codec.whoosh3 import W3TermsReader
from whoosh.filedb.structfile import BufferFile

from search.engines.whoosh.native.lists import SegmentFiles
from search.engines.whoosh.postings.decoding import (
    decoded_blocks,
    decoded_entry,
)
from search.engines.whoosh.postings.postings import Postings
from search.engines.whoosh.storage.layout import NUMBERS, read_blocks, read_inlined
from search.engines.whoosh.storage.runs import Numbers

_LENGTHS = struct.Struct("!ii")
_SLOT = struct.Struct("!Iq")
_FIELD = struct.Struct("!H")
#: Of a term's facts: do its postings stand here, (weight,) documents.
_FACTS = struct.Struct("!?4xI")
#: Bytes of the others: lengths, greatest weight, least and greatest document.
_OTHER_FACTS = struct.calcsize("!BBfII")
_START = struct.Struct("!q")
_INDEX_TYPES = {"B": "!B", "H": "!H", "i": "!i", "I": "!I", "q": "!q"}


class Entry(NamedTuple):
    """A term of a segment: the documents that hold it, and where their list begins in the file.

    A list that is ``inlined`` stands here and nowhere in the file.
    """

    text: bytes
    documents: int
    start: int = 0
    inlined: bytes = b""


class Dictionary:
    """The terms of one segment by field and text."""

    def __init__(self, terms: W3TermsReader) -> None:
        table = terms._tindex
        self._terms = _mapped(table.dbfile)
        self._lists = _mapped(terms._postfile)
        self._numbers: dict[str, int] = dict(terms._fieldmap)
        self._fields = {name: _FIELD.pack(each) for name, each in self._numbers.items()}
        self._tables = table.tables
        self._end = table.endofdata
        self._index = _Index(self._terms, table)

    def files(self, base: int) -> SegmentFiles:
        """The same for the compiled library; ``base`` is the segment's first document."""
        title, body = (self._numbers.get(each, -1) for each in ("title", "body"))
        return SegmentFiles(self._terms, self._lists, self._tables, base, (title, body), NUMBERS)

    def find(self, field: str, text: bytes) -> Entry | None:
        """The entry of a term, None if the segment does not have it."""
        number = self._fields.get(field)
        if number is None:
            return None
        key = number + text
        hashed = crc32(key)
        start, slots = self._tables[hashed & 255]
        data = self._terms
        at = (hashed >> 8) % slots if slots else 0
        for _ in range(slots):
            found, place = _SLOT.unpack_from(data, start + at * _SLOT.size)
            if not place:
                return None
            if found == hashed:
                size, length = _LENGTHS.unpack_from(data, place)
                begin = place + _LENGTHS.size
                if data[begin : begin + size] == key:
                    return self._entry(text, begin + size, length)
            at = (at + 1) % slots
        return None

    def beginning(self, field: str, begin: bytes) -> Iterator[Entry]:
        """The entries of a field that begin so, in order."""
        number = self._fields.get(field)
        if number is None:
            return
        key = number + begin
        place = self._index.closest(key)
        data = self._terms
        while place < self._end:
            size, length = _LENGTHS.unpack_from(data, place)
            place += _LENGTHS.size
            found = data[place : place + size]
            if not found.startswith(key):
                return
            place += size
            yield self._entry(found[_FIELD.size :], place, length)
            place += length

    def postings(self, entry: Entry, base: int = 0) -> Iterable[Postings]:
        """The postings of a term, of whose segment ``base`` is the first document."""
        if entry.inlined:
            return (decoded_entry(entry.inlined, entry.documents, base),)
        return decoded_blocks(self._lists, entry.start, base)

    def documents(self, entries: Sequence[Entry]) -> Numbers:
        """The documents that hold any of many terms, in no order and not each once."""
        few: list[int] = []
        parts: list[Numbers] = []
        for each in entries:
            if each.inlined:
                few += read_inlined(each.inlined, each.documents).documents
            else:
                found = read_blocks(self._lists, each.start)
                parts += [block.deltas.cumsum(dtype=np.int64) for block in found]
        return np.concatenate((np.array(few, dtype=np.int64), *parts))

    def _entry(self, text: bytes, at: int, length: int) -> Entry:
        is_inlined, documents = _FACTS.unpack_from(self._terms, at)
        begin = at + _FACTS.size + _OTHER_FACTS
        if is_inlined:
            return Entry(text, documents, inlined=self._terms[begin : at + length])
        (start,) = _START.unpack_from(self._terms, begin)
        return Entry(text, documents, start)


class _Index:
    """The places of all keys, in order."""

    def __init__(self, data: bytes | mmap.mmap, table: Any) -> None:
        self._data = data
        self._place = struct.Struct(_INDEX_TYPES[table.extras["indextype"]])
        self._base, self._count = table.indexbase, table.indexlen
        self._end = table.endofdata

    def __len__(self) -> int:
        return int(self._count)

    def __getitem__(self, at: int) -> bytes:
        place = self._at(at)
        size, _ = _LENGTHS.unpack_from(self._data, place)
        place += _LENGTHS.size
        return self._data[place : place + size]

    def closest(self, key: bytes) -> int:
        """Where the first key stands that is not before ``key``; behind the last, the end."""
        at = bisect_left(self, key)
        return self._at(at) if at < len(self) else int(self._end)

    def _at(self, at: int) -> int:
        (place,) = self._place.unpack_from(self._data, self._base + at * self._place.size)
        return int(place)


def _mapped(file: Any) -> bytes | mmap.mmap:
    if isinstance(file, BufferFile):  # of a small segment, all of which is one file
        return bytes(file._buf)
    number = file.fileno()
    size = os.fstat(number).st_size
    return mmap.mmap(number, 0, access=mmap.ACCESS_READ) if size else b""
