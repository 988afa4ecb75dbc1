"""Articles as a plain list to read on from: a title and a date each."""

from collections.abc import Iterable
from dataclasses import dataclass

from search.article_view import SimilarArticle
from search.results import Hit
from webui.localisation import Localisation
from webui.parameters import SearchState
from webui.pieces import shown_date


@dataclass(frozen=True, slots=True)
class TitleLine:
    """An article by its title; ``iso_date`` is ``date`` for machines."""

    url: str
    title: str
    language: str
    date: str | None
    iso_date: str | None


def title_lines(
    articles: Iterable[Hit | SimilarArticle], state: SearchState, localisation: Localisation
) -> tuple[TitleLine, ...]:
    """A line for each of ``articles``, with an address that remembers ``state``."""
    return tuple(_line(each, state, localisation) for each in articles)


def _line(
    article: Hit | SimilarArticle, state: SearchState, localisation: Localisation
) -> TitleLine:
    date = shown_date(article.published, article.year)
    return TitleLine(
        url=state.article_url(article.id),
        title=article.title,
        language=article.language,
        date=localisation.date(date) if date else None,
        iso_date=date.iso if date else None,
    )
