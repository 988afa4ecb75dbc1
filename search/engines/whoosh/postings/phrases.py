"""Phrases over several alternatives per position, without a loop over documents."""

from collections.abc import Iterator, Sequence

import numpy as np

from search.engines.whoosh.postings.postings import DocumentArray, Postings

# A position and its document in one integer; positions stay far below this.
SHIFT = 32
NOWHERE: DocumentArray = np.empty(0, dtype=np.int64)


def phrase_ends(words: Sequence[DocumentArray], slop: int) -> DocumentArray:
    """The places at which a phrase ends, ascending; decode by :func:`decode`.

    ``words`` are the places of each word in one field, as :func:`position_keys` gives them. Each
    word stands after the one before, with at most ``slop`` positions between. The phrases are never
    listed one by one: a repeated word makes too many of them.
    """
    ends = NOWHERE
    for ends in _reached(words, slop):
        if not len(ends):
            break
    return ends


def phrase_places(words: Sequence[DocumentArray], slop: int) -> tuple[DocumentArray, ...]:
    """For each word the places at which it is part of a whole phrase, as :func:`phrase_ends`."""
    reached = list(_reached(words, slop))
    places = reached[-1:]
    for before in reversed(reached[:-1]):
        # Negated and turned round, what comes before is what comes after.
        left = _within_reach(-before[::-1], -places[0][::-1], slop + 1)
        places.insert(0, -left[::-1])
    return tuple(places)


def _reached(words: Sequence[DocumentArray], slop: int) -> Iterator[DocumentArray]:
    """For each word the places that a phrase reaches from its beginning."""
    before: DocumentArray | None = None
    for keys in words:
        before = keys if before is None else _within_reach(keys, before, slop + 1)
        yield before


def _within_reach(keys: DocumentArray, starts: DocumentArray, most: int) -> DocumentArray:
    """Those of ``keys`` that stand at most ``most`` positions after one of ``starts``."""
    if not len(starts):
        return NOWHERE
    last = np.searchsorted(starts, keys) - 1  # the last start before each key
    return keys[(last >= 0) & (keys - starts[np.maximum(last, 0)] <= most)]


def decode(keys: DocumentArray) -> tuple[DocumentArray, DocumentArray]:
    """Documents and positions of keys."""
    return keys >> SHIFT, keys & ((1 << SHIFT) - 1)


def position_keys(alternatives: Sequence[Postings]) -> DocumentArray:
    """Every place of any of ``alternatives``, ascending; decode by :func:`decode`."""
    parts = [
        (np.repeat(each.documents, each.frequencies) << SHIFT) + each.positions
        for each in alternatives
        if len(each.documents)
    ]
    if len(parts) < 2:
        return parts[0] if parts else NOWHERE
    keys = np.concatenate(parts)
    keys.sort(kind="stable")  # they are runs in order, which are quickly merged
    return np.asarray(keys[np.append(True, keys[1:] != keys[:-1])], dtype=np.int64)


def in_common(slots: Sequence[Sequence[Postings]]) -> list[list[Postings]]:
    """``slots`` with only the documents that have a word of each: the others hold no phrase."""
    documents: DocumentArray | None = None
    for slot in sorted(slots, key=_size):
        held = _union([each.documents for each in slot])
        if documents is not None:
            held = common(documents, held)
        documents = held
    known = {
        id(each): each.only(documents) for slot in slots for each in slot if documents is not None
    }
    return [[known[id(each)] for each in slot] for slot in slots]


def common(first: DocumentArray, second: DocumentArray) -> DocumentArray:
    """The documents in both of two ascending arrays."""
    if len(first) > len(second):
        first, second = second, first
    if not len(first):
        return first
    places = np.searchsorted(second, first)
    places[places == len(second)] = 0
    return np.asarray(first[second[places] == first], dtype=np.int64)


def _size(slot: Sequence[Postings]) -> int:
    return sum(len(each.documents) for each in slot)


def _union(lists: Sequence[DocumentArray]) -> DocumentArray:
    if len(lists) == 1:
        return lists[0]
    return np.asarray(np.unique(np.concatenate(lists)), dtype=np.int64) if lists else NOWHERE
