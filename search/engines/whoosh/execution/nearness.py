"""Nearest neighbour search over passage vectors: exact inner products, in blocks, with numpy.

Vectors have a byte a number and a scale a row. 110,000 passages of 384 numbers take 42 MB, which
stay in the mapped file, and 12 ms: a block is turned into floats where the cache holds it.
"""

from collections.abc import Sequence

import numpy as np

from search.engines.contract import MeaningQuery, NearestPassage
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.snapshot.vectors import Floats, PassageRows

#: Below what any passage has: the nearness of documents without vectors.
NOWHERE = -1.0
#: Bytes of a block of floats; beyond the cache of a core everything takes three times as long.
_BLOCK_BYTES = 1 << 19
# Equal passages may differ in the last bits by where in a block they stand.
_DECIMALS = 6


class Nearness:
    """How near each of ``size`` documents is to a query by its passages. Safe for threads.

    ``parts`` have vectors of ``model``.
    """

    def __init__(self, model: str, parts: Sequence[PassageRows], size: int) -> None:
        self._model = model
        self._parts = parts
        self._size = size
        # reduceat knows no article without passages.
        self._held = [np.flatnonzero(np.diff(each.firsts)) for each in parts]

    def best(self, meaning: MeaningQuery) -> Floats:
        """Of each document the greatest inner product of its passages, of shape (size,).

        Documents without vectors have ``NOWHERE``; those of another model are none. Nothing is left
        out for the floor.
        """
        found = np.full(self._size, NOWHERE, dtype=np.float32)
        for part, held in zip(self._parts, self._held, strict=True):
            if self._fits(part, meaning) and len(held):
                products = _products(part.vectors, part.scales, meaning.vector)
                greatest = np.maximum.reduceat(products, part.firsts[held])
                documents = part.documents[held]
                living = documents >= 0
                found[documents[living]] = greatest[living]
        return found

    def nearest(
        self, documents: Sequence[int], meaning: MeaningQuery
    ) -> tuple[NearestPassage | None, ...]:
        """The passage of each document with the greatest inner product, None without vectors."""
        return tuple(self._nearest(each, meaning) for each in documents)

    def _nearest(self, document: int, meaning: MeaningQuery) -> NearestPassage | None:
        for part, held in zip(self._parts, self._held, strict=True):
            if not self._fits(part, meaning):
                continue
            for article in held[part.documents[held] == document].tolist():
                rows = slice(int(part.firsts[article]), int(part.firsts[article + 1]))
                products = _products(part.vectors[rows], part.scales[rows], meaning.vector)
                row = int(products.argmax())
                start, end = part.starts[rows][row], part.ends[rows][row]
                return NearestPassage(int(start), int(end), round(float(products[row]), _DECIMALS))
        return None

    def _fits(self, part: PassageRows, meaning: MeaningQuery) -> bool:
        dimensions: int = part.vectors.shape[1]
        return meaning.model == self._model and len(meaning.vector) == dimensions


def _products(vectors: Array, scales: Array, query: Floats) -> Floats:
    """The inner product of each row with ``query``."""
    products = np.empty(len(vectors), dtype=np.float32)
    rows = max(_BLOCK_BYTES // (4 * max(len(query), 1)), 1)
    block = np.empty((min(rows, len(vectors)), len(query)), dtype=np.float32)
    for start in range(0, len(vectors), rows):
        part = vectors[start : start + rows]
        floats = block[: len(part)]
        np.copyto(floats, part)
        np.dot(floats, query, out=products[start : start + len(part)])
    products *= scales
    return np.round(products, _DECIMALS)
