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
#: Blanks that people set between groups of three digits.
_BLANKS = " \u00a0\u2007\u2009\u202f"
#: „1 200“. Behind a comma or a longer number („2016 100“) stands no group.
GROUPED = rf"(?<![\w,.])\d{{1,3}}(?:[{_BLANKS}]\d{{3}}){{1,6}}(?:,\d{{1,9}})?(?!\w)"
_TOKEN = re.compile(
    rf"""
    (?P<address>
        (?:https?://|www\.)[^\s<>"„“”«»]*[\w/]
      | [\w.+-]{{1,64}}+@[\w-]+(?:\.[\w-]+)+
      | (?<![\w.-])(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:ee|eu|com|org|net|fi|lv|lt|se|de|int|example)\b
        (?:/[^\s<>"„“”«»]*[\w/])?
    )
  | (?P<number>{GROUPED} | \d+(?:,\d+)?(?![\w{_HYPHEN}]))
  | (?P<word>\w+(?:[{_HYPHEN}{_APOSTROPHE}&]\w+)*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
LONGEST_WORD = 100
_PIECE = re.compile(r"[^\W_]+")
_NUMBER = re.compile(rf"{GROUPED}|\d+(?:,\d+)?")
_BLANK = re.compile(f"[{_BLANKS}]")
# „Ehitus-ja lammutusjäätmed“: the blank was forgotten. Not „või“, which is butter, too.
_CAUGHT = re.compile(rf"[{_HYPHEN}](?:ja|ning|ega|ehk|kui)$", re.IGNORECASE)


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
            caught = _CAUGHT.search(text, max(start, end - 5), end)
            if caught is not None:
                yield _word(text, start, caught.start())
                start = caught.start() + 1
            yield _word(text, start, end)


def is_number(text: str) -> bool:
    """Is ``text`` a number of the kind that :func:`tokenize` leaves whole?"""
    return _NUMBER.fullmatch(text) is not None


def number_term(text: str) -> str:
    """A number as it is searched, without blanks: „1 200“ is 1200."""
    return _BLANK.sub("", text)


def _word(text: str, start: int, end: int) -> Token:
    # A word of hundreds of letters is none; the morphology would choke on it.
    kind: Kind = "word" if end - start <= LONGEST_WORD else "address"
    return Token(text[start:end], start, end, kind, end < len(text) and text[end] in _HYPHENS)
