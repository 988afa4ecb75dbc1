"""Where sentences of Estonian text begin and end."""

import re
from collections.abc import Iterator

_BOUNDARY = re.compile(r"(?<=[.!?…])[\"”“»)]*\s+(?=[\"„“«(]?[A-ZÕÄÖÜŠŽ\d])")
# What ends in a full stop without ending the sentence.
_OPEN_END = re.compile(
    r"(?:^|[\s(„“\"])(?:[A-ZÕÄÖÜŠŽ]|\d{1,3}|dr|prof|nt|nn|sh|st|vt|lk|nr|tel|kl|hr|pr|mr|lp|"
    r"e\.\s?k|s\.\s?o|jaan|veebr|apr|aug|sept|okt|nov|dets)\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 12


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence; a line break always ends one."""
    begin = 0
    for line_end in [*(each.start() for each in re.finditer("\n", text)), len(text)]:
        start = begin
        for match in _BOUNDARY.finditer(text, begin, line_end):
            near = max(start, match.start() - _LONGEST_ABBREVIATION)
            if not _OPEN_END.search(text, near, match.start()):
                yield start, match.start()
                start = match.end()
        if start < line_end:
            yield start, line_end
        begin = line_end + 1
