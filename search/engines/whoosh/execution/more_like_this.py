"""More like this: finds documents with the distinctive lemmas of one, and similar vectors."""

from collections.abc import Sequence

import numpy as np

from search.engines.contract import RankedDocument
from search.engines.likeness import K1, LEAST, MEANING_WEIGHT, TITLE, B, distinctive
from search.engines.whoosh.execution.positions import CachedLists, NoBudget
from search.engines.whoosh.execution.scoring import TermScorer
from search.engines.whoosh.kernels.interface import Mask, Scores
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.snapshot.vectors import Floats


class MoreLikeThis:
    """Finds documents similar to one; one per open generation, safe for threads.

    Lengths are in words, of all documents.
    """

    def __init__(
        self, lists: CachedLists, scorer: TermScorer, title_lengths: Array, body_lengths: Array
    ) -> None:
        self._lists = lists
        self._scorer = scorer
        self._size = len(body_lengths)
        lengths = body_lengths.astype(np.float64) + TITLE * title_lengths
        mean = float(lengths.mean()) if len(lengths) else 1.0
        self._norm = 1 - B + B * lengths / max(mean, 1)

    def find(
        self,
        number: int,
        lemmas: Sequence[str],
        candidates: Mask,
        limit: int,
        nearness: Floats | None = None,
    ) -> tuple[RankedDocument, ...]:
        """At most ``limit`` of ``candidates``, the most similar first.

        The document itself would score 1. ``nearness`` (documents,) is by vectors, None without.
        """
        likeness = self._by_terms(number, lemmas)
        if nearness is not None:
            # A probabilistic sum: both count, and without vectors the likeness does not change.
            likeness = 1 - (1 - likeness) * (1 - MEANING_WEIGHT * np.clip(nearness, 0.0, 1.0))
        return _best(likeness, candidates & (likeness >= LEAST), limit)

    def _by_terms(self, number: int, lemmas: Sequence[str]) -> Scores:
        """Scores by the distinctive lemmas, each as a share of this document's own, up to 1."""
        scores = np.zeros(self._size)
        for each, weight in self._distinctive(lemmas):
            frequency = np.zeros(self._size)
            title = self._lists.read("title", each, NoBudget())
            body = self._lists.read("body", each, NoBudget())
            frequency[title.documents] += TITLE * title.counts
            frequency[body.documents] += body.counts
            touched = np.flatnonzero(frequency)
            tf = frequency[touched]
            # BM25 as for a query of these lemmas.
            scores[touched] += weight * tf / (tf + K1 * self._norm[touched])
        own = scores[number]
        return np.minimum(scores / own, 1.0) if own > 0 else np.zeros(self._size)

    def _distinctive(self, lemmas: Sequence[str]) -> list[tuple[str, float]]:
        """The distinctive lemmas of a document with their weights."""
        _, postings = self._lists.lists.document_frequencies(lemmas, None)
        counts = postings.max(axis=1, initial=0).tolist()
        return distinctive(lemmas, dict(zip(lemmas, counts, strict=True)), self._scorer.idf)


def _best(likeness: Scores, among: Mask, limit: int) -> tuple[RankedDocument, ...]:
    documents = np.flatnonzero(among)
    order = documents[np.lexsort((documents, -np.round(likeness[documents], 9)))][:limit]
    return tuple(RankedDocument(int(each), float(likeness[each]), True) for each in order)
