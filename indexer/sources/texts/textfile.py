"""Reads articles from text files: a title line, an empty line, paragraphs.

An optional YAML front matter precedes them (:mod:`indexer.sources.texts.frontmatter`).
"""

from collections.abc import Iterator, Sequence

from indexer.sources.base import Found, Input, all_given, given
from indexer.sources.limits import Limits
from indexer.sources.texts.frontmatter import FrontMatter, split_front_matter
from indexer.sources.texts.plain_text import joined_lines, lines_of
from search.article import Article, Extracted
from search.errors import EmptyDocument
from search.normalisation import unescaped


def read_text_file(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads the article in ``source``; its language is empty unless given.

    Raises EmptyDocument, BadFrontMatter and what :meth:`Input.text` raises.
    """
    name = source.name
    text = source.text(limits.megabytes).text
    matter, below = split_front_matter(lines_of(text), name)
    below = unescaped("\n".join(below)).split("\n")
    title, body = _title_and_body(matter.title, below)
    if not title:
        raise EmptyDocument(file=name)
    yield _article(matter, matter.id or source.id, title, tuple(body), name)


def _title_and_body(given: str, lines: Sequence[str]) -> tuple[str, Iterator[str]]:
    """Title and paragraphs; a first line that repeats a given title is left out."""
    # A line of dashes above the title is not the title.
    start = next((n for n, line in enumerate(lines) if any(map(str.isalnum, line))), len(lines))
    if start == len(lines):
        return given, iter(())
    first = " ".join(lines[start].split())
    if given:
        return given, joined_lines(lines[start + (first == given) :])
    return first, joined_lines(lines[start + 1 :])


def _article(
    matter: FrontMatter, identity: str, title: str, body: tuple[str, ...], name: str
) -> Article:
    date = matter.date
    return Article(
        id=identity,
        title=title,
        body=body,
        source=name,
        url=matter.url,
        published=Extracted(date.value, "given", (given(date.text),)) if date else None,
        year=Extracted(date.value.year, "given", (given(date.text),)) if date else None,
        language=matter.language,
        focus_areas=all_given(matter.focus_areas),
        organisations=all_given(matter.organisations),
    )
