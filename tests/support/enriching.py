"""Facets of a single article, extracted as the indexer extracts them."""

from indexer.document import analyse_article
from indexer.extract import Enricher, Gazetteer, Overrides
from search.analysis import Analyzer
from search.article import Article
from search.taxonomy import Taxonomy


class ArticleEnricher:
    """An :class:`indexer.extract.Enricher` that is asked for one article at a time."""

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
        """``article`` with found values beside the given ones, which win."""
        return self._enricher.extract(analyse_article(article, self._analyzer)).article
