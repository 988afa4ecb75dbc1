"""Updates near-duplicate clusters after a change; the result equals a full comparison.

Only LSH buckets whose members changed are compared again. A similar pair is kept as long as some
band supports it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
import numpy.typing as npt

from search.near_duplicates.lsh import (
    BANDS,
    NEIGHBOURS,
    BandValues,
    SimilarPairs,
    band_values,
    find_similar,
    neighbours,
)
from search.near_duplicates.minhash import Numbers, Signatures, are_same

#: With more added and removed rows, a full comparison is cheaper.
MOST_CHANGES = 150
Keys = npt.NDArray[np.uint16]
BoolArray = npt.NDArray[np.bool_]


class SignatureIndex(Protocol):
    """Protocol: the signatures of one state of an index, read lazily."""

    @property
    def size(self) -> int:
        """Number of rows."""

    def rows(self, numbers: Numbers, /) -> Signatures:
        """Signatures of these rows."""

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """Bands and rows whose band key (:func:`band_keys`) equals that of ``keys``.

        Each row once for each such band, in no order.
        """

    def in_order(self, numbers: Numbers) -> Numbers:
        """These rows in order of precedence."""


def band_keys(bands: BandValues) -> Keys:
    """16-bit keys of the bands of each row, a prefilter for equal bands."""
    return ((bands * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(48)).astype(np.uint16)


def compare_all(index: SignatureIndex, takes_part: BoolArray) -> SimilarPairs:
    """Similar pairs of ``index`` by a full comparison of the rows that take part."""
    return find_similar(
        index.rows(np.arange(index.size)), index.in_order(np.flatnonzero(takes_part))
    )


def update_similar(
    before: SimilarPairs,
    old: SignatureIndex,
    new: SignatureIndex,
    moved: Numbers,
    takes_part: BoolArray,
) -> SimilarPairs:
    """Similar pairs of ``new``, computed from those of the state before.

    ``before`` are the similar pairs of ``old``. ``moved`` maps old rows to new numbers, -1 for
    those that no longer take part; the order of the others is the same.
    """
    joined = takes_part.copy()
    joined[moved[moved >= 0]] = False
    found = changed_only(before, old, new, moved, np.flatnonzero(joined))
    return compare_all(new, takes_part) if found is None else found


def changed_only(
    before: SimilarPairs, old: SignatureIndex, new: SignatureIndex, moved: Numbers, joined: Numbers
) -> SimilarPairs | None:
    """As :func:`update_similar`; None if a full comparison is cheaper.

    ``joined`` are the new rows that take part and are no old ones.
    """
    if len(joined) > MOST_CHANGES or not new.size:
        return None
    originals = np.full(new.size, -1, dtype=np.int64)
    _follow(originals, before.originals, new, moved)
    _join(originals, new, joined)
    change = _change(before.originals, originals, moved)
    if len(change.left) + len(change.came) > MOST_CHANGES:
        return None
    return _kept(before, change, new, _support_changes(change, old, new))


@dataclass(frozen=True, slots=True)
class _Change:
    """Originals removed (``left``, old numbers), added (``came``, new numbers) and ``stayed``.

    ``stayed`` maps old numbers to new ones, -1 for all others; ``earlier`` new numbers to old ones;
    ``originals`` are the new :attr:`SimilarPairs.originals`.
    """

    left: Numbers
    came: Numbers
    stayed: Numbers
    earlier: Numbers
    originals: Numbers


def _follow(originals: Numbers, before: Numbers, new: SignatureIndex, moved: Numbers) -> None:
    """Fills in the ``originals`` of rows known ``before``."""
    stay = np.flatnonzero((before >= 0) & (moved >= 0))
    copied_from = before[stay]
    originals[moved[stay]] = moved[copied_from]
    is_orphan = moved[copied_from] < 0
    orphans, lost = moved[stay[is_orphan]], copied_from[is_orphan]
    for each in set(lost.tolist()):
        members = orphans[lost == each]
        originals[members] = new.in_order(members)[0]


def _join(originals: Numbers, new: SignatureIndex, joined: Numbers) -> None:
    """Fills in the ``originals`` of rows that ``joined``, and of rows equal to them."""
    for number in joined.tolist():
        equal = _equal(number, new)
        known = originals[equal[originals[equal] >= 0]]
        originals[number] = number
        if len(known):
            first = new.in_order(np.array([known[0], number]))[0]
            originals[(originals == known[0]) | (originals == number)] = first


def _equal(number: int, new: SignatureIndex) -> Numbers:
    """Rows with the same signature as ``number``, including those that take no part."""
    row = new.rows(np.array([number]))
    bands, numbers = new.sharing(band_keys(band_values(row))[:, 0])
    numbers = np.sort(numbers[bands == 0])
    equal: Numbers = numbers[(new.rows(numbers) == row).all(axis=1)]
    return equal


def _change(before: Numbers, after: Numbers, moved: Numbers) -> _Change:
    """Which originals were removed, added and kept."""
    old = np.flatnonzero(before == np.arange(len(before)))
    new = np.flatnonzero(after == np.arange(len(after)))
    stayed = np.full(len(before), -1, dtype=np.int64)
    stayed[old] = moved[old]
    gone = (stayed >= 0) & (after[stayed] != stayed)
    stayed[gone] = -1
    earlier = np.full(len(after), -1, dtype=np.int64)
    still = np.flatnonzero(stayed >= 0)
    earlier[stayed[still]] = still
    return _Change(old[stayed[old] < 0], new[earlier[new] < 0], stayed, earlier, after)


def _support_changes(
    change: _Change, old: SignatureIndex, new: SignatureIndex
) -> Counter[tuple[int, int]]:
    """Changes of the number of bands in which pairs of originals are candidates.

    Pairs by their new numbers, the smaller one first, without those of a removed original.
    """
    gone, left = change.left, band_values(old.rows(change.left))
    changes: Counter[tuple[int, int]] = Counter()
    seen: set[tuple[int, int]] = set()
    changed = np.concatenate((left, band_values(new.rows(change.came))), axis=1)
    for values in changed.T:
        buckets = _Buckets(values, change.originals, new)
        for band in buckets.of_several(left, change.earlier):
            value = int(values[band])
            if (band, value) in seen:
                continue
            seen.add((band, value))
            now, following = buckets(band)
            went = np.flatnonzero(left[band] == value)
            changes.update(_pairs(now, following, new))
            stayed = change.earlier[now] >= 0
            then = np.concatenate((change.earlier[now[stayed]], gone[went]))
            nexts = np.concatenate((following[stayed], left[(band + 1) % BANDS, went]))
            places = {int(each): int(change.stayed[each]) for each in then}
            for first, second in _pairs(then, nexts, old):
                if places[first] >= 0 and places[second] >= 0:
                    pair = sorted((places[first], places[second]))
                    changes[pair[0], pair[1]] -= 1
    return changes


class _Buckets:
    """Originals that share a band with one row."""

    def __init__(self, values: BandValues, originals: Numbers, new: SignatureIndex) -> None:
        self._values = values
        band, number = new.sharing(band_keys(values[:, None])[:, 0])
        leading = originals[number] == number
        band, number = band[leading], number[leading]
        rows, place = np.unique(number, return_inverse=True)
        read = band_values(new.rows(rows))
        equal = np.flatnonzero(read[band, place] == values[band])
        equal = equal[np.argsort(band[equal], kind="stable")]
        self._bands = band[equal]
        self._numbers = number[equal]
        self._following = read[(band[equal] + 1) % BANDS, place[equal]]

    def of_several(self, left: BandValues, earlier: Numbers) -> list[int]:
        """Bands shared with any other row, before or now.

        ``left`` are the bands of those that left, ``earlier`` is that of :class:`_Change`.
        """
        now = np.bincount(self._bands, minlength=BANDS)
        stayed = np.bincount(self._bands[earlier[self._numbers] >= 0], minlength=BANDS)
        went = np.count_nonzero(left == self._values[:, None], axis=1)
        several: list[int] = np.flatnonzero((now > 1) | (stayed + went > 1)).tolist()
        return several

    def __call__(self, band: int) -> tuple[Numbers, BandValues]:
        """Rows that share ``band``, and the later bands of each."""
        start, end = np.searchsorted(self._bands, (band, band + 1))
        return self._numbers[start:end], self._following[start:end]


def _pairs(
    bucket: Numbers, following: BandValues, rows: SignatureIndex
) -> Iterator[tuple[int, int]]:
    """Pairs to compare in the bucket of a shared band, the smaller number first."""
    if len(bucket) <= NEIGHBOURS + 1:  # all are neighbours
        yield from combinations(sorted(bucket.tolist()), 2)
        return
    place = np.empty(len(bucket), dtype=np.int64)
    order = np.argsort(bucket)
    place[order[np.searchsorted(bucket[order], rows.in_order(bucket))]] = np.arange(len(bucket))
    same = np.zeros(len(bucket), dtype=np.uint64)
    pairs = np.sort(bucket[neighbours(same, following, place)], axis=1)
    yield from map(tuple, pairs.tolist())


def _kept(
    before: SimilarPairs,
    change: _Change,
    new: SignatureIndex,
    support_changes: Counter[tuple[int, int]],
) -> SimilarPairs:
    """Similar pairs that still are candidates, or have become such."""
    pairs = change.stayed[before.pairs]
    stays = (pairs >= 0).all(axis=1)
    pairs, support = np.sort(pairs[stays], axis=1), before.support[stays].astype(np.int64)
    size = len(change.originals)
    codes = pairs[:, 0] * size + pairs[:, 1]
    order = np.argsort(codes)
    pairs, support, codes = pairs[order], support[order], codes[order]
    changed = [(*pair, times) for pair, times in support_changes.items() if times]
    table = np.array(changed, dtype=np.int64).reshape(-1, 3)
    wanted = table[:, 0] * size + table[:, 1]
    at = np.minimum(np.searchsorted(codes, wanted), max(len(codes) - 1, 0))
    known = codes[at] == wanted if len(codes) else np.zeros(len(wanted), dtype=bool)
    support[at[known]] += table[known, 2]
    fresh = table[~known & (table[:, 2] > 0)]
    are_similar = are_same(new.rows(fresh[:, 0]), new.rows(fresh[:, 1]))
    left = support > 0
    return SimilarPairs(
        change.originals,
        np.concatenate((pairs[left], fresh[are_similar, :2])),
        np.concatenate((support[left], fresh[are_similar, 2])),
    )
