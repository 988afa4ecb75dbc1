"""Phrases over several alternatives per position, without a loop over documents."""

from collections.abc import Iterator, Sequence

import numpy as np

from search.engines.whoosh.postings import DocumentArray, Postings

# A position and its document in one integer; positions stay far below this.
_SHIFT = 32
NOWHERE: DocumentArray = np.empty(0, dtype=np.int64)
#: Words at most this many positions apart stand near each other.
_NEAR = 8
# Beyond so many places both words are so common that their nearness says nothing.
_MOST_PLACES = 2_000_000


def phrase_ends(slots: Sequence[Sequence[Postings]], slop: int) -> DocumentArray:
    """The places at which a phrase ends, ascending; decode by :func:`decode`.

    ``slots`` hold the posting lists of each word's alternatives in one field. Each word stands
    after the one before, with at most ``slop`` positions between. The phrases are never listed one
    by one: a repeated word makes too many of them.
    """
    ends = NOWHERE
    for ends in _reached(slots, slop):
        if not len(ends):
            break
    return ends


def phrase_places(slots: Sequence[Sequence[Postings]], slop: int) -> tuple[DocumentArray, ...]:
    """For each slot the places at which it is part of a whole phrase, as :func:`phrase_ends`."""
    reached = list(_reached(slots, slop))
    places = reached[-1:]
    for before in reversed(reached[:-1]):
        # Negated and turned round, what comes before is what comes after.
        left = _within_reach(-before[::-1], -places[0][::-1], slop + 1)
        places.insert(0, -left[::-1])
    return tuple(places)


def _reached(slots: Sequence[Sequence[Postings]], slop: int) -> Iterator[DocumentArray]:
    """For each slot the places that a phrase reaches from its beginning."""
    known: dict[tuple[int, ...], DocumentArray] = {}
    before: DocumentArray | None = None
    for slot in slots:
        same = tuple(map(id, slot))  # a word said again has the same lists
        if same not in known:
            known[same] = position_keys(slot)
        keys = known[same]
        before = keys if before is None else _within_reach(keys, before, slop + 1)
        yield before


def _within_reach(keys: DocumentArray, starts: DocumentArray, most: int) -> DocumentArray:
    """Those of ``keys`` that stand at most ``most`` positions after one of ``starts``."""
    if not len(starts):
        return NOWHERE
    last = np.searchsorted(starts, keys) - 1  # the last start before each key
    return keys[(last >= 0) & (keys - starts[np.maximum(last, 0)] <= most)]


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
