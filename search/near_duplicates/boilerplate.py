"""Finds boilerplate: passages repeated in many articles, which support no facet value.

Decided over the whole index at once, and of near-duplicates only one counts, so that the result
depends neither on the order of articles nor on the number of their copies.
"""

import re
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

#: A passage in this number of near-duplicate clusters is boilerplate.
MANY_STORIES = 5
#: The hash of a passage that never is boilerplate.
OWN = 0

Numbers = npt.NDArray[np.int64]
_LOW = np.int64(2**32 - 1)
#: Approximate number of buckets for each passage.
_ROOM = 4
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")


def passage_hash(text: str) -> int:
    """Hash of a passage that ignores case, punctuation and the values of digits."""
    words = " ".join(_WORD.findall(_DIGIT.sub("0", text).casefold()))
    return value_hash(words) or 1


def value_hash(value: str) -> int:
    """Hash of a facet value, below 2**32."""
    return zlib.crc32(value.encode())


def unsupported(
    documents: Numbers, claims: npt.NDArray[np.integer[Any]], clusters: Numbers
) -> Numbers:
    """Facet values supported by boilerplate alone, as rows of document and value.

    Each row of ``claims`` has the hashes of a value and of a passage that supports it, in one of
    ``documents``; ``clusters`` gives for each document the representative of its near-duplicates.
    """
    often = _repeated(claims[:, 1])
    passages = claims[often, 1].astype(np.int64)
    # Pairs of numbers below 2**31 and 2**32 packed into one: sorting rows is ten times as slow.
    standing = _distinct(clusters[documents[often]] << 32 | passages)
    different, counts = np.unique(standing & _LOW, return_counts=True)
    boilerplate = different[counts >= MANY_STORIES]
    if not len(boilerplate):
        return np.empty((0, 2), dtype=np.int64)
    # Only documents with boilerplate can have unsupported values.
    touched = np.zeros(len(clusters), dtype=bool)
    touched[documents[often[is_among(passages, boilerplate)]]] = True
    rows = np.flatnonzero(touched[documents])
    pairs = documents[rows] << 32 | claims[rows, 0].astype(np.int64)
    supports = ~is_among(claims[rows, 1].astype(np.int64), boilerplate)
    every = _distinct(pairs)
    left = every[~is_among(every, np.sort(pairs[supports]))]
    return np.stack((left >> 32, left & _LOW), axis=1)


def is_among(numbers: Numbers, ordered: Numbers) -> npt.NDArray[np.bool_]:
    """Boolean mask of the ``numbers`` that occur in ``ordered``; faster than ``np.isin``."""
    if not len(ordered):
        return np.zeros(len(numbers), dtype=bool)
    places = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    return np.asarray(ordered[places] == numbers)


def _repeated(passages: npt.NDArray[np.integer[Any]]) -> Numbers:
    """Indices of passages that may repeat often; a cheap filter before counting.

    Counts by the last bits alone, without sorting.
    """
    last = (1 << (_ROOM * len(passages)).bit_length()) - 1
    buckets = (passages & last).astype(np.int64)
    counts = np.bincount(buckets, minlength=last + 1)
    return np.flatnonzero((counts[buckets] >= MANY_STORIES) & (passages != OWN))


def _distinct(numbers: Numbers) -> Numbers:
    """Sorted unique ``numbers``; faster than ``np.unique``."""
    ordered = np.sort(numbers)
    return np.concatenate((ordered[:1], ordered[1:][ordered[1:] != ordered[:-1]]))
