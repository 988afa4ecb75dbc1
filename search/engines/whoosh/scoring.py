"""BM25F over title and body, on whole arrays of documents."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.columns import Columns, FloatArray
from search.engines.whoosh.postings import Postings

#: The postings of a term in the title and in the body, None where the field is not asked.
FieldPostings = tuple[Postings | None, Postings | None]


@dataclass(frozen=True, slots=True)
class Weights:
    """Parameters of BM25F.

    A word of the title counts ``title_boost`` times; one at the beginning of the body counts
    ``early_boost`` times more than later ones.
    """

    k1: float = 2.0
    b_title: float = 0.5
    b_body: float = 0.6
    title_boost: float = 8.0
    early_boost: float = 4.0


class Scorer:
    """Scores the documents of a term; one per open generation."""

    def __init__(self, columns: Columns, weights: Weights) -> None:
        self._weights = weights
        self._documents = max(int(columns.alive.sum()), 1)
        self._title_norm = _norm(columns.title_length, weights.b_title)
        self._body_norm = _norm(columns.body_length, weights.b_body)
        self._size = columns.size

    def idf(self, document_frequency: int) -> float:
        """Inverse document frequency, never negative."""
        df = min(document_frequency, self._documents)
        return math.log1p((self._documents - df + 0.5) / (df + 0.5))

    def add(self, scores: FloatArray, lists: Iterable[FieldPostings], weight: float) -> None:
        """Add the score of one term to ``scores`` (one per document).

        ``lists`` are taken together as one term: a word whole and as a part of compounds.
        """
        frequency = np.zeros(self._size)
        touched = np.zeros(self._size, dtype=bool)
        for title, body in lists:
            if title is not None and len(title.documents):
                touched[title.documents] = True
                norm = self._title_norm[title.documents]
                frequency[title.documents] += self._weights.title_boost * title.frequencies / norm
            if body is not None and len(body.documents):
                touched[body.documents] = True
                frequency[body.documents] += (
                    body.frequencies + self._weights.early_boost * body.early
                ) / self._body_norm[body.documents]
        documents = np.flatnonzero(touched)
        k1 = self._weights.k1
        tf = frequency[documents]
        scores[documents] += weight * self.idf(len(documents)) * tf * (k1 + 1) / (k1 + tf)


def _norm(lengths: FloatArray, b: float) -> FloatArray:
    filled = lengths[lengths > 0]
    average = float(filled.mean()) if len(filled) else 1.0
    return 1 - b + b * lengths / average
