"""Searches new documents for alerts, without near-duplicates of what is known."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from search.engines.contract import RankedDocument
from search.engines.opensearch.facet_filters import Filters, under
from search.engines.opensearch.index_mapping import RESULT_WINDOW
from search.engines.opensearch.meaning_search import EQUALS, MeantQuery, ids_clause
from search.engines.opensearch.nearness_scoring import NEAREST, script
from search.engines.opensearch.page_search import MOST_BUCKETS
from search.engines.opensearch.query_compiler import CompiledQuery
from search.engines.opensearch.term_scoring import Clause, all_of, any_of, but_not
from search.meaning.fusion import MOST_NEAR

_Hit = Mapping[str, Any]


class NewsSearch:
    """One search for news among the documents ``fresh``; ``ask`` asks the index."""

    def __init__(
        self,
        ask: Callable[[Mapping[str, Any]], dict[str, Any]],
        query: CompiledQuery,
        filters: Filters,
        fresh: Sequence[str],
        has_groups: bool,
    ) -> None:
        self._ask = ask
        self._query = query
        self._filters = filters
        self._fresh = ids_clause(fresh)
        self._count = len(fresh)
        self._has_groups = has_groups

    def found(
        self, meant: MeantQuery | None = None, nearest: float = 0.0
    ) -> tuple[RankedDocument, ...]:
        """Full matches, last added first, and with ``meant`` what is near enough.

        ``nearest`` is how near the nearest document of all is.
        """
        full = under(self._query.full, self._filters)
        new = all_of([full, self._fresh])
        if meant is None:
            hits = [(each, False) for each in self._first(new, but_not(full, [self._fresh]))]
        else:
            enough = under(meant.near_enough(nearest), self._filters)
            told = but_not(any_of([full, enough]), [self._fresh])
            hits = [(each, False) for each in self._first(new, told)]
            near = but_not(all_of([enough, self._fresh]), [full])
            hits += [(each, True) for each in self._nearest(meant, near, any_of([full, told]))]
        hits.sort(key=lambda each: _last_added_first(each[0]))
        return tuple(
            RankedDocument(each["fields"]["id"][0], float(each["_score"]), not is_near, is_near)
            for each, is_near in hits
        )

    def _first(self, clause: Clause, told: Clause) -> list[_Hit]:
        """The best document of each story, of none that others tell."""
        body = self._body(clause, told)
        body["size"] = min(self._count, RESULT_WINDOW)
        body["sort"] = list(EQUALS)
        best: dict[str, _Hit] = {}
        for each in self._ask(body)["hits"]["hits"]:
            best.setdefault(each["fields"]["story"][0], each)
        return list(best.values())

    def _nearest(self, meant: MeantQuery, clause: Clause, told: Clause) -> list[_Hit]:
        body = self._body(clause, told)
        by_nearness = {"type": "number", "order": "desc", "script": script(NEAREST, meant.params)}
        body["size"] = MOST_NEAR
        body["sort"] = [{"_script": by_nearness}, *EQUALS[1:]]
        if self._has_groups:
            body["collapse"] = {"field": "story"}
        found: list[_Hit] = self._ask(body)["hits"]["hits"]
        return found

    def _body(self, clause: Clause, told: Clause) -> dict[str, Any]:
        """Looks for documents in ``clause`` whose stories none in ``told`` tells."""
        stories = {"terms": {"story": self._stories(clause, told)}}
        untold = but_not(clause, [stories])
        return {
            "query": {"bool": {"filter": [untold], "should": list(self._query.scores)}},
            "_source": False,
            "docvalue_fields": ["id", "story", "added", "published", "foreign"],
            "track_scores": True,
        }

    def _stories(self, clause: Clause, others: Clause) -> list[str]:
        """The stories of near-duplicates in ``clause`` that others of them tell, too."""
        if not self._has_groups:
            return []
        grouped: Clause = {"term": {"grouped": True}}
        terms: Clause = {"terms": {"field": "story", "size": MOST_BUCKETS}}
        aggs = {
            name: {"filter": all_of([each, grouped]), "aggs": {"stories": terms}}
            for name, each in (("own", clause), ("others", others))
        }
        found = self._ask({"size": 0, "track_total_hits": False, "aggs": aggs})["aggregations"]
        own, told = ({each["key"] for each in found[name]["stories"]["buckets"]} for name in aggs)
        return sorted(own & told)


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
