"""Facets of a single article, extracted as the indexer extracts them."""

from indexer.document import analyse_article
from indexer.extract import Enricher, Gazetteer, Overrides
from search.analysis import Analyzer
from search.article import Article
from search.taxonomy import Taxonomy


class ArticleEnricher:
    """Extracts the facets of one article at a time by an :class:`indexer.extract.Enricher`."""

    def __init__(
        self,
        analyzer: Analyzer,
        taxonomy: Taxonomy,
        gazetteer: Gazetteer,
        overrides: Overrides,
        latest_year: int,
    ) -> None:
        self._analyzer = analyzer
        self._enricher = Enricher(analyzer, taxonomy, gazetteer, overrides, latest_year)

    def enrich(self, article: Article) -> Article:
        """Adds found values to ``article``; given ones take precedence."""
        return self._enricher.extract(analyse_article(article, self._analyzer)).article
