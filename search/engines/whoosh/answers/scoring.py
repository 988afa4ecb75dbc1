"""BM25F over title and body, on whole arrays of documents."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.answers.columns import BoolArray, Columns, FloatArray
from search.engines.whoosh.native.lists import Scoring
from search.engines.whoosh.postings.postings import DocumentArray, Postings, joined

_Frequencies = npt.NDArray[np.float32]
#: The postings of a term in the title and in the body.
FieldPostings = tuple[Postings, Postings]


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


class Claim(NamedTuple):
    """One of the ways in which a document can hold a word, and what it counts.

    ``terms`` (with channel prefix) are taken together as one; documents that have any of
    ``matching`` hold the word, the others are only worth more.
    """

    terms: tuple[str, ...]
    weight: float = 1.0
    matching: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What a word adds to the ``scores`` of ``documents``; those ``matching`` hold it."""

    documents: DocumentArray
    scores: FloatArray
    matching: DocumentArray

    def add(self, scores: FloatArray, mask: BoolArray) -> None:
        """Add it to the scores of all documents, and mark in ``mask`` those that hold the word."""
        scores[self.documents] += self.scores
        mask[self.matching] = True


class Scorer:
    """Scores the documents of a word; one per open generation."""

    def __init__(self, columns: Columns, weights: Weights) -> None:
        self._weights = weights
        self._documents = max(int(np.count_nonzero(columns.alive)), 1)
        # Half the bytes are enough for what no score is rounded to.
        gains = weights.title_boost / _norm(columns.title_length, weights.b_title)
        self._title_gain = gains.astype(np.float32)
        self._body_gain = (1 / _norm(columns.body_length, weights.b_body)).astype(np.float32)
        self._size = columns.size
        self._places = np.arange(columns.size)
        #: For the compiled library.
        self.scoring = Scoring(
            self._documents, self._title_gain, self._body_gain, weights.k1, weights.early_boost
        )

    def idf(self, document_frequency: int) -> float:
        """Inverse document frequency, never negative."""
        df = min(document_frequency, self._documents)
        return math.log1p((self._documents - df + 0.5) / (df + 0.5))

    def impact(self, claims: Sequence[Claim], lists: Mapping[str, FieldPostings]) -> Impact:
        """What a word adds to scores that a document may hold as any of ``claims`` say.

        ``lists`` are those of every term of the claims.
        """
        documents, taken = self._frequencies(claims, lists)
        is_held = taken > 0
        k1 = self._weights.k1
        counts = [int(np.count_nonzero(row)) for row in is_held]
        worth = [
            claim.weight * (k1 + 1) * self.idf(count)
            for claim, count in zip(claims, counts, strict=True)
        ]
        # f / (f + k1) is 1 - k1 / (f + k1), which takes no other array.
        lost = k1 * np.array(worth, dtype=np.float32)
        taken += k1
        np.reciprocal(taken, out=taken)
        taken *= lost[:, None]
        nothing_held = np.reciprocal(np.float32(k1)) * lost
        scores = nothing_held.sum(dtype=np.float64) - taken.sum(axis=0, dtype=np.float64)
        return Impact(documents, scores, self._matching(claims, lists, documents, is_held))

    def _frequencies(
        self, claims: Sequence[Claim], lists: Mapping[str, FieldPostings]
    ) -> tuple[DocumentArray, _Frequencies]:
        """The documents that hold any term, and how often each claim has them hold its terms.

        Title and body are weighed and normalised: an array of claims by documents.
        """
        pairs = [(row, lists[term]) for row, claim in enumerate(claims) for term in claim.terms]
        titles = [(row, title) for row, (title, _) in pairs if len(title.documents)]
        bodies = [(row, body) for row, (_, body) in pairs if len(body.documents)]
        held = [each for _, each in (*bodies, *titles)]
        if not held:
            return np.empty(0, dtype=np.int64), np.zeros((len(claims), 0), dtype=np.float32)
        documents = joined([each.documents for each in held])
        counts = joined([each.frequencies for each in held]).astype(np.float32)
        end = sum(len(each.documents) for _, each in bodies)
        if bodies:
            early = joined([each.early for _, each in bodies])
            counts[:end] += np.multiply(early, self._weights.early_boost, dtype=np.float32)
            counts[:end] *= self._body_gain[documents[:end]]
        if titles:
            counts[end:] *= self._title_gain[documents[end:]]
        united, places = self._united(documents)
        taken = np.zeros((len(claims), len(united)), dtype=np.float32)
        at = 0
        for row, each in (*bodies, *titles):
            start, at = at, at + len(each.documents)
            taken[row][places[start:at]] += counts[start:at]  # no document is twice in a list
        return united, taken

    def _united(self, documents: DocumentArray) -> tuple[DocumentArray, DocumentArray]:
        """Each of ``documents`` once, ascending, and the place of every one among them."""
        mask = np.zeros(self._size, dtype=bool)
        mask[documents] = True
        united = np.flatnonzero(mask)
        place_of = np.empty(self._size, dtype=np.int64)
        place_of[united] = self._places[: len(united)]
        return united, place_of[documents]

    def _matching(
        self,
        claims: Sequence[Claim],
        lists: Mapping[str, FieldPostings],
        documents: DocumentArray,
        is_held: BoolArray,
    ) -> DocumentArray:
        """Those of ``documents`` that hold the word; ``is_held`` says by what claim they may."""
        whole = [row for row, claim in enumerate(claims) if claim.matching == claim.terms]
        mask = np.logical_or.reduce(is_held[whole], axis=0)
        for claim in claims:
            if claim.matching != claim.terms:
                for term in claim.matching:
                    for each in lists[term]:
                        mask[np.searchsorted(documents, each.documents)] = True
        return documents[mask]


def _norm(lengths: FloatArray, b: float) -> FloatArray:
    filled = lengths[lengths > 0]
    average = float(filled.mean()) if len(filled) else 1.0
    return 1 - b + b * lengths / average
