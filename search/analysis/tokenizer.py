"""Tokenizer and sentence splitter for Estonian text; both give offsets in code points.

Tokens are cut from the searchable form of a text (:mod:`search.normalisation`); offsets count in
its displayed form.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from search.normalisation import BLANKS, DASHES, HYPHENS, Searchable, searchable

Kind = Literal["word", "number", "address"]

# Dashes that join words. An en dash does so only between digits (a range), where it separates.
_HYPHEN = re.escape(HYPHENS)
_HYPHEN_SET = frozenset(HYPHENS)
_DASH = re.compile(f"[{DASHES}]\\s")
_APOSTROPHE = "'’"
#: Units written without a blank after the number: „12MW“, „35m2“. Not *g*: „5g“ is a network.
_UNITS = (
    "[kMGT]?W(?:h|p)?|[kM]?VA?|[kMGT]B|[kMG]?Hz|[kM]bit|Mbps|[dcmk]?m[23]?|ha|[km]g|m?l|t|h|min|"
    "eur|EUR|USD|mln|mld|milj|tk|kr"
)
_UNIT = rf"(?=(?-i:{_UNITS})(?!\w))"
_GROUPS = rf"\d{{1,3}}(?:(?:[{BLANKS}]\d{{3}}){{1,6}}|(?:\.\d{{3}}){{1,6}}(?!\.?\d))"
#: „1 200“, „1.200,50“. There is no group after a comma or a longer number („2016 100“).
GROUPED = rf"(?<![\w,.]){_GROUPS}(?:,\d{{1,9}})?(?:(?!\w)|{_UNIT})"
#: „3,5“ and „3.5“, but neither a day („12.05“, „12.05.2016“) nor a month of a year („01.2016“).
_DECIMAL = (
    r"\d+,\d+|(?<![\w.,:])(?!(?:19|20)\d\d\.)\d{1,9}\."
    r"(?!(?:0[1-9]|1[0-2]|(?:19|20)\d\d)(?!\d))\d{1,9}(?!\d|[.:]\d)"
)
# „2014-2020“, but not a date (2016-12-05), and not the first piece of „2014-2020-aastad“.
_RANGE_FOLLOWS = rf"(?=-(?:{_GROUPS}|\d+)(?:,\d+)?(?:(?![\w{_HYPHEN}])|{_UNIT}))"
_RANGE_BEGINS = r"(?<![\w-])"
_TOP_LEVEL = "ee|eu|com|org|net|fi|lv|lt|se|de|int|example"
_PLAIN = rf"""
    (?P<number>(?=\d)(?:{GROUPED} | {_DECIMAL} | \d+(?:(?![\w{_HYPHEN}])|{_UNIT})
      | {_RANGE_BEGINS}\d+{_RANGE_FOLLOWS}))
  | (?P<word>\w+(?:[{_HYPHEN}{_APOSTROPHE}&]\w+)*)
    """
_PLAIN_TOKEN = re.compile(_PLAIN, re.VERBOSE)
_TOKEN = re.compile(
    rf"""
    (?P<address>
        (?:https?://|www\.)[^\s<>"„“”«»]*[\w/]
      | [\w.+-]{{1,64}}+@[\w-]+(?:\.[\w-]+)+
      | (?<![\w.-])(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:{_TOP_LEVEL})\b
        (?:/[^\s<>"„“”«»]*[\w/])?
    )
  | {_PLAIN}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DOMAIN_END = re.compile(rf"\.(?:{_TOP_LEVEL})\b", re.IGNORECASE)
LONGEST_WORD = 100
_PIECE = re.compile(r"[^\W_]+")
_NUMBER = re.compile(rf"{_GROUPS}(?:,\d{{1,9}})?|{_DECIMAL}|\d+")
_GROUPED_NUMBER = re.compile(rf"{_GROUPS}(?:,\d+)?")
_BETWEEN_GROUPS = re.compile(f"[.{BLANKS}]")
# „Ehitus-ja lammutusjäätmed“: the blank was forgotten. Not „või“, which is butter, too.
_CAUGHT = re.compile(rf"[{_HYPHEN}](?:ja|ning|ega|ehk|kui)$", re.IGNORECASE)

# Begins with the mark: that is found faster than what precedes it.
_BOUNDARY = re.compile(r"[.!?…]([\"”“»)]*\s+)(?=[\"„“«(]?[A-ZÕÄÖÜŠŽ\d])")
# Abbreviations and ordinals, whose full stop ends no sentence.
_OPEN_END = re.compile(
    r"(?:^|[\s(„“\"])(?:[A-ZÕÄÖÜŠŽ]|\d{1,3}|dr|prof|nt|nn|sh|st|vt|lk|nr|tel|kl|hr|pr|mr|lp|"
    r"e\.\s?k|s\.\s?o|jaan|veebr|apr|aug|sept|okt|nov|dets)\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 12
#: An abbreviation has fewer letters.
_TOO_LONG = 6


class Token(NamedTuple):
    """A word, a number or a piece of an address, at ``text[start:end]`` (code points).

    ``elliptic`` marks a word cut short by a hyphen: ``metsa-`` in „metsa- ja puiduklaster“.
    """

    text: str
    start: int
    end: int
    kind: Kind = "word"
    elliptic: bool = False

    @property
    def surface(self) -> str:
        """The surface form of the word in lower case, or the number as the index has it."""
        return number_term(self.text) if self.kind == "number" else self.text.lower()


def tokenize(text: str, shift: int = 0) -> Iterator[Token]:
    """Tokens of ``text`` in order; web and mail addresses are split at their punctuation.

    ``shift`` is added to all offsets.
    """
    form = searchable(text)
    found = _tokens(form.text, shift)
    return found if form.origins is None else _with_displayed_offsets(found, form, shift)


def _with_displayed_offsets(
    tokens: Iterator[Token], form: Searchable, shift: int
) -> Iterator[Token]:
    """``tokens`` of a searchable form with offsets in the displayed form."""
    for each in tokens:
        start, end = form.span(each.start - shift, each.end - shift)
        yield each._replace(start=start + shift, end=end + shift)


def _tokens(text: str, shift: int) -> Iterator[Token]:
    pattern = _TOKEN if _may_hold_address(text) else _PLAIN_TOKEN
    for match in pattern.finditer(text):
        start, end = match.span()
        kind = match.lastgroup
        if kind == "word":
            word = match[0]
            if not word.isalnum() and (caught := _CAUGHT.search(word)):
                middle = start + caught.start()
                yield _word(text[start:middle], start + shift, elliptic=True)
                start = middle + 1
                word = text[start:end]
            yield _word(word, start + shift, _is_cut_off(text, end))
        elif kind == "number":
            yield Token(match[0], start + shift, end + shift, "number")
        else:
            for piece in _PIECE.finditer(text, start, end):
                first, last = piece.span()
                yield Token(piece.group(), first + shift, last + shift, "address")


def _is_cut_off(text: str, end: int) -> bool:
    """True if a hyphen follows, or a dash typed for one: „metsa– ja puiduklaster“."""
    following = text[end : end + 1]
    return following in _HYPHEN_SET or (
        not following.isascii() and _DASH.match(text, end) is not None
    )


def _may_hold_address(text: str) -> bool:
    """Cheap check whether ``text`` can hold an address; most texts hold none."""
    return (
        "@" in text
        or "://" in text
        or "www." in text.lower()
        or _DOMAIN_END.search(text) is not None
    )


def is_number(text: str) -> bool:
    """True if ``text`` is a number that :func:`tokenize` leaves whole."""
    return _NUMBER.fullmatch(text) is not None


def number_term(text: str) -> str:
    """Index term of a number: „1 200“ and „1.200“ are 1200, „3.5“ is 3,5."""
    if text.isdigit():
        return text
    if _GROUPED_NUMBER.fullmatch(text):
        return _BETWEEN_GROUPS.sub("", text)
    return text.replace(".", ",")


def _word(word: str, start: int, elliptic: bool) -> Token:
    size = len(word)
    # Hundreds of letters are no word, and too many for the morphology.
    kind = "word" if size <= LONGEST_WORD else "address"
    # Twice as fast as Token(…); most tokens of a text are made here.
    return tuple.__new__(Token, (word, start, start + size, kind, elliptic))


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence; a line break always ends one."""
    for first, last in line_spans(text):
        yield from sentences_of_line(text, first, last)


def line_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every line."""
    first = 0
    for each in re.finditer("\n", text):
        yield first, each.start()
        first = each.end()
    yield first, len(text)


def line_around(text: str, place: int) -> tuple[int, int]:
    """Start and end of the line that contains ``place``."""
    last = text.find("\n", place)
    return text.rfind("\n", 0, place) + 1, len(text) if last < 0 else last


def sentences_of_line(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence of the line ``text[first:last]``."""
    start = first
    for match in _BOUNDARY.finditer(text, first, last):
        end = match.start(1)
        # A quick check that suffices for most sentences.
        is_word = text[end - _TOO_LONG - 1 : end - 1].isalpha() and end > _TOO_LONG
        if is_word or not _OPEN_END.search(text, max(start, end - _LONGEST_ABBREVIATION), end):
            yield start, end
            start = match.end()
    if start < last:
        yield start, last
