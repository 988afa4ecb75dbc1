"""Reads Word documents (DOCX), transitional and strict: the visible text.

Tracked insertions are read; deletions, comments, notes, headers, footers, hidden text and field
codes are not. Text boxes are read once. File properties are ignored.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.sources.base import Found, Input
from indexer.sources.documents.document_xml import DocumentParts, check_length
from indexer.sources.documents.press_release import PressRelease, press_release, release_found
from indexer.sources.documents.text_flow import (
    DocumentParagraph,
    ParagraphBuilder,
    table_paragraphs,
    with_lists,
)
from indexer.sources.limits import Limits

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_FORM = "document of Word"
_MAIN = frozenset(
    (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
)
_MATH = frozenset(
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "http://purl.oclc.org/ooxml/officeDocument/math",
    )
)
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
#: Runs, links, fields, tags and the like: what they hold is text of the paragraph.
_SILENT = frozenset(
    (
        "del moveFrom instrText delText delInstrText rPr pPr sdtPr sdtEndPr sectPr tblPr tblGrid"
        " trPr tcPr rt rubyPr smartTagPr customXmlPr fldData ffData footnoteReference"
        " endnoteReference commentReference annotationRef footnoteRef endnoteRef altChunk"
    ).split()
)
_TITLE_NAMES = re.compile(r"title|pealkiri|tiitel|заголовок|название", re.IGNORECASE)
_SUBTITLE_NAMES = re.compile(r"subtitle|alapealkiri|alamtiitel|подзаголовок", re.IGNORECASE)
_HEADING_NAMES = re.compile(
    r"(?:heading|pealkiri|заголовок|otsikko|rubrik)\s*([1-9])?", re.IGNORECASE
)
_CONTENTS_NAMES = re.compile(r"(?:toc|sk)\s*\d", re.IGNORECASE)
_OFF = frozenset(("0", "false", "off", "none"))


@dataclass(frozen=True, slots=True)
class _Formatting:
    """Formatting by styles and text properties; None for what they do not set."""

    rank: int | None = None
    size: float | None = None
    is_bold: bool | None = None
    is_hidden: bool | None = None
    is_item: bool | None = None
    is_contents: bool = False

    def inheriting(self, below: "_Formatting") -> "_Formatting":
        """This formatting, inheriting from ``below`` what it does not set."""
        return _Formatting(
            below.rank if self.rank is None else self.rank,
            below.size if self.size is None else self.size,
            below.is_bold if self.is_bold is None else self.is_bold,
            below.is_hidden if self.is_hidden is None else self.is_hidden,
            below.is_item if self.is_item is None else self.is_item,
            self.is_contents or below.is_contents,
        )


def read_docx(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads a document of Word as one article. Raises as reading does."""
    data = source.data(limits.document_megabytes)
    yield release_found(source, source.isolated(parse_docx, data, source.name, limits))


def parse_docx(data: bytes, file: str, limits: Limits) -> PressRelease:
    """Extracts the article of the document ``data``.

    Raises MalformedFile, PasswordProtected, ArchiveLimit, TooLarge.
    """
    parts = DocumentParts(file, _FORM, data, limits)
    main = _related(parts, "", "/officeDocument") or "word/document.xml"
    root = parts.root(main)
    if root is None:
        raise parts.malformed("it holds no text")
    styles = _Styles(parts.root(_related(parts, main, "/styles") or "word/styles.xml"))
    body = next((each for each in root if _name(each) == "body"), None)
    if body is None:
        raise parts.malformed("it holds no text")
    try:
        paragraphs = with_lists(_Walker(styles).all_blocks(body))
    except RecursionError as error:
        raise parts.malformed("it is nested too deep") from error
    check_length(file, (each.text for each in paragraphs), limits)
    return press_release(paragraphs)


def _related(parts: DocumentParts, part: str, ending: str) -> str:
    """Resolves a relationship of ``part`` to the name of a part; empty without one."""
    folder, name = posixpath.split(part)
    root = parts.root(posixpath.join(folder, "_rels", f"{name}.rels"))
    for each in () if root is None else root:
        if each.get("Type", "").endswith(ending) and each.get("TargetMode") != "External":
            target = each.get("Target", "").replace("\\", "/")
            named = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            return named if named in parts else ""
    return ""


def _name(element: "Element") -> str:
    """The local name of a Word element; that of others has a prefix."""
    tag = element.tag
    if not isinstance(tag, str):
        return "?"
    namespace, _, local = tag[1:].partition("}")
    if namespace in _MAIN:
        return local
    if namespace == _COMPATIBILITY:
        return f"mc:{local}"
    return f"m:{local}" if namespace in _MATH else f"?{local}"


def _child(element: "Element | None", *names: str) -> "Element | None":
    """The descendant of ``element`` at a path of names."""
    for name in names:
        if element is None:
            return None
        element = next((each for each in element if _name(each) == name), None)
    return element


def _value(element: "Element | None", name: str = "val") -> str:
    """A Word attribute, in either of its namespaces."""
    for key, value in () if element is None else element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def _flag(properties: "Element | None", name: str) -> bool | None:
    found = _child(properties, name)
    return None if found is None else _value(found) not in _OFF


def _run_look(properties: "Element | None") -> _Formatting:
    size = _value(_child(properties, "sz"))
    return _Formatting(
        size=int(size) / 2 if size.isdecimal() else None,
        is_bold=_flag(properties, "b"),
        is_hidden=_flag(properties, "vanish"),
    )


def _paragraph_look(properties: "Element | None") -> _Formatting:
    level = _value(_child(properties, "outlineLvl"))
    number = _child(properties, "numPr")
    return _Formatting(
        rank=int(level) + 1 if level.isdecimal() and int(level) < 9 else None,
        is_item=None if number is None else _value(_child(number, "numId")) != "0",
    )


class _Styles:
    """Formatting of styles by id, with inheritance."""

    def __init__(self, root: "Element | None") -> None:
        self._elements: dict[str, Element] = {}
        self._looks: dict[str, _Formatting] = {}
        self._default = ""
        self._base = _Formatting()
        for each in () if root is None else root:
            if _name(each) == "style":
                self._elements[_value(each, "styleId")] = each
                if _value(each, "type") == "paragraph" and _value(each, "default") in ("1", "true"):
                    self._default = _value(each, "styleId")
            elif _name(each) == "docDefaults":
                self._base = _run_look(_child(each, "rPrDefault", "rPr"))

    def of_paragraph(self, style: str) -> _Formatting:
        return self.of(style or self._default).inheriting(self._base)

    def of(self, style: str) -> _Formatting:
        """The formatting of a style; empty without one."""
        if style not in self._looks:
            self._looks[style] = _Formatting()  # a style based on itself ends here
            self._looks[style] = self._found(style)
        return self._looks[style]

    def _found(self, style: str) -> _Formatting:
        element = self._elements.get(style)
        if element is None:
            return _named_look(style)
        named = _named_look(_value(_child(element, "name")) or style)
        own = _paragraph_look(_child(element, "pPr")).inheriting(_run_look(_child(element, "rPr")))
        base = _value(_child(element, "basedOn"))
        return named.inheriting(own).inheriting(self.of(base) if base else _Formatting())


def _named_look(name: str) -> _Formatting:
    """Formatting implied by the name of a style, in several languages."""
    name = name.strip()
    if _TITLE_NAMES.fullmatch(name):
        return _Formatting(rank=0)
    if _SUBTITLE_NAMES.fullmatch(name):
        return _Formatting(rank=2)
    if heading := _HEADING_NAMES.fullmatch(name):
        return _Formatting(rank=int(heading[1] or 1))
    return _Formatting(is_contents=_CONTENTS_NAMES.fullmatch(name) is not None)


class _Walker:
    """Walks a body; fields may begin in one paragraph and end in another."""

    def __init__(self, styles: _Styles) -> None:
        self._styles = styles
        #: For each open field, whether its result has begun.
        self._fields: list[bool] = []
        self._builder = ParagraphBuilder()
        self._boxes: list[DocumentParagraph] = []

    def all_blocks(self, body: "Element") -> list[DocumentParagraph]:
        """All paragraphs and tables of a body or a text box."""
        found = self.blocks(body)
        return [*found, self._builder.finish(), *self._boxes]

    def blocks(self, parent: "Element") -> list[DocumentParagraph]:
        """Paragraphs and tables below ``parent``, in order."""
        found: list[DocumentParagraph] = []
        for each in parent:
            name = _name(each)
            if name == "p":
                found += self._paragraph(each)
            elif name == "tbl":
                found += self._table(each)
            elif name == "sdt":
                found += self.blocks(_shown_content(each))
            elif name == "mc:AlternateContent":
                found += self.blocks(_choice(each))
            elif name not in _SILENT:
                found += self.blocks(each)
        return found

    def _paragraph(self, paragraph: "Element") -> list[DocumentParagraph]:
        properties = _child(paragraph, "pPr")
        style = self._styles.of_paragraph(_value(_child(properties, "pStyle")))
        look = _paragraph_look(properties).inheriting(style)
        self._inline(paragraph, look)
        mark = _child(properties, "rPr")
        if _child(mark, "del") is not None or _child(mark, "moveFrom") is not None:
            # The paragraph mark was deleted: the paragraph continues with the next one.
            return []
        done = self._builder.finish(look.rank, is_item=bool(look.is_item) and look.rank is None)
        boxes = self._boxes
        self._builder, self._boxes = ParagraphBuilder(), []
        return boxes if look.is_contents else [done, *boxes]

    def _inline(self, parent: "Element", look: _Formatting) -> None:
        for each in parent:
            name = _name(each)
            if name == "r":
                own = _run_look(_child(each, "rPr"))
                character = _value(_child(each, "rPr", "rStyle"))
                self._run(each, own.inheriting(self._styles.of(character)).inheriting(look))
            elif name == "sdt":
                self._inline(_shown_content(each), look)
            elif name == "mc:AlternateContent":
                self._inline(_choice(each), look)
            elif name == "txbxContent":
                self._text_box(each)
            elif name == "m:t":
                self._add(each.text or "", look)
            elif name not in _SILENT:
                self._inline(each, look)

    def _run(self, run: "Element", look: _Formatting) -> None:
        for each in run:
            name = _name(each)
            if name == "fldChar":
                self._field(_value(each, "fldCharType"))
            elif name in _CHARACTERS:
                self._add(_CHARACTERS[name], look)
            elif name == "t":
                self._add(each.text or "", look)
            elif name == "mc:AlternateContent":
                self._run(_choice(each), look)
            elif name == "txbxContent":
                self._text_box(each)
            elif name not in _SILENT:
                self._inline_or_run(each, look)

    def _inline_or_run(self, element: "Element", look: _Formatting) -> None:
        """Walks an inline element; drawings and rubies have text boxes and runs at any depth."""
        if _name(element) in ("ruby", "rubyBase"):
            self._inline(element, look)
        else:
            self._run(element, look)

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._fields.append(False)
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _add(self, text: str, look: _Formatting) -> None:
        if not look.is_hidden and all(self._fields):
            text = text.replace("\xad", "")
            self._builder.add(text, look.size or 0.0, is_bold=bool(look.is_bold))

    def _text_box(self, content: "Element") -> None:
        """Adds the paragraphs of a text box after the paragraph that it is anchored in."""
        self._boxes += _Walker(self._styles).all_blocks(content)

    def _table(self, table: "Element") -> list[DocumentParagraph]:
        return table_paragraphs(
            [self._cells(row) for row in _below(table, "tr") if not _is_deleted(row)]
        )

    def _cells(self, row: "Element") -> list[list[DocumentParagraph]]:
        return [
            with_lists(self.blocks(each))
            for each in _below(row, "tc")
            if _child(each, "tcPr", "cellDel") is None
        ]


#: Elements of a run that represent a character.
_CHARACTERS: Mapping[str, str] = {
    "tab": " ",
    "ptab": " ",
    "br": "\n",
    "cr": "\n",
    "noBreakHyphen": "-",
    "softHyphen": "",
}


def _below(parent: "Element", wanted: str) -> Iterator["Element"]:
    """Elements of a name, also within content controls and tags, never within one another."""
    for each in parent:
        name = _name(each)
        if name == wanted:
            yield each
        elif name == "sdt":
            yield from _below(_shown_content(each), wanted)
        elif name in ("ins", "customXml", "moveTo", "smartTag"):
            yield from _below(each, wanted)


def _shown_content(control: "Element") -> "Element | tuple[()]":
    """Content of a content control, unless it is a placeholder."""
    if _child(control, "sdtPr", "showingPlcHdr") is not None:
        return ()
    content = _child(control, "sdtContent")
    return () if content is None else content


def _choice(alternatives: "Element") -> "Element | tuple[()]":
    """The first choice of alternate content, never the fallback, which repeats it."""
    return next((each for each in alternatives if _name(each) == "mc:Choice"), ())


def _is_deleted(row: "Element") -> bool:
    return _child(row, "trPr", "del") is not None
