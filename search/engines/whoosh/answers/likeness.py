"""More like this: documents that share the distinctive lemmas of one."""

from collections.abc import Sequence

import numpy as np

from search.analysis.terms import LEMMA
from search.engines.contract import TEXT_FIELDS, IndexedDocument, RankedDocument, TextField
from search.engines.whoosh.answers.columns import BoolArray, Columns, FloatArray
from search.engines.whoosh.answers.scoring import Scorer
from search.engines.whoosh.postings.lists import PostingsReader
from search.engines.whoosh.postings.postings import DocumentArray

_TITLE = 3.0
_COMMONEST = 256
_COMPARED = 30
#: Below this share of an article's own score another one only happens to use the same words.
_LEAST = 0.12
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


class Likeness:
    """Finds the likes of a document; one per open generation."""

    def __init__(self, columns: Columns, postings: PostingsReader, scorer: Scorer) -> None:
        self._postings = postings
        self._scorer = scorer
        self._size = columns.size
        lengths = columns.body_length + _TITLE * columns.title_length
        self._norm = 1 - _B + _B * lengths / max(float(lengths.mean()) if len(lengths) else 1.0, 1)

    def find(
        self, number: int, lemmas: Sequence[str], candidates: BoolArray, limit: int
    ) -> tuple[RankedDocument, ...]:
        """At most ``limit`` of ``candidates``, the likest first; 1 would be the document itself."""
        scores = np.zeros(self._size)
        for each, weight in self._distinctive(lemmas):
            title, body = self._frequencies("title", each), self._frequencies("body", each)
            touched = np.union1d(title[0], body[0])
            frequency = np.zeros(self._size)
            frequency[title[0]] += _TITLE * title[1]
            frequency[body[0]] += body[1]
            tf = frequency[touched]
            share = weight * tf / (tf + _K1 * self._norm[touched])
            # As in a query of the document's own words: how much of them this one tells of.
            scores[touched] += share
        own = scores[number]
        if own <= 0:
            return ()
        likeness = np.minimum(scores / own, 1.0)
        return _best(likeness, candidates & (likeness >= _LEAST), limit)

    def _distinctive(self, lemmas: Sequence[str]) -> list[tuple[str, float]]:
        """The lemmas that tell this document from the others, with their weights."""
        counts = [
            max(self._postings.count(field, each) for field in TEXT_FIELDS) for each in lemmas
        ]
        # Common ones come first; a slowly falling weight stands for how common.
        weighed = [
            (each, self._scorer.idf(count) ** 2 / (1 + place / len(lemmas)))
            for place, (each, count) in enumerate(zip(lemmas, counts, strict=True))
            if count > 1 and any(map(str.isalpha, each[1:]))
        ]
        return sorted(weighed, key=lambda pair: (-pair[1], pair[0]))[:_COMPARED]

    def _frequencies(self, field: TextField, each: str) -> tuple[DocumentArray, DocumentArray]:
        found = self._postings.postings(field, each)
        return found.documents, found.frequencies


def _best(likeness: FloatArray, among: BoolArray, limit: int) -> tuple[RankedDocument, ...]:
    documents = np.flatnonzero(among)
    order = documents[np.lexsort((documents, -np.round(likeness[documents], 9)))][:limit]
    return tuple(RankedDocument(int(each), float(likeness[each]), True) for each in order)
