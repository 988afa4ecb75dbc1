"""Search service: answers the requests of web pages, the API and the command line."""

import contextlib
import functools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from search.analysis import ESTONIAN, Analyzer
from search.article import PARAGRAPH_BREAK
from search.article_view import ArticleView, SimilarArticle, similar_articles
from search.autocomplete import Autocompleter, Completion
from search.configuration import Configuration
from search.engines.contract import (
    CountQuery,
    DocumentKey,
    EngineAnswer,
    EngineReader,
    FacetCount,
    MeaningQuery,
    RankedDocument,
)
from search.engines.registry import fingerprint, open_index
from search.errors import ArticleNotFound, IndexDamaged, KlastriError
from search.i18n import DEFAULT_LANGUAGE, translator
from search.index_status import IndexStatus, index_status
from search.match_counter import CountMatches, MatchCounter
from search.meaning.embedder import Embedder, open_embedder
from search.meaning.fusion import FLOOR, meaning_weight
from search.meaning.query_embedding import QueryEmbedding
from search.meaning.vector_report import VectorReport, VectorReporter
from search.name_finder import NameFinder
from search.normalisation import clean, searchable
from search.opened_generation import OpenedGeneration
from search.query import QueryParser, explain
from search.query.ast import FacetTerm, Node, leaves
from search.query.certain_words import CertainWordFinder
from search.query.interpreter import (
    Interpretation,
    Interpreter,
    SpellingCorrections,
    UnmatchedWords,
)
from search.query.lowercase_operators import with_operators
from search.query.subqueries import candidate_subqueries, suggested_subqueries
from search.query.synonyms import DEFAULT_SYNONYMS, SynonymFile
from search.query_budget import QueryBudget
from search.reader_manager import ReaderManager
from search.request import FACETS, FacetName, SearchRequest
from search.result_builder import ResultBuilder, all_addresses, build_hits, relaxations
from search.results import Facet, Hit, News, Overview, Results, Statistics, Suggestion
from search.snippets import marks_of, paragraphs
from search.spelling import CorrectedQuery, corrected_queries, spelling_suggestions
from search.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class ServedGeneration:
    """The generation that answers; ``problem`` is why that is not the live one, None if it is.

    ``failures`` counts failed openings of the live one. ``vectors`` is None where search by meaning
    is off.
    """

    name: str
    articles: int
    problem: KlastriError | OSError | None
    failures: int
    vectors: VectorReport | None = None


@dataclass(frozen=True, slots=True)
class _ExecutedQuery:
    """A query, its interpretation and the engine's answer.

    ``meaning`` is None if it was searched by words alone.
    """

    query: str
    reader: EngineReader
    interpretation: Interpretation
    answer: EngineAnswer
    meaning: MeaningQuery | None = None

    @property
    def found_by_words(self) -> int:
        """Number of full and partial matches."""
        return self.answer.total + self.answer.partial

    def hits(self) -> tuple[Hit, ...]:
        """The hits of the requested page."""
        node, documents = self.interpretation.node, self.answer.documents
        return build_hits(self.reader, documents, node, self.query, self.meaning)


class SearchService:
    """Searches the live generation of an index, following switches. Safe for threads.

    While the live generation cannot be read, the one opened before answers, or else the newest
    sound one. Every method raises NoIndex, IndexMismatch or IndexDamaged if there is none. An
    invalid synonym file raises SynonymError here; later on the synonyms stay as they were.
    ``budget`` makes the budget of each query, suggestions included. With ``embedder`` articles are
    found by meaning, too; while it fails, or its vectors cannot be read, words answer alone.
    Switches are noticed within ``patience`` seconds.
    """

    def __init__(
        self,
        index: Path,
        configuration: Configuration,
        analyzer: Analyzer,
        taxonomy: Taxonomy,
        clock: Callable[[], float] = time.perf_counter,
        budget: Callable[[], QueryBudget] = QueryBudget,
        embedder: Embedder | None = None,
        patience: float = 0.0,
    ) -> None:
        self._index = open_index(
            index, configuration.engine, configuration.keep_generations, configuration.opensearch
        )
        self._fingerprint = fingerprint(configuration)
        self._analyzer = analyzer
        self._taxonomy = taxonomy
        self._names = NameFinder(analyzer)
        self._parser = QueryParser(analyzer, taxonomy.find)
        default = DEFAULT_SYNONYMS if configuration.defaults else None
        self._synonyms = SynonymFile(configuration.synonyms, self._parser, default)
        self._clock = clock
        self._budget = budget
        self._freshness = configuration.freshness
        self._embedding = None
        if embedder is not None:
            chosen = configuration.meaning.floor if configuration.meaning else None
            self._embedding = QueryEmbedding(embedder, FLOOR if chosen is None else chosen)
        self._vector_reporter: VectorReporter | None = None
        if configuration.meaning is not None:
            settings = configuration.meaning
            # Shares the model; a process without one opens it with the first report.
            opening = (lambda: embedder) if embedder else lambda: open_embedder(settings)
            self._vector_reporter = VectorReporter(opening)
        self._readers = ReaderManager(
            self._index.current, self._open, self._open_fallback, patience=patience
        )

    def pinned(self) -> contextlib.AbstractContextManager[None]:
        """Context manager: answers this thread from one generation, even if another goes live."""
        return self._readers.pinned()

    def warm(self) -> None:
        """Loads what the first query needs: the lexicon, synonyms, lazy imports of np.unique."""
        import numpy.ma  # noqa: F401

        self._analyzer.readings("klaster")
        self._synonyms.current()
        if self._embedding is not None:
            self._embedding.vector("klaster")

    @property
    def finds_by_meaning(self) -> bool:
        """True if there is an embedding model."""
        return self._embedding is not None

    def search(
        self,
        request: SearchRequest,
        language: str = DEFAULT_LANGUAGE,
        facets: Sequence[FacetName] = FACETS,
        parts: int = 0,
    ) -> Results:
        """Answers ``request``, with labels and explanation in ``language``.

        Only ``facets`` are counted. ``parts`` is how many :meth:`subqueries` follow if there are no
        full matches, for a remote engine to count in the same request. Raises QueryTooBroad.
        """
        started = self._clock()
        texts = translator(language)
        with self._readers.acquire() as opened:
            if opened.reader.is_remote:
                self._prefetch(request, opened)
            executed = self._execute(opened, request, request.query, facets, parts=parts)
            corrected = self._corrected(request, executed.interpretation.unmatched, opened)
            if corrected and not executed.found_by_words:
                # Only a query without any matches is replaced, and the results report that.
                query, corrections = corrected[0].query, corrected[0].corrections
                replacement = self._execute(opened, request, query, facets, corrections)
                if replacement.found_by_words:
                    executed = replacement
            answer, hits = executed.answer, executed.hits()
            suggestions = (
                *spelling_suggestions(corrected, executed.query),
                *self._operator_suggestions(request, answer, opened),
            )
        shown = executed.found_by_words + answer.near
        return Results(
            request=request,
            searched=executed.query,
            explanation=explain(executed.interpretation.node, texts),
            total=answer.total,
            partial=answer.partial,
            took_ms=(self._clock() - started) * 1000,
            page=request.page,
            pages=-(-shown // request.page_size),
            hits=hits,
            facets=self._builder(language).facets(answer, request),
            suggestions=suggestions,
            relaxations=relaxations(answer),
            near=answer.near,
            floor=executed.meaning.floor if executed.meaning else None,
        )

    def article(
        self, article_id: str, query: str = "", language: str = DEFAULT_LANGUAGE
    ) -> ArticleView:
        """One article with highlights for ``query``. Raises ArticleNotFound, QueryTooBroad."""
        with self._readers.acquire() as opened:
            budget = self._budget()
            interpretation = opened.interpreter.interpret(query, budget)
            reader = opened.reader.for_query(budget)
            key = reader.find(clean(article_id))
            if key is None:
                raise ArticleNotFound(id=article_id)
            article = reader.article(key)
            (others,) = reader.duplicates([key])
            article = replace(article, duplicates=all_addresses(article.duplicates, others))
            similar = self._similar(opened, reader, key)
            (occurrences,) = reader.occurrences([key], interpretation.node)
            if not occurrences:
                # The results may have been those of the corrected query.
                unmatched = interpretation.unmatched
                for each in self._corrected(SearchRequest(query), unmatched, opened)[:1]:
                    budget = self._budget()
                    other = opened.interpreter.interpret(each.query, budget, each.corrections)
                    reader = opened.reader.for_query(budget)
                    (occurrences,) = reader.occurrences([key], other.node)
        return ArticleView(
            article=article,
            title_marks=marks_of(occurrences, "title"),
            paragraphs=paragraphs(
                article.body, marks_of(occurrences, "body"), len(PARAGRAPH_BREAK)
            ),
            values=self._builder(language).values(article),
            similar=similar,
        )

    def news(
        self, request: SearchRequest, ids: Iterable[str], most: int, since: datetime | None = None
    ) -> News:
        """What ``request`` finds among the articles ``ids``, of those added after ``since``.

        At most ``most`` are listed, last added first; near-duplicates of earlier articles are left
        out. Raises QueryTooBroad.
        """
        with self._readers.acquire() as opened:
            keys = [key for each in ids if (key := opened.reader.find(each)) is not None]
            if since is not None:
                dated = zip(keys, opened.reader.listings(keys), strict=True)
                keys = [key for key, each in dated if each.added and each.added > since]
            if not keys:
                return News(0, ())
            budget = self._budget()
            node = opened.interpreter.interpret(request.query, budget).node
            reader = opened.reader.for_query(budget)
            meaning = self._meaning_query(opened, request.query, node) if request.meaning else None
            found = reader.news(node, request, keys, meaning)
            hits = build_hits(opened.reader, found[:most], node, request.query, meaning)
            return News(len(found), hits)

    def without_vectors(self, ids: Iterable[str], since: datetime) -> list[str]:
        """Those of ``ids`` added after ``since`` that have no vectors yet.

        None if no article has any.
        """
        with self._readers.acquire() as opened:
            if opened.model is None or not opened.has_vectors:
                return []
            missing = set(opened.reader.without_vectors(opened.model)).intersection(ids)
            keys = [key for each in missing if (key := opened.reader.find(each)) is not None]
            dated = zip(opened.reader.ids(keys), opened.reader.listings(keys), strict=True)
            return [each for each, listing in dated if listing.added and listing.added > since]

    def articles(self, ids: Sequence[str]) -> tuple[Hit, ...]:
        """The articles of ``ids`` as hits without a query, in that order; unknown ids left out."""
        with self._readers.acquire() as opened:
            found = (opened.reader.find(clean(each)) for each in ids)
            documents = [RankedDocument(key, 0.0, True) for key in found if key is not None]
            node = opened.interpreter.interpret("", self._budget()).node
            return build_hits(opened.reader, documents, node)

    def suggest(self, text: str, limit: int = 10) -> tuple[Completion, ...]:
        """Autocompletes a query being typed. Raises QueryTooLong."""
        text = searchable(SearchRequest(text).query).text
        with self._readers.acquire() as opened:
            counts, others = self._match_counter(opened).counts, opened.other_names
            completer = Autocompleter(opened.reader, self._analyzer, others, counts)
            return completer.complete(text, limit)

    def subqueries(self, query: str, most: int) -> tuple[str, ...]:
        """At most ``most`` subqueries of a query without matches."""
        with self._readers.acquire() as opened:
            counts = self._match_counter(opened).under(SearchRequest())
            return suggested_subqueries(query, most, self._parts, counts)

    def counts(self, queries: Sequence[str], request: SearchRequest) -> tuple[int | None, ...]:
        """Full matches of each of ``queries`` under the filters of ``request``, by words alone.

        None for one that is too broad.
        """
        with self._readers.acquire() as opened:
            return self._match_counter(opened).under(request)(queries)

    def facet(
        self, name: FacetName, request: SearchRequest, language: str = DEFAULT_LANGUAGE
    ) -> Facet:
        """Every value of a facet, counted as ``search`` does. Raises QueryTooBroad."""
        with self._readers.acquire() as opened:
            answer = self._execute(opened, request, request.query, (name,)).answer
        return self._builder(language).facet(name, answer, request)

    def name_matcher(self, text: str) -> Callable[[str], bool]:
        """A predicate of the names that ``text`` finds, see :class:`NameFinder`."""
        return self._names.matcher(clean(text))

    def facet_pivot(
        self, request: SearchRequest, rows: FacetName, columns: FacetName
    ) -> Mapping[str, Mapping[str, int]]:
        """Pivot facet: counts of ``columns`` for each value of ``rows``. Raises QueryTooBroad.

        Counted are the articles that ``search`` counts in the facet ``columns``.
        """
        with self._readers.acquire() as opened:
            budget = self._budget()
            node = opened.interpreter.interpret(request.query, budget).node
            return opened.reader.for_query(budget).facet_pivot(node, request, rows, columns)

    def overview(
        self, facet: FacetName, value: str, language: str = DEFAULT_LANGUAGE
    ) -> Overview | None:
        """Overview of one facet value, None if no article has it."""
        request, builder = SearchRequest(sort="newest"), self._builder(language)
        with self._readers.acquire() as opened:
            node, reader = FacetTerm(facet, value), opened.reader.for_query(self._budget())
            answer = reader.search(node, request)
            newest = build_hits(reader, answer.documents, node)
        facets, label = builder.facets(answer, request), builder.label(facet, value)
        return Overview(label, answer.total, facets, newest) if answer.total else None

    def facets(self) -> tuple[FacetName, ...]:
        """Facets worth showing: of source and language only those with more than one value."""
        with self._readers.acquire() as opened:
            return opened.facets

    def other_names(self) -> Mapping[str, str]:
        """Other names of organisations, each with the shown one."""
        with self._readers.acquire() as opened:
            return opened.reader.other_names()

    def area_label(self, area_id: str, language: str = DEFAULT_LANGUAGE) -> str:
        """Label of a focus area; the id of an unknown one."""
        return self._builder(language).label("focus", area_id)

    def statistics(self) -> Statistics:
        """Statistics of the index."""
        with self._readers.acquire() as opened:
            live, reader = opened.facts, opened.reader
            problem = self._readers.problem
            return Statistics(
                generation=live.name,
                articles=reader.document_count,
                terms=reader.term_count(),
                megabytes=round(live.size / 1e6, 2),
                built=live.built,
                source=live.sources,
                languages=_pairs(reader.facet_totals("language")),
                sources=_pairs(reader.facet_totals("source")),
                focus=_pairs(reader.facet_totals("focus")),
                years=_pairs(reader.facet_totals("year")),
                organisations=len(reader.facet_totals("org")),
                generations=self._index.names(),
                problem=str(problem) if problem else "",
                vectors=self._vector_report(opened),
            )

    def vector_status(self) -> VectorReport | None:
        """The embedding model and the articles with vectors; None where meaning is off."""
        with self._readers.acquire() as opened:
            return self._vector_report(opened)

    def index_status(self) -> IndexStatus:
        """Status of kept generations and the last run; both empty without an index."""
        return index_status(self._index)

    def built(self) -> str:
        """When the generation that answers was built, in ISO 8601."""
        with self._readers.acquire() as opened:
            return opened.facts.built

    def document_count(self) -> int:
        """Number of searchable articles, cheaply."""
        with self._readers.acquire() as opened:
            return opened.reader.document_count

    def article_ids(self) -> tuple[str, ...]:
        """The ids of all articles, in no particular order."""
        with self._readers.acquire() as opened:
            return tuple(opened.reader.article_ids())

    def generation(self) -> str:
        """Name of the generation that answers, empty if there is none."""
        with contextlib.suppress(KlastriError), self._readers.acquire() as opened:
            return opened.generation
        return ""

    def served(self) -> ServedGeneration:
        """Which generation answers, and why it is not the live one.

        Raises EngineError where an engine on other machines has lost a part of it.
        """
        with self._readers.acquire() as opened:
            # Both read all of the index, so that a lost part of it raises here.
            opened.reader.facet_totals("language")
            opened.reader.term_count()
            articles = opened.reader.document_count
            name, readers = opened.generation, self._readers
            vectors = self._vector_report(opened)
            return ServedGeneration(name, articles, readers.problem, readers.failures, vectors)

    def answer_stamp(self) -> str:
        """Validator of all answers: changes with the served generation and with the synonyms."""
        with self._readers.acquire() as opened:
            return f"{opened.stamp} {self._synonyms.stamp()}"

    def close(self) -> None:
        """Releases the files of the index."""
        self._readers.close()

    def _open(self, name: str | None = None) -> OpenedGeneration:
        reader = self._index.open(self._fingerprint, self._freshness, name)
        return OpenedGeneration(
            reader,
            Interpreter(reader, self._analyzer, self._parser, self._synonyms.current),
            CertainWordFinder(reader, self._analyzer, self._query_language),
            self._index.generation(reader.generation),
            self._embedding.model if self._embedding else None,
        )

    def _open_fallback(self) -> OpenedGeneration | None:
        for name in self._index.fallbacks():
            with contextlib.suppress(KlastriError, OSError):
                return self._open(name)
        return None

    def _vector_report(self, opened: OpenedGeneration) -> VectorReport | None:
        return self._vector_reporter.report(opened.reader) if self._vector_reporter else None

    def _builder(self, language: str) -> ResultBuilder:
        return ResultBuilder(self._taxonomy, translator(language))

    def _execute(
        self,
        opened: OpenedGeneration,
        request: SearchRequest,
        query: str,
        facets: Sequence[FacetName],
        corrections: SpellingCorrections = (),
        parts: int = 0,
    ) -> _ExecutedQuery:
        """Executes ``query``, with ``corrections``, under the filters and order of ``request``.

        ``parts`` as in :meth:`search`. Raises QueryTooBroad.
        """
        budget = self._budget()
        interpretation = opened.interpreter.interpret(query, budget, corrections)
        reader, node = opened.reader.for_query(budget), interpretation.node
        if not leaves(node) and request.sort == "relevance":
            request = replace(request, sort="newest")  # nothing to be relevant to
        unmatched = None
        if parts:
            unmatched = functools.partial(self._subquery_counts, opened, request, query, parts)
        meaning = self._meaning_query(opened, query, node, request) if request.meaning else None
        if meaning is not None:
            with self._words_alone_if_damaged():
                answer = reader.search(node, request, facets, meaning, unmatched)
                return _ExecutedQuery(query, reader, interpretation, answer, meaning)
            reader = opened.reader.for_query(self._budget())
        answer = reader.search(node, request, facets, None, unmatched)
        return _ExecutedQuery(query, reader, interpretation, answer)

    def _meaning_query(
        self,
        opened: OpenedGeneration,
        query: str,
        node: Node,
        searched_next: SearchRequest | None = None,
    ) -> MeaningQuery | None:
        """The vector query of ``query``; None if all of it is certain, or nothing has vectors.

        ``searched_next`` is the search that follows, for a remote engine to prepare.
        """
        embedding = self._embedding
        if embedding is None:
            return None
        with self._words_alone_if_damaged():
            certain = None
            if opened.has_vectors:
                search = None
                if searched_next is not None:
                    search = CountQuery(node, searched_next, self._budget(), is_searched_next=True)
                certain = opened.certain_words.find(query, node, search)
            vector = embedding.vector(query) if certain else None
            if certain is not None and vector is not None:
                weight = meaning_weight(query, is_foreign=certain.is_foreign)
                return MeaningQuery(embedding.model, vector, embedding.floor, weight, certain.node)
        return None

    def _query_language(self, query: str) -> str:
        """Language of ``query`` by its vector."""
        return self._embedding.language(query) if self._embedding else ESTONIAN

    def _similar(
        self, opened: OpenedGeneration, reader: EngineReader, key: DocumentKey
    ) -> tuple[SimilarArticle, ...]:
        """Articles similar to that of ``key``, by terms and vectors."""
        with self._words_alone_if_damaged():
            if opened.model is not None and opened.has_vectors:
                return similar_articles(reader, key, opened.model)
        return similar_articles(reader, key)

    @contextlib.contextmanager
    def _words_alone_if_damaged(self) -> Iterator[None]:
        """Leaves the block on IndexDamaged; if words are damaged, searching by them raises it."""
        try:
            yield
        except IndexDamaged as error:
            if self._embedding is not None:
                self._embedding.note(error)

    def _prefetch(self, request: SearchRequest, opened: OpenedGeneration) -> None:
        """Loads counts of suggestions from a remote engine in one batch with the search itself."""
        unmatched = opened.interpreter.interpret(request.query, self._budget()).unmatched
        counts = self._match_counter(opened).under(
            request, is_searched_next=True, next_search=(request.query, request)
        )
        self._corrected(request, unmatched, opened, counts)
        if query := with_operators(request.query):
            counts([query])

    def _parts(self, word: str) -> Iterable[str]:
        """Parts of a compound."""
        return self._analyzer.terms(word).parts

    def _subquery_counts(
        self, opened: OpenedGeneration, request: SearchRequest, query: str, most: int
    ) -> list[CountQuery]:
        """What is counted next for a query without full matches, for a remote engine."""
        plain = SearchRequest()
        subqueries = candidate_subqueries(query, most, self._parts)
        searches = [(each, filters) for filters in (plain, request) for each in subqueries]
        searches.append((query, plain))
        return [each for each in self._match_counter(opened).queries(searches) if each]

    def _corrected(
        self,
        request: SearchRequest,
        unmatched: UnmatchedWords,
        opened: OpenedGeneration,
        counts: CountMatches | None = None,
    ) -> tuple[CorrectedQuery, ...]:
        if not unmatched:
            return ()
        reader = opened.reader.for_query(self._budget())
        counts = counts or self._match_counter(opened).under(request)
        return corrected_queries(
            request.query, unmatched, reader, self._parser, self._analyzer, counts
        )

    def _operator_suggestions(
        self, request: SearchRequest, answer: EngineAnswer, opened: OpenedGeneration
    ) -> tuple[Suggestion, ...]:
        """The query with operators in upper case, if that finds something else."""
        query = with_operators(request.query)
        (count,) = self._match_counter(opened).under(request)([query]) if query else (None,)
        if not (query and count) or (count == answer.total and not answer.partial):
            return ()
        return (Suggestion(query, query, count),)

    def _match_counter(self, opened: OpenedGeneration) -> MatchCounter:
        return MatchCounter(opened.reader, opened.interpreter, self._budget)


def _pairs(counts: tuple[FacetCount, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((each.value, each.count) for each in counts)
