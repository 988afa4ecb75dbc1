"""Chooses the documents over which each facet is counted: full matches, else partial, else near.

Facets describe what is shown; docs/scoring.md, sections 7 and 9, says what that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from search.engines.contract import EngineAnswer, FacetCounts
from search.engines.opensearch.facet_filters import Filters, filter_of, under
from search.engines.opensearch.meaning_search import FusedRanking, ids_clause
from search.engines.opensearch.query_compiler import CompiledQuery, CorpusStatistics
from search.engines.opensearch.term_scoring import Clause
from search.request import FacetName, SearchRequest

#: Documents that hold all that was asked, those that hold some of it, those found by meaning alone.
FacetKind = Literal["full", "some", "near"]


@dataclass(frozen=True, slots=True)
class FacetScope:
    """What facets describe: full matches, else those in part, else what is near.

    ``filters`` are those of the request; what is near is only told where ``finds_near``.
    """

    filters: Filters
    facets: Sequence[FacetName]
    finds_near: bool = False

    def of(self, query: CompiledQuery, statistics: CorpusStatistics) -> dict[FacetName, FacetKind]:
        """What each facet describes; what that depends on is counted."""
        if self.finds_near:
            statistics.is_covered(query)
        elif not query.is_relaxed:
            return dict.fromkeys(self.facets, "full")
        shown = statistics.count(under(query.full, self.filters))
        return {each: self._kind(query, statistics, shown, each) for each in self.facets}

    def _kind(
        self, query: CompiledQuery, statistics: CorpusStatistics, shown: int, facet: FacetName
    ) -> FacetKind:
        own = filter_of(facet)
        if shown + statistics.count(under(query.full, self.filters, without=own)):
            return "full"
        if not self.finds_near or statistics.count(under(query.some, self.filters, without=own)):
            return "some"
        return "near"

    def beside(self, described: Mapping[FacetName, FacetKind]) -> dict[str, Filters]:
        """The filters of those facets that describe what is near and have one of their own."""
        found: dict[str, Filters] = {}
        for name, kind in described.items():
            own = filter_of(name)
            if kind == "near" and own in self.filters:
                others = {each: clauses for each, clauses in self.filters.items() if each != own}
                found[own] = others
        return found


def scope_clauses(
    query: CompiledQuery, described: Mapping[FacetName, FacetKind], ranking: FusedRanking | None
) -> dict[FacetName, Clause]:
    """The documents that each facet describes, under all filters but its own."""
    found: dict[FacetName, Clause] = {}
    for name, kind in described.items():
        if kind == "near" and ranking is not None:
            found[name] = ids_clause(ranking.near_beside.get(filter_of(name), ranking.near))
        else:
            found[name] = query.full if kind == "full" else query.some
    return found


def nothing_found(
    request: SearchRequest, filters: Filters, facets: Sequence[FacetName]
) -> EngineAnswer:
    """The answer where no document holds anything of a query, whatever the filters."""
    counts = {}
    for name in facets:
        chosen = request.filter(name)
        asked = (*chosen.include, *chosen.exclude)
        counts[name] = FacetCounts((), [], []).with_values(asked)
    without = {name: 0 for name in facets if name in filters}
    return EngineAnswer(0, 0, (), counts, without)
