"""Reads articles from text files: a title line, an empty line, paragraphs.

An optional YAML front matter stands above them (:mod:`indexer.sources.frontmatter`).
"""

import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence

from indexer.sources.base import Limits, SourceFile
from indexer.sources.frontmatter import FrontMatter, split_front_matter
from search.article import Article, Evidence, Extracted
from search.errors import (
    EmptyDocument,
    NotAText,
    SourceError,
    TooLarge,
    UnreadableFile,
    WrongEncoding,
)

_MEGABYTE = 1_000_000
# What begins so is no plain text, even where it holds no zero byte.
_BINARY_HEADS = (
    b"%PDF-",
    b"{\\rtf",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
)
_UTF16_HEADS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL_BYTES = bytes(each for each in range(32) if each not in b"\t\n\x0b\x0c\r\x1b")
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
# Control characters, soft hyphens, zero-width characters and marks of direction: unseen, they
# would only tear words apart. The joiners stay out of Estonian and English altogether.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\xad"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffc]"
)
_LIST_ITEM = re.compile(r"(?:[-*•·–—]|\d{1,2}\)|[a-zõäöü]\)|\d{1,2}\.(?=\s+[A-ZÕÄÖÜŠŽ]))\s+\S")
_LINK_LINE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6}\s+(?P<text>.*?)\s*#*")


def read_text_file(file: SourceFile, limits: Limits) -> Iterator[Article | SourceError]:
    """Reads the article in ``file``; yields an error if it is malformed.

    ``language`` is empty unless given.
    """
    try:
        yield _article_in(file, limits)
    except SourceError as error:
        yield error


def _article_in(file: SourceFile, limits: Limits) -> Article:
    name = file.name
    text = _decode(_read(file, name, limits.megabytes), name)
    lines = _LINE_BREAK.split(unicodedata.normalize("NFC", text))
    lines = [_UNSEEN.sub("", line).rstrip() for line in lines]
    matter, below = split_front_matter(lines, name)
    title, body = _title_and_body(matter.title, below, file.path.suffix.lower() == ".md")
    if not title:
        raise EmptyDocument(file=name)
    return _article(matter, matter.id or file.id, title, tuple(body), name)


def _read(file: SourceFile, name: str, limit_megabytes: float) -> bytes:
    try:
        status = file.path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile(file=name, reason="it is not a regular file")
        if status.st_size > limit_megabytes * _MEGABYTE:
            size = f"{status.st_size / _MEGABYTE:.1f}"
            raise TooLarge(file=name, megabytes=size, limit=f"{limit_megabytes:g}")
        return file.path.read_bytes()
    except OSError as error:
        raise UnreadableFile(file=name, reason=error.strerror or "input error") from error


def _decode(data: bytes, name: str) -> str:
    if data.startswith(_UTF16_HEADS):
        raise WrongEncoding(file=name, offset=0)
    controls = len(data) - len(data.translate(None, _CONTROL_BYTES))
    if data.startswith(_BINARY_HEADS) or b"\0" in data or controls * 20 > len(data):
        raise NotAText(file=name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongEncoding(file=name, offset=error.start) from error


def _title_and_body(
    given: str, lines: Sequence[str], is_markdown: bool
) -> tuple[str, Iterator[str]]:
    """Title and paragraphs; a first line that repeats a given title is left out."""
    start = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
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
        published=Extracted(date.value, "given", (_given(date.text),)) if date else None,
        year=Extracted(date.value.year, "given", (_given(date.text),)) if date else None,
        language=matter.language,
        focus_areas=_all_given(matter.focus_areas),
        organisations=_all_given(matter.organisations),
    )


def _all_given(values: Sequence[str]) -> tuple[Extracted[str], ...]:
    return tuple(Extracted(each, "given", (_given(each),)) for each in values)


def _given(text: str) -> Evidence:
    return Evidence("given", 0, len(text), text)
