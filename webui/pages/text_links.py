"""Links in plain text: finds web and mail addresses (linkify), together with highlights."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from search.results import Mark
from webui.components import TextSegment, segments

#: Characters of an address; blanks, quotation marks and angle brackets end it.
_INNER = r"[^\s<>\"„“”«»]"
_ADDRESS = re.compile(
    rf"""
    (?<![\w@/.+-])
    (?: (?P<web>https?://(?=\w){_INNER}{{1,2000}})
      | (?P<host>www\.(?=\w){_INNER}{{0,200}}\.[^\W\d_]{{2,}}{_INNER}*)
      | (?P<mail>[\w.+-]{{0,63}}\w@(?:\w[\w-]{{0,62}}\.){{1,9}}[^\W\d_]{{2,}})
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: Characters at the end that are not part of an address.
_TRAILING = ".,;:!?…'’*_"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class TextRun:
    """A piece of text, highlighted in part; a link if ``url`` is not empty."""

    url: str
    segments: tuple[TextSegment, ...]


def text_runs(text: str, marks: Iterable[Mark]) -> tuple[TextRun, ...]:
    """Splits ``text`` with its ``marks`` where addresses begin and end."""
    found = tuple(marks)
    return tuple(
        TextRun(url, segments(text[start:end], _within(found, start)))
        for start, end, url in _pieces(text)
    )


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and address of every piece of ``text``, the address empty between links."""
    done = 0
    for start, end, url in _addresses(text):
        if done < start:
            yield done, start, ""
        yield start, end, url
        done = end
    if done < len(text):
        yield done, len(text), ""


def _addresses(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _ADDRESS.finditer(text):
        shown = _trimmed(match.group())
        scheme = {"web": "", "host": "http://", "mail": "mailto:"}[match.lastgroup or "web"]
        yield match.start(), match.start() + len(shown), f"{scheme}{shown}"


def _trimmed(address: str) -> str:
    """Removes the punctuation of the surrounding sentence from ``address``."""
    while address:
        last = address[-1]
        opening = _BRACKETS.get(last)
        unpaired = opening is not None and address.count(last) > address.count(opening)
        if last not in _TRAILING and not unpaired:
            break
        address = address[:-1]
    return address


def _within(marks: Iterable[Mark], start: int) -> Iterator[Mark]:
    """Shifts ``marks`` to ``start``; callers clip them to the piece."""
    return (
        Mark(max(0, each.start - start), each.end - start) for each in marks if each.end > start
    )
