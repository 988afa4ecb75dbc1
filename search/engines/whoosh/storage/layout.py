"""How postings lie in the files, in blocks or in the entry of their term, and reading them.

Whoosh reads the same bytes as pickles, see :mod:`search.engines.whoosh.packed`. They are laid out
so that every number has its fixed place, but for strings of bytes with their lengths.
"""

import struct
from collections.abc import Iterator
from mmap import mmap
from typing import NamedTuple

import numpy as np

from search.engines.whoosh.packed import read_block
from search.engines.whoosh.storage.runs import Numbers

#: Beginning of a list; of each block a length (negative for the last one), facts and the pickle.
MAGIC = b"W3Bl"
#: Facts: postings, last document, greatest weight; 0 for "not compressed" and for lengths.
FACTS = b"\x80\x02(J\0\0\0\0J\0\0\0\0G\0\0\0\0\0\0\0\0K\x00K\x00K\x00t."
HEAD = b"\x80\x04c" + f"{read_block.__module__}\nread_block\n(".encode()
_LENGTH = struct.Struct("!i")
_SIZE = struct.Struct("<I")
_POSITION = struct.Struct("=I")
#: Where the numbers begin behind the beginning of a block.
NUMBERS = _LENGTH.size + len(FACTS) + len(HEAD)
#: The pickle's opcode for bytes whose length is one byte.
_SHORT = ord("C")
#: Of postings in the entry of their term: the beginning, what stands between documents, weights
#: and positions, and the end. A document takes five bytes and a weight two.
INLINED_START, INLINED_NEXT, INLINED_END = b"\x80\x03(", b"t(", b"t\x87."
_DOCUMENT_AND_WEIGHT = 5 + 2
_DTYPES = {ord(code): np.dtype(code) for code in "BHI"}
_NONE: Numbers = np.empty(0, dtype=np.uint8)


class Block(NamedTuple):
    """The numbers of a block as they are in the file.

    ``deltas`` are differences of ascending document numbers, the first from 0; a document has
    ``counts`` positions, of which ``early`` are at the beginning of the text; ``positions`` are
    flat. Lists of values have only documents.
    """

    deltas: Numbers
    counts: Numbers = _NONE
    early: Numbers = _NONE
    positions: Numbers = _NONE


class Inlined(NamedTuple):
    """The postings in the entry of a term, each with as many ``positions``, which are flat."""

    documents: tuple[int, ...]
    positions: tuple[int, ...]


def sized(data: bytes) -> bytes:
    """Bytes as a pickle has them."""
    size = len(data)
    return (bytes((_SHORT, size)) if size < 256 else b"B" + _SIZE.pack(size)) + data


def read_blocks(data: bytes | mmap, at: int) -> Iterator[Block]:
    """The blocks of the list that begins at byte ``at``; their numbers stay where they are."""
    at += len(MAGIC)
    length = 0
    while length >= 0:
        (length,) = _LENGTH.unpack_from(data, at)
        yield _block(data, at + NUMBERS)
        at += _LENGTH.size + abs(length)


def _block(data: bytes | mmap, at: int) -> Block:
    """The block whose types and numbers stand from byte ``at`` on."""
    types = data[at + 2 : at + 2 + data[at + 1]]
    at += 2 + len(types)
    if len(types) > 1:  # the second is that of counts; how many are early takes a byte each
        types = types[:2] + b"B" + types[2:]
    parts = []
    for code in types:
        if data[at] == _SHORT:
            size = data[at + 1]
            at += 2
        else:
            (size,) = _SIZE.unpack_from(data, at + 1)
            at += 1 + _SIZE.size
        dtype = _DTYPES[code]
        parts.append(np.frombuffer(data, dtype, size // dtype.itemsize, at))
        at += size
    return Block(*parts)


def read_inlined(data: bytes, postings: int) -> Inlined:
    """So many ``postings``, which stand in the entry of their term."""
    at = len(INLINED_START)
    documents = struct.unpack_from("<" + "xi" * postings, data, len(INLINED_START))
    at = len(INLINED_START) + postings * _DOCUMENT_AND_WEIGHT + 2 * len(INLINED_NEXT)
    count = data[at + 1] // _POSITION.size
    return Inlined(documents, struct.unpack_from("=" + f"2x{count}I" * postings, data, at))
