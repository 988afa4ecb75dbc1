"""The terms of a field in few bytes, so that a document can be written again as it was.

Terms stand in the order of their first positions, so these grow by 0 or 1 from term to term. Field
by field that is zlib over the terms, a line each, and numbers in planes of equal bytes.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from search.engines.contract import IndexedField
from search.engines.whoosh.storage.spans import unpack_spans

#: Bytes of the terms; numbers of terms, positions, sentences and addresses; length in words.
_HEADER = struct.Struct("<6I")
_LEVEL = 6
_Numbers = npt.NDArray[np.int64]


def pack_field(field: IndexedField) -> bytes:
    """The postings, sentences and addresses of ``field``."""
    postings = sorted(field.postings.items(), key=lambda each: each[1][0])
    terms = "\n".join([term for term, _ in postings]).encode()
    held = [positions for _, positions in postings]
    counts = _array(map(len, held))
    flat = _array(chain.from_iterable(held))
    places = np.diff(flat, prepend=0)
    firsts = _firsts(counts)
    places[firsts] = np.diff(flat[firsts], prepend=0)
    sentences, addresses = _steps(field.sentences), _steps(field.addresses)
    header = _HEADER.pack(
        len(terms), len(counts), len(places), len(sentences), len(addresses), field.length
    )
    numbers = np.concatenate((counts, places, sentences, addresses)).astype("<u4")
    planes = numbers.view(np.uint8).reshape(-1, 4).T.tobytes()
    return zlib.compress(header + terms + planes, _LEVEL)


def unpack_field(packed: bytes, spans: bytes) -> IndexedField:
    """Undo :func:`pack_field`; ``spans`` are the starts and ends, packed."""
    data = zlib.decompress(packed)
    size, *sizes, length = _HEADER.unpack_from(data)
    begin = _HEADER.size + size
    terms = data[_HEADER.size : begin].decode().split("\n") if size else []
    planes = np.frombuffer(data, dtype=np.uint8, offset=begin).reshape(4, -1)
    numbers = np.ascontiguousarray(planes.T).view("<u4").ravel().astype(np.int64)
    counts, places, sentences, addresses = np.split(numbers, np.cumsum(sizes)[:-1])
    starts, ends = unpack_spans(spans)
    return IndexedField(
        _postings(terms, counts, places),
        starts.tolist(),
        ends.tolist(),
        length,
        np.cumsum(sentences).tolist(),
        np.cumsum(addresses).tolist(),
    )


def _postings(terms: Sequence[str], counts: _Numbers, places: _Numbers) -> Mapping[str, list[int]]:
    firsts = _firsts(counts)
    begins = np.cumsum(places[firsts])
    # Sums run over all terms; what each term's own begins at is put right behind them.
    sums = np.cumsum(places)
    flat = (sums - np.repeat(sums[firsts] - begins, counts)).tolist()
    ends = np.cumsum(counts).tolist()
    return {
        term: flat[start:end] for term, start, end in zip(terms, [0, *ends], ends, strict=False)
    }


def _firsts(counts: _Numbers) -> _Numbers:
    """Where the positions of each term begin."""
    return np.cumsum(counts) - counts


def _steps(positions: Sequence[int]) -> _Numbers:
    return np.diff(_array(positions), prepend=0)


def _array(numbers: Iterable[int]) -> _Numbers:
    return np.fromiter(numbers, np.int64)
