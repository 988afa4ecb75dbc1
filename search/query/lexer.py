"""Lexer of the query language; any input is valid.

A query is read in its searchable form (:mod:`search.normalisation`), as texts are. All dashes are
``–`` or ``—`` in it, and every quotation mark is one of those below.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from search.analysis.tokenizer import GROUPED
from search.normalisation import searchable_line

Kind = Literal["word", "phrase", "or", "and", "not", "open", "close", "field"]

_OPERATORS: dict[str, Kind] = {
    "OR": "or",
    "VÕI": "or",
    "AND": "and",
    "JA": "and",
    "NOT": "not",
    "EI": "not",
}
#: Fields by their names as typed, in both languages.
FIELDS = {
    "title": "title",
    "pealkiri": "title",
    "focus": "focus",
    "valdkond": "focus",
    "year": "year",
    "aasta": "year",
    "org": "org",
    "organisatsioon": "org",
    "source": "source",
    "allikas": "source",
    "language": "language",
    "keel": "language",
}
_LEXEME = re.compile(
    r"""
    (?P<phrase>(?P<exact>=)?["„“”«»](?P<inside>[^"„“”«»]*)["„“”«»](?:~(?P<slop>\d{1,3}))?)
  | (?P<open>\() | (?P<close>\))
  | (?P<not>(?<![^\s(])[-–—](?=[^\s–—-]))
  | (?P<field>(?<![^\s(–—-])(?i:FIELDS):(?=\S))
  | (?P<word>=?(?:(?:GROUPED|\d+(?:,\d+)?)[-–—]GROUPED|GROUPED|[^\s()"„“”«»:]+))
    """.replace("FIELDS", "|".join(FIELDS)).replace("GROUPED", GROUPED),
    re.VERBOSE,
)


#: Between words in capitals that are no acronyms („PILDID JA VIDEO“) JA is no operator.
_CAPITALS = r"[^\W\d_a-zõäöüšž]{4,}"
_ALL_CAPS_AND = re.compile(rf"(?<!\w){_CAPITALS}\s+(JA)\s+(?={_CAPITALS}\b)")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A lexeme; ``text`` is the word, the content of the phrase or the field."""

    kind: Kind
    text: str = ""
    exact: bool = False
    slop: int = 0
    #: In typographic quotation marks, which are those of headlines, seldom of the operator.
    typeset: bool = False


def lexemes(query: str) -> Iterator[Lexeme]:
    """Lexemes of ``query`` in order; an unpaired quotation mark is ignored."""
    query = searchable_line(query)
    plain_ands = {each.start(1) for each in _ALL_CAPS_AND.finditer(query)} if "JA" in query else ()
    for match in _LEXEME.finditer(query):
        text = match.group()
        if match.group("phrase") is not None:
            slop = int(match.group("slop") or 0)
            exact = match.group("exact") is not None
            typeset = not exact and not slop and text[0] != '"'
            yield Lexeme("phrase", match.group("inside"), exact, slop, typeset)
        elif match.group("open"):
            yield Lexeme("open")
        elif match.group("close"):
            yield Lexeme("close")
        elif match.group("not"):
            yield Lexeme("not")
        elif match.group("field"):
            yield Lexeme("field", FIELDS[text[:-1].lower()])
        elif match.start() in plain_ands:
            yield Lexeme("word", text.lower())
        elif text in _OPERATORS:
            yield Lexeme(_OPERATORS[text])
        else:
            exact = text.startswith("=") and len(text) > 1
            yield Lexeme("word", text[1:] if exact else text, exact)
