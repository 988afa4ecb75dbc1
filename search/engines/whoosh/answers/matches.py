"""What matches a query, over all documents, and as it is kept for when it is asked again."""

from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.answers.columns import BoolArray, FloatArray
from search.engines.whoosh.native.functions import Library
from search.engines.whoosh.postings.lists import Looked
from search.engines.whoosh.postings.postings import DocumentArray


@dataclass(frozen=True, slots=True)
class Match:
    """Masks and scores over all documents.

    ``full`` matches everything asked, ``documents`` are the same as numbers, ascending; ``partial``
    (apart from ``full``) matches only some plain words.
    """

    full: BoolArray
    partial: BoolArray
    scores: FloatArray
    documents: DocumentArray


@dataclass(frozen=True, slots=True)
class KeptMatch:
    """A match in few bytes: of all scores those of ``documents`` and of ``others``.

    ``looked`` and ``postings`` are what was gone through to find it.
    """

    documents: DocumentArray
    others: DocumentArray
    scores: FloatArray
    other_scores: FloatArray
    looked: tuple[Looked, ...]
    postings: int

    @classmethod
    def of(cls, match: Match, looked: tuple[Looked, ...], postings: int) -> "KeptMatch":
        """What is to be kept of ``match``."""
        others = np.flatnonzero(match.partial)
        scores = match.scores[match.documents], match.scores[others]
        return cls(match.documents, others, *scores, looked, postings)

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return 16 * (len(self.documents) + len(self.others)) + 200 * (len(self.looked) + 5)

    def match(self, size: int) -> Match:
        """The same over all ``size`` documents."""
        full, partial = np.zeros((2, size), dtype=bool)
        scores = np.zeros(size)
        full[self.documents] = True
        scores[self.documents] = self.scores
        if len(self.others):
            partial[self.others] = True
            scores[self.others] = self.other_scores
        return Match(full, partial, scores, self.documents)


def numbers_of(mask: BoolArray, library: Library | None) -> DocumentArray:
    """The documents in ``mask``, ascending; a ``library`` finds them in less time."""
    return np.flatnonzero(mask) if library is None else library.collect(mask)
