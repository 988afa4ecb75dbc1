"""Decoding posting lists in bulk.

Whoosh's matchers step through postings one at a time in Python; the blocks that
:mod:`search.engines.whoosh.storage.blocks` writes become numpy arrays at once.
"""

from collections.abc import Iterator
from mmap import mmap
from typing import Any

import numpy as np

from search.engines.whoosh.packed import EARLY_POSITIONS
from search.engines.whoosh.postings.postings import Postings
from search.engines.whoosh.storage.layout import read_blocks, read_inlined


def decoded_blocks(data: bytes | mmap, at: int, base: int) -> Iterator[Postings]:
    """The blocks of a whole posting list, which begins at byte ``at``.

    ``base`` is the number of the segment's first document.
    """
    for deltas, counts, early, positions in read_blocks(data, at):
        documents = deltas.cumsum(dtype=np.int64)
        if base:
            documents += base
        yield Postings(documents, counts, early, positions)


def decoded_entry(data: bytes, postings: int, base: int) -> Postings:
    """So many ``postings``, which stand in the entry of their term."""
    ids, flat = read_inlined(data, postings)
    count = len(flat) // postings
    early = [
        sum(each < EARLY_POSITIONS for each in flat[count * i : count * i + count])
        for i in range(postings)
    ]
    return Postings(
        np.array(ids, dtype=np.int64) + base,
        np.full(postings, max(count, 1), dtype=np.uint8),
        np.array(early, dtype=np.uint8),
        np.array(flat, dtype=np.uint32),
    )


def stepped(matcher: Any, base: int) -> Postings:
    """The same through Whoosh's public interface: slower, for posting lists without blocks."""
    ids, weights, values = [], [], []
    while matcher.is_active():
        ids.append(matcher.id())
        weights.append(int(matcher.weight()))
        values.append(matcher.value() or b"")
        matcher.next()
    documents, counts = np.array(ids, dtype=np.int64) + base, np.array(weights, dtype=np.int64)
    return Postings.of(documents, counts, np.frombuffer(b"".join(values), dtype=np.uint32))
