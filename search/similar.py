"""The articles most like one, as they are listed beside it."""

from search.engines.contract import DocumentKey, EngineReader
from search.views import SimilarArticle

LISTED = 5


def similar_articles(
    reader: EngineReader, key: DocumentKey, limit: int = LISTED
) -> tuple[SimilarArticle, ...]:
    """At most ``limit`` articles like that of ``key``, the likest first."""
    found = reader.more_like_this(key, limit)
    listings = reader.listings([each.key for each in found])
    return tuple(
        SimilarArticle(
            id=article.id,
            title=article.title,
            language=article.language,
            published=article.published,
            year=article.year,
            score=round(each.score, 4),
        )
        for each, article in zip(found, listings, strict=True)
    )
