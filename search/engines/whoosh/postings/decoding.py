"""Decoding posting lists in bulk.

Whoosh's matchers step through postings one at a time in Python. Its blocks hold the same data as
tuples, or as views of bytes where :mod:`search.engines.whoosh.storage.blocks` packed them, which
become numpy arrays at once.
"""

import pickle
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.packed import EARLY_POSITIONS, PackedPositions

Numbers = npt.NDArray[Any]

_MAGIC = 4
_LENGTH = struct.Struct("!i")
_STOP = ord(".")
#: Opcodes that may stand in the pickle of a block's numbers → bytes of their argument.
_ARGUMENTS = {
    ord("\x80"): 1,  # protocol
    ord("\x95"): 8,  # frame
    ord("\x94"): 0,  # memoize
    ord("("): 0,
    ord("t"): 0,
    ord("q"): 1,
    ord("N"): 0,
    ord("K"): 1,
    ord("M"): 2,
    ord("J"): 4,
    ord("G"): 8,
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Some postings: ascending ``documents`` of one segment and the positions of each.

    Of the ``frequencies`` positions of a document ``early`` are at the beginning of its text;
    ``positions`` are flat.
    """

    documents: Numbers
    frequencies: Numbers
    early: Numbers
    positions: Numbers


def decoded_blocks(data: bytes) -> Iterator[Decoded]:
    """The blocks of a whole posting list as it is in the file."""
    at, length = _MAGIC, 0
    while length >= 0:
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        end = at + abs(length)
        yield _block(data, at, end)
        at = end


def decoded_entry(data: bytes) -> Decoded:
    """Postings that stand in the entry of their term."""
    ids, weights, values = pickle.loads(data)  # noqa: S301 - the index is our own
    return _decoded(np.array(ids, dtype=np.int64), weights, values)


def entry_documents(data: bytes) -> Sequence[int]:
    """Only the documents of postings that stand in the entry of their term."""
    documents: Sequence[int] = pickle.loads(data)[0]  # noqa: S301 - the index is our own
    return documents


def stepped(matcher: Any) -> Decoded:
    """The same through Whoosh's public interface: slower, for posting lists without blocks."""
    ids, weights, values = [], [], []
    while matcher.is_active():
        ids.append(matcher.id())
        weights.append(matcher.weight())
        values.append(matcher.value() or b"")
        matcher.next()
    return _decoded(np.array(ids, dtype=np.int64), weights, values)


def _block(data: bytes, at: int, end: int) -> Decoded:
    begin = _behind_pickle(data, at)
    compression = pickle.loads(data[at:begin])[3]  # noqa: S301 - the index is our own
    held = memoryview(data)[begin:end]
    ids, weights, values = pickle.loads(zlib.decompress(held) if compression else held)  # noqa: S301
    return _decoded(_numbers(ids).cumsum(dtype=np.int64), weights, values)


def _decoded(documents: Numbers, weights: Any, values: Any) -> Decoded:
    if isinstance(values, PackedPositions):
        return Decoded(documents, values.counts, values.early, values.positions)
    if weights is None or isinstance(weights, float):
        counts: Numbers = np.full(len(documents), int(weights or 1), dtype=np.int64)
    else:
        counts = _numbers(weights).astype(np.int64)
    positions = np.frombuffer(b"".join(values or ()), dtype=np.uint32)
    if not len(positions):
        return Decoded(documents, counts, np.zeros(len(documents), dtype=np.uint8), positions)
    starts = np.cumsum(counts) - counts
    early = np.add.reduceat(positions < EARLY_POSITIONS, starts, dtype=np.int64)
    return Decoded(documents, counts, early, positions)


def _numbers(held: Any) -> Numbers:
    if isinstance(held, memoryview):
        return np.frombuffer(held, dtype=held.format)
    return np.array(held)


def _behind_pickle(data: bytes, at: int) -> int:
    """Where the pickle of a tuple of numbers ends that begins at ``at``."""
    while data[at] != _STOP:
        at += 1 + _ARGUMENTS[data[at]]
    return at + 1
