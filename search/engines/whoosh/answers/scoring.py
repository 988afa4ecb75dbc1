"""BM25F over title and body, on whole arrays of documents."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.answers.columns import BoolArray, Columns, FloatArray
from search.engines.whoosh.postings.lists import (
    DocumentArray,
    Looked,
    PostingLists,
    Postings,
    PostingsReader,
)

#: The postings of a term in the title and in the body, None where the field is not asked.
FieldPostings = tuple[Postings | None, Postings | None]
#: Where fewer than one in so many documents is touched, sorting them beats going through all.
_FEW = 16
#: What more than one in so many documents holds is kept for all of them.
_COMMON = 4


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


@dataclass(frozen=True, slots=True)
class Impact:
    """What a term of weight 1 adds to the scores of the ``documents`` that hold it.

    ``dense`` has the same for every document, where that takes less time to add up; ``looked``
    and ``postings`` are what was gone through to know.
    """

    documents: DocumentArray
    scores: FloatArray
    dense: FloatArray | None = None
    looked: tuple[Looked, ...] = ()
    postings: int = 0

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        dense = self.dense.nbytes if self.dense is not None else 0
        return self.documents.nbytes + self.scores.nbytes + dense

    def mark(self, mask: BoolArray) -> None:
        """Set ``mask`` for the documents that hold the term."""
        mask[self.documents] = True

    def add(self, scores: FloatArray, weight: float) -> None:
        """Add to ``scores`` (one per document) what the term is worth with ``weight``."""
        if self.dense is not None:
            scores += self.dense if weight == 1 else self.dense * weight
        else:
            scores[self.documents] += self.scores if weight == 1 else self.scores * weight


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

    def impact(self, lists: Sequence[FieldPostings], looked: Sequence[Looked] = ()) -> Impact:
        """What one term adds to scores.

        ``lists`` are taken together as one term: a word whole and as a part of compounds.
        """
        held = [each for pair in lists for each in pair if each is not None]
        parts = [each for pair in lists for each in self._frequencies(*pair)]
        documents, frequency = self._added_up(parts)
        k1 = self._weights.k1
        scores = frequency * (k1 + 1) / (k1 + frequency) * self.idf(len(documents))
        dense = None
        if len(documents) * _COMMON > self._size:
            dense = np.zeros(self._size)
            dense[documents] = scores
        count = sum(len(each.documents) for each in held)
        return Impact(documents, scores, dense, tuple(looked), count)

    def _frequencies(
        self, title: Postings | None, body: Postings | None
    ) -> list[tuple[DocumentArray, FloatArray]]:
        parts = []
        if title is not None and len(title.documents):
            boosted = self._weights.title_boost * title.frequencies
            parts.append((title.documents, boosted / self._title_norm[title.documents]))
        if body is not None and len(body.documents):
            boosted = body.frequencies + self._weights.early_boost * body.early
            parts.append((body.documents, boosted / self._body_norm[body.documents]))
        return parts

    def _added_up(
        self, parts: Sequence[tuple[DocumentArray, FloatArray]]
    ) -> tuple[DocumentArray, FloatArray]:
        if not parts:
            return np.empty(0, dtype=np.int64), np.empty(0)
        if len(parts) == 1:
            return parts[0]
        documents = np.concatenate([each for each, _ in parts])
        frequencies = np.concatenate([each for _, each in parts])
        if len(documents) * _FEW < self._size:
            documents, places = np.unique(documents, return_inverse=True)
            return documents, np.bincount(places, frequencies).astype(np.float64)
        total = np.bincount(documents, frequencies, self._size).astype(np.float64)
        touched = np.flatnonzero(total)  # no frequency is zero
        return touched, total[touched]


class Impacts:
    """The impacts of terms, kept beside their postings; one per open generation."""

    def __init__(self, shared: PostingsReader, scorer: Scorer) -> None:
        self._shared = shared
        self._scorer = scorer

    def of(self, terms: tuple[str, ...], lists: PostingLists, *, title_only: bool) -> Impact:
        """The impact of ``terms`` taken together; ``lists`` count what is gone through."""
        key = (terms, title_only)
        found = self._shared.cache.get(key, Impact)
        if found is None:
            found = self._shared.cache.put(key, self._impact(terms, title_only))
        lists.note(found.looked, found.postings)
        return found

    def _impact(self, terms: tuple[str, ...], title_only: bool) -> Impact:
        held: list[FieldPostings] = []
        looked: list[Looked] = []
        for each in terms:
            looked.append(("title", each))
            body = None
            if not title_only:
                looked.append(("body", each))
                body = self._shared.postings("body", each)
            held.append((self._shared.postings("title", each), body))
        return self._scorer.impact(held, looked)


def _norm(lengths: FloatArray, b: float) -> FloatArray:
    filled = lengths[lengths > 0]
    average = float(filled.mean()) if len(filled) else 1.0
    return 1 - b + b * lengths / average
