"""Nearest neighbour search over passage vectors: exact cosines, in blocks, with numpy.

Vectors have a byte a number and a scale a row. 110,000 passages of 384 numbers take 42 MB, which
stay in the mapped file, and 12 ms: a block is turned into floats where the cache holds it. What is
common to all vectors (:mod:`search.meaning.all_but_the_top`) is left out of the cosines without
being taken from the vectors: a query without it has none of it in its products, but for a constant,
and the lengths that the vectors would have are computed once.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from search.engines.contract import MeaningQuery, NearestPassage
from search.engines.whoosh.kernels.interface import Documents
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.snapshot.vectors import Floats, PassageRows
from search.meaning.all_but_the_top import SAMPLED, CommonDirections, of_length_one
from search.meaning.fusion import NEARNESS_DECIMALS

#: The nearness of documents without vectors, below that of any passage.
NOWHERE = -1.0
#: Bytes of a block of floats; outside of a core's cache everything takes three times as long.
_BLOCK_BYTES = 1 << 19


class VectorSearcher:
    """Computes the nearness of ``size`` documents to a query by their passages. Safe for threads.

    ``parts`` have vectors of ``model``, all of the same dimensions.
    """

    def __init__(self, model: str, parts: Sequence[PassageRows], size: int) -> None:
        self._model = model
        self._parts = [each for each in parts if len(each.vectors)]
        self._size = size
        # Articles with passages: reduceat takes no empty slices.
        self._articles = [np.flatnonzero(np.diff(each.firsts)) for each in self._parts]
        #: For each document its part and its article in that, -1 for none.
        self._places = np.full((size, 2), -1, dtype=np.int32)
        for at, (part, articles) in enumerate(zip(self._parts, self._articles, strict=True)):
            living = articles[part.documents[articles] >= 0]
            self._places[part.documents[living]] = np.stack(
                (np.full_like(living, at), living), axis=1
            )
        if self._parts:
            passages = sum(len(each.vectors) for each in self._parts)
            self._common = CommonDirections.of(_sample(self._parts, passages), passages)
            # Factors of inner products that make cosines of them.
            self._inverse = [_inverse_lengths(each, self._common) for each in self._parts]

    def query(self, meaning: MeaningQuery) -> Floats | None:
        """The vector of a query without common directions, of length 1.

        None where there are no vectors, or none of its model.
        """
        if not self._parts or meaning.model != self._model:
            return None
        if len(meaning.vector) != self._parts[0].vectors.shape[1]:
            return None
        return of_length_one(self._common.without_directions(meaning.vector))

    def best(self, query: Floats | None) -> Floats:
        """The greatest cosine of each document's passages and ``query``, of shape (size,).

        Documents without vectors have ``NOWHERE``.
        """
        found = np.full(self._size, NOWHERE, dtype=np.float32)
        if query is not None:
            for documents, greatest, _ in self._reduced(np.maximum, query):
                found[documents] = greatest
        return found

    def centroid(self, document: int) -> Floats | None:
        """Mean of a document's passages without common directions, of length 1.

        None for a document without vectors.
        """
        at, article = self._places[document].tolist()
        if at < 0:
            return None
        part = self._parts[at]
        rows = slice(int(part.firsts[article]), int(part.firsts[article + 1]))
        vectors = part.vectors[rows] * part.scales[rows, np.newaxis]
        return of_length_one(of_length_one(self._common.without(vectors)).sum(axis=0))

    def mean(self, query: Floats) -> Floats:
        """The mean cosine of each document's passages and ``query``, of shape (size,).

        Documents without vectors have 0.
        """
        found = np.zeros(self._size, dtype=np.float32)
        for documents, sums, counts in self._reduced(np.add, query):
            found[documents] = np.round(sums / counts, NEARNESS_DECIMALS)
        return found

    def best_of(self, documents: Documents, query: Floats | None) -> Floats:
        """:meth:`best` of some documents, faster where they are few."""
        if query is None or len(documents) * 2 > self._size:
            return self.best(query)[documents]
        found = np.full(len(documents), NOWHERE, dtype=np.float32)
        places, articles = self._places[documents].T
        for at, (part, inverse) in enumerate(zip(self._parts, self._inverse, strict=True)):
            own = np.flatnonzero(places == at)
            if len(own):
                firsts = part.firsts[articles[own]].astype(np.int64)
                counts = part.firsts[articles[own] + 1] - firsts
                begins = np.cumsum(counts) - counts
                rows = np.arange(counts.sum()) + np.repeat(firsts - begins, counts)
                cosines = self._cosines(part, inverse, rows, query)
                found[own] = np.maximum.reduceat(cosines, begins)
        return found

    def nearest(
        self, documents: Sequence[int], query: Floats | None
    ) -> tuple[NearestPassage | None, ...]:
        """The passage of each document nearest to ``query``, None without vectors."""
        return tuple(self._nearest(each, query) for each in documents)

    def towards(
        self, query: Floats | None, documents: Sequence[int], weights: Sequence[float]
    ) -> Floats | None:
        """``query`` moved towards the nearest passages of ``documents`` (Rocchio's feedback).

        Their sum by ``weights`` counts as much as the query. None without vectors.
        """
        if query is None:
            return None
        moved = np.zeros_like(query)
        for document, weight in zip(documents, weights, strict=True):
            if (nearest := self._nearest_row(document, query)) is not None:
                part, row, _ = nearest
                vector = part.vectors[row] * part.scales[row]
                moved += weight * of_length_one(self._common.without(vector))
        return of_length_one(query + of_length_one(moved))

    def _reduced(
        self, reduction: np.ufunc, query: Floats
    ) -> Iterator[tuple[Documents, Floats, Array]]:
        """Living documents, their reduced cosines with ``query``, their numbers of passages."""
        for part, articles, inverse in zip(self._parts, self._articles, self._inverse, strict=True):
            if len(articles):
                cosines = self._cosines(part, inverse, slice(None), query)
                reduced = reduction.reduceat(cosines, part.firsts[articles])
                documents, counts = part.documents[articles], np.diff(part.firsts)[articles]
                living = documents >= 0
                yield documents[living], reduced[living], counts[living]

    def _nearest(self, document: int, query: Floats | None) -> NearestPassage | None:
        if query is None or (nearest := self._nearest_row(document, query)) is None:
            return None
        part, row, cosine = nearest
        return NearestPassage(int(part.starts[row]), int(part.ends[row]), cosine)

    def _nearest_row(self, document: int, query: Floats) -> tuple[PassageRows, int, float] | None:
        """The part, row and cosine of a document's passage nearest to ``query``."""
        at, article = self._places[document].tolist()
        if at < 0:
            return None
        part = self._parts[at]
        rows = slice(int(part.firsts[article]), int(part.firsts[article + 1]))
        cosines = self._cosines(part, self._inverse[at], rows, query)
        row = int(cosines.argmax())
        return part, rows.start + row, round(float(cosines[row]), NEARNESS_DECIMALS)

    def _cosines(
        self, part: PassageRows, inverse: Floats, rows: slice | Array, query: Floats
    ) -> Floats:
        """Cosines of some rows of ``part`` and ``query``."""
        products = _products(part.vectors, rows, query)
        products *= part.scales[rows]
        products -= np.float32(self._common.mean @ query)
        products *= inverse[rows]
        return np.round(products, NEARNESS_DECIMALS)


def _sample(parts: Sequence[PassageRows], passages: int) -> Floats:
    """The vectors of about ``SAMPLED`` passages, evenly spread."""
    step = max(passages // SAMPLED, 1)
    rows = [each.vectors[::step] * each.scales[::step, np.newaxis] for each in parts]
    return np.concatenate(rows)


def _inverse_lengths(part: PassageRows, common: CommonDirections) -> Floats:
    """Inverse length of each row without common directions; 0 where nothing is left."""
    inverse = np.empty(len(part.vectors), dtype=np.float32)
    step = max(_BLOCK_BYTES // (4 * part.vectors.shape[1]), 1)
    for start in range(0, len(inverse), step):
        rows = slice(start, start + step)
        own = common.without(part.vectors[rows] * part.scales[rows, np.newaxis])
        lengths = np.linalg.norm(own, axis=1)
        inverse[rows] = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 1e-3)
    return inverse


def _products(vectors: Array, rows: slice | Array, query: Floats) -> Floats:
    """Inner products of some rows of ``vectors``, without their scales, and ``query``."""
    # Rows by number are copied a block at a time, a slice is not copied.
    chosen = vectors[rows] if isinstance(rows, slice) else rows
    products = np.empty(len(chosen), dtype=np.float32)
    step = max(_BLOCK_BYTES // (4 * max(len(query), 1)), 1)
    block = np.empty((min(step, len(chosen)), len(query)), dtype=np.float32)
    for start in range(0, len(chosen), step):
        part = chosen[start : start + step]
        floats = block[: len(part)]
        np.copyto(floats, part if isinstance(rows, slice) else vectors[part])
        np.dot(floats, query, out=products[start : start + len(part)])
    return products
