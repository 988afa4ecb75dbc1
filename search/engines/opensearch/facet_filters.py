"""Compiles filters by facets and dates into clauses of the server."""

from collections.abc import Mapping, Sequence

from search.date_interval import DateInterval
from search.engines.opensearch.term_scoring import NOTHING, Clause, all_of, any_of, but_not
from search.query.ast import FacetTerm
from search.request import FACETS, FacetName, SearchRequest, year_range

_EVERYTHING: Clause = {"match_all": {}}
#: The clauses of each filter.
Filters = Mapping[FacetName, Sequence[Clause]]


class FacetFilters:
    """Compiles filters for one generation; ``renamed`` has organisations with the name shown."""

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._renamed = renamed

    def term(self, node: FacetTerm) -> Clause:
        """Clause for a value in a facet, ignoring case."""
        if node.facet == "year":
            return _years((node.value,))
        wanted = node.value.casefold()
        values = {wanted}
        if node.facet == "org":
            # Another name of an organisation finds it, too.
            others = self._renamed.items()
            values.update(shown.casefold() for name, shown in others if name.casefold() == wanted)
        return {"terms": {"facet_values": sorted(f"{node.facet}:{each}" for each in values)}}

    def chosen(self, request: SearchRequest) -> dict[FacetName, list[Clause]]:
        """The clauses of each filter of a request; a date interval belongs to the year."""
        return {
            facet: self._of(facet, request) for facet in FACETS if request.is_filtered_by(facet)
        }

    def _of(self, facet: FacetName, request: SearchRequest) -> list[Clause]:
        chosen = request.filter(facet)
        found = []
        if facet == "year" and request.span:
            found.append(_within(request.span))
        if chosen.include:
            found.append(self.having(facet, chosen.include))
        if chosen.exclude:
            found.append(but_not(_EVERYTHING, [self.having(facet, chosen.exclude)]))
        return found

    def having(self, facet: FacetName, values: Sequence[str]) -> Clause:
        """Clause for any of some values of a facet."""
        if facet == "year":
            return _years(values)
        wanted = set(values)
        if facet == "org":
            wanted.update(self._renamed[each] for each in values if each in self._renamed)
        return {"terms": {facet: sorted(wanted)}}


def under(clause: Clause, filters: Filters, without: FacetName | None = None) -> Clause:
    """Clause for documents that match ``clause`` and pass all filters but one."""
    others = [each for name, clauses in filters.items() if name != without for each in clauses]
    return all_of([clause, *others])


def _years(values: Sequence[str]) -> Clause:
    clauses: list[Clause] = []
    for each in values:
        span = year_range(each)
        if span is None:
            clauses.append(but_not(_EVERYTHING, [{"exists": {"field": "year_number"}}]))
        else:
            clauses.append({"range": {"year_number": {"gte": span[0], "lte": span[1]}}})
    return any_of(clauses) if clauses else NOTHING


def _within(span: DateInterval) -> Clause:
    """Clause for documents whose possible dates are all in ``span``."""
    first, last = span.days
    bounds: list[Clause] = [
        {"range": {"first_day": {"gte": first}}},
        {"range": {"last_day": {"lte": last}}},
    ]
    return {"bool": {"filter": bounds}}
