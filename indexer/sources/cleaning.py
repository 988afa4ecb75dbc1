"""Cleans the articles of all readers: what is shown is composed (NFC) and holds nothing unseen."""

from dataclasses import replace

from search.article import Article, Extracted
from search.normalisation import clean, clean_line


def cleaned(article: Article) -> Article:
    """``article`` with its given texts as :func:`search.normalisation.clean` leaves them.

    The same object where nothing is to be cleaned, as in nearly all articles. Evidence of given
    values keeps what the source wrote.
    """
    body = tuple(text for each in article.body if (text := clean(each).strip()))
    found = replace(
        article,
        id=clean_line(article.id),
        title=clean_line(article.title),
        body=body,
        url=article.url and clean_line(article.url),
        focus_areas=tuple(map(_cleaned_value, article.focus_areas)),
        organisations=tuple(map(_cleaned_value, article.organisations)),
    )
    return article if found == article else found


def _cleaned_value(given: Extracted[str]) -> Extracted[str]:
    return replace(given, value=clean_line(given.value))
