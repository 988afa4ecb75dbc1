"""Decoding posting lists in bulk.

Whoosh's matchers step through postings one at a time in Python; the blocks that
:mod:`search.engines.whoosh.storage.blocks` writes become numpy arrays at once.
"""

import pickle
from collections.abc import Iterator, Sequence
from mmap import mmap
from typing import Any

import numpy as np

from search.engines.whoosh.postings.postings import Postings
from search.engines.whoosh.storage.layout import read_blocks


def decoded_blocks(data: bytes | mmap, at: int, base: int) -> Iterator[Postings]:
    """The blocks of a whole posting list, which begins at byte ``at``.

    ``base`` is the number of the segment's first document.
    """
    for deltas, counts, early, positions in read_blocks(data, at):
        documents = deltas.cumsum(dtype=np.int64)
        if base:
            documents += base
        yield Postings(documents, counts, early, positions)


def decoded_entry(data: bytes, base: int) -> Postings:
    """Postings that stand in the entry of their term; all have equally many positions."""
    ids, weights, values = pickle.loads(data)  # noqa: S301 - the index is our own
    return _decoded(ids, weights, values, base)


def entry_documents(data: bytes) -> Sequence[int]:
    """Only the documents of postings that stand in the entry of their term."""
    documents: Sequence[int] = pickle.loads(data)[0]  # noqa: S301 - the index is our own
    return documents


def stepped(matcher: Any, base: int) -> Postings:
    """The same through Whoosh's public interface: slower, for posting lists without blocks."""
    ids, weights, values = [], [], []
    while matcher.is_active():
        ids.append(matcher.id())
        weights.append(int(matcher.weight()))
        values.append(matcher.value() or b"")
        matcher.next()
    return _decoded(ids, weights, values, base)


def _decoded(
    ids: Sequence[int], weights: Sequence[int], values: Sequence[bytes], base: int
) -> Postings:
    documents, counts = np.array(ids, dtype=np.int64), np.array(weights, dtype=np.int64)
    documents += base
    return Postings.of(documents, counts, np.frombuffer(b"".join(values), dtype=np.uint32))
