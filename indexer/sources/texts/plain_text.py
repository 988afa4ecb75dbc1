"""Splits plain text into paragraphs at empty lines, and joins wrapped lines."""

import re
from collections.abc import Iterator, Sequence

from search.normalisation import clean

_LIST_ITEM = re.compile(r"(?:[-*•·–—]|\d{1,2}\)|[a-zõäöü]\)|\d{1,2}\.(?=\s+[A-ZÕÄÖÜŠŽ]))\s+\S")
_LINK_LINE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def lines_of(text: str) -> list[str]:
    """Lines of ``text``, normalised by :func:`clean`, without blanks at their ends."""
    return [line.rstrip() for line in clean(text).split("\n")]


def joined_lines(lines: Sequence[str]) -> Iterator[str]:
    """Paragraphs: blocks between empty lines, with list items and links on lines of their own."""
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
