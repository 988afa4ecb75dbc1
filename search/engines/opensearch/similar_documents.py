"""More like this: finds documents with the distinctive lemmas of one, and with similar vectors."""

from typing import Any

from search.engines.contract import IndexedDocument
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
        self,
        document: IndexedDocument,
        cluster: str,
        limit: int,
        meaning: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Searches at most ``limit`` others, the most similar first, with their listings.

        The document itself would score 1. ``cluster`` is its own, ``meaning`` has the script
        parameters for its vectors, None where it has none.
        """
        distinctive = self._distinctive(document)
        scores = [self._score(each, weight) for each, weight in distinctive]
        best = sum(self._own_score(document, each, weight) for each, weight in distinctive)
        among = [any_of(scores)] if best > 0 else []
        if meaning is not None:
            among.append({"exists": {"field": "model"}})
        others: Clause = {
            "bool": {
                "filter": [{"term": {"cluster_rank": 0}}, any_of(among)],
                "must_not": [{"term": {"cluster": cluster}}],
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
            "_source": ["listing", "decision"],
            "docvalue_fields": ["id"],
        }
        return self._connection.search(self._index, body)

    def _score(self, lemma: str, weight: float) -> Clause:
        times: list[Clause] = [
            {"term": {"title": {"value": escaped(lemma), "boost": TITLE}}},
            {"term": {"body": escaped(lemma)}},
        ]
        return script_score(
            any_of(times), _SCRIPT, title=TITLE, b=B, mean=self._mean, k1=K1, weight=weight
        )

    def _own_score(self, document: IndexedDocument, lemma: str, weight: float) -> float:
        """Score of the document itself, computed as the script does."""
        title, body = document.title, document.body
        times = TITLE * len(title.postings.get(lemma, ())) + len(body.postings.get(lemma, ()))
        norm = 1 - B + B * (body.length + TITLE * title.length) / self._mean
        return weight * times / (times + K1 * norm) if times else 0.0

    def _distinctive(self, document: IndexedDocument) -> list[tuple[str, float]]:
        """The distinctive lemmas of a document with their weights."""
        lemmas = common_lemmas(document)
        counts = self._words.counts(lemmas)
        return distinctive(lemmas, counts, self._statistics.idf)
