"""Joins lines of a PDF into paragraphs: by distance, indents, short lines, font and bullets."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.sources.documents.line_joining import IsWord, joined
from indexer.sources.documents.pdf_lines import PrintedLine
from indexer.sources.documents.text_flow import DocumentParagraph, with_lists

_BULLET = re.compile("[\u2022\u25cf\u25aa\u25a0\u25e6\u2023\u2219\u00b7\uf0b7\uf0a7*]\\s*(?=\\S)")
_DASH = re.compile("[-\u2013\u2014]\\s+")
_SENTENCE_END = re.compile('[.!?:…]["”“»’)]*$')
_WORD = re.compile(r"[^\W_][\w-]*")
#: A gap larger than the line spacing by this factor separates paragraphs.
_GAP = 1.22
#: Least share of all gaps that a line spacing has.
_COMMON = 0.12
#: Lines before and after one from which the right edge of its column is derived.
_AROUND = 4
_SAME_SIZE = 0.1


def paragraphs_of_pages(
    pages: Sequence[Sequence[PrintedLine]], is_word: IsWord
) -> list[DocumentParagraph]:
    """Joins ``pages`` into paragraphs, also across columns and pages."""
    lines = [line for page in pages for line in page]
    words = {each.lower() for line in lines for each in _WORD.findall(line.text)[:-1]}
    found = []
    for group in _groups(lines, _Layout(lines)):
        text = joined([each.text for each in group], is_word, words)
        bullet = _BULLET.match(text) or _DASH.match(text)
        sizes = Counter[float]()
        for each in group:
            sizes[each.size] += len(each.text)
        found.append(
            DocumentParagraph(
                text=text[bullet.end() :] if bullet else text,
                size=sizes.most_common(1)[0][0],
                is_bold=all(each.is_bold for each in group),
                is_item=bullet is not None,
            )
        )
    return with_lists(found)


class _Layout:
    """Layout statistics of a document: gaps between lines, and right edges of columns."""

    def __init__(self, lines: Sequence[PrintedLine]) -> None:
        self._gaps: dict[float, float] = {}
        gaps: dict[float, Counter[float]] = {}
        for before, line in pairwise(lines):
            gap = before.y - line.y
            if _is_below(before, line) and before.size == line.size and gap < 3 * line.size:
                gaps.setdefault(line.size, Counter())[round(gap * 2) / 2] += 1
        for size, counts in gaps.items():
            enough = max(2, _COMMON * counts.total())
            common = [gap for gap, count in counts.items() if count >= enough]
            self._gaps[size] = min(common, default=1.35 * size)
        letters = Counter[float]()
        for each in lines:
            letters[each.size] += len(each.text)
        self.text_size = letters.most_common(1)[0][0] if letters else 0.0

    def gap(self, size: float) -> float:
        """The usual line spacing within a paragraph."""
        return self._gaps.get(size, 1.35 * size)


def _is_below(before: PrintedLine, line: PrintedLine) -> bool:
    """True for the next line of the same column."""
    return before.page == line.page and before.y > line.y and not before.is_beside(line)


def _groups(lines: Sequence[PrintedLine], layout: _Layout) -> Iterator[list[PrintedLine]]:
    """Groups lines by paragraph."""
    group: list[PrintedLine] = []
    for n, line in enumerate(lines):
        if group and _begins(group, line, layout, _Surroundings.of(lines, n)):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """Context of a line: right edge of its column, and whether a heading may end with it."""

    right: float
    is_last_bold: bool

    @classmethod
    def of(cls, lines: Sequence[PrintedLine], at: int) -> "_Surroundings":
        line = lines[at]
        near = lines[max(0, at - _AROUND) : at + _AROUND]
        after = lines[at + 1] if at + 1 < len(lines) else None
        goes_on = after is not None and after.is_bold and _is_below(line, after)
        alike = (each.right for each in near if each.size == line.size and not each.is_beside(line))
        return cls(max(alike), not goes_on)


def _begins(
    group: Sequence[PrintedLine], line: PrintedLine, layout: _Layout, around: _Surroundings
) -> bool:
    """True if a paragraph begins with ``line``."""
    before = group[-1]
    if _differs(before, line):
        return True
    is_new_sentence = _SENTENCE_END.search(before.text) is not None
    begins_low = line.text[:1].islower()
    if not _is_below(before, line):
        is_cut = before.text.endswith(("-", "\xad", ",")) or begins_low
        return is_new_sentence or not is_cut
    if _BULLET.match(line.text) or (
        _DASH.match(line.text) and (is_new_sentence or _is_list(group))
    ):
        return True
    if before.y - line.y > _GAP * layout.gap(line.size) + 0.5:
        return True
    if _is_list(group):
        return line.x <= group[0].x + 1 and not begins_low
    indent = line.x - min(each.x for each in group[-2:])
    if indent > 0.8 * line.size and len(group) + is_new_sentence > 1 and not begins_low:
        # An indented line begins a paragraph, unless the text is centred.
        return is_new_sentence
    if line.size > layout.text_size * (1 + _SAME_SIZE):
        return False
    if around.is_last_bold and before.is_bold and line.is_bold and _is_phrase(before.text):
        return is_new_sentence  # a heading of two lines
    return not begins_low and _had_room(before, line, around.right)


def _is_phrase(text: str) -> bool:
    """True for a text with a lower-case word: no name, no mark."""
    return any(each[0].islower() for each in text.split()[1:])


def _had_room(before: PrintedLine, line: PrintedLine, right: float) -> bool:
    """True if the first word of ``line`` would easily have fitted on the line before."""
    word = line.text.split(maxsplit=1)[0]
    width = (before.right - before.x) / len(before.text)
    return right - before.right > (len(word) + 3) * width


def _is_list(group: Sequence[PrintedLine]) -> bool:
    return (_BULLET.match(group[0].text) or _DASH.match(group[0].text)) is not None


def _differs(before: PrintedLine, line: PrintedLine) -> bool:
    """True if the size differs, or only one of the lines is bold."""
    if abs(before.size - line.size) > _SAME_SIZE * max(before.size, line.size):
        return True
    if before.is_bold == line.is_bold:
        return False
    # Bold words within a sentence may fill a line.
    return _SENTENCE_END.search(before.text) is not None or not line.text[:1].islower()
