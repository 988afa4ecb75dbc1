"""Finds the documents most like one: those that share its distinctive lemmas, and its meaning."""

from collections.abc import Sequence
from typing import Any

from search.analysis.terms import LEMMA
from search.engines.contract import IndexedDocument, RankedDocument
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.index_mapping import escaped
from search.engines.opensearch.nearness_scoring import likeness_score
from search.engines.opensearch.query_compiler import CorpusStatistics
from search.engines.opensearch.term_scoring import Clause, any_of, script_score
from search.engines.opensearch.word_lookup import WordLookup

_TITLE = 3.0
_COMMONEST = 256
_COMPARED = 30
#: Below this share of an article's own score another one only happens to use the same words.
_LEAST = 0.12
#: How much nearness in meaning weighs beside the distinctive words, whose weight is 1.
MEANING_WEIGHT = 0.5
_K1 = 1.2
_B = 0.75
_SCRIPT = """
double length = doc['body_length'].value + params.title * doc['title_length'].value;
double norm = 1 - params.b + params.b * length / params.mean;
return params.weight * _score / (_score + params.k1 * norm);
"""


class SimilarDocuments:
    """More like this, over one generation; safe for threads."""

    def __init__(
        self,
        connection: Connection,
        index: str,
        words: WordLookup,
        manifest: GenerationManifest,
    ) -> None:
        self._connection = connection
        self._index = index
        self._words = words
        self._statistics = CorpusStatistics(manifest.articles, manifest.lengths)
        self._mean = max(manifest.mean_length, 1.0)

    def find(
        self, document: IndexedDocument, limit: int, meaning: dict[str, Any] | None = None
    ) -> tuple[RankedDocument, ...]:
        """At most ``limit`` others, the likest first; 1 would be the document itself.

        ``meaning`` tells scripts of its vectors, None where it has none.
        """
        scores = [self._score(each, weight) for each, weight in self._distinctive(document)]
        own: Clause = {"term": {"id": document.article.id}}
        mine = {"bool": {"filter": [own], "should": scores}}
        body = {"size": 1, "query": mine, "_source": False, "docvalue_fields": ["story"]}
        (hit,) = self._connection.search(self._index, body)["hits"]["hits"]
        best = float(hit["_score"]) if scores else 0.0
        among = [any_of(scores)] if best > 0 else []
        if meaning is not None:
            among.append({"exists": {"field": "model"}})
        others: Clause = {
            "bool": {
                "filter": [{"term": {"member": 0}}, any_of(among)],
                "must_not": [{"terms": {"story": hit["fields"]["story"]}}],
                "should": scores,
            }
        }
        share = 1 / best if best > 0 else 0.0
        if meaning is not None:
            others = likeness_score(others, share, MEANING_WEIGHT, meaning)
        else:
            others = script_score(others, "return Math.min(_score * params.share, 1);", share=share)
        body = {
            "size": limit,
            "query": others,
            "min_score": _LEAST,
            "sort": [{"_score": "desc"}, {"id": "asc"}],
            "_source": False,
            "docvalue_fields": ["id"],
        }
        found = self._connection.search(self._index, body)["hits"]["hits"]
        return tuple(
            RankedDocument(each["fields"]["id"][0], float(each["_score"]), True) for each in found
        )

    def _score(self, lemma: str, weight: float) -> Clause:
        times: list[Clause] = [
            {"term": {"title": {"value": escaped(lemma), "boost": _TITLE}}},
            {"term": {"body": escaped(lemma)}},
        ]
        return script_score(
            any_of(times), _SCRIPT, title=_TITLE, b=_B, mean=self._mean, k1=_K1, weight=weight
        )

    def _distinctive(self, document: IndexedDocument) -> list[tuple[str, float]]:
        """The lemmas that tell this document from the others, with their weights."""
        lemmas = common_lemmas(document)
        counts = self._words.counts(lemmas)
        # Common ones come first; a slowly falling weight stands for how common.
        weighed = [
            (each, self._statistics.idf(counts[each]) ** 2 / (1 + place / len(lemmas)))
            for place, each in enumerate(lemmas)
            if counts[each] > 1 and any(map(str.isalpha, each[1:]))
        ]
        return sorted(weighed, key=lambda pair: (-pair[1], pair[0]))[:_COMPARED]


def common_lemmas(document: IndexedDocument) -> Sequence[str]:
    """The commonest lemmas of a document, those of the title first."""
    weights: dict[str, float] = {}
    for field, weight in ((document.title, _TITLE), (document.body, 1.0)):
        for each, positions in field.postings.items():
            if each.startswith(LEMMA):
                weights[each] = weights.get(each, 0.0) + weight * len(positions)
    return sorted(weights, key=lambda each: (-weights[each], each))[:_COMMONEST]
