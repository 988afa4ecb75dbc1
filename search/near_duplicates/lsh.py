"""Which articles tell the same story, kept from one state of the index to the next.

Articles are numbered rows with a signature (:mod:`search.near_duplicates.minhash`). The rows that may be grouped
stand in a line, those that rather stand for others first. In that order each row takes all its
likes that nobody has taken yet, so every member is like the one that stands for it, and the result
does not depend on how the rows are numbered.

Only rows that agree in a band, some neighbouring places of the runs, are compared, and within a
crowd that shares a band only the next few. What was compared and found alike is kept with the
number of bands that ask for it, so that a change costs what its own crowds cost.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search.near_duplicates.minhash import RUN_PLACES, Numbers, Signatures, are_same, row_hashes

#: Neighbouring places in a band, and bands in a signature.
BAND = 3
BANDS = RUN_PLACES // BAND
NEIGHBOURS = 4
_CHUNK = 20_000
_NOBODY: Numbers = np.empty(0, dtype=np.int64)

#: Puts row numbers in the order of the line.
Line = Callable[[Numbers], Numbers]
BandValues = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Likes:
    """Which rows are alike.

    ``leaders`` names for each row the first in the line with an equal signature, -1 if the row is
    not in the line. ``pairs`` are leaders that are alike, in rows of two, each pair once;
    ``support`` is how many times it was asked whether they are.
    """

    leaders: Numbers
    pairs: Numbers
    support: Numbers


def representatives(signatures: Signatures, order: Numbers) -> Numbers:
    """For each row of ``signatures`` the row that stands for it, itself where it has no duplicate.

    ``order`` is the line. A row without a signature is like no other.
    """
    place = np.empty(len(signatures), dtype=np.int64)
    place[order] = np.arange(len(order))
    return stand_ins(find_likes(signatures, order), lambda rows: rows[np.argsort(place[rows])])


def find_likes(signatures: Signatures, order: Numbers) -> Likes:
    """Compare all rows, whose line is ``order``."""
    leaders = np.full(len(signatures), -1, dtype=np.int64)
    order = order[signatures[order].any(axis=1)]
    if not len(order):
        return Likes(leaders, _NOBODY.reshape(0, 2), _NOBODY)
    rows = np.ascontiguousarray(signatures[order])
    # Equal rows first: they are common, and would crowd the bands.
    _, firsts, inverse = np.unique(row_hashes(rows), return_index=True, return_inverse=True)
    leaders[order] = order[firsts[inverse.ravel()]]
    different = np.sort(firsts)
    candidates, support = _candidates(rows[different])
    pairs = different[candidates]
    keep = _compared(rows, pairs)
    return Likes(leaders, order[pairs[keep]], support[keep])


def stand_ins(likes: Likes, line: Line) -> Numbers:
    """For each row the one that stands for it."""
    result = np.where(likes.leaders < 0, np.arange(len(likes.leaders)), likes.leaders)
    if not len(likes.pairs):
        return result
    ordered = line(np.unique(likes.pairs))
    place = np.empty(len(result), dtype=np.int64)
    place[ordered] = np.arange(len(ordered))
    pairs = np.sort(place[likes.pairs], axis=1)
    pairs = pairs[np.argsort(pairs[:, 0] * len(ordered) + pairs[:, 1])]
    taken = list(range(len(ordered)))
    for first, second in pairs.tolist():  # ascending: whoever stands for others comes first
        if taken[first] == first and taken[second] == second:
            taken[second] = first
    heads = np.arange(len(result))
    heads[ordered] = ordered[taken]
    return np.asarray(heads[result], dtype=np.int64)


def band_values(rows: Signatures) -> BandValues:
    """The bands of each row: a line for each band, a column for each row."""
    places = np.ascontiguousarray(rows[:, :RUN_PLACES].T).astype(np.uint64)
    first, second, third = (places[i::BAND] for i in range(BAND))
    return np.asarray(first | (second << np.uint64(16)) | (third << np.uint64(32)))


def neighbours(values: BandValues, following: BandValues, places: Numbers) -> Numbers:
    """Which of a crowd to compare, in rows of two; all share what ``values`` says they share.

    Within a crowd (a series with the same boilerplate) the likest stand side by side: those that
    also share the ``following`` band, else those near each other in the line (``places``).
    """
    order = np.lexsort((places, following, values))
    pairs = []
    for distance in range(1, NEIGHBOURS + 1):
        first, second = order[:-distance], order[distance:]
        together = values[first] == values[second]
        pairs.append(np.stack((first[together], second[together]), axis=1))
    return np.concatenate(pairs)


def _candidates(rows: Signatures) -> tuple[Numbers, Numbers]:
    """Pairs of rows that agree in a whole band, and how often; rows stand in line."""
    bands = band_values(rows)
    keys = [_NOBODY]
    for band, values in enumerate(bands):
        order = np.argsort(values)
        equal = values[order[1:]] == values[order[:-1]]
        crowd = order[np.append(equal, False) | np.insert(equal, 0, False)]
        if len(crowd):
            following = bands[(band + 1) % BANDS]
            pairs = np.sort(crowd[neighbours(values[crowd], following[crowd], crowd)], axis=1)
            keys.append(pairs[:, 0] * len(rows) + pairs[:, 1])
    unique, support = np.unique(np.concatenate(keys), return_counts=True)
    return np.stack((unique // len(rows), unique % len(rows)), axis=1), support


def _compared(rows: Signatures, pairs: Numbers) -> npt.NDArray[np.bool_]:
    """Are these pairs of rows the same story?"""
    keep = np.zeros(len(pairs), dtype=bool)
    for start in range(0, len(pairs), _CHUNK):
        part = pairs[start : start + _CHUNK]
        keep[start : start + _CHUNK] = are_same(rows[part[:, 0]], rows[part[:, 1]])
    return keep
