"""Enricher: extracts the facets of an article, and forms them again without analysis."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from indexer.document import AnalysedDocument
from indexer.extract.dates.date_resolver import find_publication_date
from indexer.extract.extraction_result import ExtractionResult, GivenValues
from indexer.extract.focus import FocusScorer
from indexer.extract.gazetteer import Gazetteer
from indexer.extract.gazetteer_matcher import GazetteerMatcher
from indexer.extract.given_checks import GivenChecks
from indexer.extract.organisations.organisation_facet import (
    MOST_ORGANISATIONS,
    OrganisationFacet,
    aliases_by_name,
    organisation_facet,
    shown_name,
)
from indexer.extract.organisations.organisation_finder import OrganisationFinder
from indexer.extract.overrides import OVERRIDDEN, ArticleOverride, Overrides
from indexer.text_view import TextView, text_view_of
from search.analysis import ESTONIAN, Analyzer
from search.article import Article, Extracted, PartialDate
from search.engines.contract import IndexedDocument, NameEvidence
from search.organisation_names import name_key
from search.taxonomy import Taxonomy


class Enricher:
    """Extracts the facets that sources do not give.

    In two steps: :meth:`find` reads the text, once; :meth:`form` forms facet values from the
    findings, again whenever taxonomy, gazetteer or overrides have changed. Values never depend on
    other articles: the index resolves names over the ``naming`` of all documents.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        taxonomy: Taxonomy,
        gazetteer: Gazetteer,
        overrides: Overrides,
        latest_year: int,
    ) -> None:
        self._analyzer = analyzer
        self._taxonomy = taxonomy
        self._gazetteer = gazetteer
        self._overrides = overrides
        self._latest_year = latest_year
        self._checks = GivenChecks(taxonomy, latest_year)
        self._focus = FocusScorer(taxonomy)
        self._organisations = OrganisationFinder(analyzer)
        self._known_names = GazetteerMatcher(gazetteer, analyzer)
        self._aliases = aliases_by_name(gazetteer, overrides)
        self._chosen_names = overrides.chosen_names

    def extract(self, analysed: AnalysedDocument) -> IndexedDocument:
        """Extracts the facets of an analysed article, and stores the findings with its document.

        Values given by its source win. Values found earlier are dropped first, so that extracting
        twice is extracting once. Offsets of evidence and mentions count in ``title`` and
        ``body_text``.
        """
        result = self.find(analysed)
        document = replace(analysed.document, findings=result.to_bytes())
        return self._with_facets(document, analysed.text, result)

    def form(self, document: IndexedDocument) -> IndexedDocument:
        """Forms the facets of ``document`` again; no text is analysed.

        It needs the terms and the findings of ``document``, and drops the values it had before.
        """
        return self._with_facets(
            document, text_view_of(document), ExtractionResult.from_bytes(document.findings)
        )

    def find(self, analysed: AnalysedDocument) -> ExtractionResult:
        """Extracts values and mentions from the text and the source of an article."""
        text_view, given = analysed.text, GivenValues.of_article(analysed.document.article)
        article = given.applied_to(analysed.document.article)
        if self._checks.has_future_date(article):
            article = replace(article, published=None, year=None)
        if article.language == ESTONIAN:
            self._analyzer.warm(
                token.text
                for sentence in text_view.sentences
                for token in sentence.tokens
                if token.kind == "word"
            )
        date = find_publication_date(article, text_view, self._analyzer, self._latest_year)
        found = self._organisations.find(text_view, article.language)
        return ExtractionResult(
            given,
            date.published,
            date.year,
            found.mentions,
            found.funding_notes,
            found.doubtful,
            found.proven,
            found.aliases,
        )

    def _with_facets(
        self, document: IndexedDocument, text_view: TextView, result: ExtractionResult
    ) -> IndexedDocument:
        article = result.given.applied_to(document.article)
        mentions = self._known_names.add_to(result.mentions, text_view, result.funding_notes)
        found = organisation_facet(mentions, text_view, self._gazetteer, self._overrides)
        named = self._given_organisations(article)
        areas = self._given_areas(article) or self._focus.areas(text_view.parts, article.language)
        formed = replace(
            article,
            published=result.published,
            year=result.year,
            focus_areas=areas,
            organisations=named or found.values,
            mentions=mentions,
        )
        override = self._overrides.articles.get(article.id)
        if override is not None:
            formed = self._overridden(formed, override)
        aliases = (self._aliases.get(each.value) for each in formed.organisations)
        formed = replace(formed, known_as=tuple(each for each in aliases if each is not None))
        if formed.organisations != found.values:
            settled = tuple(each.value for each in formed.organisations)
            naming = NameEvidence(proven=settled, settled=settled)
            return replace(document, article=formed, passages={}, naming=naming)
        naming, passages = self._name_evidence(result, found, text_view)
        return replace(
            document, article=formed, passages={**passages, **found.passages}, naming=naming
        )

    def _name_evidence(
        self, result: ExtractionResult, found: OrganisationFacet, text_view: TextView
    ) -> tuple[NameEvidence, Mapping[str, tuple[int, ...]]]:
        """Evidence on names for the index, and the passages of doubtful organisations."""
        shown = {each.value for each in found.values}
        doubtful = organisation_facet(result.doubtful, text_view, self._gazetteer, self._overrides)
        maybe = tuple(each for each in doubtful.values if each.value not in shown)
        proven = filter(None, map(self._shown, result.proven))
        aliases = (
            (short, name)
            for short, full in result.aliases
            if not self._gazetteer.knows(short) and (name := self._shown(full)) in shown
        )
        evidence = NameEvidence(
            maybe,
            tuple(each for each in dict.fromkeys(proven) if each in shown),
            tuple((short, name) for short, name in aliases if name is not None),
            tuple(each for each in shown if each in self._chosen_names),
        )
        return evidence, {each.value: doubtful.passages[each.value] for each in maybe}

    def _shown(self, name: str) -> str | None:
        return shown_name(name, self._gazetteer, self._overrides)

    def _given_areas(self, article: Article) -> tuple[Extracted[str], ...]:
        """Given focus areas of the taxonomy by id, with parents; sources may give labels."""
        areas = ((each, self._taxonomy.find(_written(each))) for each in article.focus_areas)
        given = _unique(replace(each, value=area) for each, area in areas if area is not None)
        by_id = {each.value: each for each in given}
        complete: dict[str, Extracted[str]] = {}
        for each in given:
            for area in self._taxonomy.with_parents([each.value]):
                complete.setdefault(area, by_id.get(area, replace(each, value=area)))
        return tuple(complete.values())

    def _given_organisations(self, article: Article) -> tuple[Extracted[str], ...]:
        named = []
        for each in article.organisations:
            name = self._overrides.organisation(self._gazetteer.shown(_written(each)))
            if name is not None:
                named.append(replace(each, value=name))
        return _unique(named)[:MOST_ORGANISATIONS]

    def _overridden(self, article: Article, override: ArticleOverride) -> Article:
        if override.year_unknown:
            article = replace(article, year=None, published=None)
        elif override.year is not None:
            published = article.published
            if published is None or published.value.year != override.year:
                published = Extracted(PartialDate(override.year), "given", OVERRIDDEN)
            article = replace(
                article,
                year=Extracted(override.year, "given", OVERRIDDEN),
                published=published,
            )
        if override.focus_areas is not None:
            areas = [self._taxonomy.find(each) or each for each in override.focus_areas]
            complete = self._taxonomy.with_parents(areas)
            article = replace(article, focus_areas=_overriding(complete))
        if override.organisations is not None:
            chosen = _overriding(override.organisations)[:MOST_ORGANISATIONS]
            article = replace(article, organisations=chosen)
        return article


def _written(value: Extracted[str]) -> str:
    """The value as the source wrote it, before any renaming."""
    for each in value.evidence:
        if each.part == "given":
            return each.text
    return value.value


def _unique(values: Iterable[Extracted[str]]) -> tuple[Extracted[str], ...]:
    return tuple({name_key(each.value): each for each in values}.values())


def _overriding(values: Iterable[str]) -> tuple[Extracted[str], ...]:
    return tuple(Extracted(each, "given", OVERRIDDEN) for each in dict.fromkeys(values))
