"""Vector files: dense vectors of passages, a byte a number, beside the segments of a generation."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.segment.arrays import Array

Floats = npt.NDArray[np.float32]


class PassageRows(NamedTuple):
    """The passages of some articles, those of one end to end, as a vector file has them.

    Article ``i`` is document ``documents[i]``, -1 if it is not alive; its rows begin at
    ``firsts[i]`` and end at ``firsts[i + 1]``. Row ``j`` is ``vectors[j] * scales[j]``, that of the
    characters from ``starts[j]`` to ``ends[j]`` of the body. ``vectors`` (rows, dimensions) are
    int8, ``scales`` float32; no document is twice among all that are scanned together.
    """

    documents: Array
    firsts: Array
    vectors: Array
    scales: Array
    starts: Array
    ends: Array


def quantised(vectors: Floats) -> tuple[Array, Floats]:
    """int8 ``vectors`` with the scale of each row, which give back each number to its 254th part
    of the greatest of its row.
    """
    scales = (np.abs(vectors).max(axis=1, initial=0.0) / 127).astype(np.float32)
    divisors = np.where(scales > 0, scales, 1.0)[:, np.newaxis]
    return np.rint(vectors / divisors).astype(np.int8), scales
