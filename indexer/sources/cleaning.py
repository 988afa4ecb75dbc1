"""Cleans and truncates the articles of all readers: Unicode normalisation, and limits of length.

Texts are normalised to NFC, without invisible characters. Titles, words and paragraphs are limited,
because the time of text analysis grows faster than their length, and nobody reads such long ones.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from indexer.sources.limits import Limits
from search.article import Article, Extracted
from search.normalisation import clean, clean_line

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»)]*\s+")
_BLANK = re.compile(r"\s+")
_CUT = "…"


def cleaned(article: Article) -> Article:
    """Normalises the given texts of ``article`` by :func:`search.normalisation.clean`.

    Returns the same object if nothing changes, as for nearly all articles. Evidence of given values
    stays as the source wrote it.
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


def fitted(article: Article, limits: Limits) -> Article:
    """Truncates a title that is too long, and keeps the whole title in the text.

    Paragraphs that are too long are split, words that are too long truncated.
    """
    title, body = article.title, article.body
    if len(title) > limits.title_characters:
        body = (title, *body)
        title = _cut(title, limits.title_characters)
    word = re.compile(rf"(\w{{{limits.word_characters}}})\w+")
    if _has_long(body, limits) or word.search(title):
        shorter = (word.sub(rf"\1{_CUT}", each) for each in body)
        body = tuple(piece for each in shorter for piece in _pieces(each, limits))
        title = word.sub(rf"\1{_CUT}", title)
    if title is article.title and body is article.body:
        return article
    return replace(article, title=title, body=body)


def _has_long(body: tuple[str, ...], limits: Limits) -> bool:
    """True if a paragraph, or the run between two blanks in one, is too long."""
    longest = limits.word_characters
    return any(
        len(each) > limits.paragraph_characters
        or (len(each) > longest and any(len(word) > longest for word in each.split()))
        for each in body
    )


def _cut(title: str, most: int) -> str:
    """The beginning of a title, up to a blank if there is one in its second half."""
    beginning = title[: most - len(_CUT)]
    words = beginning.rpartition(" ")[0]
    return (words if len(words) > most // 2 else beginning).rstrip(" ,;:–-") + _CUT


def _pieces(paragraph: str, limits: Limits) -> Iterator[str]:
    """``paragraph`` cut at the ends of sentences, else at blanks, else anywhere."""
    most = limits.paragraph_characters
    while len(paragraph) > most:
        at = _last_end(_SENTENCE_END, paragraph, most) or _last_end(_BLANK, paragraph, most) or most
        yield paragraph[:at].strip()
        paragraph = paragraph[at:].strip()
    if paragraph:
        yield paragraph


def _last_end(pattern: re.Pattern[str], text: str, most: int) -> int:
    """End of the last match in the second half of ``most`` characters; 0 without one."""
    ends = [found.end() for found in pattern.finditer(text, most // 2, most)]
    return ends[-1] if ends else 0
