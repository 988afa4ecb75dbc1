"""Hybrid search on the server: exact vector search by scripts, and fusion with scores of words.

One request fetches what fused scores depend on: the best score of words, the nearest passages, and
the top documents by either. Among these are the best by both (Fagin's threshold algorithm), towards
which the query is moved. docs/scoring.md, section 9, specifies the computation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from search.engines.contract import MeaningQuery
from search.engines.opensearch.facet_filters import Filters, under
from search.engines.opensearch.nearness_scoring import (
    NEAREST,
    fused_score,
    nearest_score,
    nearness_params,
    script,
)
from search.engines.opensearch.query_compiler import CompiledQuery, best_score, best_score_body
from search.engines.opensearch.server_vectors import ServerVectors, having, packed_of
from search.engines.opensearch.term_scoring import Clause, all_of, but_not
from search.meaning.embedder import Vectors
from search.meaning.fusion import MOST_NEAR, SHARE_OF_NEAREST, FusedScore, feedback_documents

#: Ties are broken by representatives of clusters first, then Estonian articles, then ids.
BY_SCORE: tuple[Clause, ...] = (
    {"_score": "desc"},
    {"cluster_rank": "asc"},
    {"foreign": "asc"},
    {"id": "asc"},
)
#: Number of best documents by words, and of nearest ones, that are fused.
_CANDIDATES = 50
#: The document nearest to the moved query is searched among this number of the best; if it is
#: another one, the page is requested again.
_GUESSED = 30
#: Nearness is the same if it differs by less, as scripts round numbers.
_SAME = 2e-5
_MOST_CLUSTERS = 65_000
_NEARNESS = "nearness"
_FUSED_FIELDS = ["id", "cluster", "cluster_rank", "foreign", "vectors"]
_Hit = Mapping[str, Any]
#: Sends several searches in one request.
MultiSearch = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """A query vector for scripts: ``vector`` is without common directions, ``certain`` a clause."""

    meaning: MeaningQuery
    vector: Vectors
    params: dict[str, Any]
    certain: tuple[Clause, ...]

    @property
    def near(self) -> Clause:
        """Clause for all documents with vectors, scored by nearness."""
        return nearest_score(having(self.meaning.model), self.params)

    def near_enough(self, nearest: float) -> Clause:
        """Clause for documents near enough; ``nearest`` is the greatest nearness of all."""
        among = all_of([having(self.meaning.model), *self.certain])
        return nearest_score(among, self.params, self.least(nearest))

    def least(self, nearest: float) -> float:
        """The least nearness with which meaning alone finds a document."""
        return max(self.meaning.floor, SHARE_OF_NEAREST * nearest)


@dataclass(frozen=True, slots=True)
class FusedRanking:
    """Ranking by ``fused`` scores; ``params`` are the script parameters of their nearness.

    ``near`` are the ids of what is found by meaning alone, ``near_beside`` those found without one
    of the filters, by that. ``is_guessed`` if a nearer document may turn up.
    """

    near: tuple[str, ...]
    near_beside: Mapping[str, tuple[str, ...]]
    fused: FusedScore
    params: dict[str, Any]
    weight: float
    is_guessed: bool

    def scored(self, words: Clause) -> Clause:
        """Clause with fused scores of what ``words`` find and score, and of what is near."""
        near: Clause = {
            "constant_score": {"filter": ids_clause(self.near), "boost": 0, "_name": "near"}
        }
        both = {"bool": {"should": [words, near], "minimum_should_match": 1}}
        return fused_score(both, self.fused, self.params)

    def corrected(self, nearest: float) -> "FusedRanking | None":
        """The ranking if the nearest document is as near as ``nearest``; None if it is the same."""
        floor = self.fused.floor
        if nearest <= floor or self.nearest >= nearest - _SAME:
            return None
        fused = replace(self.fused, meaning=self.weight / (nearest - floor))
        return replace(self, fused=fused, is_guessed=False)

    @property
    def nearest(self) -> float:
        """The greatest nearness that scores are scaled by."""
        return self.fused.floor + (self.weight / self.fused.meaning if self.fused.meaning else 0.0)


class MeaningSearch:
    """Vector and hybrid search over one generation; ``multi_search`` searches its index.

    ``documents`` is their number, ``has_clusters`` if some are near-duplicates.
    """

    def __init__(
        self,
        multi_search: MultiSearch,
        vectors: ServerVectors,
        documents: int,
        *,
        has_clusters: bool,
    ) -> None:
        self._multi_search = multi_search
        self._vectors = vectors
        self._feedback = feedback_documents(documents)
        self._has_clusters = has_clusters

    def vector_query(self, meaning: MeaningQuery, certain: Clause | None) -> VectorQuery | None:
        """The query vector for scripts; None where nothing has vectors of its model."""
        vector, common = self._vectors.query(meaning), self._vectors.common(meaning.model)
        if vector is None or common is None:
            return None
        clauses = () if certain is None else (certain,)
        return VectorQuery(meaning, vector, nearness_params(common, vector), clauses)

    def ranking(
        self,
        vector_query: VectorQuery,
        query: CompiledQuery,
        filters: Filters,
        beside: Mapping[str, Filters],
        *,
        is_covered: bool,
    ) -> FusedRanking:
        """Ranks what ``query`` and its vector find under ``filters``.

        ``is_covered`` if any document holds all of the query. What is near is looked for under
        each of the filters of ``beside``, too.
        """
        matching = under(query.some, filters)
        nearest = self._near_body(vector_query, query, filters)
        nearest["docvalue_fields"] = _FUSED_FIELDS
        nearest["aggs"] = {"nearest": _max_score_agg()}
        clusters = [_clusters_body(matching)] if self._has_clusters else []
        coverage = []
        if query.coverage and not is_covered:
            coverage = [best_score_body(query.coverage, query.some)]
        others = [self._near_body(vector_query, query, each) for each in beside.values()]
        candidates = _candidate_bodies(vector_query, query, matching)
        bodies = [*candidates, nearest, *clusters, *coverage, *others]
        by_words, by_nearness, found, *rest = self._multi_search(bodies)
        least = vector_query.least(max_score(found["aggregations"]["nearest"]))
        near = self._without_known_clusters(
            found, rest.pop(0) if clusters else None, nearest, least
        )
        covered = best_score(rest.pop(0)) / query.weight if coverage else 1.0
        # Facets count near documents only if words find nothing, so no cluster is known then.
        there = (self._without_known_clusters(each, None, {}, least) for each in rest)
        near_beside = {
            name: tuple(map(_id, hits)) for name, hits in zip(beside, there, strict=True)
        }
        best = _Candidates(by_words["hits"]["hits"], by_nearness["hits"]["hits"], near)
        scale = best.best_words, covered
        meaning = vector_query.meaning
        fused = FusedScore.scaled(*scale, best.nearest, meaning.floor, meaning.weight)
        ids = tuple(map(_id, near))
        plain = FusedRanking(ids, near_beside, fused, vector_query.params, meaning.weight, False)
        if not self._feedback or not best.any_found:
            return plain
        hits = best.fused(fused, self._feedback)
        if hits is None:
            hits = self._best_of_all(query, filters, plain)
        return self._with_feedback(vector_query, hits, plain, scale)

    def nearest(self, vector_query: VectorQuery) -> float:
        """The greatest nearness of all documents."""
        body = {"size": 0, "track_total_hits": False, "query": vector_query.near}
        (answer,) = self._multi_search([{**body, "aggs": {"nearest": _max_score_agg()}}])
        return max_score(answer["aggregations"]["nearest"])

    def _best_of_all(
        self, query: CompiledQuery, filters: Filters, plain: FusedRanking
    ) -> list["_FusedHit"]:
        """The best of all that is found by fused scores of the server."""
        body = {
            "size": _GUESSED,
            "query": plain.scored(_words(query.some, query)),
            "post_filter": under({"match_all": {}}, filters),
            "sort": list(BY_SCORE),
            "track_total_hits": False,
            "_source": False,
            "docvalue_fields": ["id", "vectors"],
        }
        (answer,) = self._multi_search([body])
        return [_FusedHit(float(each["_score"]), each) for each in answer["hits"]["hits"]]

    def _with_feedback(
        self,
        vector_query: VectorQuery,
        hits: Sequence["_FusedHit"],
        plain: FusedRanking,
        scale: tuple[float, float],
    ) -> FusedRanking:
        """The ranking by nearness to the query moved towards the best of ``hits`` (Rocchio)."""
        first = [each for each in hits[: self._feedback] if each.has_vectors]
        packed, weights = [packed_of(each.hit) for each in first], [each.score for each in first]
        moved = self._vectors.towards(vector_query.vector, packed, weights)
        common = self._vectors.common(vector_query.meaning.model)
        assert common is not None  # noqa: S101 - the query has a vector of that model
        guessed = [
            self._vectors.nearest(packed_of(each.hit), moved).nearness
            for each in hits[:_GUESSED]
            if each.has_vectors
        ]
        meaning = vector_query.meaning
        most = max(guessed, default=0.0)
        fused = FusedScore.scaled(*scale, most, meaning.floor, meaning.weight)
        params = nearness_params(common, moved)
        return replace(plain, fused=fused, params=params, is_guessed=len(hits) >= _GUESSED)

    def _near_body(
        self, vector_query: VectorQuery, query: CompiledQuery, filters: Filters
    ) -> dict[str, Any]:
        """Search for what is near and does not match, the nearest first, one of each cluster."""
        clauses = [each for some in filters.values() for each in some]
        body: dict[str, Any] = {
            "size": MOST_NEAR,
            "query": vector_query.near,
            "post_filter": {
                "bool": {"filter": [*vector_query.certain, *clauses], "must_not": [query.some]}
            },
            "sort": list(BY_SCORE),
            "track_total_hits": False,
            "_source": False,
            "docvalue_fields": ["id", "cluster"],
        }
        if self._has_clusters:
            body["collapse"] = {"field": "cluster"}
        return body

    def _without_known_clusters(
        self,
        found: Mapping[str, Any],
        matching: Mapping[str, Any] | None,
        body: Mapping[str, Any],
        least: float,
    ) -> list[_Hit]:
        """What is near enough, without near-duplicates of what words have found.

        ``found`` answers ``body``; ``matching`` has the clusters that words have found.
        """
        buckets = matching["aggregations"]["clusters"]["buckets"] if matching else ()
        known = {each["key"] for each in buckets}
        left_out: set[str] = set()
        while True:
            hits = [each for each in found["hits"]["hits"] if float(each["_score"]) >= least]
            kept = [each for each in hits if _cluster(each) not in known]
            if len(hits) < MOST_NEAR or len(kept) == len(hits):
                return kept
            # There may be more behind them.
            left_out |= {_cluster(each) for each in hits} & known
            clauses = [{"terms": {"cluster": sorted(left_out)}}]
            more = {**body, "post_filter": but_not(body["post_filter"], clauses)}
            (found,) = self._multi_search([more])


@dataclass(frozen=True, slots=True)
class _FusedHit:
    """A document with its fused score."""

    score: float
    hit: _Hit

    @property
    def has_vectors(self) -> bool:
        return "vectors" in self.hit["fields"]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The best hits by words, and by nearness of those found by words; all that is ``near``."""

    by_words: Sequence[_Hit]
    by_nearness: Sequence[_Hit]
    near: Sequence[_Hit]

    @property
    def any_found(self) -> bool:
        return bool(self.by_words or self.near)

    @property
    def best_words(self) -> float:
        """The greatest score of words."""
        return max((float(each["_score"]) for each in self.by_words), default=0.0)

    @property
    def nearest(self) -> float:
        """The greatest nearness of what is found."""
        nearness = [*map(_nearness, self.by_nearness), *(float(e["_score"]) for e in self.near)]
        return max(nearness, default=0.0)

    def fused(self, fused: FusedScore, count: int) -> list[_FusedHit] | None:
        """The hits by fused scores; None if another document may be one of the first ``count``."""
        matching = {_id(each): each for each in (*self.by_words, *self.by_nearness)}
        found = [(float(each["_score"]), _nearness(each), each) for each in matching.values()]
        found += [(0.0, float(each["_score"]), each) for each in self.near]
        words, nearness = np.array([each[:2] for each in found], dtype=np.float64).T
        scores = fused.of(words, nearness).tolist()
        hits = [_FusedHit(score, hit) for score, (*_, hit) in zip(scores, found, strict=True)]
        hits.sort(key=lambda each: (-each.score, *_tie_break(each.hit)))
        if len(self.by_words) == _CANDIDATES:
            # A document in neither list is no better than the last of both.
            last = _nearness(self.by_nearness[-1]) if len(self.by_nearness) == _CANDIDATES else 0.0
            last_words = float(self.by_words[-1]["_score"])
            (least,) = fused.of(np.array([last_words]), np.array([last]))
            if len(hits) < count or hits[count - 1].score < least:
                return None
        return hits


def _clusters_body(matching: Clause) -> dict[str, Any]:
    """Search that lists the clusters of near-duplicates among what is ``matching``."""
    clusters = {"terms": {"field": "cluster", "size": _MOST_CLUSTERS}}
    return {
        "size": 0,
        "track_total_hits": False,
        "query": all_of([matching, {"term": {"clustered": True}}]),
        "aggs": {"clusters": clusters},
    }


def _candidate_bodies(
    vector_query: VectorQuery, query: CompiledQuery, matching: Clause
) -> list[dict[str, Any]]:
    """Searches for the best documents by words, and by nearness of what words find."""
    nearness = script(NEAREST, vector_query.params)
    body: dict[str, Any] = {
        "size": _CANDIDATES,
        "query": _words(matching, query),
        "track_scores": True,
        "track_total_hits": False,
        "_source": False,
        "docvalue_fields": _FUSED_FIELDS,
        "script_fields": {_NEARNESS: {"script": nearness}},
    }
    by_nearness = {"_script": {"type": "number", "order": "desc", "script": nearness}}
    with_vectors = _words(all_of([matching, having(vector_query.meaning.model)]), query)
    return [
        {**body, "sort": list(BY_SCORE)},
        {**body, "query": with_vectors, "sort": [by_nearness, *BY_SCORE]},
    ]


def _words(among: Clause, query: CompiledQuery) -> Clause:
    return {"bool": {"filter": [among], "should": list(query.scores)}}


def _nearness(hit: _Hit) -> float:
    return float(hit["fields"][_NEARNESS][0])


def _tie_break(hit: _Hit) -> tuple[int, int, str]:
    """The order of hits with equal scores, as in ``BY_SCORE``."""
    fields = hit["fields"]
    return fields["cluster_rank"][0], fields["foreign"][0], fields["id"][0]


def ids_clause(ids: Sequence[str]) -> Clause:
    """Clause for the documents with some ids."""
    return {"terms": {"id": list(ids)}}


def _max_score_agg() -> Clause:
    return {"max": {"script": {"source": "_score"}}}


def max_score(found: Mapping[str, Any]) -> float:
    """The value of a ``max`` aggregation of scores, 0 where there was none."""
    return max(float(found["value"] or 0.0), 0.0)


def _id(hit: _Hit) -> str:
    name: str = hit["fields"]["id"][0]
    return name


def _cluster(hit: _Hit) -> str:
    name: str = hit["fields"]["cluster"][0]
    return name
