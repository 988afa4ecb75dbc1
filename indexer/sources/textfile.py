"""Reads articles from text files: a title line, an empty line, paragraphs.

An optional YAML front matter stands above them (:mod:`indexer.sources.frontmatter`).
"""

import re
from collections.abc import Iterator, Sequence

from indexer.sources.base import Found, Input, all_given, given
from indexer.sources.frontmatter import FrontMatter, split_front_matter
from indexer.sources.limits import Limits
from search.article import Article, Extracted
from search.errors import EmptyDocument
from search.normalisation import clean, unescaped

_LIST_ITEM = re.compile(r"(?:[-*•·–—]|\d{1,2}\)|[a-zõäöü]\)|\d{1,2}\.(?=\s+[A-ZÕÄÖÜŠŽ]))\s+\S")
_LINK_LINE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6}\s+(?P<text>.*?)\s*#*")


def read_text_file(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads the article in ``source``; its language is empty unless given.

    Raises EmptyDocument, BadFrontMatter and what :meth:`Input.text` raises.
    """
    name = source.name
    text = source.text(limits.megabytes).text
    lines = [line.rstrip() for line in clean(text).split("\n")]
    matter, below = split_front_matter(lines, name)
    below = unescaped("\n".join(below)).split("\n")
    title, body = _title_and_body(matter.title, below, source.kind == "markdown")
    if not title:
        raise EmptyDocument(file=name)
    yield _article(matter, matter.id or source.id, title, tuple(body), name)


def _title_and_body(
    given: str, lines: Sequence[str], is_markdown: bool
) -> tuple[str, Iterator[str]]:
    """Title and paragraphs; a first line that repeats a given title is left out."""
    # A line of dashes above the title is none.
    start = next((n for n, line in enumerate(lines) if any(map(str.isalnum, line))), len(lines))
    if start == len(lines):
        return given, iter(())
    first = " ".join(lines[start].split())
    if is_markdown and (heading := _HEADING.fullmatch(first)):
        first = heading.group("text")
    if given:
        return given, _paragraphs(lines[start + (first == given) :])
    return first, _paragraphs(lines[start + 1 :])


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Blocks between empty lines. Wrapped lines are joined, except list items and links."""
    block: list[str] = []
    after_link = False
    for raw in (*lines, ""):
        line = raw.strip()
        if not line:
            if block:
                yield "\n".join(block)
            block, after_link = [], False
            continue
        is_link = _LINK_LINE.fullmatch(line) is not None
        if block and not (is_link or after_link or _LIST_ITEM.match(line)):
            block[-1] += " " + line
        else:
            block.append(line)
        after_link = is_link


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
