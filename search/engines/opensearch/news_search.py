"""Searches new documents for alerts, without near-duplicates of older ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from search.engines.contract import RankedDocument
from search.engines.opensearch.facet_filters import Filters, under
from search.engines.opensearch.index_mapping import RESULT_WINDOW
from search.engines.opensearch.meaning_search import BY_SCORE, VectorQuery, ids_clause
from search.engines.opensearch.nearness_scoring import NEAREST, script
from search.engines.opensearch.page_search import MOST_BUCKETS
from search.engines.opensearch.query_compiler import CompiledQuery
from search.engines.opensearch.term_scoring import Clause, all_of, any_of, but_not
from search.meaning.fusion import MOST_NEAR

_Hit = Mapping[str, Any]


class NewsSearch:
    """One search among the documents ``fresh``; ``ask`` sends a search to the index."""

    def __init__(
        self,
        ask: Callable[[Mapping[str, Any]], dict[str, Any]],
        query: CompiledQuery,
        filters: Filters,
        fresh: Sequence[str],
        has_clusters: bool,
    ) -> None:
        self._ask = ask
        self._query = query
        self._filters = filters
        self._fresh = ids_clause(fresh)
        self._count = len(fresh)
        self._has_clusters = has_clusters

    def found(
        self, vector_query: VectorQuery | None = None, nearest: float = 0.0
    ) -> tuple[RankedDocument, ...]:
        """Full matches, last added first, and with ``vector_query`` what is near enough.

        ``nearest`` is the greatest nearness of all documents.
        """
        full = under(self._query.full, self._filters)
        new = all_of([full, self._fresh])
        if vector_query is None:
            hits = [(each, False) for each in self._first(new, but_not(full, [self._fresh]))]
        else:
            enough = under(vector_query.near_enough(nearest), self._filters)
            older = but_not(any_of([full, enough]), [self._fresh])
            hits = [(each, False) for each in self._first(new, older)]
            near = but_not(all_of([enough, self._fresh]), [full])
            known = any_of([full, older])
            hits += [(each, True) for each in self._nearest(vector_query, near, known)]
        hits.sort(key=lambda each: _last_added_first(each[0]))
        return tuple(
            RankedDocument(each["fields"]["id"][0], float(each["_score"]), not is_near, is_near)
            for each, is_near in hits
        )

    def _first(self, clause: Clause, known: Clause) -> list[_Hit]:
        """The best document of each cluster of ``clause`` that has none in ``known``."""
        body = self._body(clause, known)
        body["size"] = min(self._count, RESULT_WINDOW)
        body["sort"] = list(BY_SCORE)
        best: dict[str, _Hit] = {}
        for each in self._ask(body)["hits"]["hits"]:
            best.setdefault(each["fields"]["cluster"][0], each)
        return list(best.values())

    def _nearest(self, vector_query: VectorQuery, clause: Clause, known: Clause) -> list[_Hit]:
        body = self._body(clause, known)
        nearness = script(NEAREST, vector_query.params)
        by_nearness = {"type": "number", "order": "desc", "script": nearness}
        body["size"] = MOST_NEAR
        body["sort"] = [{"_script": by_nearness}, *BY_SCORE[1:]]
        if self._has_clusters:
            body["collapse"] = {"field": "cluster"}
        found: list[_Hit] = self._ask(body)["hits"]["hits"]
        return found

    def _body(self, clause: Clause, known: Clause) -> dict[str, Any]:
        """Search in ``clause`` without near-duplicates of what is in ``known``."""
        clusters = {"terms": {"cluster": self._common_clusters(clause, known)}}
        new = but_not(clause, [clusters])
        return {
            "query": {"bool": {"filter": [new], "should": list(self._query.scores)}},
            "_source": False,
            "docvalue_fields": ["id", "cluster", "added", "published", "foreign"],
            "track_scores": True,
        }

    def _common_clusters(self, clause: Clause, others: Clause) -> list[str]:
        """The clusters with documents in ``clause`` and in ``others``."""
        if not self._has_clusters:
            return []
        clustered: Clause = {"term": {"clustered": True}}
        terms: Clause = {"terms": {"field": "cluster", "size": MOST_BUCKETS}}
        aggs = {
            name: {"filter": all_of([each, clustered]), "aggs": {"clusters": terms}}
            for name, each in (("own", clause), ("others", others))
        }
        found = self._ask({"size": 0, "track_total_hits": False, "aggs": aggs})["aggregations"]
        own, common = (
            {each["key"] for each in found[name]["clusters"]["buckets"]} for name in aggs
        )
        return sorted(own & common)


def _last_added_first(hit: _Hit) -> tuple[Any, ...]:
    fields = hit["fields"]
    published = fields.get("published", [0])[0]
    return (
        -fields["added"][0],
        -published,
        -round(float(hit["_score"]), 9),
        fields["foreign"][0],
        fields["id"][0],
    )
