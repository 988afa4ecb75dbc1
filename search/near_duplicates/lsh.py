"""Clusters near-duplicate articles by locality-sensitive hashing (LSH) of signatures.

Articles are numbered rows with a signature (:mod:`search.near_duplicates.minhash`), in an order of
precedence as representatives. In that order each row takes all similar rows that are not taken yet,
so every member is similar to its representative, and the result does not depend on the numbering.

Only rows of a common bucket, which is an equal band of neighbouring places, are compared, and
within a bucket only the next few. Similar pairs are stored with the number of bands that support
them, so that a change costs only its own buckets (:mod:`search.near_duplicates.lsh_incremental`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search.near_duplicates.minhash import RUN_PLACES, Numbers, Signatures, are_same, row_hashes

#: Neighbouring places in a band, and bands in a signature.
BAND = 3
BANDS = RUN_PLACES // BAND
NEIGHBOURS = 4
_CHUNK = 20_000
_NOBODY: Numbers = np.empty(0, dtype=np.int64)

#: Sorts row numbers by precedence.
InOrder = Callable[[Numbers], Numbers]
BandValues = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class SimilarPairs:
    """Pairs of rows that are near-duplicates.

    ``originals`` gives for each row the first in order with an equal signature, -1 if the row takes
    no part. ``pairs`` are similar originals, in rows of two, each pair once; ``support`` is the
    number of bands in which they are a candidate pair.
    """

    originals: Numbers
    pairs: Numbers
    support: Numbers


def precedence(
    published: npt.NDArray[np.integer[Any]],
    id_letters: npt.NDArray[np.integer[Any]],
    id_rank: npt.NDArray[np.integer[Any]],
) -> Numbers:
    """Order of precedence of articles as representatives of their clusters.

    The earliest date (``yyyymmdd``, 0 if unknown) comes first, then the shortest id, then the first
    one. A date without day or month counts as its last day; an unknown one comes last.
    """
    date = np.where(published % 100 == 0, published + 99, published)
    date = np.where(date // 100 % 100 == 0, date + 9900, date)
    date = np.where(published == 0, np.iinfo(np.int32).max, date)
    return np.asarray(np.lexsort((id_rank, id_letters, date)), dtype=np.int64)


def representatives(signatures: Signatures, order: Numbers) -> Numbers:
    """Representative of each row of ``signatures``; itself without duplicates.

    ``order`` is that of precedence.
    """
    place = np.empty(len(signatures), dtype=np.int64)
    place[order] = np.arange(len(order))
    similar = find_similar(signatures, order)
    return representatives_of(similar, lambda rows: rows[np.argsort(place[rows])])


def find_similar(signatures: Signatures, order: Numbers) -> SimilarPairs:
    """Finds all similar pairs of rows, which are given in ``order`` of precedence.

    A row without a signature is similar to no other.
    """
    originals = np.full(len(signatures), -1, dtype=np.int64)
    order = order[signatures[order].any(axis=1)]
    if not len(order):
        return SimilarPairs(originals, _NOBODY.reshape(0, 2), _NOBODY)
    rows = np.ascontiguousarray(signatures[order])
    # Equal rows first: they are common, and would crowd the buckets.
    _, firsts, inverse = np.unique(row_hashes(rows), return_index=True, return_inverse=True)
    originals[order] = order[firsts[inverse.ravel()]]
    different = np.sort(firsts)
    candidates, support = _candidates(rows[different])
    pairs = different[candidates]
    keep = _compared(rows, pairs)
    return SimilarPairs(originals, order[pairs[keep]], support[keep])


def representatives_of(similar: SimilarPairs, in_order: InOrder) -> Numbers:
    """Representative of each row's cluster; itself without duplicates."""
    originals = similar.originals
    result = np.where(originals < 0, np.arange(len(originals)), originals)
    if not len(similar.pairs):
        return result
    in_pairs = np.zeros(len(result), dtype=bool)
    in_pairs[similar.pairs] = True
    ordered = in_order(np.flatnonzero(in_pairs))
    place = np.empty(len(result), dtype=np.int64)
    place[ordered] = np.arange(len(ordered))
    pairs = np.sort(place[similar.pairs], axis=1)
    pairs = pairs[np.argsort(pairs[:, 0] * len(ordered) + pairs[:, 1])]
    taken = list(range(len(ordered)))
    for first, second in pairs.tolist():  # ascending: representatives first
        if taken[first] == first and taken[second] == second:
            taken[second] = first
    heads = np.arange(len(result))
    heads[ordered] = ordered[taken]
    return np.asarray(heads[result], dtype=np.int64)


def band_values(rows: Signatures) -> BandValues:
    """LSH bands: a line for each band, a column for each row."""
    places = np.ascontiguousarray(rows[:, :RUN_PLACES].T).astype(np.uint64)
    first, second, third = (places[i::BAND] for i in range(BAND))
    return np.asarray(first | (second << np.uint64(16)) | (third << np.uint64(32)))


def neighbours(values: BandValues, following: BandValues, places: Numbers) -> Numbers:
    """Pairs of rows to compare, from buckets of equal ``values``.

    In a large bucket (a series with the same boilerplate) the most similar rows are neighbours:
    those that also share the ``following`` band, else those near each other in order (``places``).
    """
    order = np.lexsort((places, following, values))
    pairs = []
    for distance in range(1, NEIGHBOURS + 1):
        first, second = order[:-distance], order[distance:]
        together = values[first] == values[second]
        pairs.append(np.stack((first[together], second[together]), axis=1))
    return np.concatenate(pairs)


def _candidates(rows: Signatures) -> tuple[Numbers, Numbers]:
    """Candidate pairs that agree in a whole band, and in how many bands."""
    bands = band_values(rows)
    keys = [_NOBODY]
    for band, values in enumerate(bands):
        order = np.argsort(values)
        equal = values[order[1:]] == values[order[:-1]]
        bucket = order[np.append(equal, False) | np.insert(equal, 0, False)]
        if len(bucket):
            following = bands[(band + 1) % BANDS]
            pairs = np.sort(bucket[neighbours(values[bucket], following[bucket], bucket)], axis=1)
            keys.append(pairs[:, 0] * len(rows) + pairs[:, 1])
    unique, support = np.unique(np.concatenate(keys), return_counts=True)
    return np.stack((unique // len(rows), unique % len(rows)), axis=1), support


def _compared(rows: Signatures, pairs: Numbers) -> npt.NDArray[np.bool_]:
    """Boolean mask of the candidate pairs that are near-duplicates."""
    keep = np.zeros(len(pairs), dtype=bool)
    for start in range(0, len(pairs), _CHUNK):
        part = pairs[start : start + _CHUNK]
        keep[start : start + _CHUNK] = are_same(rows[part[:, 0]], rows[part[:, 1]])
    return keep
