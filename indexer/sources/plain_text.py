"""Lines and paragraphs of plain text: empty lines part paragraphs, wrapped lines are joined."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
# Control characters, soft hyphens, zero-width characters and marks of direction: unseen, they
# would only tear words apart. The joiners stay out of Estonian and English altogether.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\xad"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffc]"
)
_LIST_ITEM = re.compile(r"(?:[-*•·–—]|\d{1,2}\)|[a-zõäöü]\)|\d{1,2}\.(?=\s+[A-ZÕÄÖÜŠŽ]))\s+\S")
_LINK_LINE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def visible(text: str) -> str:
    """``text`` in NFC, without characters that are not seen; line ends and tabs stay."""
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text))


def lines_of(text: str) -> list[str]:
    """Lines of ``text`` in NFC, without blanks at their ends and unseen characters."""
    return [visible(line).rstrip() for line in _LINE_BREAK.split(text)]


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
