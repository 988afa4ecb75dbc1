"""Collects an answer from matches: filters, near-duplicates, facet counts, one page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from search.engines.contract import EngineAnswer, FacetCounts, RankedDocument
from search.engines.scoring_parameters import HALF_LIFE_YEARS
from search.engines.whoosh.execution.cache import Cache, Match
from search.engines.whoosh.execution.facet_counts import FacetCounter
from search.engines.whoosh.execution.published_dates import PublishedDates
from search.engines.whoosh.kernels.interface import Documents, Kernels, Mask, Scores
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.snapshot.snapshot import DuplicateClusters
from search.engines.whoosh.snapshot.vectors import Floats
from search.meaning.fusion import MOST_NEAR, SHARE_OF_NEAREST, feedback_documents, fuse
from search.request import FACETS, FacetName, SearchRequest, Sort, filter_of

_UNDATED = float(1 << 40)
# Equal sums may differ in the last bit by the order of addition.
_DECIMALS = 9
_NONE: Documents = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _CachedMask:
    """The documents with any of some values."""

    mask: Mask

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return self.mask.nbytes


@dataclass(frozen=True, slots=True)
class MeaningMatch:
    """Nearness of all documents to a query vector.

    Documents found by meaning alone have a ``nearness`` of ``floor`` or more and are in
    ``certain``, the documents with the certain words; None for all. ``feedback`` takes some
    documents and their scores, and others, and gives the nearness of these to a query moved towards
    the first. ``weight`` is the share of nearness in scores.
    """

    nearness: Floats
    floor: float
    weight: float
    certain: Mask | None
    feedback: Callable[[Sequence[int], Sequence[float], Documents], Floats] | None = None


class Collector:
    """Makes answers for one open generation; safe for threads.

    ``boosts`` are factors of the scores of all documents, see :func:`recency_boosts`.
    """

    def __init__(
        self,
        alive: Mask,
        facets: Mapping[FacetName, FacetCounter],
        dates: PublishedDates,
        clusters: DuplicateClusters,
        boosts: Scores,
        ranking: "Ranking",
        cache: Cache,
        kernels: Kernels,
    ) -> None:
        self._alive = alive
        self._facets = facets
        self._dates = dates
        self._clusters = clusters
        self._has_clusters = bool(clusters.clustered.any())
        self._boosts = boosts if (boosts != 1).any() else None
        self._ranking = ranking
        self._cache = cache
        self._kernels = kernels

    def answer(
        self,
        match: Match,
        request: SearchRequest,
        facets: Sequence[FacetName],
        meaning: MeaningMatch | None = None,
    ) -> EngineAnswer:
        """The page of ``request`` and counts of ``facets`` for ``match``, under its filters.

        With ``meaning`` scores are fused, and documents are found by it alone, too.
        """
        passing = self._passing(request)
        full, partial = (_under(mask, passing.values()) for mask in (match.full, match.partial))
        scores, near = match.scores, _NONE
        if meaning is not None:
            near = self._near(meaning, full | partial, passing.values())
            scores = self._fused(match, meaning, full | partial, near)
        if self._boosts is not None:
            scores = scores * self._boosts
        found = full, partial
        if self._has_clusters:
            full, partial = self._collapsed(full, partial, scores, request.sort)
        shown = match.documents if full is match.full else self._kernels.collect(full)
        others = match.others if partial is match.partial else self._kernels.collect(partial)
        total = len(shown)
        if self._has_clusters and len(others):
            # The document shown of a cluster may match in part, and another one fully.
            total = self._total(found[0])
        counts, without = self._count_facets(match, passing, request, shown, facets, meaning)
        return EngineAnswer(
            total=total,
            partial=len(shown) + len(others) - total,
            documents=self._page(full, partial, (shown, others, near), scores, request),
            facets=counts,
            without=without,
            near=len(near),
        )

    def count(self, match: Match, request: SearchRequest) -> int:
        """Number of full matches under the filters of ``request``."""
        return self._total(_under(match.full, self._passing(request).values()))

    def news(
        self,
        match: Match,
        request: SearchRequest,
        fresh: Documents,
        meaning: MeaningMatch | None = None,
    ) -> tuple[RankedDocument, ...]:
        """Full matches in ``fresh``, last added first, without near-duplicates of older ones.

        With ``meaning`` also what is near enough, whether it holds some of the words or none.
        """
        is_fresh = np.zeros(len(self._alive), dtype=bool)
        is_fresh[fresh] = True
        passing = self._passing(request).values()
        full = _under(match.full, passing)
        near, enough = _NONE, np.zeros_like(full)
        if meaning is not None:
            enough = self._near_enough(meaning, passing)
        new, older = full & is_fresh, (full | enough) & ~is_fresh
        if self._has_clusters:
            new = _best_of_new_clusters(self._clusters, new, older, match.scores)
        if meaning is not None:
            near = self._nearest(meaning, enough & is_fresh & ~full, full | older)
        documents = _merged(self._kernels.collect(new), near)
        found = self._ranking.first(documents, match.scores, "added", len(documents))
        return tuple(
            RankedDocument(each, float(match.scores[each]), bool(full[each]), not full[each])
            for each in found.tolist()
        )

    def pivot(
        self, match: Match, request: SearchRequest, rows: FacetName, columns: FacetName
    ) -> dict[str, dict[str, int]]:
        """The counts of the facet ``columns`` for each value of the facet ``rows``."""
        own = filter_of(columns)
        masks = [mask for facet, mask in self._passing(request).items() if facet != own]
        full, partial = (_under(mask, masks) for mask in (match.full, match.partial))
        found = full if full.any() else partial
        counter = self._counter(columns)
        counted: dict[str, dict[str, int]] = {}
        for value in self._counter(rows).values:
            having = self._kernels.collect(found & self._having(rows, (value,)))
            if len(having):
                counts = counter.counted(having, self._clusters.among(having))
                counted[value] = dict(counts.pairs())
        return counted

    def totals(self, facet: FacetName) -> FacetCounts:
        """Values of a facet over all documents."""
        every = self._kernels.collect(self._alive)
        return self._facets[facet].counted(every, self._clusters.among(every))

    def counts(self, facet: FacetName) -> Documents:
        """Number of documents with each value of a facet, by code."""
        return self._facets[facet].counts(self._kernels.collect(self._alive))

    def _passing(self, request: SearchRequest) -> Mapping[FacetName, Mask]:
        """Masks of the documents that pass each filter; a date interval belongs to the year."""
        return {
            facet: self._filter(facet, request) for facet in FACETS if request.is_filtered_by(facet)
        }

    def _counter(self, facet: FacetName) -> FacetCounter:
        return self._months if facet == "month" else self._facets[facet]

    @cached_property
    def _months(self) -> FacetCounter:
        """Counts months, which few searches ask for."""
        values, pairs = self._dates.months()
        return FacetCounter(values, pairs, self._clusters, self._kernels)

    def _count_facets(
        self,
        match: Match,
        passing: Mapping[FacetName, Mask],
        request: SearchRequest,
        shown: Documents,
        wanted: Sequence[FacetName],
        meaning: MeaningMatch | None,
    ) -> tuple[dict[FacetName, FacetCounts], dict[FacetName, int]]:
        facets: dict[FacetName, FacetCounts] = {}
        without: dict[FacetName, int] = {}
        known: dict[tuple[FacetName, ...], tuple[Documents, Documents]] = {}
        if len(shown) and not self._has_clusters:
            known[tuple(passing)] = shown, _NONE
        for facet in wanted:
            own = filter_of(facet)
            others = tuple(each for each in passing if each != own)
            if others not in known:
                masks = [passing[each] for each in others]
                documents = self._kernels.collect(_under(match.full, masks))
                if not len(shown) and not len(documents):
                    documents = self._without_full_matches(match, masks, meaning)
                known[others] = documents, self._clusters.among(documents)
            chosen = request.filter(facet)
            selected = (*chosen.include, *chosen.exclude)
            facets[facet] = self._counter(facet).counted(*known[others], selected)
            if facet in passing:
                masks = [passing[each] for each in others]
                without[facet] = self._total(_under(match.full, masks))
        return facets, without

    def _without_full_matches(
        self, match: Match, masks: Sequence[Mask], meaning: MeaningMatch | None
    ) -> Documents:
        """The documents over which facets are counted where nothing matches fully."""
        some = _under(match.partial, masks)
        if meaning is not None and not some.any():
            return self._near(meaning, some, masks)
        return self._kernels.collect(some)

    def _near(self, meaning: MeaningMatch, matching: Mask, filters: Iterable[Mask]) -> Documents:
        """Documents found under ``filters`` by meaning alone, beside those ``matching`` by words.

        Of near-duplicates the nearest is found, and none where words have found another of them.
        """
        near = self._near_enough(meaning, (~matching, *filters))
        return self._nearest(meaning, near, matching)

    def _near_enough(self, meaning: MeaningMatch, filters: Iterable[Mask]) -> Mask:
        """Documents that are near enough and have the certain words."""
        nearest = float(meaning.nearness[self._alive].max(initial=0.0))
        least = max(meaning.floor, SHARE_OF_NEAREST * nearest)
        near = _under(meaning.nearness >= least, (self._alive, *filters))
        return near if meaning.certain is None else near & meaning.certain

    def _nearest(self, meaning: MeaningMatch, near: Mask, known: Mask) -> Documents:
        """The nearest documents of ``near``, one of each cluster that has none in ``known``."""
        nearness = meaning.nearness.astype(np.float64)
        if self._has_clusters:
            near = _best_of_new_clusters(self._clusters, near, known, nearness)
        documents = self._kernels.collect(near)
        return np.sort(self._ranking.first(documents, nearness, "relevance", MOST_NEAR))

    def _fused(
        self, match: Match, meaning: MeaningMatch, matching: Mask, near: Documents
    ) -> Scores:
        """Fused scores of documents ``matching`` by words and of those ``near`` by meaning alone.

        They are fused again with the nearness to the query moved towards the first of them.
        """
        found = np.append(np.flatnonzero(matching), near)
        scores = np.zeros(len(match.scores))
        words = match.scores[found]
        words[len(found) - len(near) :] = 0.0
        scale = meaning.floor, meaning.weight
        scores[found] = fuse(words, match.covered, meaning.nearness[found], *scale)
        count = feedback_documents(int(np.count_nonzero(self._alive)))
        if meaning.feedback is not None and count and len(found):
            first = self._ranking.first(np.sort(found), scores, "relevance", count)
            nearness = meaning.feedback(first.tolist(), scores[first].tolist(), found)
            scores[found] = fuse(words, match.covered, nearness, *scale)
        return scores

    def _total(self, mask: Mask) -> int:
        """Number of documents in ``mask``, near-duplicates counted once."""
        if not self._has_clusters:
            return int(np.count_nonzero(mask))
        clustered = self._clusters.clustered
        found = np.unique(self._clusters.representatives[mask & clustered])
        return int(np.count_nonzero(mask & ~clustered)) + len(found)

    def _collapsed(
        self, full: Mask, partial: Mask, scores: Scores, sort: Sort
    ) -> tuple[Mask, Mask]:
        """``full`` and ``partial`` with only the first document of each cluster left in them."""
        clusters = self._clusters
        rivals = np.flatnonzero((full | partial) & clusters.clustered)
        if not len(rivals):
            return full, partial
        ordered = self._ranking.first(rivals, scores, sort, len(rivals))
        if sort != "relevance":
            ordered = ordered[np.argsort(~full[ordered], kind="stable")]
        _, best = np.unique(clusters.representatives[ordered], return_index=True)
        left = ~clusters.clustered
        left[ordered[best]] = True
        return full & left, partial & left

    def _page(
        self,
        full: Mask,
        partial: Mask,
        groups: tuple[Documents, Documents, Documents],
        scores: Scores,
        request: SearchRequest,
    ) -> tuple[RankedDocument, ...]:
        """One page of full matches, partial ones and those by meaning alone."""
        near = frozenset(groups[-1].tolist())
        start = (request.page - 1) * request.page_size
        end = start + request.page_size
        if request.sort == "relevance":
            # Partial matches only have lower scores.
            groups = (self._united(full, partial, groups), _NONE, _NONE)
        found: list[int] = []
        passed = 0
        for group in groups:
            if passed >= end:
                break
            first = self._ranking.first(group, scores, request.sort, end - passed)
            found += first[max(start - passed, 0) :].tolist()
            passed += len(group)
        columns = scores[found].tolist(), full[found].tolist()
        if not near:
            return tuple(map(RankedDocument, found, *columns))
        return tuple(map(RankedDocument, found, *columns, (each in near for each in found)))

    def _united(
        self, full: Mask, partial: Mask, groups: tuple[Documents, Documents, Documents]
    ) -> Documents:
        """The documents of all groups, ascending; fast where some are empty."""
        shown, others, near = groups
        found = self._kernels.collect(full | partial) if len(others) else shown
        return _merged(found, near)

    def _filter(self, facet: FacetName, request: SearchRequest) -> Mask:
        chosen = request.filter(facet)
        mask = np.ones(len(self._alive), dtype=bool)
        if facet == "year" and request.span:
            mask &= self._dates.within(request.span)
        if chosen.include:
            mask &= self._having(facet, chosen.include)
        if chosen.exclude:
            mask &= ~self._having(facet, chosen.exclude)
        return mask

    def _having(self, facet: FacetName, values: tuple[str, ...]) -> Mask:
        key = ("having", facet, values)
        found = self._cache.get(key, _CachedMask)
        if found is None:
            counter = self._facets[facet]
            if facet == "year":
                mask = counter.year_mask(values)
            else:
                mask = counter.mask(frozenset(values).__contains__)
            found = self._cache.put(key, _CachedMask(mask))
        return found.mask


class Ranking:
    """Finds the first documents of a sort order without sorting all.

    Ties are broken by the masks ``first``, those in the earlier mask first, and then by
    ``id_rank``, the place of each document in the order of ids. ``published`` is ``yyyymmdd``,
    ``added`` seconds since 1970, 0 unknown.
    """

    def __init__(
        self,
        published: Array,
        added: Array,
        first: Sequence[Mask],
        id_rank: Array,
        kernels: Kernels,
    ) -> None:
        self._ties = id_rank.astype(np.int64)
        for place, mask in enumerate(reversed(first)):
            self._ties += np.where(mask, 0, len(mask) << place)
        self._kernels = kernels
        dates = published.astype(np.float64)
        newest = np.where(published == 0, -_UNDATED, dates)
        #: Sort keys before the score, greater numbers first.
        self._keys: dict[Sort, tuple[Scores, ...]] = {
            "relevance": (),
            "newest": (newest,),
            "oldest": (np.where(published == 0, -_UNDATED, -dates),),
            "added": (added.astype(np.float64), newest),
        }

    def first(self, documents: Documents, scores: Scores, sort: Sort, count: int) -> Documents:
        """The first ``count`` of ``documents``, which ascend; ``scores`` are of all documents."""
        keys = self._keys[sort]
        if not keys:
            return self._kernels.top(documents, scores, self._ties, _DECIMALS, count)
        if 0 < count < len(documents):
            # All candidates: those that sort before the last of these, or tie with it.
            last = self._kernels.top(documents, keys[0], self._ties, 0, count)[-1]
            documents = documents[keys[0][documents] >= keys[0][last]]
        rounded = np.round(scores[documents], _DECIMALS)
        columns = [self._ties[documents], -rounded, *(-each[documents] for each in reversed(keys))]
        return documents[np.lexsort(columns)[: max(count, 0)]]


def _best_of_new_clusters(
    clusters: DuplicateClusters, mask: Mask, known: Mask, scores: Scores
) -> Mask:
    """The best document in ``mask`` of each cluster that has no document in ``known``."""
    others = clusters.representatives[known & clusters.clustered]
    new = mask & ~(clusters.clustered & np.isin(clusters.representatives, others))
    rivals = np.flatnonzero(new & clusters.clustered)
    ordered = rivals[np.lexsort((~clusters.shown[rivals], -scores[rivals]))]
    _, best = np.unique(clusters.representatives[ordered], return_index=True)
    left = ~clusters.clustered
    left[ordered[best]] = True
    return new & left


def duplicates_of(clusters: DuplicateClusters, number: int) -> list[int]:
    """The near-duplicates of a document, the representative first."""
    if not clusters.clustered[number]:
        return []
    first = int(clusters.representatives[number])
    members = np.flatnonzero(clusters.representatives == first)
    ordered = [first, *(each for each in members.tolist() if each != first)]
    return [each for each in ordered if each != number]


def recency_boosts(published: Array, alive: Mask, freshness: float) -> Scores:
    """Factors of the scores of all documents, greater for newer ones.

    The newest article gets ``1 + freshness``, older ones less and less, those without a date 1.
    Ages count from the newest article and not from today, so that answers never change.
    ``published`` is ``yyyymmdd``, 0 unknown; a year or a month alone counts by its middle.
    """
    known = published > 0
    if not (known & alive).any():
        return np.ones(len(published))
    years = _years(published)
    age = np.maximum(years[known & alive].max() - years, 0.0)
    return np.where(known, 1.0 + freshness * 0.5 ** (age / HALF_LIFE_YEARS), 1.0)


def _years(published: Array) -> Scores:
    year, month, day = published // 10_000, published // 100 % 100, published % 100
    months = np.where(month > 0, month - 1 + np.where(day > 0, (day - 0.5) / 31, 0.5), 6.0)
    return np.asarray(year + months / 12, dtype=np.float64)


def _merged(documents: Documents, near: Documents) -> Documents:
    """Both, ascending; fast where nothing is near."""
    return np.sort(np.concatenate((documents, near))) if len(near) else documents


def _under(mask: Mask, filters: Iterable[Mask]) -> Mask:
    """The documents in ``mask`` that pass all of ``filters``."""
    for each in filters:
        mask = mask & each
    return mask
