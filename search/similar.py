"""The articles most like one, as they are listed beside it."""

from search.engines.contract import EngineReader
from search.views import SimilarArticle

LISTED = 5


def similar_articles(
    reader: EngineReader, number: int, limit: int = LISTED
) -> tuple[SimilarArticle, ...]:
    """At most ``limit`` articles like document ``number``, the likest first."""
    found = []
    for each in reader.like(number, limit):
        article = reader.listing(each.number)
        found.append(
            SimilarArticle(
                id=article.id,
                title=article.title,
                language=article.language,
                published=article.published,
                year=article.year,
                score=round(each.score, 4),
            )
        )
    return tuple(found)
