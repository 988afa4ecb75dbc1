"""Chooses the documents over which each facet is counted: full matches, else partial, else near.

See docs/scoring.md, sections 7 and 9.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from search.engines.opensearch.facet_filters import Filters, under
from search.engines.opensearch.meaning_search import FusedRanking, ids_clause
from search.engines.opensearch.query_compiler import CompiledQuery, CorpusStatistics
from search.engines.opensearch.term_scoring import Clause
from search.request import FacetName, filter_of

#: Full matches, full or partial ones, those found by meaning alone.
FacetDomain = Literal["full", "some", "near"]


@dataclass(frozen=True, slots=True)
class FacetDomains:
    """Chooses the domain of each facet: full matches, else partial ones, else near ones.

    ``filters`` are those of the request; without ``finds_near`` nothing is found by meaning.
    """

    filters: Filters
    facets: Sequence[FacetName]
    finds_near: bool = False

    def chosen(
        self, query: CompiledQuery, statistics: CorpusStatistics
    ) -> dict[FacetName, FacetDomain]:
        """The domain of each facet, after counting what it depends on."""
        if self.finds_near:
            statistics.is_covered(query)
        elif not query.is_relaxed:
            return dict.fromkeys(self.facets, "full")
        shown = statistics.count(under(query.full, self.filters))
        return {each: self._domain(query, statistics, shown, each) for each in self.facets}

    def _domain(
        self, query: CompiledQuery, statistics: CorpusStatistics, shown: int, facet: FacetName
    ) -> FacetDomain:
        own = filter_of(facet)
        if shown + statistics.count(under(query.full, self.filters, without=own)):
            return "full"
        if not self.finds_near or statistics.count(under(query.some, self.filters, without=own)):
            return "some"
        return "near"

    def beside(self, domains: Mapping[FacetName, FacetDomain]) -> dict[str, Filters]:
        """The other filters by each filter whose facet is counted over what is near."""
        found: dict[str, Filters] = {}
        for name, domain in domains.items():
            own = filter_of(name)
            if domain == "near" and own in self.filters:
                others = {each: clauses for each, clauses in self.filters.items() if each != own}
                found[own] = others
        return found


def domain_clauses(
    query: CompiledQuery, domains: Mapping[FacetName, FacetDomain], ranking: FusedRanking | None
) -> dict[FacetName, Clause]:
    """Clauses for the documents over which each facet is counted, before filters."""
    found: dict[FacetName, Clause] = {}
    for name, domain in domains.items():
        if domain == "near" and ranking is not None:
            found[name] = ids_clause(ranking.near_beside.get(filter_of(name), ranking.near))
        else:
            found[name] = query.full if domain == "full" else query.some
    return found
