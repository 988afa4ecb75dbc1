"""Reads LibreOffice text documents (ODT), packed and flat (FODT): the visible text.

Tracked insertions are read; deletions, comments, notes, headers, footers, tables of contents and
hidden text are not. Text boxes are read once. File properties are ignored.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.sources.base import Found, Input
from indexer.sources.documents.document_xml import (
    DocumentParts,
    check_length,
    malformed,
    parsed_xml,
)
from indexer.sources.documents.press_release import PressRelease, press_release, release_found
from indexer.sources.documents.text_flow import (
    DocumentParagraph,
    ParagraphBuilder,
    table_paragraphs,
    with_lists,
)
from indexer.sources.limits import Limits
from search.errors import PasswordProtected

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_FORM = "OpenDocument text"
_PREFIXES = {
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0": "style",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
    "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0": "fo",
}
_SILENT = frozenset(
    (
        "text:tracked-changes text:note text:hidden-text text:hidden-paragraph text:ruby-text"
        " text:table-of-content text:illustration-index text:table-index text:object-index"
        " text:user-index text:alphabetical-index text:bibliography text:placeholder"
        " text:sequence-decls text:variable-decls text:user-field-decls text:dde-connection-decls"
        " office:annotation office:annotation-end office:forms office:binary-data"
        " table:table-columns table:table-column table:covered-table-cell draw:object draw:plugin"
    ).split()
)
_BOXES = frozenset(("draw:text-box", "draw:custom-shape", "draw:rect", "draw:ellipse"))
_ROW_GROUPS = frozenset(("table:table-header-rows", "table:table-rows", "table:table-row-group"))
_HEADING = re.compile(r"(?:heading|pealkiri)(?:_20_|\s|_)*([1-9])?", re.IGNORECASE)
_TITLE = re.compile(r"title|pealkiri|tiitel", re.IGNORECASE)
_SUBTITLE = re.compile(r"subtitle|alapealkiri", re.IGNORECASE)
_POINTS = re.compile(r"([\d.]+)\s*(pt|cm|mm|in|%)")
_IN_POINTS = {"pt": 1.0, "cm": 28.35, "mm": 2.835, "in": 72.0}
_MOST_BLANKS = 100


@dataclass(frozen=True, slots=True)
class _TextFormatting:
    """Formatting by a style; ``rank`` None and ``size`` 0 if it does not set them."""

    rank: int | None = None
    size: float = 0.0
    is_bold: bool = False
    is_hidden: bool = False


def read_odt(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads an OpenDocument text as one article. Raises as reading does."""
    data = source.data(limits.document_megabytes)
    yield release_found(source, source.isolated(parse_odt, data, source.name, limits))


def parse_odt(data: bytes, file: str, limits: Limits) -> PressRelease:
    """Extracts the article of the document ``data``, packed or flat.

    Raises MalformedFile, PasswordProtected, ArchiveLimit, TooLarge.
    """
    roots = _roots(data, file, limits)
    body = next((each for root in roots for each in root if _name(each) == "office:body"), None)
    text = (
        next((each for each in body if _name(each) == "office:text"), None)
        if body is not None
        else None
    )
    if text is None:
        raise malformed(file, _FORM, "it holds no text")
    try:
        paragraphs = with_lists(_TextWalker(_TextStyles(roots)).blocks(text))
    except RecursionError as error:
        raise malformed(file, _FORM, "it is nested too deep") from error
    check_length(file, (each.text for each in paragraphs), limits)
    return press_release(paragraphs)


def _roots(data: bytes, file: str, limits: Limits) -> list["Element"]:
    """The roots that hold the text and the styles."""
    if not data.startswith(b"PK"):
        return [parsed_xml(file, _FORM, data)]
    parts = DocumentParts(file, _FORM, data, limits)
    if "META-INF/manifest.xml" in parts and b"encryption-data" in parts.data(
        "META-INF/manifest.xml"
    ):
        raise PasswordProtected(file=file)
    content = parts.root("content.xml")
    if content is None:
        raise parts.malformed("it holds no text")
    styles = parts.root("styles.xml")
    return [content] if styles is None else [content, styles]


def _name(element: "Element") -> str:
    """The name of an element with its usual prefix; of foreign ones without."""
    tag = element.tag
    if not isinstance(tag, str):
        return "?"
    namespace, _, local = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else f"?{local}"


def _attribute(element: "Element", name: str) -> str:
    """An attribute by its local name, which is unique on the elements that are read here."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


class _TextStyles:
    """Formatting of styles by family and name, with inheritance."""

    def __init__(self, roots: list["Element"]) -> None:
        self._elements: dict[tuple[str, str], Element] = {}
        self._looks: dict[tuple[str, str], _TextFormatting] = {}
        for root in roots:
            for group in root:
                if _name(group) in ("office:styles", "office:automatic-styles"):
                    for each in group:
                        key = _attribute(each, "family"), _attribute(each, "name")
                        if _name(each) == "style:default-style":
                            key = key[0], ""
                        self._elements.setdefault(key, each)

    def of(self, family: str, style: str) -> _TextFormatting:
        """The formatting of a style of the family ``paragraph`` or ``text``."""
        key = family, style
        if key not in self._looks:
            self._looks[key] = _TextFormatting()  # a style that is its own parent ends here
            self._looks[key] = self._found(family, style)
        return self._looks[key]

    def _found(self, family: str, style: str) -> _TextFormatting:
        element = self._elements.get((family, style))
        if element is None:
            return _TextFormatting(rank=_named_rank(style))
        parent = _attribute(element, "parent-style-name")
        below = self.of(family, parent) if style else _TextFormatting()
        rank = _named_rank(style)
        if rank is None:
            level = _attribute(element, "default-outline-level")
            rank = int(level) if level.isdecimal() and level != "0" else below.rank
        size, is_bold, is_hidden = below.size, below.is_bold, below.is_hidden
        for properties in element:
            if _name(properties) != "style:text-properties":
                continue
            size = _points(_attribute(properties, "font-size"), below.size) or size
            if weight := _attribute(properties, "font-weight"):
                is_bold = weight == "bold" or (weight.isdecimal() and int(weight) >= 600)
            if display := _attribute(properties, "display"):
                is_hidden = display == "none"
        return _TextFormatting(rank, size, is_bold, is_hidden)


def _named_rank(style: str) -> int | None:
    """Rank implied by the name of a style: 0 for a title, else the level of a heading."""
    if _TITLE.fullmatch(style):
        return 0
    if _SUBTITLE.fullmatch(style):
        return 2
    heading = _HEADING.fullmatch(style)
    return int(heading[1] or 1) if heading else None


def _points(written: str, of: float) -> float:
    """Parses a size to points; a percentage is relative to ``of``."""
    match = _POINTS.fullmatch(written)
    if match is None:
        return 0.0
    try:
        number = float(match[1])
    except ValueError:
        return 0.0
    return number * of / 100 if match[2] == "%" else number * _IN_POINTS[match[2]]


class _TextWalker:
    """Walks the text of a document."""

    def __init__(self, styles: _TextStyles) -> None:
        self._styles = styles
        self._builder = ParagraphBuilder()
        self._boxes: list[DocumentParagraph] = []

    def blocks(self, parent: "Element", *, is_item: bool = False) -> list[DocumentParagraph]:
        """Paragraphs and tables below ``parent``, in order."""
        found: list[DocumentParagraph] = []
        for each in parent:
            name = _name(each)
            if name in ("text:p", "text:h"):
                found += self._paragraph(each, name, is_item)
            elif name == "table:table":
                found += table_paragraphs([self._cells(row) for row in _rows(each)])
            elif name == "text:list-item":
                found += self.blocks(each, is_item=True)
            elif name == "text:section" and _attribute(each, "display") == "none":
                continue
            elif name not in _SILENT and not name.startswith("?"):
                found += self.blocks(each, is_item=is_item)
        return found

    def _paragraph(self, paragraph: "Element", name: str, is_item: bool) -> list[DocumentParagraph]:
        outer = self._builder, self._boxes
        self._builder, self._boxes = ParagraphBuilder(), []
        look = self._styles.of("paragraph", _attribute(paragraph, "style-name"))
        rank = look.rank
        if name == "text:h" and rank is None:
            level = _attribute(paragraph, "outline-level")
            rank = int(level) if level.isdecimal() and level != "0" else 1
        self._inline(paragraph, look)
        done = self._builder.finish(rank, is_item=is_item and rank is None)
        found = [done, *self._boxes]
        self._builder, self._boxes = outer
        return found

    def _inline(self, parent: "Element", look: _TextFormatting) -> None:
        self._add(parent.text, look)
        for each in parent:
            self._piece(each, _name(each), look)
            self._add(each.tail, look)

    def _piece(self, element: "Element", name: str, look: _TextFormatting) -> None:
        if name == "text:s":
            count = _attribute(element, "c")
            blanks = int(count) if count.isdecimal() and len(count) < 4 else 1
            self._add(" " * min(blanks, _MOST_BLANKS), look)
        elif name == "text:tab":
            self._add(" ", look)
        elif name == "text:line-break":
            self._add("\n", look, is_break=True)
        elif name == "text:span":
            self._inline(element, self._span_look(element, look))
        elif name in _BOXES or name == "table:table":
            self._boxes += self.blocks(element)
        elif name not in _SILENT and not name.startswith("?"):
            self._inline(element, look)

    def _span_look(self, span: "Element", look: _TextFormatting) -> _TextFormatting:
        style = _attribute(span, "style-name")
        own = self._styles.of("text", style) if style else _TextFormatting()
        return _TextFormatting(
            None,
            own.size or look.size,
            own.is_bold or look.is_bold,
            own.is_hidden or look.is_hidden,
        )

    def _add(self, text: str | None, look: _TextFormatting, *, is_break: bool = False) -> None:
        if text and not look.is_hidden:
            # Line ends of the file are blanks.
            shown = text if is_break else re.sub(r"\s", " ", text.replace("\xad", ""))
            self._builder.add(shown, look.size, is_bold=look.is_bold)

    def _cells(self, row: "Element") -> list[list[DocumentParagraph]]:
        return [with_lists(self.blocks(each)) for each in row if _name(each) == "table:table-cell"]


def _rows(table: "Element") -> Iterator["Element"]:
    for each in table:
        name = _name(each)
        if name == "table:table-row":
            yield each
        elif name in _ROW_GROUPS:
            yield from _rows(each)
