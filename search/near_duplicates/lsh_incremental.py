"""Near-duplicates after a change: exactly what comparing all rows anew would find.

Only the crowds that someone has left or joined are compared again. What was found alike before is
kept as long as some band asks for it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
import numpy.typing as npt

from search.near_duplicates.lsh import BANDS, NEIGHBOURS, BandValues, Likes, band_values, neighbours
from search.near_duplicates.minhash import Numbers, Signatures, are_same

#: With more rows that left or joined than this, comparing all anew is cheaper.
MOST_CHANGES = 150
Keys = npt.NDArray[np.uint16]


class Rows(Protocol):
    """The signatures of a state of the index, of which few are read."""

    def rows(self, numbers: Numbers) -> Signatures:
        """The signatures of these rows."""
        ...

    @property
    def size(self) -> int:
        """How many rows there are."""
        ...

    def sharing(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """Bands and rows whose key (:func:`band_keys`) in this band is that of ``keys``.

        Every row is named once for each such band, with bands and rows in no order.
        """
        ...

    def line(self, numbers: Numbers) -> Numbers:
        """These rows in the order of the line."""
        ...


def band_keys(bands: BandValues) -> Keys:
    """Sixteen bits of each band, to find those that may be equal."""
    return ((bands * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(48)).astype(np.uint16)


def regroup(before: Likes, old: Rows, new: Rows, moved: Numbers, joined: Numbers) -> Likes | None:
    """The likes of ``new``, None if comparing all anew is cheaper.

    ``before`` are the likes of ``old``. ``moved`` gives each old row its new number, -1 to those
    that left the line; all others stand in the same order. ``joined`` are the new rows in the line
    that are none of them, with signatures.
    """
    if len(joined) > MOST_CHANGES or not new.size:
        return None
    leaders = np.full(new.size, -1, dtype=np.int64)
    _follow(leaders, before.leaders, new, moved)
    _join(leaders, new, joined)
    change = _change(before.leaders, leaders, moved)
    if len(change.left) + len(change.came) > MOST_CHANGES:
        return None
    return _kept(before, change, new, _asked(change, old, new))


@dataclass(frozen=True, slots=True)
class _Change:
    """Leaders that ``left`` (old numbers) and ``came`` (new numbers); the others ``stayed``.

    ``stayed`` gives the new number by the old one, -1 to all others; ``earlier`` the old by the
    new; ``leaders`` are the new :attr:`Likes.leaders`.
    """

    left: Numbers
    came: Numbers
    stayed: Numbers
    earlier: Numbers
    leaders: Numbers


def _follow(leaders: Numbers, before: Numbers, new: Rows, moved: Numbers) -> None:
    """Fill in the ``leaders`` of those that were there ``before``."""
    stay = np.flatnonzero((before >= 0) & (moved >= 0))
    led_by = before[stay]
    leaders[moved[stay]] = moved[led_by]
    is_orphan = moved[led_by] < 0
    orphans, lost = moved[stay[is_orphan]], led_by[is_orphan]
    for each in np.unique(lost):
        members = orphans[lost == each]
        leaders[members] = new.line(members)[0]


def _join(leaders: Numbers, new: Rows, joined: Numbers) -> None:
    """Fill in the ``leaders`` of those that ``joined``, and of those that they lead now."""
    for number in joined.tolist():
        equal = _equal(number, new)
        known = leaders[equal[leaders[equal] >= 0]]
        leaders[number] = number
        if len(known):
            first = new.line(np.array([known[0], number]))[0]
            leaders[(leaders == known[0]) | (leaders == number)] = first


def _equal(number: int, new: Rows) -> Numbers:
    """Rows with the same signature as ``number``, in the line or not."""
    row = new.rows(np.array([number]))
    bands, numbers = new.sharing(band_keys(band_values(row))[:, 0])
    numbers = np.sort(numbers[bands == 0])
    equal: Numbers = numbers[(new.rows(numbers) == row).all(axis=1)]
    return equal


def _change(before: Numbers, after: Numbers, moved: Numbers) -> _Change:
    """Which leaders left, came and stayed."""
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


def _asked(change: _Change, old: Rows, new: Rows) -> Counter[tuple[int, int]]:
    """How many times more (or less) it is asked now whether two leaders are alike.

    Pairs by their new numbers, the smaller one first. Pairs of which one left do not matter.
    """
    gone, left = change.left, band_values(old.rows(change.left))
    asked: Counter[tuple[int, int]] = Counter()
    seen: set[tuple[int, int]] = set()
    changed = np.concatenate((left, band_values(new.rows(change.came))), axis=1)
    for values in changed.T:
        crowds = _Crowds(values, change.leaders, new)
        for band in crowds.of_several(left, change.earlier):
            value = int(values[band])
            if (band, value) in seen:
                continue
            seen.add((band, value))
            now, following = crowds(band)
            went = np.flatnonzero(left[band] == value)
            asked.update(_pairs(now, following, new))
            stayed = change.earlier[now] >= 0
            then = np.concatenate((change.earlier[now[stayed]], gone[went]))
            nexts = np.concatenate((following[stayed], left[(band + 1) % BANDS, went]))
            places = {int(each): int(change.stayed[each]) for each in then}
            for first, second in _pairs(then, nexts, old):
                if places[first] >= 0 and places[second] >= 0:
                    pair = sorted((places[first], places[second]))
                    asked[pair[0], pair[1]] -= 1
    return asked


class _Crowds:
    """The leaders that share a band with one row."""

    def __init__(self, values: BandValues, leaders: Numbers, new: Rows) -> None:
        self._values = values
        band, number = new.sharing(band_keys(values[:, None])[:, 0])
        leading = leaders[number] == number
        band, number = band[leading], number[leading]
        rows, place = np.unique(number, return_inverse=True)
        read = band_values(new.rows(rows))
        equal = np.flatnonzero(read[band, place] == values[band])
        equal = equal[np.argsort(band[equal], kind="stable")]
        self._bands = band[equal]
        self._numbers = number[equal]
        self._following = read[(band[equal] + 1) % BANDS, place[equal]]

    def of_several(self, left: BandValues, earlier: Numbers) -> list[int]:
        """The bands in which there is, or was, anyone to compare with.

        ``left`` are the bands of those that left, ``earlier`` is that of :class:`_Change`.
        """
        now = np.bincount(self._bands, minlength=BANDS)
        stayed = np.bincount(self._bands[earlier[self._numbers] >= 0], minlength=BANDS)
        went = np.count_nonzero(left == self._values[:, None], axis=1)
        several: list[int] = np.flatnonzero((now > 1) | (stayed + went > 1)).tolist()
        return several

    def __call__(self, band: int) -> tuple[Numbers, BandValues]:
        """Who shares ``band``, and their bands that follow it."""
        start, end = np.searchsorted(self._bands, (band, band + 1))
        return self._numbers[start:end], self._following[start:end]


def _pairs(crowd: Numbers, following: BandValues, rows: Rows) -> Iterator[tuple[int, int]]:
    """Whom of a crowd that shares a band to compare, the smaller number first."""
    if len(crowd) <= NEIGHBOURS + 1:  # everyone is everyone's neighbour
        yield from combinations(sorted(crowd.tolist()), 2)
        return
    place = np.empty(len(crowd), dtype=np.int64)
    order = np.argsort(crowd)
    place[order[np.searchsorted(crowd[order], rows.line(crowd))]] = np.arange(len(crowd))
    same = np.zeros(len(crowd), dtype=np.uint64)
    pairs = np.sort(crowd[neighbours(same, following, place)], axis=1)
    yield from map(tuple, pairs.tolist())


def _kept(before: Likes, change: _Change, new: Rows, asked: Counter[tuple[int, int]]) -> Likes:
    """The pairs that are still, or now, asked for and alike."""
    pairs = change.stayed[before.pairs]
    stays = (pairs >= 0).all(axis=1)
    pairs, support = np.sort(pairs[stays], axis=1), before.support[stays].astype(np.int64)
    size = len(change.leaders)
    codes = pairs[:, 0] * size + pairs[:, 1]
    order = np.argsort(codes)
    pairs, support, codes = pairs[order], support[order], codes[order]
    changed = [(*pair, times) for pair, times in asked.items() if times]
    table = np.array(changed, dtype=np.int64).reshape(-1, 3)
    wanted = table[:, 0] * size + table[:, 1]
    at = np.minimum(np.searchsorted(codes, wanted), max(len(codes) - 1, 0))
    known = codes[at] == wanted if len(codes) else np.zeros(len(wanted), dtype=bool)
    support[at[known]] += table[known, 2]
    fresh = table[~known & (table[:, 2] > 0)]
    alike = are_same(new.rows(fresh[:, 0]), new.rows(fresh[:, 1]))
    left = support > 0
    return Likes(
        change.leaders,
        np.concatenate((pairs[left], fresh[alike, :2])),
        np.concatenate((support[left], fresh[alike, 2])),
    )
