"""Finds boilerplate: passages repeated in many articles, which support no facet value.

Decided over the whole index at once, and of near-duplicates only one counts, so that it matters
neither in what order articles arrived nor how often the same one was printed.
"""

import re
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

#: A passage that stands in so many clusters of near-duplicates is boilerplate.
MANY_STORIES = 5
#: The hash of a passage that never is, whatever it says.
OWN = 0

Numbers = npt.NDArray[np.int64]
_LOW = np.int64(2**32 - 1)
#: So many times as many buckets as passages are counted in, about.
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

    Row by row ``claims`` are the hashes of a value and of a passage that speaks for it in one of
    ``documents``; ``clusters`` has for each document the representative of its near-duplicates.
    """
    often = _repeated(claims[:, 1])
    passages = claims[often, 1].astype(np.int64)
    # Pairs of numbers below 2**31 and 2**32 as one number: sorting rows takes ten times as long.
    standing = _distinct(clusters[documents[often]] << 32 | passages)
    different, counts = np.unique(standing & _LOW, return_counts=True)
    boilerplate = different[counts >= MANY_STORIES]
    if not len(boilerplate):
        return np.empty((0, 2), dtype=np.int64)
    # Whoever has none of it has nothing to hide.
    touched = np.zeros(len(clusters), dtype=bool)
    touched[documents[often[is_among(passages, boilerplate)]]] = True
    rows = np.flatnonzero(touched[documents])
    pairs = documents[rows] << 32 | claims[rows, 0].astype(np.int64)
    speaks = ~is_among(claims[rows, 1].astype(np.int64), boilerplate)
    every = _distinct(pairs)
    left = every[~is_among(every, np.sort(pairs[speaks]))]
    return np.stack((left >> 32, left & _LOW), axis=1)


def is_among(numbers: Numbers, ordered: Numbers) -> npt.NDArray[np.bool_]:
    """Boolean mask: which of ``numbers`` occur among others; faster than ``np.isin``."""
    if not len(ordered):
        return np.zeros(len(numbers), dtype=bool)
    places = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    return np.asarray(ordered[places] == numbers)


def _repeated(passages: npt.NDArray[np.integer[Any]]) -> Numbers:
    """Places of passages that may repeat often; a cheap filter before counting.

    Counts by the last bits alone, which sorts nothing.
    """
    last = (1 << (_ROOM * len(passages)).bit_length()) - 1
    buckets = (passages & last).astype(np.int64)
    counts = np.bincount(buckets, minlength=last + 1)
    return np.flatnonzero((counts[buckets] >= MANY_STORIES) & (passages != OWN))


def _distinct(numbers: Numbers) -> Numbers:
    """Each of ``numbers`` once, in order; quicker than numpy's own."""
    ordered = np.sort(numbers)
    return np.concatenate((ordered[:1], ordered[1:][ordered[1:] != ordered[:-1]]))
