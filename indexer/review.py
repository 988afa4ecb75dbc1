"""Lists for the owner: articles in which something could not be found."""

from dataclasses import dataclass
from typing import Any

from search.article import Article
from search.engines.contract import EngineReader


@dataclass(frozen=True, slots=True)
class Review:
    """Articles without a year and without a focus area, by id."""

    without_year: tuple[Article, ...]
    without_focus: tuple[Article, ...]

    def to_dict(self) -> dict[str, Any]:
        """The form of ``review --json``."""
        return {
            "without_year": [_entry(each) for each in self.without_year],
            "without_focus": [_entry(each) for each in self.without_focus],
        }


def review(reader: EngineReader) -> Review:
    """Go through every article of ``reader``."""
    without_year, without_focus = [], []
    for article_id in sorted(reader.article_ids()):
        number = reader.find(article_id)
        if number is None:
            continue
        article = reader.article(number)
        if article.year is None:
            without_year.append(article)
        if not article.focus_areas:
            without_focus.append(article)
    return Review(tuple(without_year), tuple(without_focus))


def _entry(article: Article) -> dict[str, str]:
    return {"id": article.id, "title": article.title, "source": article.source}
