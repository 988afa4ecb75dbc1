"""The first documents of an order, without putting all of them in order."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.answers.columns import Columns, FloatArray
from search.engines.whoosh.native.functions import Library
from search.engines.whoosh.postings.postings import DocumentArray
from search.request import Sort

_UNDATED = np.iinfo(np.int64).max
# Equal sums may differ in the last bit by the order of addition.
_DECIMALS = 9
_SLACK = 10.0**-_DECIMALS
#: So many numbers are looked at together for the greatest of them.
_BLOCK = 64
_Keys = npt.NDArray[np.float64] | DocumentArray


class Ranking:
    """Orders the documents of one open generation.

    Of equals, documents in ``first`` stand first; then ids decide, so that nothing ever moves. A
    ``library`` does it faster.
    """

    def __init__(
        self, columns: Columns, first: npt.NDArray[np.bool_], library: Library | None = None
    ) -> None:
        self._columns = columns
        self._library = library
        self._ties = columns.id_rank.astype(np.int64) + np.where(first, 0, columns.size)

    def first(
        self, documents: DocumentArray, scores: FloatArray, sort: Sort, count: int
    ) -> DocumentArray:
        """The first ``count`` of ``documents``; ``scores`` are of all documents."""
        if sort == "relevance":
            if self._library is not None:
                held = (documents, scores, self._ties, _DECIMALS, count)
                found = self._library.first(*held)
                if found is not None:
                    return found
            documents = self._by_score(documents, scores, count)
        elif len(documents) > count:
            documents = _least(documents, self._dates(documents, sort)[0], count, 0)
        rounded = np.round(scores[documents], _DECIMALS)
        keys: list[_Keys] = [self._ties[documents], -rounded]
        keys += reversed(self._dates(documents, sort))
        return documents[np.lexsort(keys)[:count]]

    def _by_score(self, documents: DocumentArray, scores: FloatArray, count: int) -> DocumentArray:
        """Those of ``documents`` that can be among the first by their scores."""
        documents = _least(documents, -scores[documents], count, _SLACK)
        if len(documents) <= max(2 * count, _BLOCK):
            return documents
        # Many have the score of the last one: only those with the least tie can follow.
        rounded = np.round(scores[documents], _DECIMALS)
        last = np.partition(rounded, len(rounded) - count)[len(rounded) - count]
        above, equal = documents[rounded > last], documents[rounded == last]
        kept = _least(equal, self._ties[equal], count - len(above), 0)
        return np.concatenate((above, kept))

    def _dates(self, documents: DocumentArray, sort: Sort) -> Sequence[DocumentArray]:
        """What to sort ``documents`` by before scores, the first before the second."""
        if sort == "relevance":
            return ()
        published = self._columns.published[documents].astype(np.int64)
        signed = published if sort == "oldest" else -published
        dates = np.where(published == 0, _UNDATED, signed)
        if sort != "added":
            return (dates,)
        return -self._columns.added[documents].astype(np.int64), dates


def _least(documents: DocumentArray, keys: _Keys, count: int, slack: float) -> DocumentArray:
    """Those of ``documents`` whose key is one of the ``count`` least, or equal to one of them."""
    if len(documents) <= count:
        return documents
    whole = len(keys) - len(keys) % _BLOCK
    if whole >= 4 * _BLOCK * count:
        # The least of every block are some keys: the last of the least of them is a bound.
        least = keys[:whole].reshape(-1, _BLOCK).min(axis=1)
        bound = np.partition(least, count - 1)[count - 1]
        few = keys <= bound + slack
        documents, keys = documents[few], keys[few]
    last = np.partition(keys, count - 1)[count - 1]
    return np.asarray(documents[keys <= last + slack], dtype=np.int64)
