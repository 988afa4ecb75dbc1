"""Cuts articles into passages (chunks) of whole sentences, each embedded after the title."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.analysis import sentence_spans

#: Approximate maximum of words in a passage.
WORDS = 120
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A window of an article's text: characters ``start`` to ``end`` (code points) of its body.

    ``text`` is what is embedded, the title before it; ``digest`` (16 bytes) identifies that text.
    """

    start: int
    end: int
    text: str
    digest: bytes


def passages_of(title: str, body: str) -> tuple[Passage, ...]:
    """Cuts an article into passages, in text order; one if there is only a title."""
    windows = tuple(_windows(body)) or ((0, 0),)
    return tuple(_passage(title, body, start, end) for start, end in windows)


def _windows(body: str) -> Iterator[tuple[int, int]]:
    begin = end = words = 0
    for start, stop in _pieces(body):
        count = sum(1 for _ in _WORD.finditer(body, start, stop))
        if words and words + count > WORDS:
            yield begin, end
            words = 0
        if not words:
            begin = start
        end, words = stop, words + count
    if words:
        yield begin, end


def _pieces(body: str) -> Iterator[tuple[int, int]]:
    """Sentences, those longer than a passage cut."""
    for start, end in sentence_spans(body):
        words = [each.span() for each in _WORD.finditer(body, start, end)]
        for at in range(0, len(words), WORDS):
            some = words[at : at + WORDS]
            yield some[0][0], some[-1][1]


def _passage(title: str, body: str, start: int, end: int) -> Passage:
    text = f"{title}\n{body[start:end]}".strip()
    return Passage(start, end, text, hashlib.blake2b(text.encode(), digest_size=16).digest())
