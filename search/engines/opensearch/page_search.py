"""Builds the search request for a page of results with facet counts, and parses its response.

Near-duplicates are one hit (``collapse`` on ``cluster``) and one in every count: clusters with
several documents in a bucket are counted as well, and the excess is subtracted.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from search.engines.contract import EngineAnswer, FacetCounts, RankedDocument
from search.engines.opensearch.facet_filters import Filters, under
from search.engines.opensearch.meaning_search import BY_SCORE, FusedRanking, max_score
from search.engines.opensearch.nearness_scoring import NEAREST, script
from search.engines.opensearch.query_compiler import CompiledQuery
from search.engines.opensearch.term_scoring import Clause, all_of, script_score
from search.engines.scoring_parameters import HALF_LIFE_YEARS
from search.request import FacetName, SearchRequest, Sort, filter_of

#: Most buckets of an aggregation, by the server's own limit.
MOST_BUCKETS = 65_000
_MOST_OF_CLUSTER = 1_000
_DUPLICATES = "duplicates"
_COUNTED, _NEAREST = "counted", "nearest"
#: A page of at most this number of hits fetches their displayed fields in the same request.
_SHOWN = 50
STORED = ("listing", "decision", "packed")
_EVERYTHING: Clause = {"match_all": {}}
#: By date full matches come first, and documents found by meaning alone last. Scores of full
#: matches, and of fused partial ones, are multiplied by these factors, so that their order
#: distinguishes them; powers of two lose no digits.
_FULL, _PARTIAL = 2.0**60, 2.0**20
_LEAST_FULL, _LEAST_PARTIAL = 2.0**40, 4.0
_LEAST_FUSED = 2.0**-18
_FRESH = """
return _score * (doc['age'].size() == 0 ? 1.0
    : 1 + params.freshness * Math.pow(0.5, (params.newest - doc['age'].value) / params.half));
"""
_NEWEST: Clause = {"published": {"order": "desc", "missing": "_last"}}
_OLDEST: Clause = {"published": {"order": "asc", "missing": "_last"}}
_ORDERS: Mapping[Sort, tuple[Clause, ...]] = {
    "relevance": (),
    "newest": (_NEWEST,),
    "oldest": (_OLDEST,),
    "added": ({"added": "desc"}, _NEWEST),
}


class PageSearch:
    """Search request for one page of results: its body, and the answer parsed from the response.

    ``domains`` are the documents over which each facet is counted, under all filters but its own.
    ``newest`` is the age of the newest article, for the boost of ``freshness``. With a ``ranking``
    scores are fused, and documents are found by meaning alone, too.
    """

    def __init__(
        self,
        query: CompiledQuery,
        request: SearchRequest,
        filters: Filters,
        domains: Mapping[FacetName, Clause],
        *,
        has_clusters: bool,
        freshness: float = 0.0,
        newest: float | None = None,
        ranking: FusedRanking | None = None,
    ) -> None:
        self._query = query
        self._request = request
        self._filters = filters
        self._domains = domains
        self._has_clusters = has_clusters
        self._freshness = freshness if newest is not None else 0.0
        self._newest = newest or 0.0
        self._ranking = ranking
        near = ranking.near if ranking else ()
        self._lifts = request.sort != "relevance" and bool(query.is_relaxed or near)

    def body(self) -> dict[str, Any]:
        """Body of the search request."""
        request = self._request
        is_shown = request.page_size <= _SHOWN
        body: dict[str, Any] = {
            "query": self._scored(),
            "from": (request.page - 1) * request.page_size,
            "size": request.page_size,
            "sort": self._order(),
            "track_scores": True,
            "track_total_hits": False,
            "_source": list(STORED) if is_shown else False,
            # Hits found by meaning show their nearest passage.
            "docvalue_fields": ["id", "vectors"] if is_shown and self._ranking else ["id"],
            "aggs": self._aggregations(),
        }
        clauses = [each for some in self._filters.values() for each in some]
        if clauses:
            body["post_filter"] = all_of(clauses)
        if self._has_clusters:
            body["collapse"] = {"field": "cluster"}
        return body

    def answer(self, response: Mapping[str, Any]) -> EngineAnswer:
        """Parses the response to :meth:`body`."""
        found = {
            name: _counted_in(response["aggregations"][str(place)])
            for place, (_, names) in enumerate(self._counted())
            for name in names
        }
        total = total_of(found["full"])
        some = total_of(found["some"]) if "some" in found else total
        facets = {}
        without = {}
        for name in self._domains:
            chosen = self._request.filter(name)
            facets[name] = facet_counts(found[f"facet {name}"], name).with_values(
                (*chosen.include, *chosen.exclude)
            )
            if f"without {name}" in found:
                without[name] = total_of(found[f"without {name}"])
        documents = tuple(self._ranked(each) for each in response["hits"]["hits"])
        near = len(self._ranking.near) if self._ranking else 0
        return EngineAnswer(total, some - total, documents, facets, without, near)

    def corrected(self, response: Mapping[str, Any]) -> FusedRanking | None:
        """The ranking for a second request, None if the nearest document was guessed right."""
        if self._ranking is None or not self._ranking.is_guessed:
            return None
        found = response["aggregations"][_NEAREST]["nearest"]
        return self._ranking.corrected(max_score(found))

    def _scored(self) -> Clause:
        query = self._query
        should: list[Clause] = list(query.scores)
        if query.is_relaxed:
            should.append({"constant_score": {"filter": query.full, "boost": 0, "_name": "full"}})
        scored: Clause = {"bool": {"filter": [query.some], "should": should}}
        if self._ranking:
            scored = self._ranking.scored(scored)
        if self._freshness:
            scored = script_score(
                scored,
                _FRESH,
                freshness=self._freshness,
                newest=self._newest,
                half=HALF_LIFE_YEARS,
            )
        if self._lifts:
            lifts = [{"filter": query.full, "weight": _FULL}]
            if self._ranking:
                scored = script_score(scored, "return Math.max(_score, params.l);", l=_LEAST_FUSED)
                lifts.append({"filter": query.some, "weight": _PARTIAL})
            scored = {
                "function_score": {
                    "query": scored,
                    "functions": lifts,
                    "score_mode": "first",
                    "boost_mode": "multiply",
                }
            }
        return scored

    def _order(self) -> list[Clause]:
        order = [*_ORDERS[self._request.sort], *BY_SCORE]
        if self._lifts:
            rest = f"_score >= {_LEAST_PARTIAL} ? 1 : 0" if self._ranking else "0"
            source = f"return _score >= {_LEAST_FULL} ? 2 : {rest};"
            first = {"type": "number", "order": "desc", "script": {"source": source}}
            order.insert(0, {"_script": first})
        return order

    def _aggregations(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for place, (clause, names) in enumerate(self._counted()):
            facets = [each.partition(" ")[2] for each in names if each.startswith("facet ")]
            found[str(place)] = counting(clause, facets, has_clusters=self._has_clusters)
            if self._ranking and not {"full", "some"}.intersection(names):
                # What is near may pass a filter less than what is found.
                found[str(place)] = {"global": {}, "aggs": {_COUNTED: found[str(place)]}}
        if self._ranking and self._ranking.is_guessed:
            nearest = {"max": {"script": script(NEAREST, self._ranking.params)}}
            among = under(_EVERYTHING, self._filters)
            found[_NEAREST] = {"filter": among, "aggs": {"nearest": nearest}}
        return found

    def _counted(self) -> list[tuple[Clause, list[str]]]:
        """Clauses with all that is counted over them; most facets are counted over the same."""
        query, filters = self._query, self._filters
        wanted = [("full", under(query.full, filters))]
        if query.is_relaxed:
            wanted.append(("some", under(query.some, filters)))
        for name, among in self._domains.items():
            own = filter_of(name)
            wanted.append((f"facet {name}", under(among, filters, without=own)))
            if name in filters:
                wanted.append((f"without {name}", under(query.full, filters, without=own)))
        found: dict[str, tuple[Clause, list[str]]] = {}
        for label, clause in wanted:
            # The search itself has determined the matching documents.
            is_known = clause == query.some and self._ranking is None
            counted = _EVERYTHING if is_known else clause
            found.setdefault(json.dumps(clause), (counted, []))[1].append(label)
        return list(found.values())

    def _ranked(self, hit: Mapping[str, Any]) -> RankedDocument:
        score = float(hit["_score"] or 0.0)
        named = hit.get("matched_queries", ())
        is_near = "near" in named
        is_full = not is_near and (not self._query.is_relaxed or "full" in named)
        if self._lifts and is_full:
            score /= _FULL
        elif self._lifts and self._ranking and not is_near:
            score /= _PARTIAL
        return RankedDocument(hit["fields"]["id"][0], score, is_full, is_near)


def _counted_in(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The counts of an aggregation, which may be within a global one."""
    counted: Mapping[str, Any] = found.get(_COUNTED, found)
    return counted


def counting(clause: Clause, facets: Sequence[str] = (), *, has_clusters: bool) -> Clause:
    """Aggregation that counts the documents of a clause and their values of facets.

    :func:`total_of` and :func:`facet_counts` read its result.
    """
    aggs = {each: {"terms": {"field": each, "size": MOST_BUCKETS}} for each in facets}
    if has_clusters:
        duplicates = {
            each: {"terms": {"field": each, "size": _MOST_OF_CLUSTER, "min_doc_count": 2}}
            for each in facets
        }
        aggs[_DUPLICATES] = _per_cluster(duplicates)
    return {"filter": clause, "aggs": aggs} if aggs else {"filter": clause}


def facet_counts(found: Mapping[str, Any], facet: str) -> FacetCounts:
    """Reads the counts of a facet from :func:`counting`: values by count, then by name."""
    counts = Counter({each["key"]: each["doc_count"] for each in found[facet]["buckets"]})
    for cluster in _clusters(found):
        for each in cluster[facet]["buckets"]:
            counts[each["key"]] -= each["doc_count"] - 1
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    return FacetCounts(ordered, list(range(len(ordered))), [counts[each] for each in ordered])


def total_of(found: Mapping[str, Any]) -> int:
    """Reads the number of documents from :func:`counting`, near-duplicates as one."""
    duplicates: int = sum(each["doc_count"] - 1 for each in _clusters(found))
    return int(found["doc_count"]) - duplicates


def _clusters(found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The buckets of :func:`_per_cluster`, none where it was not asked for."""
    buckets: Sequence[Mapping[str, Any]] = ()
    if _DUPLICATES in found:
        buckets = found[_DUPLICATES]["clusters"]["buckets"]
    return buckets


def _per_cluster(aggs: Clause) -> Clause:
    """Aggregation of ``aggs`` for each cluster with several documents among those counted."""
    clusters: Clause = {"terms": {"field": "cluster", "size": MOST_BUCKETS, "min_doc_count": 2}}
    if aggs:
        clusters["aggs"] = aggs
    return {"filter": {"term": {"clustered": True}}, "aggs": {"clusters": clusters}}


def pivoting(clause: Clause, rows: str, columns: str, *, has_clusters: bool) -> Clause:
    """Aggregation that counts a facet for each value of another; see :func:`pivot_counts`."""

    def within(least: int) -> Clause:
        inner = {"terms": {"field": columns, "size": _MOST_OF_CLUSTER, "min_doc_count": least}}
        outer = {"field": rows, "size": _MOST_OF_CLUSTER, "min_doc_count": least}
        return {"values": {"terms": outer, "aggs": {"values": inner}}}

    aggs = within(1)
    if has_clusters:
        aggs[_DUPLICATES] = _per_cluster(within(2))
    return {"filter": clause, "aggs": aggs}


def pivot_counts(found: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Reads the counts from :func:`pivoting`, columns by count and then by name."""
    counts = {
        row["key"]: {each["key"]: each["doc_count"] for each in row["values"]["buckets"]}
        for row in found["values"]["buckets"]
    }
    for cluster in _clusters(found):
        for row in cluster["values"]["buckets"]:
            for each in row["values"]["buckets"]:
                counts[row["key"]][each["key"]] -= each["doc_count"] - 1
    return {
        row: dict(sorted(values.items(), key=lambda each: (-each[1], each[0])))
        for row, values in sorted(counts.items())
    }


def empty_answer(
    request: SearchRequest, filters: Filters, facets: Sequence[FacetName]
) -> EngineAnswer:
    """Answer to a query that matches no document of the index with any filters."""
    counts = {}
    for name in facets:
        chosen = request.filter(name)
        asked = (*chosen.include, *chosen.exclude)
        counts[name] = FacetCounts((), [], []).with_values(asked)
    without = {name: 0 for name in facets if name in filters}
    return EngineAnswer(0, 0, (), counts, without)
