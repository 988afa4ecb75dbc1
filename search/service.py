"""Answering requests: one object that the web and the command line both ask."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from search.analysis import Analyzer
from search.article import PARAGRAPH_BREAK, Article, Extracted
from search.completion import Completer, Completion
from search.configuration import Configuration
from search.engines.contract import EngineAnswer, FacetCount, RankedDocument
from search.engines.whoosh import Generations, WhooshReader
from search.errors import ArticleNotFound
from search.fingerprint import fingerprint
from search.i18n import DEFAULT_LANGUAGE, Translator, translator
from search.live import LiveReader
from search.query import QueryParser, explain
from search.query.apart import Spacing, other_forms
from search.query.expand import Thesaurus, expand
from search.query.folded import unfold
from search.query.readings import choose_readings
from search.query.tree import Node, leaves
from search.request import FACETS, NO_FOCUS, UNKNOWN_YEAR, FacetName, SearchRequest
from search.results import Facet, FacetValue, Hit, Relaxation, Results, Suggestion
from search.similar import similar_articles
from search.snippets import marks_of, paragraphs, reasons, sentence_at, snippets
from search.suggestions import Respelling, as_respelt, respell
from search.synonyms import LiveSynonyms
from search.taxonomy import Taxonomy
from search.views import ArticleView, Statistics, ValueView

#: How many organisations a facet lists; chosen ones always stand among them.
LISTED_VALUES = 50


class SearchService:
    """Searches the live generation of an index and follows it when it is switched.

    Safe for several threads. Every method raises NoIndex, IndexMismatch or IndexDamaged when
    there is nothing to answer from. A synonyms file that cannot be used raises SynonymError here;
    one that is spoilt later leaves the synonyms as they were.
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
        self._synonyms = LiveSynonyms(
            configuration.synonyms, lambda rules: Thesaurus(rules, self._parser)
        )
        self._clock = clock
        self._live = LiveReader(
            self._generations.current, lambda: self._generations.open(self._fingerprint)
        )

    def search(self, request: SearchRequest, language: str = DEFAULT_LANGUAGE) -> Results:
        """Answer ``request``, with labels and explanation in ``language``."""
        started = self._clock()
        texts = translator(language)
        asked = request
        with self._live.borrow() as reader:
            searched = request.query
            node = self._understand(searched, reader)
            if not leaves(node) and request.sort == "relevance":
                asked = replace(request, sort="newest")  # nothing to be relevant to
            answer = reader.search(node, asked)
            respelt = self._respell(request, node, reader)
            if respelt and not answer.total + answer.partial:
                # Only where nothing at all was found is the query replaced, and the answer says so.
                other = self._understand(respelt[0].query, reader, respelt[0].meant)
                instead = reader.search(other, asked)
                if instead.total + instead.partial:
                    searched, node, answer = respelt[0].query, other, instead
            hits = tuple(self._hit(reader, node, each) for each in answer.documents)
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
        """One article with the words of ``query`` marked. Raises ArticleNotFound."""
        with self._live.borrow() as reader:
            node = self._understand(query, reader)
            number = reader.find(article_id)
            if number is None:
                raise ArticleNotFound(id=article_id)
            article = reader.article(number)
            others = (*article.duplicates, *reader.duplicates(number))
            article = replace(article, duplicates=tuple(dict.fromkeys(others)))
            similar = similar_articles(reader, number)
            occurrences = reader.occurrences(number, node)
            if not occurrences:
                # The results may have been those of the query spelt otherwise.
                for each in self._respell(SearchRequest(query), node, reader)[:1]:
                    other = self._understand(each.query, reader, each.meant)
                    occurrences = reader.occurrences(number, other)
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
            completer = Completer(reader, self._analyzer, lambda q: self._understand(q, reader))
            return completer.complete(text, limit)

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

    def _understand(
        self, query: str, reader: WhooshReader, meant: tuple[tuple[str, str], ...] = ()
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
        return Spacing(self._analyzer, self._parser, reader, refine).rewrite(node)

    def _respell(
        self, request: SearchRequest, node: Node, reader: WhooshReader
    ) -> tuple[Respelling, ...]:
        def understand(query: str) -> Node:
            return self._understand(query, reader)

        return respell(request, node, reader, self._parser, self._analyzer, understand)

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
