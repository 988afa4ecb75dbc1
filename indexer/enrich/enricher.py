"""Completes articles: publication date and year, focus areas, organisations."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from indexer.enrich.focus import FocusScorer
from indexer.enrich.gazetteer import Gazetteer, name_key
from indexer.enrich.organisations import OrganisationFinder, organisation_values
from indexer.enrich.overrides import OVERRIDE, ArticleOverride, Overrides
from indexer.enrich.passages import passages_of
from indexer.enrich.years import find_when
from search.analysis import ESTONIAN, Analyzer, recognise
from search.article import Article, Evidence, Extracted, PartialDate
from search.taxonomy import Taxonomy

T = TypeVar("T")
_OVERRIDDEN = (Evidence("given", 0, 0, OVERRIDE),)


class Enricher:
    """Finds in an article what its source does not give.

    Values depend on the article and on what the enricher was made of, never on other articles.
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
        self._focus = FocusScorer(taxonomy, analyzer)
        self._organisations = OrganisationFinder(analyzer, gazetteer)

    def enrich(self, article: Article) -> Article:
        """``article`` with found values beside the given ones, which win.

        Values found earlier are dropped first, so that enriching twice is enriching once. Offsets
        of evidence and mentions count in ``title`` and ``body_text``.
        """
        article = _as_given(article)
        passages = passages_of(article)
        language = article.language or recognise(f"{article.title}\n{article.body_text}")
        if language == ESTONIAN:
            self._analyzer.warm(
                token.text
                for sentence in passages.sentences
                for token in sentence.tokens
                if token.kind == "word"
            )
        when = find_when(article, passages, language, self._analyzer, self._latest_year)
        mentions = self._organisations.mentions(passages, language)
        found = organisation_values(mentions, passages, self._gazetteer, self._overrides)
        areas = () if article.focus_areas else self._focus.areas(passages, language)
        enriched = replace(
            article,
            published=when.published,
            year=when.year,
            focus_areas=self._given_areas(article) or areas,
            organisations=self._given_organisations(article) or found,
            mentions=mentions,
        )
        override = self._overrides.articles.get(article.id)
        return enriched if override is None else self._overridden(enriched, override)

    def _given_areas(self, article: Article) -> tuple[Extracted[str], ...]:
        """Given areas by their ids; the source may name them by a label."""
        return _unique(
            replace(each, value=self._taxonomy.find(_written(each)) or _written(each))
            for each in article.focus_areas
        )

    def _given_organisations(self, article: Article) -> tuple[Extracted[str], ...]:
        named = []
        for each in article.organisations:
            name = self._overrides.organisation(self._gazetteer.shown(_written(each)))
            if name is not None:
                named.append(replace(each, value=name))
        return _unique(named)

    def _overridden(self, article: Article, override: ArticleOverride) -> Article:
        if override.year_unknown:
            article = replace(article, year=None, published=None)
        elif override.year is not None:
            published = article.published
            if published is None or published.value.year != override.year:
                published = Extracted(PartialDate(override.year), "given", _OVERRIDDEN)
            article = replace(
                article,
                year=Extracted(override.year, "given", _OVERRIDDEN),
                published=published,
            )
        if override.focus_areas is not None:
            areas = (self._taxonomy.find(each) or each for each in override.focus_areas)
            article = replace(article, focus_areas=_overriding(areas))
        if override.organisations is not None:
            article = replace(article, organisations=_overriding(override.organisations))
        return article


def _as_given(article: Article) -> Article:
    """``article`` as its source gave it."""
    published, year = article.published, article.year
    return replace(
        article,
        published=published if published is not None and _is_given(published) else None,
        year=year if year is not None and _is_given(year) else None,
        focus_areas=tuple(each for each in article.focus_areas if _is_given(each)),
        organisations=tuple(each for each in article.organisations if _is_given(each)),
        mentions=(),
    )


def _is_given(value: Extracted[T]) -> bool:
    return value.origin == "given" and value.evidence != _OVERRIDDEN


def _written(value: Extracted[str]) -> str:
    """The given text itself, which an earlier enrichment may have replaced by a shown name."""
    for each in value.evidence:
        if each.part == "given":
            return each.text
    return value.value


def _unique(values: Iterable[Extracted[str]]) -> tuple[Extracted[str], ...]:
    return tuple({name_key(each.value): each for each in values}.values())


def _overriding(values: Iterable[str]) -> tuple[Extracted[str], ...]:
    return tuple(Extracted(each, "given", _OVERRIDDEN) for each in dict.fromkeys(values))
