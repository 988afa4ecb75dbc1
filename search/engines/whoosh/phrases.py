"""Phrases over several alternatives per position, without a loop over documents."""

from collections.abc import Sequence

import numpy as np

from search.engines.whoosh.postings import DocumentArray, Postings

# A position and its document in one integer; positions stay far below this.
_SHIFT = 32


def phrase_starts(slots: Sequence[Sequence[Postings]], slop: int) -> tuple[DocumentArray, ...]:
    """Where a phrase stands: for each slot the matched keys, all of equal length.

    ``slots`` hold the posting lists of each word's alternatives in one field. Each word stands
    after the one before, with at most ``slop`` positions between. Decode keys by :func:`decode`.
    """
    keys = [position_keys(slot) for slot in slots]
    chains: list[DocumentArray] = [keys[0]]
    for following in keys[1:]:
        matched: list[tuple[DocumentArray, DocumentArray]] = []
        for distance in range(1, slop + 2):
            wanted = chains[-1] + distance
            found = np.isin(wanted, following, assume_unique=False)
            matched.append((np.flatnonzero(found), wanted[found]))
        rows = np.concatenate([row for row, _ in matched])
        ends = np.concatenate([end for _, end in matched])
        chains = [chain[rows] for chain in chains] + [ends]
    return tuple(chains)


def decode(keys: DocumentArray) -> tuple[DocumentArray, DocumentArray]:
    """Documents and positions of keys."""
    return keys >> _SHIFT, keys & ((1 << _SHIFT) - 1)


def position_keys(alternatives: Sequence[Postings]) -> DocumentArray:
    """Every place of any of ``alternatives``, ascending; decode by :func:`decode`."""
    parts = [
        (np.repeat(each.documents, each.frequencies) << _SHIFT) | each.positions.astype(np.int64)
        for each in alternatives
        if len(each.documents)
    ]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
