"""Phrases over several alternatives per position, without a loop over documents."""

from collections.abc import Sequence

import numpy as np

from search.engines.whoosh.postings import DocumentArray, Postings

# A position and its document in one integer; positions stay far below this.
_SHIFT = 32
NOWHERE: DocumentArray = np.empty(0, dtype=np.int64)
#: Words at most this many positions apart stand near each other.
_NEAR = 8
# Beyond so many places both words are so common that their nearness says nothing.
_MOST_PLACES = 2_000_000


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


def near(first: DocumentArray, second: DocumentArray) -> tuple[DocumentArray, DocumentArray]:
    """Documents in which two words stand near each other, in either order, and how often.

    Takes places as :func:`position_keys` gives them.
    """
    if len(first) > len(second):
        first, second = second, first
    if not len(first) or len(second) > _MOST_PLACES:
        return NOWHERE, NOWHERE
    at = np.searchsorted(second, first)
    after = second[np.minimum(at, len(second) - 1)] - first
    before = first - second[np.maximum(at - 1, 0)]
    close = ((after > 0) & (after <= _NEAR)) | ((before > 0) & (before <= _NEAR))
    documents, counts = np.unique(first[close] >> _SHIFT, return_counts=True)
    return documents, counts


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
    return np.unique(np.concatenate(parts)) if parts else NOWHERE
