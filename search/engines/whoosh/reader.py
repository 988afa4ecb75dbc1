"""Searches one open generation: pages, facet counts, articles and occurrences."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np

from search.analysis import ESTONIAN
from search.analysis.terms import Channel
from search.article import Article, Listing
from search.engines.contract import (
    CompletionKind,
    CountQuery,
    DocumentKey,
    EngineAnswer,
    FacetCount,
    IndexedDocument,
    MeaningQuery,
    NearestPassage,
    Occurrence,
    RankedDocument,
    VectorStatus,
)
from search.engines.likeness import common_lemmas
from search.engines.whoosh.execution.cache import Cache
from search.engines.whoosh.execution.collector import (
    Collector,
    MeaningMatch,
    Ranking,
    duplicates_of,
    recency_boosts,
)
from search.engines.whoosh.execution.evaluate import Evaluator, OpenGeneration
from search.engines.whoosh.execution.facet_counts import facet_counter
from search.engines.whoosh.execution.highlight import Highlighter
from search.engines.whoosh.execution.more_like_this import MoreLikeThis
from search.engines.whoosh.execution.positions import Budget, CachedLists, NoBudget
from search.engines.whoosh.execution.published_dates import PublishedDates
from search.engines.whoosh.execution.scoring import TermScorer, Weights
from search.engines.whoosh.execution.vector_search import VectorSearcher
from search.engines.whoosh.execution.vocabulary import (
    DocumentFrequencies,
    OrganisationNames,
    TitleWords,
    Vocabulary,
)
from search.engines.whoosh.kernels import KERNELS
from search.engines.whoosh.kernels.interface import Documents, Kernels
from search.engines.whoosh.segment.damage_guard import DamageGuard
from search.engines.whoosh.snapshot.articles import StoredArticles
from search.engines.whoosh.snapshot.snapshot import Snapshot
from search.engines.whoosh.snapshot.vectors import Floats, StoredVectors
from search.errors import QueryTooBroad
from search.query.ast import Node, Prefix
from search.query_budget import QueryBudget
from search.request import FACETS, FacetName, SearchRequest

_CACHE_BYTES = 64 * 1024 * 1024
_MOST_DUPLICATES = 50
_F = TypeVar("_F", bound=Callable[..., Any])


def _reads_files(method: _F) -> _F:
    """Decorates a method to raise IndexDamaged where a file is not as it was written."""

    @functools.wraps(method)
    def checked(self: "WhooshReader", *arguments: Any, **named: Any) -> Any:
        with self._guard:
            return method(self, *arguments, **named)

    return cast(_F, checked)


class WhooshReader:
    """Keeps the :class:`~search.engines.contract.EngineReader` contract over a snapshot.

    ``freshness`` (0 to 1) is how much more the newest article counts, see :func:`recency_boosts`.
    Raises OSError or ValueError where a file is not as it was written.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        freshness: float = 0.0,
        cache_bytes: int = _CACHE_BYTES,
        kernels: Kernels = KERNELS,
        vectors: StoredVectors | None = None,
    ) -> None:
        self.directory = snapshot.directory
        self._guard = DamageGuard(snapshot.directory)
        self._snapshot = snapshot
        self._vectors = vectors or StoredVectors(snapshot)
        self._vector_searchers: dict[str, VectorSearcher] = {}
        self._articles = StoredArticles(snapshot, self._vectors)
        self._vocabulary = Vocabulary(each.terms for each in snapshot.segments)
        self._clusters = clusters = snapshot.clusters()
        tables = [each.terms.tables(base) for base, each in snapshot.segments.based()]
        cache = Cache(cache_bytes)
        self._lists = CachedLists(kernels.TermLists(tables, snapshot.size), cache)
        self._frequencies = DocumentFrequencies(self._lists, snapshot.alive)
        lengths = snapshot.column("title_length"), snapshot.column("body_length")
        scorer = TermScorer(self._lists, self.document_count, *lengths, Weights())
        self._more_like_this = MoreLikeThis(self._lists, scorer, *lengths)
        facets = {each: facet_counter(snapshot, each, clusters, kernels) for each in FACETS}
        self._opened = OpenGeneration(snapshot.alive, self._lists, scorer, facets, kernels)
        published = snapshot.column("published")
        is_estonian = facets["language"].mask(ESTONIAN.__eq__)
        self._collector = Collector(
            snapshot.alive,
            facets,
            PublishedDates(published),
            clusters,
            recency_boosts(published, snapshot.alive, freshness),
            Ranking(
                published,
                snapshot.column("added"),
                # Deleted documents never match, so only copies of a representative come later.
                (clusters.shown | ~clusters.clustered, is_estonian),
                snapshot.id_rank,
                kernels,
            ),
            cache,
            kernels,
        )
        self._titles = TitleWords(snapshot.segments, self._clusters.shown)
        self._names = OrganisationNames(snapshot, functools.partial(self._collector.counts, "org"))
        self._budget: Budget = NoBudget()
        self._asked: dict[str, int] = {}

    @property
    def generation(self) -> str:
        return self.directory.name

    @property
    def document_count(self) -> int:
        return int(np.count_nonzero(self._snapshot.alive))

    @property
    def is_remote(self) -> bool:
        return False

    def for_query(self, budget: QueryBudget) -> "WhooshReader":
        view = object.__new__(type(self))  # faster than copy.copy
        view.__dict__.update(self.__dict__)
        view._budget = budget
        view._asked = {}
        return view

    @_reads_files
    def search(
        self,
        node: Node,
        request: SearchRequest,
        facets: Sequence[FacetName] = FACETS,
        meaning: MeaningQuery | None = None,
        if_unmatched: Callable[[], Sequence[CountQuery]] | None = None,
    ) -> EngineAnswer:
        del if_unmatched  # nothing is to be prepared
        match, nearness = self._evaluator.match(node), self._meaning_match(meaning)
        return self._collector.answer(match, request, facets, nearness)

    @_reads_files
    def counts(
        self, queries: Sequence[CountQuery], next_search: CountQuery | None = None
    ) -> tuple[int | None, ...]:
        del next_search  # nothing is to be prepared
        return tuple(self.for_query(each.budget)._count(each) for each in queries)

    def _count(self, query: CountQuery) -> int | None:
        try:
            return self._collector.count(self._evaluator.match(query.node), query.request)
        except QueryTooBroad:
            return None

    @_reads_files
    def news(
        self,
        node: Node,
        request: SearchRequest,
        fresh: Sequence[DocumentKey],
        meaning: MeaningQuery | None = None,
    ) -> tuple[RankedDocument, ...]:
        documents = np.array([int(each) for each in fresh], dtype=np.int64)
        match, nearness = self._evaluator.match(node), self._meaning_match(meaning)
        return self._collector.news(match, request, documents, nearness)

    @_reads_files
    def facet_pivot(
        self, node: Node, request: SearchRequest, rows: FacetName, columns: FacetName
    ) -> dict[str, dict[str, int]]:
        return self._collector.pivot(self._evaluator.match(node), request, rows, columns)

    @_reads_files
    def document_frequencies(self, terms: Sequence[str]) -> tuple[int, ...]:
        known = self._asked  # parsing a query asks for the same ones repeatedly
        missing = [each for each in dict.fromkeys(terms) if each not in known]
        if missing:
            found = self._frequencies.of(missing, self._budget)
            if isinstance(self._budget, NoBudget):  # of no query: it would grow without end
                known = dict(zip(missing, found, strict=True))
            else:
                known.update(zip(missing, found, strict=True))
        return tuple(known[each] for each in terms)

    @_reads_files
    def is_cut(self, prefix: Prefix) -> bool:
        return self._evaluator.is_cut(prefix)

    @_reads_files
    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        return self._vocabulary.folded(texts)

    @_reads_files
    def starting(self, texts: Sequence[str]) -> tuple[bool, ...]:
        return self._lists.starting(texts, self._budget)

    @_reads_files
    def similar(self, text: str) -> tuple[str, ...]:
        return self._vocabulary.similar(text)

    @_reads_files
    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[tuple[int, ...], ...]:
        return self._lists.reading_counts(readings, self._budget)

    def article(self, key: DocumentKey) -> Article:
        return self._articles.article(key)

    def listings(self, keys: Sequence[DocumentKey]) -> tuple[Listing, ...]:
        return self._articles.listings(keys)

    def document(self, key: DocumentKey) -> IndexedDocument:
        return self._articles.document(key)

    def find(self, article_id: str) -> DocumentKey | None:
        return self._articles.find(article_id)

    @_reads_files
    def ids(self, keys: Sequence[DocumentKey]) -> tuple[str, ...]:
        return tuple(self._snapshot.ids[int(key)] for key in keys)

    def without_vectors(self, model: str) -> Sequence[str]:
        return self._articles.without_vectors(model)

    def known_vectors(self, model: str, digests: Sequence[bytes]) -> Mapping[bytes, Floats]:
        return self._articles.known_vectors(model, digests)

    def vector_status(self, model: str) -> VectorStatus:
        return self._articles.vector_status(model)

    @_reads_files
    def nearest_passages(
        self, keys: Sequence[DocumentKey], meaning: MeaningQuery
    ) -> tuple[NearestPassage | None, ...]:
        near = self._vector_searcher(meaning.model)
        return near.nearest([int(key) for key in keys], near.query(meaning))

    @_reads_files
    def occurrences(
        self, keys: Sequence[DocumentKey], node: Node
    ) -> tuple[tuple[Occurrence, ...], ...]:
        highlighter = Highlighter(self._evaluator, self._lists.lists, self._budget)
        return highlighter.find([int(key) for key in keys], node)

    def duplicates(self, keys: Sequence[DocumentKey]) -> tuple[tuple[str, ...], ...]:
        # Most have none, and no file is read to know that.
        clustered = self._clusters.clustered
        return tuple(self._addresses(each) if clustered[int(each)] else () for each in keys)

    @_reads_files
    def _addresses(self, key: DocumentKey) -> tuple[str, ...]:
        others = duplicates_of(self._clusters, int(key))[:_MOST_DUPLICATES]
        own = self.article(key).url
        addresses = []
        for each in others:
            url = self.article(each).url
            addresses.append(url if url and url != own else self._snapshot.ids[each])
        return tuple(dict.fromkeys(addresses))

    @_reads_files
    def more_like_this(
        self, key: DocumentKey, limit: int, model: str = ""
    ) -> tuple[RankedDocument, ...]:
        number, representatives = int(key), self._clusters.representatives
        others = self._clusters.shown & (representatives != representatives[number])
        lemmas = common_lemmas(self.document(number))
        near = self._vector_searcher(model) if model else None
        centroid = near.centroid(number) if near else None
        nearness = near.mean(centroid) if near and centroid is not None else None
        return self._more_like_this.find(number, lemmas, others, limit, nearness)

    @_reads_files
    def complete(self, kind: CompletionKind, text: str, limit: int) -> tuple[FacetCount, ...]:
        if kind == "word":
            return self._vocabulary.complete(text, limit)
        if kind == "title":
            return self._titles.complete(text, limit)
        return self._names.complete(text, limit)

    @_reads_files
    def samples(
        self, asked: Sequence[tuple[str, int]], next_search: CountQuery | None = None
    ) -> tuple[tuple[DocumentKey, ...], ...]:
        del next_search  # nothing is to be prepared
        return tuple(self._sample(each, limit) for each, limit in asked)

    def _sample(self, term: str, limit: int) -> tuple[DocumentKey, ...]:
        documents = self._lists.containing(term, self._budget)
        documents = documents[self._clusters.shown[documents]]
        return tuple(documents[:: max(len(documents) // limit, 1)][:limit].tolist())

    def digest(self, article_id: str) -> str | None:
        return self._articles.digest(article_id)

    def digests(self) -> Mapping[str, str]:
        return self._articles.digests()

    def article_ids(self) -> Iterable[str]:
        return self._articles.article_ids()

    @_reads_files
    def facet_totals(self, facet: FacetName) -> tuple[FacetCount, ...]:
        return tuple(self._collector.totals(facet))

    @_reads_files
    def other_names(self) -> Mapping[str, str]:
        return self._articles.other_names()

    @_reads_files
    def vocabulary(self, channel: Channel, least: int) -> tuple[FacetCount, ...]:
        return self._vocabulary.counts(channel, least)

    @_reads_files
    def term_count(self) -> int:
        return self._vocabulary.different()

    def close(self) -> None:
        """Does nothing: memory-mapped files are closed when nothing refers to them."""

    def _meaning_match(self, meaning: MeaningQuery | None) -> MeaningMatch | None:
        if meaning is None:
            return None
        certain = None
        if meaning.certain is not None:
            # What these leaves cost is not counted: no query is refused for its meaning.
            certain = Evaluator(self._opened, NoBudget()).match(meaning.certain).full
        near = self._vector_searcher(meaning.model)
        query = near.query(meaning)

        def feedback(first: Sequence[int], weights: Sequence[float], found: Documents) -> Floats:
            return near.best_of(found, near.towards(query, first, weights))

        return MeaningMatch(near.best(query), meaning.floor, meaning.weight, certain, feedback)

    def _vector_searcher(self, model: str) -> VectorSearcher:
        """The searcher for vectors of a model, which are read at first use."""
        if model not in self._vector_searchers:
            parts = self._vectors.parts(model)
            self._vector_searchers[model] = VectorSearcher(model, parts, self._snapshot.size)
        return self._vector_searchers[model]

    @property
    def _evaluator(self) -> Evaluator:
        return Evaluator(self._opened, self._budget)
