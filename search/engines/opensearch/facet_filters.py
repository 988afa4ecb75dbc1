"""Filters by facets and dates as clauses of the server's query language."""

from collections.abc import Mapping, Sequence

from search.date_interval import DateInterval
from search.engines.opensearch.term_scoring import NOTHING, Clause, all_of, any_of, but_not
from search.query.ast import FacetTerm
from search.request import FACETS, FacetName, SearchRequest, year_range

_EVERYTHING: Clause = {"match_all": {}}
#: The clauses of each filter there is.
Filters = Mapping[FacetName, Sequence[Clause]]


class FacetFilters:
    """Filters for one generation, in which ``renamed`` organisations are shown by another name."""

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._renamed = renamed

    def term(self, node: FacetTerm) -> Clause:
        """Documents with a value in a facet, however its letters are written."""
        if node.facet == "year":
            return _years((node.value,))
        wanted = node.value.casefold()
        values = {wanted}
        if node.facet == "org":
            # Who asks for another name of the same means it, too.
            others = self._renamed.items()
            values.update(shown.casefold() for name, shown in others if name.casefold() == wanted)
        return {"terms": {"said": sorted(f"{node.facet}:{each}" for each in values)}}

    def chosen(self, request: SearchRequest) -> dict[FacetName, list[Clause]]:
        """The clauses of each filter there is; a span of dates is one of the year."""
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
        """Documents with any of some values of a facet."""
        if facet == "year":
            return _years(values)
        wanted = set(values)
        if facet == "org":
            wanted.update(self._renamed[each] for each in values if each in self._renamed)
        return {"terms": {facet: sorted(wanted)}}


def filter_of(facet: FacetName) -> FacetName:
    """Whose filter a facet is counted without: that of months is the filter on dates."""
    return "year" if facet == "month" else facet


def under(clause: Clause, filters: Filters, without: FacetName | None = None) -> Clause:
    """Documents that match a clause and pass all filters, but for that of one facet."""
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
    """Documents of which every day that they may be from is in ``span``."""
    first, last = span.days
    bounds: list[Clause] = [
        {"range": {"first_day": {"gte": first}}},
        {"range": {"last_day": {"lte": last}}},
    ]
    return {"bool": {"filter": bounds}}
