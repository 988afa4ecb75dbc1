"""The organisations of documents for which nothing but boilerplate speaks."""

import numpy as np

from search.engines.whoosh.storage.arrays import Array
from search.engines.whoosh.storage.snapshot import Snapshot


class Hidden:
    """Documents and the hashes of their organisations that are not shown.

    ``documents`` ascend, and ``values[i]`` is hidden in ``documents[i]``.
    """

    def __init__(self, documents: Array, values: Array) -> None:
        self._documents = documents
        self._values = values

    def get(self, number: int) -> frozenset[int]:
        """The hashes of what is not shown of a document."""
        if not len(self._documents):
            return frozenset()
        # Numbers of another type would have the whole column converted to it.
        wanted = np.array((number, number + 1), dtype=self._documents.dtype)
        start, end = np.searchsorted(self._documents, wanted)
        return frozenset(self._values[start:end].tolist())


def hidden_of(snapshot: Snapshot) -> Hidden:
    """What is not shown of the documents of a snapshot."""
    return Hidden(*snapshot.hidden)
