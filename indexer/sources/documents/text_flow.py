"""Collects the paragraphs of a document while its XML is walked: lists, tables, text boxes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

#: A table with a longer cell, in characters, is layout, not data.
_CELL = 300


@dataclass(frozen=True, slots=True)
class DocumentParagraph:
    """A paragraph with its formatting: rank 0 is a title, 1 and more a heading of that level.

    ``size`` is that of most of its letters, in points, 0 if unknown; ``is_bold`` if all are bold.
    """

    text: str
    rank: int | None = None
    size: float = 0.0
    is_bold: bool = False
    is_item: bool = False


@dataclass(slots=True)
class ParagraphBuilder:
    """Collects the runs of one paragraph, and counts their formatting."""

    pieces: list[str] = field(default_factory=list)
    sizes: dict[float, int] = field(default_factory=dict)
    bold: int = 0
    plain: int = 0

    def add(self, text: str, size: float = 0.0, *, is_bold: bool = False) -> None:
        """Adds ``text`` of one formatting; line ends separate lines."""
        self.pieces.append(text)
        letters = sum(map(str.isalnum, text))
        self.sizes[size] = self.sizes.get(size, 0) + letters
        if is_bold:
            self.bold += letters
        else:
            self.plain += letters

    def finish(self, rank: int | None = None, *, is_item: bool = False) -> DocumentParagraph:
        """Builds the paragraph."""
        lines = (" ".join(each.split()) for each in "".join(self.pieces).split("\n"))
        return DocumentParagraph(
            text="\n".join(each for each in lines if each),
            rank=rank,
            size=max(self.sizes, key=self.sizes.__getitem__, default=0.0),
            is_bold=self.bold > 0 and self.bold >= 9 * self.plain,
            is_item=is_item,
        )


def table_paragraphs(rows: Iterable[list[list[DocumentParagraph]]]) -> list[DocumentParagraph]:
    """Converts a data table to one paragraph with a line for each row; a layout to its paragraphs.

    ``rows`` are lists of cells, each a list of paragraphs.
    """
    kept = [[[each for each in cell if each.text] for cell in row] for row in rows]
    filled = [cells for row in kept if (cells := [cell for cell in row if cell])]
    if _is_layout(filled):
        return [each for row in filled for cell in row for each in cell]
    lines = (
        " | ".join(" ".join(each.text.replace("\n", " ") for each in cell) for cell in row)
        for row in filled
    )
    text = "\n".join(lines)
    return [DocumentParagraph(text)] if text else []


def with_lists(paragraphs: Iterable[DocumentParagraph]) -> list[DocumentParagraph]:
    """Joins list items into one paragraph with lines ``- item``; drops empty ``paragraphs``."""
    joined: list[DocumentParagraph] = []
    for each in paragraphs:
        if not each.text:
            continue
        if not each.is_item:
            joined.append(each)
            continue
        line = "- " + each.text.replace("\n", " ")
        if joined and joined[-1].is_item:
            line = f"{joined.pop().text}\n{line}"
        joined.append(DocumentParagraph(line, None, each.size, each.is_bold, is_item=True))
    return joined


def _is_layout(rows: list[list[list[DocumentParagraph]]]) -> bool:
    """True for a table of one cell or column, with headings, or with long texts."""
    cells = [cell for row in rows for cell in row]
    if all(len(row) == 1 for row in rows):
        return True
    return any(
        sum(len(each.text) for each in cell) > _CELL
        or len(cell) > 3
        or any(each.rank is not None for each in cell)
        for cell in cells
    )
