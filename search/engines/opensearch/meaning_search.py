"""Hybrid search on the server: finds what is near in meaning, and fuses scores with those of words.

Everything is scored exactly, by scripts where the documents are. One request gathers what fused
scores depend on: the best score of words, the nearest passages, and the documents that are first by
either, of which those are first by both towards which the query is moved (Fagin's threshold
algorithm). docs/scoring.md, section 9, says what is computed.
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
from search.engines.opensearch.query_compiler import CompiledQuery, extreme_body, extreme_of
from search.engines.opensearch.server_vectors import ServerVectors, having, packed_of
from search.engines.opensearch.term_scoring import Clause, all_of, but_not
from search.meaning.embedder import Vectors
from search.meaning.fusion import MOST_NEAR, SHARE_OF_NEAREST, FusedScore, feedback_documents

#: Of equals, those that stand for near-duplicates stand first, then Estonian, then ids decide.
EQUALS: tuple[Clause, ...] = (
    {"_score": "desc"},
    {"member": "asc"},
    {"foreign": "asc"},
    {"id": "asc"},
)
#: So many documents that are first by words are fused with so many that are first by nearness.
_LISTED = 50
#: The document nearest to the moved query is looked for among so many that stand first; where it is
#: another one, the page is asked for once more.
_GUESSED = 30
#: Nearness is the same if it differs by less: numbers of scripts are rounded.
_SAME = 2e-5
_MOST_STORIES = 65_000
_NEARNESS = "nearness"
_FUSED_FIELDS = ["id", "story", "member", "foreign", "vectors"]
_Hit = Mapping[str, Any]
#: Asks several searches in one request.
MultiSearch = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class MeantQuery:
    """A query as scripts get it: ``vector`` is without common directions, ``certain`` a clause."""

    meaning: MeaningQuery
    vector: Vectors
    params: dict[str, Any]
    certain: tuple[Clause, ...]

    @property
    def near(self) -> Clause:
        """All documents that have vectors, scored by how near they are."""
        return nearest_score(having(self.meaning.model), self.params)

    def near_enough(self, nearest: float) -> Clause:
        """Documents that may be found by meaning alone, where the nearest of all is so near."""
        among = all_of([having(self.meaning.model), *self.certain])
        return nearest_score(among, self.params, self.least(nearest))

    def least(self, nearest: float) -> float:
        """How near a document has to be."""
        return max(self.meaning.floor, SHARE_OF_NEAREST * nearest)


@dataclass(frozen=True, slots=True)
class FusedRanking:
    """How what is found is ranked: by ``fused`` scores, of nearness as ``params`` say.

    ``near`` are the ids of what is found by meaning alone, ``near_beside`` those found under the
    filters but one. ``is_guessed`` if a nearer document may turn up.
    """

    near: tuple[str, ...]
    near_beside: Mapping[str, tuple[str, ...]]
    fused: FusedScore
    params: dict[str, Any]
    weight: float
    is_guessed: bool

    def scored(self, words: Clause) -> Clause:
        """Fused scores of what ``words`` find and score, and of what is near."""
        near: Clause = {
            "constant_score": {"filter": ids_clause(self.near), "boost": 0, "_name": "near"}
        }
        both = {"bool": {"should": [words, near], "minimum_should_match": 1}}
        return fused_score(both, self.fused, self.params)

    def corrected(self, nearest: float) -> "FusedRanking | None":
        """The ranking where a document is as near as ``nearest``; None where that changes none."""
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
    """Finds by meaning in one generation; ``multi_search`` asks its index.

    ``documents`` is how many there are, ``has_groups`` if some are near-duplicates.
    """

    def __init__(
        self,
        multi_search: MultiSearch,
        vectors: ServerVectors,
        documents: int,
        *,
        has_groups: bool,
    ) -> None:
        self._multi_search = multi_search
        self._vectors = vectors
        self._feedback = feedback_documents(documents)
        self._has_groups = has_groups

    def meant(self, meaning: MeaningQuery, certain: Clause | None) -> MeantQuery | None:
        """A query for scripts; None where nothing has vectors of its model."""
        vector, common = self._vectors.query(meaning), self._vectors.common(meaning.model)
        if vector is None or common is None:
            return None
        clauses = () if certain is None else (certain,)
        return MeantQuery(meaning, vector, nearness_params(common, vector), clauses)

    def ranking(
        self,
        meant: MeantQuery,
        query: CompiledQuery,
        filters: Filters,
        beside: Mapping[str, Filters],
        *,
        is_covered: bool,
    ) -> FusedRanking:
        """How what ``query`` and meaning find under ``filters`` is ranked.

        ``is_covered`` if any document holds all of the query. What is near is looked for under
        each of the filters of ``beside``, too.
        """
        held = under(query.some, filters)
        first = self._near_body(meant, query, filters)
        first["docvalue_fields"] = _FUSED_FIELDS
        first["aggs"] = {"nearest": _greatest()}
        told = [self._told_body(held)] if self._has_groups else []
        coverage = []
        if query.coverage and not is_covered:
            coverage = [extreme_body(query.coverage, query.some, least=False)]
        others = [self._near_body(meant, query, each) for each in beside.values()]
        bodies = [*_first_bodies(meant, query, held), first, *told, *coverage, *others]
        by_words, by_nearness, found, *rest = self._multi_search(bodies)
        least = meant.least(greatest_of(found["aggregations"]["nearest"]))
        near = self._untold(found, rest[0] if told else None, first, least)
        covered = extreme_of(rest[len(told)]) / query.weight if coverage else 1.0
        # Where facets describe what is near, words have found nothing, and told no story.
        there = (self._untold(each, None, {}, least) for each in rest[len(told) + len(coverage) :])
        near_beside = {
            name: tuple(map(_id, hits)) for name, hits in zip(beside, there, strict=True)
        }
        firsts = _Firsts(by_words["hits"]["hits"], by_nearness["hits"]["hits"], near)
        scale = firsts.best_words, covered
        meaning = meant.meaning
        fused = FusedScore.scaled(*scale, firsts.nearest, meaning.floor, meaning.weight)
        ids = tuple(map(_id, near))
        plain = FusedRanking(ids, near_beside, fused, meant.params, meaning.weight, False)
        if not self._feedback or not firsts.any_found:
            return plain
        hits = firsts.fused(fused, self._feedback)
        if hits is None:
            hits = self._standing_first(query, filters, plain)
        return self._moved(meant, hits, plain, scale)

    def nearest(self, meant: MeantQuery) -> float:
        """How near the nearest document of all is."""
        body = {"size": 0, "track_total_hits": False, "query": meant.near}
        (answer,) = self._multi_search([{**body, "aggs": {"nearest": _greatest()}}])
        return greatest_of(answer["aggregations"]["nearest"])

    def _standing_first(
        self, query: CompiledQuery, filters: Filters, plain: FusedRanking
    ) -> list["_FusedHit"]:
        """What stands first of all that is found, by the server."""
        body = {
            "size": _GUESSED,
            "query": plain.scored(_words(query.some, query)),
            "post_filter": under({"match_all": {}}, filters),
            "sort": list(EQUALS),
            "track_total_hits": False,
            "_source": False,
            "docvalue_fields": ["id", "vectors"],
        }
        (answer,) = self._multi_search([body])
        return [_FusedHit(float(each["_score"]), each) for each in answer["hits"]["hits"]]

    def _moved(
        self,
        meant: MeantQuery,
        hits: Sequence["_FusedHit"],
        plain: FusedRanking,
        scale: tuple[float, float],
    ) -> FusedRanking:
        """The ranking by nearness to a query that is moved towards the first of ``hits``."""
        first = [each for each in hits[: self._feedback] if each.has_vectors]
        packed, weights = [packed_of(each.hit) for each in first], [each.score for each in first]
        moved = self._vectors.towards(meant.vector, packed, weights)
        common = self._vectors.common(meant.meaning.model)
        assert common is not None  # noqa: S101 - the query is meant
        guessed = [
            self._vectors.nearest(packed_of(each.hit), moved).nearness
            for each in hits[:_GUESSED]
            if each.has_vectors
        ]
        meaning = meant.meaning
        most = max(guessed, default=0.0)
        fused = FusedScore.scaled(*scale, most, meaning.floor, meaning.weight)
        params = nearness_params(common, moved)
        return replace(plain, fused=fused, params=params, is_guessed=len(hits) >= _GUESSED)

    def _near_body(
        self, meant: MeantQuery, query: CompiledQuery, filters: Filters
    ) -> dict[str, Any]:
        """Looks for what is near and does not match, the nearest first, of each story one."""
        clauses = [each for some in filters.values() for each in some]
        body: dict[str, Any] = {
            "size": MOST_NEAR,
            "query": meant.near,
            "post_filter": {
                "bool": {"filter": [*meant.certain, *clauses], "must_not": [query.some]}
            },
            "sort": list(EQUALS),
            "track_total_hits": False,
            "_source": False,
            "docvalue_fields": ["id", "story"],
        }
        if self._has_groups:
            body["collapse"] = {"field": "story"}
        return body

    def _told_body(self, held: Clause) -> dict[str, Any]:
        """Counts the stories of near-duplicates that words have found."""
        grouped: Clause = {"term": {"grouped": True}}
        stories = {"terms": {"field": "story", "size": _MOST_STORIES}}
        return {
            "size": 0,
            "track_total_hits": False,
            "query": all_of([held, grouped]),
            "aggs": {"stories": stories},
        }

    def _untold(
        self,
        found: Mapping[str, Any],
        told: Mapping[str, Any] | None,
        body: Mapping[str, Any],
        least: float,
    ) -> list[_Hit]:
        """What is near enough and tells no story that words have found."""
        buckets = told["aggregations"]["stories"]["buckets"] if told else ()
        stories = {each["key"] for each in buckets}
        left_out: set[str] = set()
        while True:
            hits = [each for each in found["hits"]["hits"] if float(each["_score"]) >= least]
            known = {story for each in hits if (story := _story(each)) in stories}
            if not known:
                return hits
            kept = [each for each in hits if _story(each) not in known]
            if len(hits) < MOST_NEAR:
                return kept
            # There may be more behind them.
            left_out |= known
            clauses = [{"terms": {"story": sorted(left_out)}}]
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
class _Firsts:
    """Hits that are first by words, and by nearness of what words find; all that is ``near``."""

    by_words: Sequence[_Hit]
    by_nearness: Sequence[_Hit]
    near: Sequence[_Hit]

    @property
    def any_found(self) -> bool:
        return bool(self.by_words or self.near)

    @property
    def best_words(self) -> float:
        """The best score of words."""
        return max((float(each["_score"]) for each in self.by_words), default=0.0)

    @property
    def nearest(self) -> float:
        """How near the nearest document is of all that is found."""
        nearness = [*map(_nearness, self.by_nearness), *(float(e["_score"]) for e in self.near)]
        return max(nearness, default=0.0)

    def fused(self, fused: FusedScore, count: int) -> list[_FusedHit] | None:
        """The hits in the order of their fused scores; None if another one may stand before
        ``count`` of them.
        """
        held = {_id(each): each for each in (*self.by_words, *self.by_nearness)}
        found = [(float(each["_score"]), _nearness(each), each) for each in held.values()]
        found += [(0.0, float(each["_score"]), each) for each in self.near]
        words, nearness = np.array([each[:2] for each in found], dtype=np.float64).T
        scores = fused.of(words, nearness).tolist()
        hits = [_FusedHit(score, hit) for score, (*_, hit) in zip(scores, found, strict=True)]
        hits.sort(key=lambda each: (-each.score, *_equals(each.hit)))
        if len(self.by_words) == _LISTED:
            # What is in neither list is no better than the last of both.
            last = _nearness(self.by_nearness[-1]) if len(self.by_nearness) == _LISTED else 0.0
            last_words = float(self.by_words[-1]["_score"])
            (least,) = fused.of(np.array([last_words]), np.array([last]))
            if len(hits) < count or hits[count - 1].score < least:
                return None
        return hits


def _first_bodies(meant: MeantQuery, query: CompiledQuery, held: Clause) -> list[dict[str, Any]]:
    """Look for the documents that are first by words, and by nearness of what words find."""
    nearness = script(NEAREST, meant.params)
    body: dict[str, Any] = {
        "size": _LISTED,
        "query": _words(held, query),
        "track_scores": True,
        "track_total_hits": False,
        "_source": False,
        "docvalue_fields": _FUSED_FIELDS,
        "script_fields": {_NEARNESS: {"script": nearness}},
    }
    by_nearness = {"_script": {"type": "number", "order": "desc", "script": nearness}}
    with_vectors = _words(all_of([held, having(meant.meaning.model)]), query)
    return [
        {**body, "sort": list(EQUALS)},
        {**body, "query": with_vectors, "sort": [by_nearness, *EQUALS]},
    ]


def _words(among: Clause, query: CompiledQuery) -> Clause:
    return {"bool": {"filter": [among], "should": list(query.scores)}}


def _nearness(hit: _Hit) -> float:
    return float(hit["fields"][_NEARNESS][0])


def _equals(hit: _Hit) -> tuple[int, int, str]:
    """What is first of equals, as ``EQUALS`` says."""
    fields = hit["fields"]
    return fields["member"][0], fields["foreign"][0], fields["id"][0]


def ids_clause(ids: Sequence[str]) -> Clause:
    """Documents by their ids."""
    return {"terms": {"id": list(ids)}}


def _greatest() -> Clause:
    return {"max": {"script": {"source": "_score"}}}


def greatest_of(found: Mapping[str, Any]) -> float:
    """The greatest score that was found, 0 where there was none."""
    return max(float(found["value"] or 0.0), 0.0)


def _id(hit: _Hit) -> str:
    name: str = hit["fields"]["id"][0]
    return name


def _story(hit: _Hit) -> str:
    name: str = hit["fields"]["story"][0]
    return name
