"""Finds the documents most like one: those that share its distinctive lemmas, and its meaning."""

from typing import Any

from search.engines.contract import IndexedDocument, RankedDocument
from search.engines.likeness import (
    K1,
    LEAST,
    MEANING_WEIGHT,
    TITLE,
    B,
    common_lemmas,
    distinctive,
)
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.index_mapping import escaped
from search.engines.opensearch.nearness_scoring import likeness_score
from search.engines.opensearch.query_compiler import CorpusStatistics
from search.engines.opensearch.term_scoring import Clause, any_of, script_score
from search.engines.opensearch.word_lookup import WordLookup

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
            "min_score": LEAST,
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
            {"term": {"title": {"value": escaped(lemma), "boost": TITLE}}},
            {"term": {"body": escaped(lemma)}},
        ]
        return script_score(
            any_of(times), _SCRIPT, title=TITLE, b=B, mean=self._mean, k1=K1, weight=weight
        )

    def _distinctive(self, document: IndexedDocument) -> list[tuple[str, float]]:
        """The lemmas that tell this document from the others, with their weights."""
        lemmas = common_lemmas(document)
        counts = self._words.counts(lemmas)
        return distinctive(lemmas, counts, self._statistics.idf)
