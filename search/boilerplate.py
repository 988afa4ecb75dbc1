"""Boilerplate: passages that stand under many articles, and tell nothing of any of them.

Decided over the whole index at once, and of near-duplicates only one counts, so that it matters
neither in what order articles arrived nor how often the same story was printed.
"""

import re
import zlib

import numpy as np
import numpy.typing as npt

#: A passage that stands in so many stories is boilerplate.
MANY_STORIES = 5
#: The hash of a passage that never is, whatever it says.
OWN = 0

Numbers = npt.NDArray[np.int64]
_LOW = np.int64(2**32 - 1)
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")


def passage_hash(text: str) -> int:
    """What equal passages share; case, punctuation and the values of digits do not count."""
    words = " ".join(_WORD.findall(_DIGIT.sub("0", text).casefold()))
    return value_hash(words) or 1


def value_hash(value: str) -> int:
    """A number below 2**32 that stands for ``value``."""
    return zlib.crc32(value.encode())


def unsupported(documents: Numbers, claims: Numbers, stories: Numbers) -> Numbers:
    """Which values have nothing but boilerplate to speak for them: rows of document and value.

    Row by row ``claims`` are the hashes of a value and of a passage that speaks for it in one of
    ``documents``; ``stories`` names each document's story by number.
    """
    values, passages = claims[:, 0], claims[:, 1]
    often = np.isin(passages, _of_many(passages))
    if not often.any():
        return np.empty((0, 2), dtype=np.int64)
    # Pairs of numbers below 2**31 and 2**32 as one number: sorting rows takes ten times as long.
    standing = np.unique(stories[documents[often]] << 32 | passages[often])
    speaks = ~np.isin(passages, _of_many(standing & _LOW))
    pairs, numbers = np.unique(documents << 32 | values, return_inverse=True)
    left = pairs[np.bincount(numbers, weights=speaks, minlength=len(pairs)) == 0]
    return np.stack((left >> 32, left & _LOW), axis=1)


def _of_many(passages: Numbers) -> Numbers:
    """Those of ``passages`` that are there many times."""
    found, counts = np.unique(passages, return_counts=True)
    return np.asarray(found[(counts >= MANY_STORIES) & (found != OWN)], dtype=np.int64)
