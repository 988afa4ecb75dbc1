"""Where sentences of Estonian text begin and end."""

import re
from collections.abc import Iterator

# What ends a sentence stands first: it is looked for in less time than what would stand before it.
_BOUNDARY = re.compile(r"[.!?…]([\"”“»)]*\s+)(?=[\"„“«(]?[A-ZÕÄÖÜŠŽ\d])")
# What ends in a full stop without ending the sentence.
_OPEN_END = re.compile(
    r"(?:^|[\s(„“\"])(?:[A-ZÕÄÖÜŠŽ]|\d{1,3}|dr|prof|nt|nn|sh|st|vt|lk|nr|tel|kl|hr|pr|mr|lp|"
    r"e\.\s?k|s\.\s?o|jaan|veebr|apr|aug|sept|okt|nov|dets)\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 12
#: No abbreviation has so many letters.
_TOO_LONG = 6


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
    """Start and end of the line that has ``place``."""
    last = text.find("\n", place)
    return text.rfind("\n", 0, place) + 1, len(text) if last < 0 else last


def sentences_of_line(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence of the line ``text[first:last]``."""
    start = first
    for match in _BOUNDARY.finditer(text, first, last):
        end = match.start(1)
        # So many letters before a full stop are no abbreviation: most sentences end in them.
        is_word = text[end - _TOO_LONG - 1 : end - 1].isalpha() and end > _TOO_LONG
        if is_word or not _OPEN_END.search(text, max(start, end - _LONGEST_ABBREVIATION), end):
            yield start, end
            start = match.end()
    if start < last:
        yield start, last
