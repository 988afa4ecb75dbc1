"""Cutting text into tokens that know where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "number", "address"]

# Dashes that join words. An en dash does so only between digits (a range), where it separates.
_HYPHENS = "-\u2010\u2011"
_HYPHEN = re.escape(_HYPHENS)
_APOSTROPHE = "'’ʼ`´"
_TOKEN = re.compile(
    rf"""
    (?P<address>
        (?:https?://|www\.)[^\s<>"„“”«»]*[\w/]
      | [\w.+-]{{1,64}}+@[\w-]+(?:\.[\w-]+)+
      | (?<![\w.-])(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:ee|eu|com|org|net|fi|lv|lt|se|de|int|example)\b
        (?:/[^\s<>"„“”«»]*[\w/])?
    )
  | (?P<number>\d+(?:[ \u00a0]\d{{3}})+(?:,\d+)?(?!\w) | \d+(?:,\d+)?(?![\w{_HYPHEN}]))
  | (?P<word>\w+(?:[{_HYPHEN}{_APOSTROPHE}&]\w+)*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_WORD = 100
_PIECE = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a piece of an address, at ``text[start:end]`` (code points).

    ``elliptic`` marks a word cut short by a hyphen: ``metsa-`` in „metsa- ja puiduklaster“.
    """

    text: str
    start: int
    end: int
    kind: Kind = "word"
    elliptic: bool = False


def tokenize(text: str) -> Iterator[Token]:
    """Tokens of ``text`` in order. Web and mail addresses come apart at their punctuation."""
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match.lastgroup == "address":
            for piece in _PIECE.finditer(text, start, end):
                yield Token(piece.group(), piece.start(), piece.end(), "address")
        elif match.lastgroup == "number":
            yield Token(match.group(), start, end, "number")
        else:
            elliptic = end < len(text) and text[end] in _HYPHENS
            # A word of hundreds of letters is none; the morphology would choke on it.
            kind: Kind = "word" if end - start <= _LONGEST_WORD else "address"
            yield Token(match.group(), start, end, kind, elliptic)
