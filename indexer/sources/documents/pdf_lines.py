"""Layout analysis of PDF pages: lines in reading order, without running heads."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from indexer.sources.documents.line_joining import printed
from indexer.sources.documents.pdf_runs import PrintedRun, turned

_FURNITURE = re.compile(
    r"(?:https?|file):\S+|\d{1,2}[./]\d{1,2}[./]\d{2,4},?\s+\d{1,2}[:.]\d{2}(?:\s*[AP]M)?"
    r"|[\W_]*(?:(?:lk|lehekülg|leht|page|p|стр)\.?)?\s*\d{1,3}"
    r"(?:\s*(?:/|of|-st|\|)\s*\d{1,3})?[\W_]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
#: The number of a note may follow a word or the end of a sentence.
_NOTED = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?”“\")])$")
#: Lines at the top and the bottom of a page that may be running heads.
_EDGE = 3
#: Share of the pages at whose edges a running head recurs, at least.
_RECURRING = 0.4
#: The time of sorting grows with the third power of the number of blocks.
_MOST_BLOCKS = 150
#: A wider gap, relative to the font size, is a blank.
_BLANK = 0.13


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of a page, or the part of one beside a gap, with its position in points.

    ``y`` grows upwards. ``size`` is the font size.
    """

    text: str
    x: float
    y: float
    right: float
    size: float
    is_bold: bool
    page: int

    def is_beside(self, other: "PrintedLine") -> bool:
        """True if no vertical line crosses both."""
        return self.right <= other.x or other.right <= self.x


def page_lines(runs: Sequence[PrintedRun], page: int) -> list[PrintedLine]:
    """Joins ``runs`` into lines, in the order of the file."""
    lines: list[PrintedLine] = []
    parts: list[PrintedLine] = []
    for line in _upright(runs, page):
        if parts and not _goes_on(parts[-1], line):
            lines.append(_whole(parts))
            parts = []
        parts.append(line)
    if parts:
        lines.append(_whole(parts))
    return [each for each in lines if each.text]


def without_running_heads(pages: Sequence[Sequence[PrintedLine]]) -> list[list[PrintedLine]]:
    """Removes running heads: lines that recur at the edges of ``pages``, and page numbers."""
    edges = [_edge(page) for page in pages]
    counts = Counter(key for lines in edges for key in {_key(each) for each in lines})
    enough = max(2, math.ceil(_RECURRING * len(pages)))
    kept: list[list[PrintedLine]] = []
    for page, edge in zip(pages, edges, strict=True):
        dropped = {id(each) for each in edge if counts[_key(each)] >= enough}
        rest = [each for each in page if id(each) not in dropped]
        kept.append([each for each in rest if not _is_furniture(each, rest)])
    return kept


def _upright(runs: Sequence[PrintedRun], page: int) -> list[PrintedLine]:
    """Runs in the direction of most letters, rotated upright, each as a line of its own."""
    letters: Counter[int] = Counter()
    for each in runs:
        letters[_quarter(each)] += len(each.text.strip())
    main = letters.most_common(1)[0][0] if letters else 0
    lines = []
    for each in runs:
        if _quarter(each) == main:
            x, y, right, size = turned(each, main)
            is_bold = _BOLD.search(each.font) is not None
            lines.append(PrintedLine(each.text, x, y, right, size, is_bold, page))
    return lines


def _quarter(run: PrintedRun) -> int:
    """The direction of the text in quarter turns, 4 for anything between."""
    a, b = run.matrix[0], run.matrix[1]
    turns = math.atan2(b, a) / (math.pi / 2)
    return round(turns) % 4 if abs(turns - round(turns)) < 0.05 else 4


def _goes_on(line: PrintedLine, run: PrintedLine) -> bool:
    """True if ``run`` continues the same line without a wide gap."""
    size = max(line.size, run.size)
    is_raised = min(line.size, run.size) < 0.8 * size
    if abs(line.y - run.y) > (0.6 if is_raised else 0.3) * size:
        return False
    return line.right - size <= run.x <= line.right + 2.5 * size


def _whole(parts: Sequence[PrintedLine]) -> PrintedLine:
    """Joins ``parts`` into one line, with blanks for gaps."""
    text = parts[0].text
    for before, part in pairwise(parts):
        if _is_reference(text, before, part):
            continue
        is_apart = part.x - before.right > _BLANK * max(before.size, part.size)
        if is_apart and not text[-1:].isspace() and not part.text[:1].isspace():
            text += " "
        text += part.text
    letters = Counter[float]()
    for each in parts:
        letters[each.size] += len(each.text.strip())
    bold = sum(len(each.text.strip()) for each in parts if each.is_bold)
    return replace(
        parts[0],
        text=printed(text),
        right=max(each.right for each in parts),
        size=letters.most_common(1)[0][0],
        is_bold=bold > 0.9 * sum(letters.values()),
    )


def _is_reference(text: str, before: PrintedLine, part: PrintedLine) -> bool:
    """True for the small raised number of a note, not that of a square metre."""
    is_raised = part.y > before.y + 0.15 * before.size and part.size < 0.8 * before.size
    return is_raised and part.text.strip().isdigit() and _NOTED.search(text) is not None


def in_order(lines: list[PrintedLine]) -> list[PrintedLine]:
    """Sorts lines into reading order: file order, unless that goes upwards or across columns."""
    blocks = _blocks(lines)
    if not 1 < len(blocks) <= _MOST_BLOCKS:
        return lines
    if not (_goes_upwards(blocks) or _goes_across(blocks)):
        return lines
    return [line for block in _sorted(blocks) for line in block]


def _blocks(lines: Iterable[PrintedLine]) -> list[list[PrintedLine]]:
    """Splits lines into blocks, each going down in one column."""
    blocks: list[list[PrintedLine]] = []
    for line in lines:
        before = blocks[-1][-1] if blocks else None
        if (
            before is not None
            and before.y > line.y >= before.y - 4 * max(before.size, line.size)
            and not before.is_beside(line)
        ):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _box(block: Sequence[PrintedLine]) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of a block."""
    return (
        min(each.x for each in block),
        max(each.right for each in block),
        min(each.y for each in block),
        max(each.y + 0.7 * each.size for each in block),
    )


def _goes_upwards(blocks: Sequence[Sequence[PrintedLine]]) -> bool:
    """True if a block is above an earlier one."""
    boxes = [_box(each) for each in blocks]
    return any(
        later[2] >= earlier[3] - 1 and _overlap(earlier, later)
        for n, later in enumerate(boxes)
        for earlier in boxes[:n]
    )


def _goes_across(blocks: Sequence[Sequence[PrintedLine]]) -> bool:
    """True if two columns were written line by line from left to right."""
    pairs = [
        (first[0], second[0])
        for first, second in pairwise(blocks)
        if len(first) == len(second) == 1 and abs(first[0].y - second[0].y) < 2
    ]
    long = sum(min(len(left.text), len(right.text)) >= 20 for left, right in pairs)
    return long >= 5 and long > 0.6 * len(pairs)


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _sorted(blocks: Sequence[list[PrintedLine]]) -> list[list[PrintedLine]]:
    """Blocks from top to bottom within a column, and columns from left to right.

    A block comes before another below it that overlaps with it, and before one to its right unless
    a third between them overlaps with both (Breuel, 2003).
    """
    boxes = [_box(each) for each in blocks]
    count = len(blocks)
    before = [set[int]() for _ in range(count)]
    for a in range(count):
        for b in range(count):
            if a != b and _comes_before(boxes, a, b):
                before[b].add(a)
    order: list[int] = []
    left = list(range(count))
    while left:
        ready = next((n for n in left if before[n].isdisjoint(left)), left[0])
        left.remove(ready)
        order.append(ready)
    return [blocks[n] for n in order]


def _comes_before(boxes: Sequence[tuple[float, float, float, float]], a: int, b: int) -> bool:
    one, other = boxes[a], boxes[b]
    if _overlap(one, other):
        return one[2] + one[3] > other[2] + other[3]
    if one[1] > other[0]:
        return False
    low, high = min(one[2], other[2]), max(one[3], other[3])
    return not any(
        low < (each[2] + each[3]) / 2 < high and _overlap(each, one) and _overlap(each, other)
        for n, each in enumerate(boxes)
        if n not in (a, b)
    )


def _edge(page: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Lines at the top and the bottom of a page."""
    ordered = sorted(page, key=lambda each: -each.y)
    return ordered if len(ordered) <= 2 * _EDGE else ordered[:_EDGE] + ordered[-_EDGE:]


def _key(line: PrintedLine) -> tuple[str, int]:
    return _DIGITS.sub("0", line.text.casefold()), round(line.size)


def _is_furniture(line: PrintedLine, page: Sequence[PrintedLine]) -> bool:
    """True for page furniture: page number, address, time of printing."""
    if not _FURNITURE.fullmatch(line.text):
        return False
    others = [each.y for each in page if abs(each.y - line.y) > 2]
    return not others or line.y > max(others) or line.y < min(others)
