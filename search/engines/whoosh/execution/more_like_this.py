"""More like this: documents that share the distinctive lemmas of one, and its meaning."""

from collections.abc import Sequence

import numpy as np

from search.analysis.terms import LEMMA
from search.engines.contract import IndexedDocument, RankedDocument
from search.engines.whoosh.execution.positions import CachedLists, NoBudget
from search.engines.whoosh.execution.scoring import TermScorer
from search.engines.whoosh.kernels.interface import Mask, Scores
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.snapshot.vectors import Floats

_TITLE = 3.0
_COMMONEST = 256
_COMPARED = 30
#: Below this share of an article's own score another one only happens to use the same words.
_LEAST = 0.12
#: How much nearness in meaning weighs beside the distinctive words, whose weight is 1.
MEANING_WEIGHT = 0.5
_K1 = 1.2
_B = 0.75


def common_lemmas(document: IndexedDocument) -> list[str]:
    """The commonest lemmas of a document, those of the title first."""
    weights: dict[str, float] = {}
    for field, weight in ((document.title, _TITLE), (document.body, 1.0)):
        for each, positions in field.postings.items():
            if each.startswith(LEMMA):
                weights[each] = weights.get(each, 0.0) + weight * len(positions)
    return sorted(weights, key=lambda each: (-weights[each], each))[:_COMMONEST]


class MoreLikeThis:
    """Finds the documents most like one; one per open generation, safe for threads.

    Lengths are in words, of all documents.
    """

    def __init__(
        self, lists: CachedLists, scorer: TermScorer, title_lengths: Array, body_lengths: Array
    ) -> None:
        self._lists = lists
        self._scorer = scorer
        self._size = len(body_lengths)
        lengths = body_lengths.astype(np.float64) + _TITLE * title_lengths
        mean = float(lengths.mean()) if len(lengths) else 1.0
        self._norm = 1 - _B + _B * lengths / max(mean, 1)

    def find(
        self,
        number: int,
        lemmas: Sequence[str],
        candidates: Mask,
        limit: int,
        nearness: Floats | None = None,
    ) -> tuple[RankedDocument, ...]:
        """At most ``limit`` of ``candidates``, the likest first; 1 would be the document itself.

        ``nearness`` (documents,) is how near in meaning each is, None where that is not known.
        """
        likeness = self._by_terms(number, lemmas)
        if nearness is not None:
            # Both count, neither is taken from the other, and what has no vectors stays as it was.
            likeness = 1 - (1 - likeness) * (1 - MEANING_WEIGHT * np.clip(nearness, 0.0, 1.0))
        return _best(likeness, candidates & (likeness >= _LEAST), limit)

    def _by_terms(self, number: int, lemmas: Sequence[str]) -> Scores:
        """Of each document the share of what this one's distinctive lemmas are worth, up to 1."""
        scores = np.zeros(self._size)
        for each, weight in self._distinctive(lemmas):
            frequency = np.zeros(self._size)
            title = self._lists.read("title", each, NoBudget())
            body = self._lists.read("body", each, NoBudget())
            frequency[title.documents] += _TITLE * title.counts
            frequency[body.documents] += body.counts
            touched = np.flatnonzero(frequency)
            tf = frequency[touched]
            # As in a query of the document's own words: how much of them this one tells of.
            scores[touched] += weight * tf / (tf + _K1 * self._norm[touched])
        own = scores[number]
        return np.minimum(scores / own, 1.0) if own > 0 else np.zeros(self._size)

    def _distinctive(self, lemmas: Sequence[str]) -> list[tuple[str, float]]:
        """The lemmas that tell this document from the others, with their weights."""
        _, postings = self._lists.lists.document_frequencies(lemmas, None)
        counts = postings.max(axis=1, initial=0).tolist()
        # Common ones come first; a slowly falling weight stands for how common.
        weighed = [
            (each, self._scorer.idf(count) ** 2 / (1 + place / len(lemmas)))
            for place, (each, count) in enumerate(zip(lemmas, counts, strict=True))
            if count > 1 and any(map(str.isalpha, each[1:]))
        ]
        return sorted(weighed, key=lambda pair: (-pair[1], pair[0]))[:_COMPARED]


def _best(likeness: Scores, among: Mask, limit: int) -> tuple[RankedDocument, ...]:
    documents = np.flatnonzero(among)
    order = documents[np.lexsort((documents, -np.round(likeness[documents], 9)))][:limit]
    return tuple(RankedDocument(int(each), float(likeness[each]), True) for each in order)
