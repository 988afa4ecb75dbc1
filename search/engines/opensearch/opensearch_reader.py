"""Searches one generation on the server: pages, facet counts, articles and occurrences."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from search.analysis.terms import Channel
from search.bounded_cache import BoundedCache
from search.engines.contract import (
    TEXT_FIELDS,
    CompletionKind,
    CountQuery,
    DocumentKey,
    EngineAnswer,
    FacetCount,
    MeaningQuery,
    NearestPassage,
    Occurrence,
    RankedDocument,
    TextField,
)
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.facet_domains import FacetDomains, domain_clauses
from search.engines.opensearch.facet_filters import FacetFilters, under
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.meaning_search import (
    MeaningSearch,
    VectorQuery,
)
from search.engines.opensearch.nearness_scoring import nearness_params
from search.engines.opensearch.news_search import NewsSearch
from search.engines.opensearch.occurrence_finder import OccurrenceFinder
from search.engines.opensearch.page_search import (
    STORED,
    PageSearch,
    counting,
    empty_answer,
    facet_counts,
    pivot_counts,
    pivoting,
    total_of,
)
from search.engines.opensearch.query_compiler import (
    CompiledQuery,
    CorpusStatistics,
    PrefixMatches,
    QueryCompiler,
)
from search.engines.opensearch.server_documents import ServerDocuments
from search.engines.opensearch.server_vectors import packed_of
from search.engines.opensearch.similar_documents import SimilarDocuments
from search.engines.opensearch.term_scoring import Clause, all_of, any_term
from search.engines.opensearch.text_completion import TextCompletion
from search.engines.opensearch.word_lookup import WordLookup
from search.errors import QueryTooBroad
from search.query.ast import Node, Prefix
from search.query_budget import QueryBudget
from search.request import FACETS, FacetName, SearchRequest, filter_of

_EVERYTHING: Clause = {"match_all": {}}
#: Bytes of the cached counts, and of one without its clause.
_COUNTED_BYTES, _LESS_BYTES = 32_000_000, 8_000_000
_COUNT_BYTES = 200
_COUNTS = "counts"
#: Replicas may differ in deleted documents not yet merged away: a reader always uses the same.
_PREFERENCE = "klastriotsing"


class OpenSearchReader(ServerDocuments):
    """Keeps the :class:`~search.engines.contract.EngineReader` contract; safe for threads.

    ``freshness`` (0 to 1) is how much more the newest article counts.
    """

    def __init__(
        self,
        connection: Connection,
        index: str,
        words: str,
        manifest: GenerationManifest,
        freshness: float = 0.0,
    ) -> None:
        super().__init__(connection, index, manifest)
        self._freshness = freshness
        self._words = WordLookup(connection, words)
        self._facets = FacetFilters(manifest.renamed)
        self._completion = TextCompletion(connection, index, self)
        self._similar = SimilarDocuments(connection, index, self._words, manifest)
        self._meaning = MeaningSearch(
            self._multi_search,
            self._vectors,
            manifest.articles,
            has_clusters=manifest.has_clusters,
        )
        self._counts: BoundedCache[str, int] = BoundedCache(
            _COUNTED_BYTES, lambda key, _: _COUNT_BYTES + len(key)
        )
        #: Numbers of full matches by the aggregation that counts them.
        self._totals: BoundedCache[str, int] = BoundedCache(
            _LESS_BYTES, lambda key, _: _COUNT_BYTES + len(key)
        )
        #: Packed vectors of the documents of the last answer, if they came with it.
        self._kept_vectors: Mapping[str, bytes | None] = {}
        self._budget: QueryBudget | None = None
        self._frequencies: dict[str, int] = {}
        self._prefixes: dict[Prefix, dict[TextField, PrefixMatches]] = {}

    @property
    def generation(self) -> str:
        return self._index

    @property
    def is_remote(self) -> bool:
        return True

    def for_query(self, budget: QueryBudget) -> "OpenSearchReader":
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        view._budget = budget
        view._frequencies = {}  # parsing a query asks for the same ones repeatedly
        view._prefixes = {}
        view._kept, view._kept_vectors = {}, {}
        return view

    def find(self, article_id: str) -> DocumentKey | None:
        if self._budget is None:
            return super().find(article_id)
        # An article that is found for a query is shown next, so its fields come along.
        response = self._search(
            {
                "query": {"term": {"id": article_id}},
                "size": 1,
                "track_total_hits": False,
                "_source": list(STORED),
                "docvalue_fields": ["id", "vectors"],
            }
        )
        self._kept, self._kept_vectors = _sources(response), _vectors(response)
        return article_id if self._kept else None

    def search(
        self,
        node: Node,
        request: SearchRequest,
        facets: Sequence[FacetName] = FACETS,
        meaning: MeaningQuery | None = None,
        if_unmatched: Callable[[], Sequence[CountQuery]] | None = None,
    ) -> EngineAnswer:
        filters = self._facets.chosen(request)
        statistics = self._statistics()
        vector_query = self._vector_query(meaning)
        domains = FacetDomains(filters, facets, finds_near=vector_query is not None)
        counts_full = if_unmatched is not None
        query = self._compiled(node, statistics, domains, counts_full=counts_full)
        if vector_query is None and statistics.is_empty(query.some):
            return empty_answer(request, filters, facets)
        chosen = domains.chosen(query, statistics)
        ranking = None
        if vector_query is not None:
            is_covered = statistics.is_covered(query)
            beside = domains.beside(chosen)
            ranking = self._meaning.ranking(
                vector_query, query, filters, beside, is_covered=is_covered
            )
        clauses = domain_clauses(query, chosen, ranking)
        options: dict[str, Any] = {
            "has_clusters": self._manifest.has_clusters,
            "freshness": self._freshness,
            "newest": self._manifest.newest,
        }
        search = PageSearch(query, request, filters, clauses, **options, ranking=ranking)
        totals: list[str] = []
        if if_unmatched and statistics.is_empty(under(query.full, filters)):
            totals = self._unknown_totals(if_unmatched())
        if totals:
            bodies = [search.body(), _aggregating(_counting_totals(totals))]
            response, counted = self._multi_search(bodies)
            self._note_totals(totals, counted["aggregations"])
        else:
            response = self._search(search.body())
        if (corrected := search.corrected(response)) is not None:
            search = PageSearch(query, request, filters, clauses, **options, ranking=corrected)
            response = self._search(search.body())
        if self._budget:
            self._kept = _sources(response)
            self._kept_vectors = _vectors(response) if ranking and self._kept else {}
        return search.answer(response)

    def counts(
        self, queries: Sequence[CountQuery], next_search: CountQuery | None = None
    ) -> tuple[int | None, ...]:
        views = [self.for_query(each.budget) for each in queries]
        statistics = self._statistics()
        keys = [
            view._count_key(each, statistics) for view, each in zip(views, queries, strict=True)
        ]
        known = {key: self._totals.get(key) for key in keys if key}
        asked = [key for key, count in known.items() if count is None]
        if asked:
            aggs = _counting_totals(asked)
            self._note_next(next_search, statistics)
            self._recall(statistics)
            if statistics.uncounted:
                aggs[_COUNTS] = _counting_all(statistics.uncounted.values())
            found = self._aggregated(aggs)
            if statistics.uncounted:
                self._note_counts(statistics.uncounted, found)
            known.update(self._note_totals(asked, found))
        counts = [known.get(key) for key in keys]
        return tuple(
            None if count is None or view._is_spent(count) else count
            for view, count in zip(views, counts, strict=True)
        )

    def _note_next(self, search: CountQuery | None, statistics: CorpusStatistics) -> None:
        """Notes in ``statistics`` the counts that the search after this depends on."""
        if search:
            finds_near = search.request.meaning and bool(self._manifest.model)
            self.for_query(search.budget)._count_key(search, statistics, finds_near=finds_near)

    def _unknown_totals(self, queries: Sequence[CountQuery]) -> list[str]:
        """The keys (:meth:`_count_key`) of those of ``queries`` that are not counted yet."""
        keys = (
            self.for_query(each.budget)._count_key(each, self._statistics()) for each in queries
        )
        return [each for each in dict.fromkeys(keys) if each and self._totals.get(each) is None]

    def _note_totals(self, keys: Sequence[str], found: Mapping[str, Any]) -> dict[str, int]:
        """Reads and remembers the counts of :func:`_counting_totals`."""
        totals = {key: total_of(found[str(at)]) for at, key in enumerate(keys)}
        self._totals.update(totals.items())
        return totals

    def news(
        self,
        node: Node,
        request: SearchRequest,
        fresh: Sequence[DocumentKey],
        meaning: MeaningQuery | None = None,
    ) -> tuple[RankedDocument, ...]:
        if not fresh:
            return ()
        query = self._compiled(node, self._statistics())
        filters = self._facets.chosen(request)
        search = NewsSearch(
            self._search, query, filters, list(map(str, fresh)), self._manifest.has_clusters
        )
        vector_query = self._vector_query(meaning)
        if vector_query is None:
            return search.found()
        return search.found(vector_query, self._meaning.nearest(vector_query))

    def facet_pivot(
        self, node: Node, request: SearchRequest, rows: FacetName, columns: FacetName
    ) -> dict[str, dict[str, int]]:
        filters = self._facets.chosen(request)
        statistics = self._statistics()
        domains = FacetDomains(filters, (columns,))
        query = self._compiled(node, statistics, domains)
        own = filter_of(columns)
        full = under(query.full, filters, without=own)
        is_full = not query.is_relaxed or statistics.count(full) > 0
        found = full if is_full else under(query.some, filters, without=own)
        pivot = pivoting(found, rows, columns, has_clusters=self._manifest.has_clusters)
        return pivot_counts(self._aggregated({"pivot": pivot})["pivot"])

    def document_frequencies(self, terms: Sequence[str]) -> tuple[int, ...]:
        known = self._frequencies if self._budget else {}
        missing = [each for each in dict.fromkeys(terms) if each not in known]
        if missing:
            found = self._words.document_frequencies(missing)
            known.update(found)
            self._spend(missing, sum(found.values()))
        return tuple(known[each] for each in terms)

    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[tuple[int, ...], ...]:
        found = self._words.reading_counts(readings)
        self._spend([surface for surface, _ in readings], sum(map(sum, found)))
        return found

    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        return self._words.folded(texts)

    def starting(self, texts: Sequence[str]) -> tuple[bool, ...]:
        self._spend(texts, len(texts))
        return self._words.starting(texts)

    def similar(self, text: str) -> tuple[str, ...]:
        return self._words.similar(text)

    def is_cut(self, prefix: Prefix) -> bool:
        fields: tuple[TextField, ...] = ("title",) if prefix.field == "title" else ("title", "body")
        return any(self._prefix(prefix, each).is_cut for each in fields)

    def ids(self, keys: Sequence[DocumentKey]) -> tuple[str, ...]:
        return tuple(map(str, keys))

    def occurrences(
        self, keys: Sequence[DocumentKey], node: Node
    ) -> tuple[tuple[Occurrence, ...], ...]:
        finder = OccurrenceFinder(node, lambda prefix, name: self._prefix(prefix, name).terms)
        return tuple(map(finder.find, self.documents(keys)))

    def more_like_this(
        self, key: DocumentKey, limit: int, model: str = ""
    ) -> tuple[RankedDocument, ...]:
        common = self._vectors.common(model)
        packed = self._passages([key]).get(str(key)) if common else None
        params = None
        if common is not None and packed is not None:
            params = nearness_params(common, self._vectors.centroid(packed))
        response = self._similar.find(self.document(key), self.cluster(key), limit, params)
        if self._budget:
            self._kept = {**self._kept, **_sources(response)}
        return tuple(
            RankedDocument(each["fields"]["id"][0], float(each["_score"]), True)
            for each in response["hits"]["hits"]
        )

    def complete(self, kind: CompletionKind, text: str, limit: int) -> tuple[FacetCount, ...]:
        if kind == "word":
            return self._words.complete(text, limit)
        if kind == "title":
            return self._completion.titles(text, limit)
        return self._completion.organisations(text, limit)

    def samples(
        self, asked: Sequence[tuple[str, int]], next_search: CountQuery | None = None
    ) -> tuple[tuple[DocumentKey, ...], ...]:
        if not asked:
            return ()
        bodies: list[dict[str, Any]] = [
            {
                "query": all_of([any_term(TEXT_FIELDS, [each]), {"term": {"cluster_rank": 0}}]),
                "size": limit,
                "sort": [{"spread": "asc"}],
                "track_total_hits": False,
                "docvalue_fields": ["id"],
                "_source": list(STORED),
            }
            for each, limit in asked
        ]
        statistics = self._statistics()
        self._note_next(next_search, statistics)
        self._recall(statistics)
        if statistics.uncounted:
            bodies.append(_aggregating({_COUNTS: _counting_all(statistics.uncounted.values())}))
        answers = self._multi_search(bodies)
        if statistics.uncounted:
            self._note_counts(statistics.uncounted, answers.pop()["aggregations"])
        found = list(map(_sources, answers))
        # Samples are read next, so their fields are kept. They are replaced in one assignment, as
        # another thread may do the same.
        self._kept = {key: source for some in found for key, source in some.items()}
        return tuple(tuple(sorted(some)) for some in found)

    def vocabulary(self, channel: Channel, least: int) -> tuple[FacetCount, ...]:
        return self._words.vocabulary(channel, least)

    def facet_totals(self, facet: FacetName) -> tuple[FacetCount, ...]:
        counted = counting(_EVERYTHING, (facet,), has_clusters=self._manifest.has_clusters)
        return tuple(facet_counts(self._aggregated({"values": counted})["values"], facet))

    def other_names(self) -> Mapping[str, str]:
        return self._manifest.other_names

    def term_count(self) -> int:
        return self._words.different()

    def nearest_passages(
        self, keys: Sequence[DocumentKey], meaning: MeaningQuery
    ) -> tuple[NearestPassage | None, ...]:
        query = self._vectors.query(meaning)
        if query is None:
            return tuple(None for _ in keys)
        packed = self._passages(keys).items()
        nearest = {each: self._vectors.nearest(some, query) for each, some in packed}
        return tuple(nearest.get(str(each)) for each in keys)

    def _passages(self, keys: Sequence[DocumentKey]) -> dict[str, bytes]:
        """Packed vectors of those documents that have some, by id."""
        names = [str(each) for each in keys]
        known = self._kept_vectors
        missing = [each for each in names if each not in known]
        kept = {each: packed for each in names if (packed := known.get(each)) is not None}
        return {**kept, **(self._vectors.packed(missing) if missing else {})}

    def _vector_query(self, meaning: MeaningQuery | None) -> VectorQuery | None:
        """The query vector for scripts, None where nothing can be near to it."""
        if meaning is None:
            return None
        certain = None
        if meaning.certain is not None:
            # What these leaves cost is not counted: no query is refused for its meaning.
            compiler = QueryCompiler(
                self._statistics(), lambda node, name: self._words.prefix(node)[name], self._facets
            )
            certain = compiler.compile(meaning.certain).full
        return self._meaning.vector_query(meaning, certain)

    def _compiler(self, statistics: CorpusStatistics) -> QueryCompiler:
        return QueryCompiler(statistics, self._prefix, self._facets)

    def _statistics(self) -> CorpusStatistics:
        return CorpusStatistics(self.document_count, self._manifest.lengths)

    def _compiled(
        self,
        node: Node,
        statistics: CorpusStatistics,
        domains: FacetDomains | None = None,
        *,
        counts_full: bool = False,
    ) -> CompiledQuery:
        """Compiles a query, after counting all in the corpus that it depends on.

        With ``counts_full`` its full matches are counted, too, if anything is.
        """
        compiler = self._compiler(statistics)
        query = compiler.compile(node)
        if self._budget:
            self._budget.spend(query.terms)
        if domains:
            domains.chosen(query, statistics)
        while statistics.uncounted:
            self._recall(statistics)
            if statistics.is_empty(query.some):
                return query
            if counts_full and domains:
                statistics.count_beside(under(query.full, domains.filters))
            self._count(statistics)
            query = compiler.compile(node)
            if domains:
                domains.chosen(query, statistics)
        return query

    def _recall(self, statistics: CorpusStatistics) -> None:
        """Takes counts that are known out of ``uncounted``; a generation never changes."""
        known = {key: self._known_count(key, statistics) for key in statistics.uncounted}
        counts = {key: count for key, count in known.items() if count is not None}
        statistics.counts.update(counts)
        self._spend((), sum(counts.values()))
        statistics.uncounted = {
            key: clause
            for key, clause in statistics.uncounted.items()
            if key not in counts and not statistics.is_empty(clause)
        }

    def _count(self, statistics: CorpusStatistics) -> None:
        """Counts all that the query depends on, in one round trip at most."""
        uncounted, statistics.uncounted = statistics.uncounted, {}
        if uncounted:
            asked = {**uncounted, **statistics.beside}
            found = self._aggregated({_COUNTS: _counting_all(asked.values())})
            statistics.counts.update(self._note_counts(asked, found))
            self._spend((), sum(statistics.counts[key] for key in uncounted))

    def _note_counts(self, uncounted: Iterable[str], found: Mapping[str, Any]) -> dict[str, int]:
        """Reads and remembers the counts of :func:`_counting_all`."""
        buckets = found[_COUNTS]["buckets"]
        counts = {key: buckets[str(at)]["doc_count"] for at, key in enumerate(uncounted)}
        self._counts.update(counts.items())
        return counts

    def _known_count(self, key: str, statistics: CorpusStatistics) -> int | None:
        """Number of matching documents, if it was counted before or the words index has it."""
        count = self._counts.get(key)
        fields, terms = statistics.groups.get(key, ((), ()))
        if count is None and tuple(fields) == TEXT_FIELDS:
            known = [self._words.known(each) for each in dict.fromkeys(terms)]
            # Counts of several terms cannot be added: a document may hold two of them.
            if None not in known and sum(map(bool, known)) <= 1:
                return sum(each or 0 for each in known)
        return count

    def _count_key(
        self, query: CountQuery, statistics: CorpusStatistics, *, finds_near: bool = False
    ) -> str:
        """The aggregation that counts the full matches of a query, as JSON; empty if too broad.

        If its search is to follow, the counts it depends on are noted in ``statistics``.
        """
        filters = self._facets.chosen(query.request)
        try:
            noted = statistics if query.is_searched_next else self._statistics()
            compiled = self._compiler(noted).compile(query.node)
            FacetDomains(filters, FACETS, finds_near).chosen(compiled, noted)
            self._spend([f"{field} {text}" for field, text in compiled.terms])
        except QueryTooBroad:
            return ""
        clause = under(compiled.full, filters)
        return json.dumps(
            counting(clause, has_clusters=self._manifest.has_clusters), sort_keys=True
        )

    def _is_spent(self, count: int) -> bool:
        """Does a query with ``count`` documents go beyond its budget?"""
        try:
            self._spend((), count)
        except QueryTooBroad:
            return True
        return False

    def _prefix(self, node: Prefix, field: TextField) -> PrefixMatches:
        if node not in self._prefixes:
            if not self._budget:
                return self._words.prefix(node)[field]
            self._prefixes[node] = self._words.prefix(node)
        found = self._prefixes[node][field]
        self._spend([f"{field} {each}" for each in found.terms])
        return found

    def _aggregated(self, aggs: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._search(_aggregating(aggs))["aggregations"]
        return found

    def _search(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._connection.search(self._index, body, preference=_PREFERENCE)

    def _multi_search(self, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return self._connection.multi_search(self._index, bodies, preference=_PREFERENCE)

    def _spend(self, terms: Sequence[str], cost: int = 0) -> None:
        if self._budget:
            self._budget.spend(terms, cost)


def _aggregating(aggs: Mapping[str, Any]) -> dict[str, Any]:
    """Search for aggregations alone."""
    return {"size": 0, "track_total_hits": False, "aggs": aggs}


def _counting_totals(keys: Sequence[str]) -> dict[str, Any]:
    """Aggregations that count full matches, near-duplicates as one."""
    return {str(at): json.loads(key) for at, key in enumerate(keys)}


def _counting_all(clauses: Iterable[Clause]) -> Clause:
    """Aggregation that counts the documents of each clause."""
    return {"filters": {"filters": {str(at): each for at, each in enumerate(clauses)}}}


def _vectors(response: Mapping[str, Any]) -> dict[str, bytes | None]:
    """Packed vectors of hits by id, None for those without."""
    hits = response["hits"]["hits"]
    return {
        each["fields"]["id"][0]: packed_of(each) if "vectors" in each["fields"] else None
        for each in hits
    }


def _sources(response: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Stored fields of hits by id, where they came along."""
    hits = response["hits"]["hits"]
    return {each["fields"]["id"][0]: each["_source"] for each in hits if "_source" in each}
