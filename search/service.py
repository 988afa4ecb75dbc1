"""Answering requests: one object that the web and the command line both ask."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from search.analysis import Analyzer
from search.article import PARAGRAPH_BREAK, Article, Extracted
from search.configuration import Configuration
from search.engines.contract import EngineAnswer, FacetCount, RankedDocument
from search.engines.whoosh import Generations, WhooshReader
from search.errors import ArticleNotFound
from search.fingerprint import fingerprint
from search.i18n import DEFAULT_LANGUAGE, Translator, translator
from search.live import LiveReader
from search.query import QueryParser, explain
from search.query.tree import Node, leaves
from search.request import FACETS, NO_FOCUS, UNKNOWN_YEAR, FacetName, SearchRequest
from search.results import Facet, FacetValue, Hit, Relaxation, Results, Suggestion
from search.snippets import marks_of, paragraphs, reasons, sentence_at, snippets
from search.suggestions import respell
from search.taxonomy import Taxonomy
from search.views import ArticleView, Statistics, ValueView

#: How many organisations a facet lists; chosen ones always stand among them.
LISTED_VALUES = 50


class SearchService:
    """Searches the live generation of an index and follows it when it is switched.

    Safe for several threads. Every method raises NoIndex, IndexMismatch or IndexDamaged when
    there is nothing to answer from.
    """

    def __init__(
        self,
        index: Path,
        configuration: Configuration,
        analyzer: Analyzer,
        taxonomy: Taxonomy,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._generations = Generations(index, configuration.keep_generations)
        self._fingerprint = fingerprint(configuration)
        self._analyzer = analyzer
        self._taxonomy = taxonomy
        self._parser = QueryParser(analyzer, taxonomy.find)
        self._clock = clock
        self._live = LiveReader(
            self._generations.current, lambda: self._generations.open(self._fingerprint)
        )

    def search(self, request: SearchRequest, language: str = DEFAULT_LANGUAGE) -> Results:
        """Answer ``request``, with labels and explanation in ``language``."""
        started = self._clock()
        texts = translator(language)
        node = self._parser.parse(request.query)
        asked = request
        if not leaves(node) and request.sort == "relevance":
            asked = replace(request, sort="newest")  # nothing to be relevant to
        with self._live.borrow() as reader:
            answer = reader.search(node, asked)
            hits = tuple(self._hit(reader, node, each) for each in answer.documents)
            suggestions: tuple[Suggestion, ...] = ()
            if not answer.total:
                suggestions = respell(request, node, reader, self._parser, self._analyzer)
        found = answer.total + answer.partial
        return Results(
            request=request,
            searched=request.query,
            explanation=explain(node, texts),
            total=answer.total,
            partial=answer.partial,
            took_ms=(self._clock() - started) * 1000,
            page=request.page,
            pages=-(-found // request.page_size),
            hits=hits,
            facets=tuple(self._facet(name, answer, request, texts) for name in FACETS),
            suggestions=suggestions,
            relaxations=_relaxations(answer),
        )

    def article(
        self, article_id: str, query: str = "", language: str = DEFAULT_LANGUAGE
    ) -> ArticleView:
        """One article with the words of ``query`` marked. Raises ArticleNotFound."""
        node = self._parser.parse(query)
        with self._live.borrow() as reader:
            number = reader.find(article_id)
            if number is None:
                raise ArticleNotFound(id=article_id)
            article = reader.article(number)
            occurrences = reader.occurrences(number, node)
        return ArticleView(
            article=article,
            title_marks=marks_of(occurrences, "title"),
            paragraphs=paragraphs(
                article.body, marks_of(occurrences, "body"), len(PARAGRAPH_BREAK)
            ),
            values=self._values(article, translator(language)),
        )

    def area_label(self, area_id: str, language: str = DEFAULT_LANGUAGE) -> str:
        """What a focus area is called; an id that is not in the taxonomy, itself."""
        return self._label("focus", area_id, translator(language))

    def statistics(self) -> Statistics:
        """What is in the index."""
        with self._live.borrow() as reader:
            manifest = self._generations.manifest()
            return Statistics(
                generation=self._generations.current() or "",
                articles=reader.document_count,
                terms=reader.term_count(),
                megabytes=round(sum(f.size for f in manifest.files.values()) / 1e6, 2),
                built=manifest.built,
                source=manifest.sources,
                languages=_pairs(reader.language_totals()),
                focus=_pairs(reader.facet_totals("focus")),
                years=_pairs(reader.facet_totals("year")),
                organisations=len(reader.facet_totals("org")),
                generations=self._generations.names(),
            )

    def document_count(self) -> int:
        """How many articles can be found, cheaply."""
        with self._live.borrow() as reader:
            return reader.document_count

    def generation(self) -> str:
        """Name of the live generation, empty if there is none."""
        return self._generations.current() or ""

    def close(self) -> None:
        """Release the files of the index."""
        self._live.close()

    def _hit(self, reader: WhooshReader, node: Node, ranked: RankedDocument) -> Hit:
        article = reader.article(ranked.number)
        occurrences = reader.occurrences(ranked.number, node)
        body = article.body_text
        return Hit(
            id=article.id,
            title=article.title,
            title_marks=marks_of(occurrences, "title"),
            url=article.url,
            published=article.published.value.iso if article.published else None,
            year=article.year.value if article.year else None,
            language=article.language,
            focus_areas=tuple(each.value for each in article.focus_areas),
            organisations=tuple(each.value for each in article.organisations),
            score=ranked.score,
            full=ranked.full,
            snippets=snippets(body, occurrences),
            why=reasons(node, occurrences, article.title, body),
        )

    def _facet(
        self, name: FacetName, answer: EngineAnswer, request: SearchRequest, texts: Translator
    ) -> Facet:
        chosen = request.filter(name)
        values = [
            FacetValue(
                value=int(each.value) if name == "year" and each.value.isdigit() else each.value,
                label=self._label(name, each.value, texts),
                count=each.count,
                selected=each.value in chosen.include,
                excluded=each.value in chosen.exclude,
            )
            for each in answer.facets[name]
            # A span of years is a filter, not a value; its years are listed one by one.
            if name != "year" or each.value.isdigit() or each.value == UNKNOWN_YEAR
        ]
        if name == "year":
            values.sort(key=lambda each: -each.value if isinstance(each.value, int) else 0)
            values.sort(key=lambda each: each.value == UNKNOWN_YEAR)
        listed = [
            each
            for i, each in enumerate(values)
            if name != "org" or i < LISTED_VALUES or each.selected or each.excluded
        ]
        return Facet(name, tuple(listed), len(values))

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
        body = article.body_text
        views = []
        for name, extracted in found:
            value = str(extracted.value)
            evidence = []
            for each in extracted.evidence:
                if each.part in ("title", "body"):
                    text = article.title if each.part == "title" else body
                    evidence.append(sentence_at(text, each.start, each.end))
                else:
                    evidence.append(sentence_at(each.text, 0, len(each.text)))
            label = self._label(name, value, texts)
            views.append(
                ValueView(name, value, label, extracted.origin, tuple(dict.fromkeys(evidence)))
            )
        return tuple(views)


def _relaxations(answer: EngineAnswer) -> tuple[Relaxation, ...]:
    """What leaving out each filter would find, only where nothing was found with them."""
    if answer.total:
        return ()
    return tuple(Relaxation(name, count) for name, count in answer.without.items() if count)


def _pairs(counts: tuple[FacetCount, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((each.value, each.count) for each in counts)
