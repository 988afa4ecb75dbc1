"""Answering requests: one object that the web and the command line both ask."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from search.analysis import Analyzer
from search.article import PARAGRAPH_BREAK, Article, Extracted, Listing
from search.completion import Completer, Completion
from search.configuration import Configuration
from search.engines.budget import QueryBudget
from search.engines.contract import (
    DocumentKey,
    EngineAnswer,
    EngineReader,
    FacetCount,
    Occurrence,
    RankedDocument,
)
from search.engines.registry import open_index
from search.errors import ArticleNotFound, QueryTooBroad
from search.evidence import ArticleEvidence
from search.fingerprint import fingerprint
from search.i18n import DEFAULT_LANGUAGE, Translator, translator
from search.live import LiveReader
from search.query import QueryParser, explain
from search.query.apart import Spacing, other_forms
from search.query.expand import Thesaurus, expand
from search.query.folded import unfold
from search.query.parts import offered_parts
from search.query.prefixes import with_cuts
from search.query.readings import choose_readings
from search.query.tree import FacetTerm, Node, Words, leaves
from search.request import (
    FACETS,
    NO_FOCUS,
    UNKNOWN_YEAR,
    FacetFilter,
    FacetName,
    SearchRequest,
)
from search.results import Facet, FacetValue, Hit, Relaxation, Results, Suggestion
from search.similar import similar_articles
from search.snippets import marks_of, paragraphs, reasons, snippets
from search.suggestions import Respelling, as_respelt, respell
from search.synonyms import LiveSynonyms
from search.taxonomy import Taxonomy
from search.upkeep import Upkeep, upkeep
from search.views import ArticleView, Overview, Statistics, ValueView

#: How many organisations a facet lists; chosen ones always stand among them.
LISTED_VALUES = 50


class SearchService:
    """Searches the live generation of an index and follows it when it is switched.

    Safe for several threads. Every method raises NoIndex, IndexMismatch or IndexDamaged when
    there is nothing to answer from. A synonyms file that cannot be used raises SynonymError here;
    one that is spoilt later leaves the synonyms as they were. ``budget`` counts what a query costs,
    made anew for each: the one that was asked, and every other that is tried instead of it.
    """

    def __init__(
        self,
        index: Path,
        configuration: Configuration,
        analyzer: Analyzer,
        taxonomy: Taxonomy,
        clock: Callable[[], float] = time.perf_counter,
        budget: Callable[[], QueryBudget] = QueryBudget,
    ) -> None:
        self._index = open_index(index, configuration.engine, configuration.keep_generations)
        self._fingerprint = fingerprint(configuration)
        self._analyzer = analyzer
        self._taxonomy = taxonomy
        self._parser = QueryParser(analyzer, taxonomy.find)
        self._synonyms = LiveSynonyms(
            configuration.synonyms, lambda rules: Thesaurus(rules, self._parser)
        )
        self._clock = clock
        self._budget = budget
        self._live = LiveReader(
            self._index.current,
            lambda: self._index.open(self._fingerprint, configuration.freshness),
        )

    def search(self, request: SearchRequest, language: str = DEFAULT_LANGUAGE) -> Results:
        """Answer ``request``, with labels and explanation in ``language``.

        Raises QueryTooBroad.
        """
        started = self._clock()
        texts = translator(language)
        asked = request
        with self._live.borrow() as opened:
            reader = opened.for_query(self._budget())
            searched = request.query
            node = self._understand(searched, reader)
            if not leaves(node) and request.sort == "relevance":
                asked = replace(request, sort="newest")  # nothing to be relevant to
            answer = reader.search(node, asked)
            respelt = self._respell(request, node, opened)
            if respelt and not answer.total + answer.partial:
                # Only where nothing at all was found is the query replaced, and the answer says so.
                reader = opened.for_query(self._budget())
                other = self._understand(respelt[0].query, reader, respelt[0].meant)
                instead = reader.search(other, asked)
                if instead.total + instead.partial:
                    searched, node, answer = respelt[0].query, other, instead
            places = reader.occurrences([each.key for each in answer.documents], node)
            hits = self._hits(reader, node, answer.documents, places)
        found = answer.total + answer.partial
        return Results(
            request=request,
            searched=searched,
            explanation=explain(node, texts),
            total=answer.total,
            partial=answer.partial,
            took_ms=(self._clock() - started) * 1000,
            page=request.page,
            pages=-(-found // request.page_size),
            hits=hits,
            facets=tuple(self._facet(name, answer, request, texts) for name in FACETS),
            suggestions=tuple(
                Suggestion(each.query, each.query, each.count)
                for each in respelt
                if each.count and each.query != searched
            ),
            relaxations=_relaxations(answer),
        )

    def article(
        self, article_id: str, query: str = "", language: str = DEFAULT_LANGUAGE
    ) -> ArticleView:
        """One article with the words of ``query`` marked. Raises ArticleNotFound, QueryTooBroad."""
        with self._live.borrow() as opened:
            reader = opened.for_query(self._budget())
            node = self._understand(query, reader)
            key = reader.find(article_id)
            if key is None:
                raise ArticleNotFound(id=article_id)
            article = reader.article(key)
            article = replace(article, duplicates=_addresses(article.duplicates, key, reader))
            similar = similar_articles(reader, key)
            (occurrences,) = reader.occurrences([key], node)
            if not occurrences:
                # The results may have been those of the query spelt otherwise.
                for each in self._respell(SearchRequest(query), node, opened)[:1]:
                    reader = opened.for_query(self._budget())
                    other = self._understand(each.query, reader, each.meant)
                    (occurrences,) = reader.occurrences([key], other)
        return ArticleView(
            article=article,
            title_marks=marks_of(occurrences, "title"),
            paragraphs=paragraphs(
                article.body, marks_of(occurrences, "body"), len(PARAGRAPH_BREAK)
            ),
            values=self._values(article, translator(language)),
            similar=similar,
        )

    def suggest(
        self,
        text: str,
        language: str = DEFAULT_LANGUAGE,  # noqa: ARG002 - completions are the index's own words
        limit: int = 10,
    ) -> tuple[Completion, ...]:
        """How what is being typed may go on. Raises QueryTooLong."""
        SearchRequest(text)
        with self._live.borrow() as reader:

            def count(query: str, request: SearchRequest) -> int:
                return self._count(query, request, reader) or 0

            return Completer(reader, self._analyzer, count).complete(text, limit)

    def parts(self, query: str, most: int) -> tuple[str, ...]:
        """Queries for single things that ``query`` asks for, ``most`` at most, where it fails."""
        with self._live.borrow() as opened:
            return offered_parts(
                query,
                most,
                lambda word: self._analyzer.terms(word).parts,
                lambda part: self._count(part, SearchRequest(), opened) != 0,
            )

    def facet(
        self, name: FacetName, request: SearchRequest, language: str = DEFAULT_LANGUAGE
    ) -> Facet:
        """Every value of a facet, counted as ``search`` does. Raises QueryTooBroad."""
        with self._live.borrow() as opened:
            reader = opened.for_query(self._budget())
            answer = reader.search(self._understand(request.query, reader), request)
        return self._facet(name, answer, request, translator(language), None)

    def overview(
        self, facet: FacetName, value: str, language: str = DEFAULT_LANGUAGE
    ) -> Overview | None:
        """What there is of one value of a facet, None if no article has it."""
        texts, request = translator(language), SearchRequest(sort="newest")
        with self._live.borrow() as reader:
            answer = reader.search(FacetTerm(facet, value), request)
            nowhere = [()] * len(answer.documents)
            newest = self._hits(reader, Words(()), answer.documents, nowhere)
        facets = tuple(self._facet(name, answer, request, texts) for name in FACETS)
        label = self._label(facet, value, texts)
        return Overview(label, answer.total, facets, newest) if answer.total else None

    def area_label(self, area_id: str, language: str = DEFAULT_LANGUAGE) -> str:
        """What a focus area is called; an id that is not in the taxonomy, itself."""
        return self._label("focus", area_id, translator(language))

    def statistics(self) -> Statistics:
        """What is in the index."""
        with self._live.borrow() as reader:
            live = self._index.generation()
            return Statistics(
                generation=live.name,
                articles=reader.document_count,
                terms=reader.term_count(),
                megabytes=round(live.size / 1e6, 2),
                built=live.built,
                source=live.sources,
                languages=_pairs(reader.language_totals()),
                focus=_pairs(reader.facet_totals("focus")),
                years=_pairs(reader.facet_totals("year")),
                organisations=len(reader.facet_totals("org")),
                generations=self._index.names(),
            )

    def upkeep(self) -> Upkeep:
        """The generations that are kept, and what the last run did; without an index, neither."""
        return upkeep(self._index)

    def document_count(self) -> int:
        """How many articles can be found, cheaply."""
        with self._live.borrow() as reader:
            return reader.document_count

    def article_ids(self) -> tuple[str, ...]:
        """The ids of all articles, in no particular order."""
        with self._live.borrow() as reader:
            return tuple(reader.article_ids())

    def generation(self) -> str:
        """Name of the live generation, empty if there is none."""
        return self._index.current() or ""

    def close(self) -> None:
        """Release the files of the index."""
        self._live.close()

    def _understand(
        self, query: str, reader: EngineReader, meant: tuple[tuple[str, str], ...] = ()
    ) -> Node:
        """What ``query`` means in this index. ``meant`` says which words of it were respelt."""

        def refine(node: Node) -> Node:
            return other_forms(choose_readings(node, reader), self._analyzer, reader)

        thesaurus = self._synonyms.current()
        node = refine(as_respelt(self._parser.parse(query), meant))
        node = unfold(
            node, reader, self._parser, refine, self._analyzer.spelling, spare=thesaurus.knows
        )
        node = expand(node, thesaurus, refine)
        node = Spacing(self._analyzer, self._parser, reader, refine).rewrite(node)
        return with_cuts(node, reader)

    def _respell(
        self, request: SearchRequest, node: Node, opened: EngineReader
    ) -> tuple[Respelling, ...]:
        def count(query: str) -> int | None:
            return self._count(query, request, opened)

        reader = opened.for_query(self._budget())
        return respell(request, node, reader, self._parser, self._analyzer, count)

    def _count(self, query: str, request: SearchRequest, opened: EngineReader) -> int | None:
        """Full matches of ``query``, None if it would not be answered: nobody should suggest it."""
        reader = opened.for_query(self._budget())
        try:
            return reader.count(self._understand(query, reader), request)
        except QueryTooBroad:
            return None

    def _hits(
        self,
        reader: EngineReader,
        node: Node,
        documents: Sequence[RankedDocument],
        places: Sequence[tuple[Occurrence, ...]],
    ) -> tuple[Hit, ...]:
        listings = reader.listings([each.key for each in documents])
        rows = zip(documents, listings, places, strict=True)
        return tuple(self._hit(reader, node, *row) for row in rows)

    def _hit(
        self,
        reader: EngineReader,
        node: Node,
        ranked: RankedDocument,
        listing: Listing,
        occurrences: tuple[Occurrence, ...],
    ) -> Hit:
        return Hit(
            id=listing.id,
            title=listing.title,
            title_marks=marks_of(occurrences, "title"),
            url=listing.url,
            published=listing.published,
            year=listing.year,
            language=listing.language,
            focus_areas=listing.focus_areas,
            organisations=listing.organisations,
            score=ranked.score,
            full=ranked.full,
            snippets=snippets(listing.text, occurrences),
            why=reasons(node, occurrences, listing.title, listing.text),
            duplicates=_addresses(listing.duplicates, ranked.key, reader),
            added=listing.added,
        )

    def _facet(
        self,
        name: FacetName,
        answer: EngineAnswer,
        request: SearchRequest,
        texts: Translator,
        most: int | None = LISTED_VALUES,
    ) -> Facet:
        chosen = request.filter(name)
        counts = [
            each
            for each in _listed(answer.facets[name], chosen, most if name == "org" else None)
            # A span of years is a filter, not a value; its years are listed one by one.
            if name != "year" or each.value.isdigit() or each.value == UNKNOWN_YEAR
        ]
        values = [
            FacetValue(
                value=int(each.value) if name == "year" and each.value.isdigit() else each.value,
                label=self._label(name, each.value, texts),
                count=each.count,
                selected=each.value in chosen.include,
                excluded=each.value in chosen.exclude,
            )
            for each in counts
        ]
        if name == "year":
            values.sort(key=lambda each: -each.value if isinstance(each.value, int) else 0)
            values.sort(key=lambda each: each.value == UNKNOWN_YEAR)
        known = len(answer.facets[name]) if name == "org" else len(values)
        return Facet(name, tuple(values), known)

    def _label(self, facet: FacetName, value: str, texts: Translator) -> str:
        if facet == "focus":
            if value == NO_FOCUS:
                return texts.gettext("No focus area")
            return self._taxonomy.label(value, texts.language)
        if facet == "year" and value == UNKNOWN_YEAR:
            return texts.gettext("Year unknown")
        return value

    def _values(self, article: Article, texts: Translator) -> tuple[ValueView, ...]:
        found: list[tuple[FacetName, Extracted[Any]]] = [
            *(("focus", each) for each in article.focus_areas),
            *((("year", article.year),) if article.year else ()),
            *(("org", each) for each in article.organisations),
        ]
        evidence = ArticleEvidence(article)
        return tuple(
            ValueView(
                facet=name,
                value=str(each.value),
                label=self._label(name, str(each.value), texts),
                origin=each.origin,
                evidence=evidence.of(each),
            )
            for name, each in found
        )


def _listed(
    counts: Sequence[FacetCount], chosen: FacetFilter, most: int | None
) -> Sequence[FacetCount]:
    """The first values of a facet and, behind them, those that are chosen."""
    if most is None or len(counts) <= most:
        return counts
    picked = {*chosen.include, *chosen.exclude}
    rest = counts[most:] if picked else ()
    return [*counts[:most], *(each for each in rest if each.value in picked)]


def _addresses(known: Sequence[str], key: DocumentKey, reader: EngineReader) -> tuple[str, ...]:
    """Where else the story of an article can be read, those its source told first."""
    return tuple(dict.fromkeys((*known, *reader.duplicates(key))))


def _relaxations(answer: EngineAnswer) -> tuple[Relaxation, ...]:
    """What leaving out each filter would find, only where nothing was found with them."""
    if answer.total:
        return ()
    return tuple(Relaxation(name, count) for name, count in answer.without.items() if count)


def _pairs(counts: tuple[FacetCount, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((each.value, each.count) for each in counts)
