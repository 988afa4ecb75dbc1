"""Scalar quantisation of vectors to a byte a number, and keys of the articles they are of.

All engines keep vectors so, and know by the same key of which article as it is they are.
"""

import hashlib

import numpy as np
import numpy.typing as npt

from search.meaning.embedder import Vectors

#: Bytes of a key, and of the digest of a passage.
KEY_BYTES = 16


def quantised(vectors: Vectors) -> tuple[npt.NDArray[np.int8], Vectors]:
    """int8 ``vectors`` with the scale of each row, which give back each number to its 254th part
    of the greatest of its row.
    """
    vectors = np.nan_to_num(vectors)
    scales = (np.abs(vectors).max(axis=1, initial=0.0) / 127).astype(np.float32)
    divisors = np.where(scales > 0, scales, 1.0)[:, np.newaxis]
    return np.rint(vectors / divisors).astype(np.int8), scales


def article_key(article_id: str, digest: str, fingerprint: str) -> bytes:
    """Names an article as it is: by its id, the digest of its content, how it was analysed."""
    named = "\0".join((article_id, digest, fingerprint))
    return hashlib.blake2b(named.encode(), digest_size=KEY_BYTES).digest()
