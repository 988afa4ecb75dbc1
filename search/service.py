"""Search service: answers the requests of the web and the command line."""

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
from search.match_counter import Counts, MatchCounter
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
from search.query.interpreter import Interpretation, Interpreter, Respelt, Unmet
from search.query.lowercase_operators import with_operators
from search.query.subqueries import offered_subqueries, possible_subqueries
from search.query.synonyms import DEFAULT_SYNONYMS, SynonymFile
from search.query_budget import QueryBudget
from search.reader_manager import ReaderManager
from search.request import FACETS, FacetName, SearchRequest
from search.result_builder import ResultBuilder, all_addresses, build_hits, relaxations
from search.results import Facet, Hit, News, Overview, Results, Statistics, Suggestion
from search.snippets import marks_of, paragraphs
from search.spelling import Respelling, respell, suggestions_of
from search.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class ServedGeneration:
    """The generation that answers; ``problem`` says why that is not the live one, None if it is.

    ``failures`` counts how many times the live one could not be opened. ``vectors`` are those that
    it has, None where meaning is off.
    """

    name: str
    articles: int
    problem: KlastriError | OSError | None
    failures: int
    vectors: VectorReport | None = None


@dataclass(frozen=True, slots=True)
class _Answered:
    """A query as it was understood, and what the engine found.

    ``meaning`` is None where words alone were asked for.
    """

    query: str
    reader: EngineReader
    understood: Interpretation
    answer: EngineAnswer
    meaning: MeaningQuery | None = None

    @property
    def found_by_words(self) -> int:
        """How many articles hold any of the words."""
        return self.answer.total + self.answer.partial

    def hits(self) -> tuple[Hit, ...]:
        """The page that was asked for."""
        node, documents = self.understood.node, self.answer.documents
        return build_hits(self.reader, documents, node, self.query, self.meaning)


class SearchService:
    """Searches the live generation of an index, following switches.

    Safe for several threads. While the live generation cannot be read, the one opened before
    answers, or else the newest sound one there is. Every method raises NoIndex, IndexMismatch or
    IndexDamaged when there is nothing to answer from. A synonyms file that cannot be used raises
    SynonymError here; one that is spoilt later leaves the synonyms as they were. ``budget`` counts
    what a query costs, made anew for each: the one that was asked, and every other that is
    tried instead of it. With ``embedder`` articles are found by meaning, too; where it fails, or
    its vectors cannot be read, words answer alone. What goes live is noticed within ``patience``
    seconds.
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
        self._vectors: VectorReporter | None = None
        if configuration.meaning is not None:
            settings = configuration.meaning
            # One model is enough, and who only reports needs to open it but once.
            opening = (lambda: embedder) if embedder else lambda: open_embedder(settings)
            self._vectors = VectorReporter(opening)
        self._readers = ReaderManager(
            self._index.current, self._open, self._open_fallback, patience=patience
        )

    def pinned(self) -> contextlib.AbstractContextManager[None]:
        """Answers this thread within a ``with`` block from one generation, whatever goes live."""
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
        """True if there is a model for it."""
        return self._embedding is not None

    def search(
        self,
        request: SearchRequest,
        language: str = DEFAULT_LANGUAGE,
        facets: Sequence[FacetName] = FACETS,
        parts: int = 0,
    ) -> Results:
        """Answers ``request``, with labels and explanation in ``language``.

        Only ``facets`` are counted. So many ``parts`` of a query without full matches are counted
        next, as :meth:`subqueries` does. Raises QueryTooBroad.
        """
        started = self._clock()
        texts = translator(language)
        with self._readers.acquire() as opened:
            if opened.reader.is_remote:
                self._prepare(request, opened)
            first = found = self._ask(opened, request, request.query, facets, parts=parts)
            searched = request.query
            is_instead = not first.found_by_words
            respelt = self._respell(request, first.understood.unmet, opened)
            if respelt and is_instead:
                # Only where nothing at all was found is the query replaced, and the answer says so.
                likeliest = respelt[0]
                instead = self._ask(opened, request, likeliest.query, facets, likeliest.respelt)
                if instead.found_by_words:
                    searched, found = likeliest.query, instead
            answer, hits = found.answer, found.hits()
            suggestions = (
                *suggestions_of(respelt, searched),
                *self._operators(request, answer, opened),
            )
        shown = found.found_by_words + answer.near
        return Results(
            request=request,
            searched=searched,
            explanation=explain(found.understood.node, texts),
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
            floor=found.meaning.floor if found.meaning else None,
        )

    def article(
        self, article_id: str, query: str = "", language: str = DEFAULT_LANGUAGE
    ) -> ArticleView:
        """One article with highlights for ``query``. Raises ArticleNotFound, QueryTooBroad."""
        with self._readers.acquire() as opened:
            budget = self._budget()
            understood = opened.interpreter.interpret(query, budget)
            reader = opened.reader.for_query(budget)
            key = reader.find(clean(article_id))
            if key is None:
                raise ArticleNotFound(id=article_id)
            article = reader.article(key)
            (others,) = reader.duplicates([key])
            article = replace(article, duplicates=all_addresses(article.duplicates, others))
            similar = self._similar(opened, reader, key)
            (occurrences,) = reader.occurrences([key], understood.node)
            if not occurrences:
                # The results may have been those of the query spelt otherwise.
                for each in self._respell(SearchRequest(query), understood.unmet, opened)[:1]:
                    budget = self._budget()
                    other = opened.interpreter.interpret(each.query, budget, each.respelt)
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
        """What ``request`` finds among the articles ``ids``, those added after ``since`` alone.

        At most ``most`` are listed, last added first; a story that another article told before
        is no news. Raises QueryTooBroad.
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
            meaning = self._meaning(opened, request.query, node) if request.meaning else None
            found = reader.news(node, request, keys, meaning)
            hits = build_hits(opened.reader, found[:most], node, request.query, meaning)
            return News(len(found), hits)

    def without_vectors(self, ids: Iterable[str], since: datetime) -> list[str]:
        """Those of ``ids`` added after ``since`` that cannot be found by meaning yet.

        None where nothing can be.
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
            counts, others = self._counter(opened).counts, opened.other_names
            completer = Autocompleter(opened.reader, self._analyzer, others, counts)
            return completer.complete(text, limit)

    def subqueries(self, query: str, most: int) -> tuple[str, ...]:
        """At most ``most`` subqueries of a query without matches."""
        with self._readers.acquire() as opened:
            cut, counts = self._analyzer.terms, self._counter(opened).under(SearchRequest())
            return offered_subqueries(query, most, lambda word: cut(word).parts, counts)

    def counts(self, queries: Sequence[str], request: SearchRequest) -> tuple[int | None, ...]:
        """Full matches of each of ``queries`` under the filters of ``request``, by words alone.

        None for one that is too broad.
        """
        with self._readers.acquire() as opened:
            return self._counter(opened).under(request)(queries)

    def facet(
        self, name: FacetName, request: SearchRequest, language: str = DEFAULT_LANGUAGE
    ) -> Facet:
        """Every value of a facet, counted as ``search`` does. Raises QueryTooBroad."""
        with self._readers.acquire() as opened:
            answer = self._ask(opened, request, request.query, (name,)).answer
        return self._builder(language).facet(name, answer, request)

    def name_matcher(self, text: str) -> Callable[[str], bool]:
        """A function that is true of the names that ``text`` finds, see :class:`NameFinder`."""
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
        """Other names of organisations, each with the one that is shown."""
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
                vectors=self._reported(opened),
            )

    def vector_status(self) -> VectorReport | None:
        """Which model finds by meaning, and how many articles; None where meaning is off."""
        with self._readers.acquire() as opened:
            return self._reported(opened)

    def index_status(self) -> IndexStatus:
        """Kept generations and the last run; both empty without an index."""
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
            # Both ask for all that there is: of what is lost nothing else needs to be said.
            opened.reader.facet_totals("language")
            opened.reader.term_count()
            articles = opened.reader.document_count
            name, readers = opened.generation, self._readers
            vectors = self._reported(opened)
            return ServedGeneration(name, articles, readers.problem, readers.failures, vectors)

    def answer_stamp(self) -> str:
        """Changes with the generation that is served and with the synonyms, so with any answer."""
        with self._readers.acquire() as opened:
            return f"{opened.stamp} {self._synonyms.stamp()}"

    def close(self) -> None:
        """Release the files of the index."""
        self._readers.close()

    def _open(self, name: str | None = None) -> OpenedGeneration:
        reader = self._index.open(self._fingerprint, self._freshness, name)
        return OpenedGeneration(
            reader,
            Interpreter(reader, self._analyzer, self._parser, self._synonyms.current),
            CertainWordFinder(reader, self._analyzer, self._language),
            self._index.generation(reader.generation),
            self._embedding.model if self._embedding else None,
        )

    def _open_fallback(self) -> OpenedGeneration | None:
        for name in self._index.fallbacks():
            with contextlib.suppress(KlastriError, OSError):
                return self._open(name)
        return None

    def _reported(self, opened: OpenedGeneration) -> VectorReport | None:
        return self._vectors.report(opened.reader) if self._vectors else None

    def _builder(self, language: str) -> ResultBuilder:
        return ResultBuilder(self._taxonomy, translator(language))

    def _ask(
        self,
        opened: OpenedGeneration,
        request: SearchRequest,
        query: str,
        facets: Sequence[FacetName],
        respelt: Respelt = (),
        parts: int = 0,
    ) -> _Answered:
        """Asks the engine for ``query`` as ``request`` wants it, by meaning as far as it is meant.

        ``respelt`` says which words stand for others; so many ``parts`` of what matches nowhere in
        full are counted next. Raises QueryTooBroad.
        """
        budget = self._budget()
        understood = opened.interpreter.interpret(query, budget, respelt)
        reader, node = opened.reader.for_query(budget), understood.node
        if not leaves(node) and request.sort == "relevance":
            request = replace(request, sort="newest")  # nothing to be relevant to
        unmatched = None
        if parts:
            unmatched = functools.partial(self._part_counts, opened, request, query, parts)
        meaning = self._meaning(opened, query, node, request) if request.meaning else None
        if meaning is not None:
            with self._words_alone_if_damaged():
                answer = reader.search(node, request, facets, meaning, unmatched)
                return _Answered(query, reader, understood, answer, meaning)
            reader = opened.reader.for_query(self._budget())
        answer = reader.search(node, request, facets, None, unmatched)
        return _Answered(query, reader, understood, answer)

    def _meaning(
        self,
        opened: OpenedGeneration,
        query: str,
        node: Node,
        searched_next: SearchRequest | None = None,
    ) -> MeaningQuery | None:
        """What ``query`` means; None where all of it is certain, or nothing has vectors.

        ``searched_next`` is the request that it is understood for, if there is one.
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

    def _language(self, query: str) -> str:
        """The language of ``query`` as the model tells it."""
        return self._embedding.language(query) if self._embedding else ESTONIAN

    def _similar(
        self, opened: OpenedGeneration, reader: EngineReader, key: DocumentKey
    ) -> tuple[SimilarArticle, ...]:
        """Articles similar to that of ``key``, by terms and by what vectors there are."""
        with self._words_alone_if_damaged():
            if opened.model is not None and opened.has_vectors:
                return similar_articles(reader, key, opened.model)
        return similar_articles(reader, key)

    @contextlib.contextmanager
    def _words_alone_if_damaged(self) -> Iterator[None]:
        """Leaves the block where a file is damaged; if it is one of words, these will say so."""
        try:
            yield
        except IndexDamaged as error:
            if self._embedding is not None:
                self._embedding.note(error)

    def _prepare(self, request: SearchRequest, opened: OpenedGeneration) -> None:
        """Asks a remote engine at once for what suggestions and the search itself depend on."""
        unmet = opened.interpreter.interpret(request.query, self._budget()).unmet
        counts = self._counter(opened).under(
            request, is_searched_next=True, next_search=(request.query, request)
        )
        self._respell(request, unmet, opened, counts)
        if query := with_operators(request.query):
            counts([query])

    def _part_counts(
        self, opened: OpenedGeneration, request: SearchRequest, query: str, most: int
    ) -> list[CountQuery]:
        """What is counted next for a query without full matches, for a remote engine."""
        plain = SearchRequest()
        cut = self._analyzer.terms
        parts = possible_subqueries(query, most, lambda word: cut(word).parts)
        asked = [(each, under) for under in (plain, request) for each in parts]
        asked.append((query, plain))
        return [each for each in self._counter(opened).queries(asked) if each]

    def _respell(
        self,
        request: SearchRequest,
        unmet: Unmet,
        opened: OpenedGeneration,
        counts: Counts | None = None,
    ) -> tuple[Respelling, ...]:
        if not unmet:
            return ()

        reader = opened.reader.for_query(self._budget())
        counts = counts or self._counter(opened).under(request)
        return respell(request.query, unmet, reader, self._parser, self._analyzer, counts)

    def _operators(
        self, request: SearchRequest, answer: EngineAnswer, opened: OpenedGeneration
    ) -> tuple[Suggestion, ...]:
        """The query with its small operators in capitals, if that finds something, and not all."""
        query = with_operators(request.query)
        (count,) = self._counter(opened).under(request)([query]) if query else (None,)
        if not (query and count) or (count == answer.total and not answer.partial):
            return ()
        return (Suggestion(query, query, count),)

    def _counter(self, opened: OpenedGeneration) -> MatchCounter:
        return MatchCounter(opened.reader, opened.interpreter, self._budget)


def _pairs(counts: tuple[FacetCount, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((each.value, each.count) for each in counts)
