"""From what matches to an answer: filters, stories, facet counts, and the page asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.engines.contract import EngineAnswer, FacetCounts, RankedDocument
from search.engines.whoosh.answers.columns import BoolArray, Columns, FloatArray
from search.engines.whoosh.answers.groups import Groups
from search.engines.whoosh.answers.later import Later
from search.engines.whoosh.answers.matches import Match, numbers_of
from search.engines.whoosh.answers.matching import year_mask
from search.engines.whoosh.answers.ranking import Ranking
from search.engines.whoosh.answers.tallies import Tally
from search.engines.whoosh.native.functions import Library
from search.engines.whoosh.postings.cache import Cache
from search.engines.whoosh.postings.postings import DocumentArray
from search.request import FACETS, FacetFilter, FacetName, SearchRequest


@dataclass(frozen=True, slots=True)
class _Mask:
    """The documents that have one of some values."""

    mask: BoolArray

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return self.mask.nbytes


class Answering:
    """Makes answers for one open generation; safe for threads.

    ``lifts`` is what to multiply the score of each document by, ``ranking`` how to order them.
    With a ``library`` all this is faster.
    """

    def __init__(
        self,
        columns: Columns,
        groups: Groups,
        lifts: FloatArray,
        ranking: Ranking,
        cache: Cache,
        library: Library | None = None,
    ) -> None:
        self._columns = columns
        self._groups = groups
        self._lifts = lifts if (lifts != 1).any() else None
        self._ranking = ranking
        self._cache = cache
        self._library = library
        self._tallies: dict[FacetName, Later[Tally]] = {facet: Later() for facet in FACETS}

    def answer(
        self, match: Match, request: SearchRequest, wanted: Sequence[FacetName] = FACETS
    ) -> EngineAnswer:
        """What ``match`` comes to under the filters of ``request``, its page, ``wanted`` facets."""
        scores = match.scores if self._lifts is None else match.scores * self._lifts
        passing = self._passing(request)
        full, partial = (
            _under(mask, list(passing.values())) for mask in (match.full, match.partial)
        )
        full, partial = self._groups.one_each(full, partial, scores)
        shown = match.documents if full is match.full else numbers_of(full, self._library)
        facets, without = self._facets(match, passing, request, shown, wanted)
        return EngineAnswer(
            total=len(shown),
            partial=int(np.count_nonzero(partial)),
            documents=self._page(shown, partial, scores, request),
            facets=facets,
            without=without,
        )

    def count(self, match: Match, request: SearchRequest) -> int:
        """Full matches under the filters of ``request``."""
        return self._groups.total(_under(match.full, list(self._passing(request).values())))

    def pivot(
        self, match: Match, request: SearchRequest, rows: FacetName, columns: FacetName
    ) -> dict[str, dict[str, int]]:
        """Full matches by the values of two facets, whose own filters do not count."""
        passing = self._passing(request)
        masks = [mask for facet, mask in passing.items() if facet not in (rows, columns)]
        found = _under(match.full, masks)
        counted: dict[str, dict[str, int]] = {}
        for value in self._columns.facets[rows].values:
            having = numbers_of(found & self._having(rows, (value,)), self._library)
            if len(having):
                counts = self._tally(columns).found(having, self._groups, frozenset())
                counted[value] = dict(counts.pairs())
        return counted

    def totals(self, facet: FacetName) -> FacetCounts:
        """Values of a facet over all documents."""
        return self._tally(facet).ordered(self.counts(facet), frozenset())

    def counts(self, facet: FacetName) -> DocumentArray:
        """How many stories of all have each value of a facet, by code."""
        return self._tally(facet).counts(
            numbers_of(self._columns.alive, self._library), self._groups
        )

    def _passing(self, request: SearchRequest) -> Mapping[FacetName, BoolArray]:
        """The documents that pass each filter there is."""
        chosen = {facet: request.filter(facet) for facet in FACETS}
        return {facet: self._filter(facet, each) for facet, each in chosen.items() if each}

    def _facets(
        self,
        match: Match,
        passing: Mapping[FacetName, BoolArray],
        request: SearchRequest,
        shown: DocumentArray,
        wanted: Sequence[FacetName],
    ) -> tuple[dict[FacetName, FacetCounts], dict[FacetName, int]]:
        facets: dict[FacetName, FacetCounts] = {}
        without: dict[FacetName, int] = {}
        known: dict[tuple[FacetName, ...], DocumentArray] = {}
        if len(shown) and not self._groups.are_any:
            known[tuple(passing)] = shown
        for facet in wanted:
            others = tuple(each for each in passing if each != facet)
            if others not in known:
                masks = [passing[each] for each in others]
                documents = numbers_of(_under(match.full, masks), self._library)
                if not len(shown) and not len(documents):
                    # Nothing holds every word: the facets describe what is shown instead.
                    documents = numbers_of(_under(match.partial, masks), self._library)
                known[others] = documents
            chosen = request.filter(facet)
            selected = frozenset((*chosen.include, *chosen.exclude))
            facets[facet] = self._tally(facet).found(known[others], self._groups, selected)
            if chosen:
                found = _under(match.full, [passing[each] for each in others])
                without[facet] = self._groups.total(found)
        return facets, without

    def _page(
        self, full: DocumentArray, partial: BoolArray, scores: FloatArray, request: SearchRequest
    ) -> tuple[RankedDocument, ...]:
        start = (request.page - 1) * request.page_size
        end = start + request.page_size
        # Full matches always stand above partial ones, whatever the order within each.
        ordered = [self._ranking.first(full, scores, request.sort, end)[start:]]
        if end > len(full):
            others = numbers_of(partial, self._library)
            rest = self._ranking.first(others, scores, request.sort, end - len(full))
            ordered.append(rest[max(start - len(full), 0) :])
        return tuple(
            RankedDocument(number, score, is_full)
            for documents, is_full in zip(ordered, (True, False), strict=False)
            for number, score in zip(documents.tolist(), scores[documents].tolist(), strict=True)
        )

    def _tally(self, facet: FacetName) -> Tally:
        column, size = self._columns.facets[facet], self._columns.size
        return self._tallies[facet].get(lambda: Tally.of(column, size, self._library))

    def _filter(self, facet: FacetName, chosen: FacetFilter) -> BoolArray:
        mask = np.ones(self._columns.size, dtype=bool)
        if chosen.include:
            mask &= self._having(facet, chosen.include)
        if chosen.exclude:
            mask &= ~self._having(facet, chosen.exclude)
        return mask

    def _having(self, facet: FacetName, values: tuple[str, ...]) -> BoolArray:
        key = ("having", facet, values)
        found = self._cache.get(key, _Mask)
        if found is None:
            column, size = self._columns.facets[facet], self._columns.size
            if facet == "year":
                mask = year_mask(column, values, size)
            else:
                mask = column.mask(frozenset(values).__contains__, size)
            found = self._cache.put(key, _Mask(mask))
        return found.mask


def _under(mask: BoolArray, filters: Sequence[BoolArray]) -> BoolArray:
    """The documents in ``mask`` that pass all of ``filters``."""
    for each in filters:
        mask = mask & each
    return mask
