"""Scalar quantisation of vectors to int8, and the keys of their articles, for all engines."""

import hashlib

import numpy as np
import numpy.typing as npt

from search.meaning.embedder import Vectors

#: Bytes of a key, and of the digest of a passage.
KEY_BYTES = 16


def quantised(vectors: Vectors) -> tuple[npt.NDArray[np.int8], Vectors]:
    """Quantises ``vectors`` to int8 with a scale for each row.

    The error is at most a 254th part of the greatest number of the row.
    """
    vectors = np.nan_to_num(vectors)
    scales = (np.abs(vectors).max(axis=1, initial=0.0) / 127).astype(np.float32)
    divisors = np.where(scales > 0, scales, 1.0)[:, np.newaxis]
    return np.rint(vectors / divisors).astype(np.int8), scales


def article_key(article_id: str, digest: str, fingerprint: str) -> bytes:
    """Key of a version of an article: its id, the digest of its content, the fingerprint."""
    named = "\0".join((article_id, digest, fingerprint))
    return hashlib.blake2b(named.encode(), digest_size=KEY_BYTES).digest()
