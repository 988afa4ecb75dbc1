"""Posting lists as Whoosh 2.7.4 reads them, made for thousands of terms at a time.

Whoosh pickles a block of postings as a tuple: differences of document numbers, weights, values.
Here the first two are views of bytes and the values a
:class:`~search.engines.whoosh.packed.PackedPositions`, so that a block of any length decodes in
one go and nothing need be compressed. Few postings of equal weight stand in the term's entry,
where Whoosh looks for "inlined" ones, and need no block.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from search.engines.whoosh.packed import EARLY_POSITIONS
from search.engines.whoosh.storage.layout import (
    FACTS,
    HEAD,
    INLINED_END,
    INLINED_NEXT,
    INLINED_START,
    MAGIC,
    read_blocks,
    sized,
)
from search.engines.whoosh.storage.runs import Numbers, Run

#: Postings of a block. Whoosh takes 128; what a block costs to open is then most of reading it.
BLOCK = 1 << 16
#: A term with no more postings, of one weight, has them in its entry.
_MOST_INLINED = 4
_MOST_INLINED_POSITIONS = 60
#: Whoosh's entry of a term: flag, weight, documents, lengths (unknown), greatest weight, first and
#: last document; then a pickle of the postings or where they stand.
_ENTRY = struct.Struct("!BfIBBfII")
_EXTENT = struct.Struct("!qi")
#: Bytes of an inlined entry besides its postings, and of each of these without its positions.
_LEAST = _ENTRY.size + 3 + 2 + 2 + 3
_EACH = 5 + 2 + 2
_CODES = "BHI"


@dataclass(frozen=True, slots=True)
class Written:
    """``entries`` of the terms of a run, and the bytes of their blocks."""

    entries: list[bytes]
    blocks: bytes


def write_postings(run: Run, start: int) -> Written:
    """The postings of a run whose blocks will stand from byte ``start`` of their file on."""
    facts = _Facts.of(run)
    entries: list[bytes] = [b""] * len(run.keys)
    is_inlined = facts.is_inlined
    for postings, count in facts.patterns():
        at = np.flatnonzero(is_inlined & (facts.lengths == postings) & (facts.most == count))
        _scatter(entries, at, _inlined(run, facts, at, postings, count))
    at = np.flatnonzero(~is_inlined)
    if not len(at):
        return Written(entries, b"")
    pieces = list(_blocks(run, facts, at))
    sizes = np.fromiter((len(piece) for piece, _ in pieces), np.int64, len(pieces))
    owners = np.fromiter((owner for _, owner in pieces), np.int64, len(pieces))
    lengths = np.bincount(owners, weights=sizes, minlength=len(at)).astype(np.int64)
    _scatter(entries, at, _extents(run, facts, at, start, lengths))
    return Written(entries, b"".join(piece for piece, _ in pieces))


@dataclass(frozen=True, slots=True)
class _Facts:
    """Of each term of a run: postings, where they and their positions begin, weights."""

    lengths: Numbers
    bounds: Numbers
    places: Numbers  # of each posting
    most: Numbers
    is_inlined: Numbers

    @classmethod
    def of(cls, run: Run) -> "_Facts":
        lengths = run.frequencies.astype(np.int64)
        bounds = np.concatenate(([0], np.cumsum(lengths)))
        places = np.concatenate(([0], np.cumsum(run.counts, dtype=np.int64)))
        most = np.maximum.reduceat(run.counts, bounds[:-1])
        is_even = np.minimum.reduceat(run.counts, bounds[:-1]) == most
        few = (lengths <= _MOST_INLINED) & (most <= _MOST_INLINED_POSITIONS)
        return cls(lengths, bounds, places, most, is_even & few)

    def patterns(self) -> Sequence[tuple[int, int]]:
        """Postings and positions of each, as the inlined terms have them."""
        codes = np.unique(self.lengths[self.is_inlined] * 256 + self.most[self.is_inlined])
        return [divmod(code, 256) for code in codes.tolist()]


def _scatter(entries: list[bytes], at: Numbers, data: Numbers) -> None:
    """Put the rows of ``data`` in their places among the entries."""
    raw, size = data.tobytes(), data.shape[1]
    for i, place in enumerate(at.tolist()):
        entries[place] = raw[i * size : i * size + size]


def _rows(template: bytes, count: int) -> Numbers:
    """``count`` rows of bytes that are all like ``template``."""
    return np.tile(np.frombuffer(template, dtype=np.uint8), (count, 1))


def _fill(rows: Numbers, at: int, numbers: Numbers, dtype: str) -> None:
    """Write a number, or a row of them, into each row from byte ``at`` on."""
    data = np.ascontiguousarray(numbers, dtype=dtype).view(np.uint8).reshape(len(rows), -1)
    rows[:, at : at + data.shape[1]] = data


def _inlined(run: Run, facts: _Facts, at: Numbers, postings: int, count: int) -> Numbers:
    """Entries of terms that have so many postings, with so many positions each."""
    weight = max(count, 1)
    entry = _ENTRY.pack(1, postings * weight, postings, 0, 0, weight, 0, 0)
    ids = b"J\0\0\0\0" * postings
    weights = bytes((ord("K"), weight)) * postings
    value = sized(bytes(4 * count))
    pickled = (
        INLINED_START,
        ids,
        INLINED_NEXT,
        weights,
        INLINED_NEXT,
        value * postings,
        INLINED_END,
    )
    rows = _rows(entry + b"".join(pickled), len(at))
    starts = facts.bounds[:-1][at]
    _fill(rows, _ENTRY.size - 8, run.documents[starts], ">u4")
    _fill(rows, _ENTRY.size - 4, run.documents[starts + postings - 1], ">u4")
    values = len(entry) + 3 + len(ids) + 2 + len(weights) + 2
    for i in range(postings):
        _fill(rows, len(entry) + 3 + 5 * i + 1, run.documents[starts + i], "<i4")
        if count:
            places = facts.places[starts + i][:, None] + np.arange(count)
            _fill(rows, values + len(value) * i + 2, run.positions[places], "=u4")
    return rows


def _extents(run: Run, facts: _Facts, at: Numbers, start: int, lengths: Numbers) -> Numbers:
    """Entries of terms whose blocks have ``lengths`` in bytes."""
    rows = _rows(bytes(_ENTRY.size + _EXTENT.size), len(at))
    firsts, lasts = facts.bounds[:-1][at], facts.bounds[1:][at] - 1
    weights = facts.places[lasts + 1] - facts.places[firsts]
    _fill(rows, 1, np.where(weights > 0, weights, facts.lengths[at]), ">f4")
    _fill(rows, 5, facts.lengths[at], ">u4")
    _fill(rows, 11, np.maximum(facts.most[at], 1), ">f4")
    _fill(rows, 15, run.documents[firsts], ">u4")
    _fill(rows, 19, run.documents[lasts], ">u4")
    _fill(rows, _ENTRY.size, start + np.cumsum(lengths) - lengths, ">i8")
    _fill(rows, _ENTRY.size + 8, lengths, ">i4")
    return rows


def _blocks(run: Run, facts: _Facts, at: Numbers) -> Iterator[tuple[bytes, int]]:
    """The blocks of the terms ``at``, each with its term's place in ``at``."""
    numbers = -(-facts.lengths[at] // BLOCK)  # of each term
    owners = np.repeat(np.arange(len(at)), numbers)
    nth = np.arange(len(owners)) - np.repeat(np.cumsum(numbers) - numbers, numbers)
    starts = facts.bounds[:-1][at][owners] + nth * BLOCK
    ends = np.minimum(starts + BLOCK, facts.bounds[1:][at][owners])
    pools = _Pools.of(run, facts, starts)
    is_last = nth + 1 == numbers[owners]
    most = _over(np.maximum, run.counts, starts, ends)
    heads = _heads(starts, ends, run.documents[ends - 1], np.maximum(most, 1))
    types = [
        _widths(_over(np.maximum, pools.deltas[-1], starts, ends)),
        _widths(most),
        _widths(_over(np.maximum, run.positions, facts.places[starts], facts.places[ends])),
    ]
    rows = zip(
        heads,
        starts.tolist(),
        ends.tolist(),
        facts.places[starts].tolist(),
        facts.places[ends].tolist(),
        *types,
        owners.tolist(),
        is_last.tolist(),
        nth.tolist(),
        strict=True,
    )
    for head, start, end, begin, stop, delta, count, position, owner, last, part in rows:
        data = pools.pickled(start, end, begin, stop, (delta, count, position))
        size = len(head) + len(data)
        length = struct.pack("!i", -size if last else size)
        yield (b"" if part else MAGIC) + length + head + data, owner


def _heads(starts: Numbers, ends: Numbers, lasts: Numbers, most: Numbers) -> list[bytes]:
    """What Whoosh reads of each block before it reads the block."""
    rows = _rows(FACTS, len(starts))
    _fill(rows, 4, ends - starts, "<i4")
    _fill(rows, 9, lasts, "<i4")
    _fill(rows, 14, most, ">f8")
    raw, size = rows.tobytes(), len(FACTS)
    return [raw[i : i + size] for i in range(0, len(raw), size)]


@dataclass(frozen=True, slots=True)
class _Pools:
    """Numbers of all postings in each of the three widths, to cut blocks from."""

    deltas: tuple[Numbers, ...]
    counts: tuple[Numbers, ...]
    positions: tuple[Numbers, ...]
    early: Numbers

    @classmethod
    def of(cls, run: Run, facts: _Facts, starts: Numbers) -> "_Pools":
        """Differences of document numbers begin anew with each of the blocks at ``starts``."""
        deltas = np.diff(run.documents, prepend=np.uint32(0))
        deltas[starts] = run.documents[starts]
        early = _early(run.positions, facts.places)
        return cls(_widened(deltas), _widened(run.counts), _widened(run.positions), early)

    def pickled(
        self, start: int, end: int, begin: int, stop: int, widths: tuple[int, int, int]
    ) -> bytes:
        """The pickle of postings start to end, whose positions are begin to stop."""
        delta, count, position = widths
        deltas = self.deltas[delta][start:end].tobytes()
        if begin == stop:
            return b"".join((HEAD, _text(_CODES[delta]), sized(deltas), b"tR."))
        return b"".join(
            (
                HEAD,
                _text(_CODES[delta] + _CODES[count] + _CODES[position]),
                sized(deltas),
                sized(self.counts[count][start:end].tobytes()),
                sized(self.early[start:end].tobytes()),
                sized(self.positions[position][begin:stop].tobytes()),
                b"tR.",
            )
        )


def _early(positions: Numbers, places: Numbers) -> Numbers:
    """Of the positions of each posting, how many are at the beginning of the text."""
    sums = np.concatenate(([0], np.cumsum(positions < EARLY_POSITIONS)))
    return (sums[places[1:]] - sums[places[:-1]]).astype(np.uint8)


def _over(ufunc: Any, data: Numbers, starts: Numbers, ends: Numbers) -> Numbers:
    """``ufunc`` over each stretch of ``data``, none of which overlap; 0 over an empty one."""
    results = np.zeros(len(starts), dtype=np.int64)
    some = starts < ends
    if some.any():
        edges = np.stack((starts[some], ends[some]), axis=1).ravel()
        results[some] = ufunc.reduceat(np.append(data, data.dtype.type(0)), edges)[::2]
    return results


def _widths(greatest: Numbers) -> list[int]:
    """Which of the three widths the numbers up to these need."""
    widths: list[int] = np.searchsorted([1 << 8, 1 << 16], greatest, side="right").tolist()
    return widths


def _widened(numbers: Numbers) -> tuple[Numbers, ...]:
    return numbers.astype(np.uint8), numbers.astype(np.uint16), numbers.astype(np.uint32)


def _text(types: str) -> bytes:
    return b"\x8c" + bytes((len(types),)) + types.encode()


def read_run(keys: list[bytes], entries: Sequence[bytes], read: Callable[[int, int], bytes]) -> Run:
    """The postings of terms with these entries.

    ``read`` gives bytes of the file of blocks: from where, how many.
    """
    sizes = np.fromiter(map(len, entries), np.int64, len(entries))
    starts = np.cumsum(sizes) - sizes
    data = np.frombuffer(b"".join(entries), dtype=np.uint8)
    frequencies = _column(data, starts + 5, ">u4").astype(np.int64)
    is_inlined = data[starts] == 1
    # What remains of an inlined entry without its heads says how many positions it has.
    counts = np.where(is_inlined, ((sizes - _LEAST) // frequencies - _EACH) // 4, 0)
    blocks = {
        at: list(_read_blocks(entries[at], read)) for at in np.flatnonzero(~is_inlined).tolist()
    }
    held = frequencies * counts
    for at, parts in blocks.items():
        held[at] = sum(len(positions) for _, _, positions in parts)
    bounds, places = np.cumsum(frequencies) - frequencies, np.cumsum(held) - held
    run = Run(
        keys,
        frequencies.astype(np.uint32),
        np.empty(int(frequencies.sum()), dtype=np.uint32),
        np.repeat(counts, frequencies).astype(np.uint32),
        np.empty(int(held.sum()), dtype=np.uint32),
    )
    for at, parts in blocks.items():
        posting, place = int(bounds[at]), int(places[at])
        for documents, each, positions in parts:
            run.documents[posting : posting + len(documents)] = documents
            run.counts[posting : posting + len(documents)] = each
            run.positions[place : place + len(positions)] = positions
            posting, place = posting + len(documents), place + len(positions)
    codes = frequencies * 256 + counts
    for code in np.unique(codes[is_inlined]).tolist():
        postings, count = divmod(code, 256)
        some = np.flatnonzero(is_inlined & (codes == code))
        values = starts[some] + _ENTRY.size + 3 + 7 * postings + 4
        for i in range(postings):
            documents = _column(data, starts[some] + _ENTRY.size + 4 + 5 * i, "<u4")
            run.documents[bounds[some] + i] = documents
            for j in range(count):
                positions = _column(data, values + (2 + 4 * count) * i + 2 + 4 * j, "=u4")
                run.positions[places[some] + count * i + j] = positions
    return run


def _column(data: Numbers, places: Numbers, dtype: str) -> Numbers:
    """The numbers of four bytes at these places."""
    return np.ascontiguousarray(data[places[:, None] + np.arange(4)]).view(dtype).ravel()


def _read_blocks(
    entry: bytes, read: Callable[[int, int], bytes]
) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
    """Documents, counts and positions of a term with this entry, block by block."""
    offset, length = _EXTENT.unpack_from(entry, _ENTRY.size)
    for block in read_blocks(read(offset, length), 0):
        documents = np.cumsum(block.deltas, dtype=np.uint32)
        counts = block.counts if len(block.counts) else np.zeros(len(documents), dtype=np.uint32)
        yield documents, counts, block.positions
