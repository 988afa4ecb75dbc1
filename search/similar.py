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
        article = reader.article(each.number)
        found.append(
            SimilarArticle(
                id=article.id,
                title=article.title,
                language=article.language,
                published=article.published.value.iso if article.published else None,
                year=article.year.value if article.year else None,
                score=round(each.score, 4),
            )
        )
    return tuple(found)
