"""Converts the HTML of a page, post, feed entry, e-mail or cell to paragraphs.

Nothing is fetched or executed.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from indexer.sources.pages.page_boilerplate import is_clutter, is_silent

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Beyond this depth lxml drops text, and recursion fails.
_DEPTH = 200
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark q s samp small"
    " span strike strong sub sup time tt u var wbr".split()
)
_LISTS = frozenset(("ul", "ol", "dir", "dl"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_TABLE_PARTS = frozenset(("thead", "tbody", "tfoot", "colgroup", "col"))
#: Most characters in a cell of a data table; a longer one is layout.
_CELL = 300
#: Shorter paragraphs may be repeated, such as names of speakers in an interview.
_REPEATED = 40
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffc\ufffe\uffff]"
)
_DECLARATION = re.compile(r"\A\s*+<\?xml[^>]*>", re.IGNORECASE)
# Tags with data URIs or thousands of attributes, which are slow in lxml.
_LONG_TAG = re.compile(r"(<[a-z][\w:-]*)\s[^<>]{4000,}>", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")


def paragraphs_of(fragment: str, *, empty_lines: bool = False) -> list[str]:
    """Converts an HTML fragment or a whole page to paragraphs, in the order of the text.

    Links keep their text, a list becomes a paragraph of lines ``- item``, a table one of lines with
    `` | `` between cells; ``<br>`` breaks lines, and two of them paragraphs. Scripts, styles,
    comments, form fields, picture captions and boilerplate are left out. With ``empty_lines``,
    empty lines separate paragraphs and line ends separate lines, as in WordPress's classic editor.
    """
    root = parse_markup(fragment)
    return [] if root is None else paragraphs_below(root, empty_lines=empty_lines)


def parse_markup(html: str) -> "Element | None":
    """Parses ``html`` into a tree of limited depth, without comments; None if it is empty.

    Elements below the greatest depth become siblings, with all their text.
    """
    from lxml import html as lxml_html

    text = _LONG_TAG.sub(r"\1>", _DECLARATION.sub("", _UNSEEN.sub("", html), count=1))
    data = text.encode("utf-8", "replace")
    if not data.strip():
        return None
    # A charset declared inside is ignored: the text is already decoded.
    options = {"encoding": "utf-8", "remove_comments": True, "remove_pis": True}
    parser = lxml_html.HTMLParser(**options)
    try:
        root: Element = lxml_html.document_fromstring(data, parser=parser)
    except (lxml_html.etree.ParserError, lxml_html.etree.XMLSyntaxError):
        root = None
    if any(each.level_name == "FATAL" for each in parser.error_log):
        # lxml stops at elements nested too deep and at text that is too long.
        return _parse_deep(data, options)
    return root


def paragraphs_below(root: "Element", *, empty_lines: bool = False) -> list[str]:
    """Converts a tree to paragraphs, see :func:`paragraphs_of`; does not modify it."""
    from lxml import etree

    writer = _Writer(empty_lines)
    walk = etree.iterwalk(root, events=("start", "end"))
    skipped: Element | None = None
    for event, element in walk:
        if event == "start":
            if is_clutter(element) or is_silent(element):
                walk.skip_subtree()
                skipped = element
            else:
                writer.start(element)
                writer.text(element.text)
            continue
        if element is skipped:
            skipped = None
            writer.pass_over(element)
        else:
            writer.end(element)
        if element is not root:
            writer.text(element.tail)
    return _once(writer.finish())


def is_layout(table: "Element") -> bool:
    """True for a layout table."""
    if table.find(".//table") is not None:
        return True
    if table.find(".//th") is not None:
        return False
    return any(text_length(each) > _CELL or _has_blocks(each) for each in table.iter("td"))


def _has_blocks(cell: "Element") -> bool:
    """True for a cell with headings, paragraphs or a menu, which data tables do not have."""
    if len(cell.findall(".//p")) > 1 or any(True for _ in cell.iter("h1", "h2", "h3", "h4")):
        return True
    breaks = cell.findall(".//br")
    if any(
        after is not None and after.tag == "br" and not (each.tail or "").strip()
        for each in breaks
        if (after := each.getnext()) is not None
    ):
        return True
    links = cell.findall(".//a")
    return len(links) > 2 and sum(map(text_length, links)) * 10 > text_length(cell) * 8


def text_length(element: "Element") -> int:
    """Number of characters of the text of ``element``, blanks counted once."""
    return len(" ".join("".join(element.itertext()).split()))


class _Writer:
    """Collects text as paragraphs of lines."""

    def __init__(self, empty_lines: bool) -> None:
        self._empty_lines = empty_lines
        self._done: list[str] = []
        self._lines: list[str] = []
        self._pieces: list[str] = []
        self._mark = ""
        #: Open lists and tables: within one everything is one paragraph.
        self._together = 0
        self._rows: list[list[str]] = []
        self._tables: list[bool] = []
        self._kept_lines = 0
        self._breaks = 0

    def text(self, text: str | None) -> None:
        if not text:
            return
        if self._kept_lines:
            self._text_with_lines(text)
        elif self._empty_lines and not self._together:
            for n, block in enumerate(_EMPTY_LINE.split(text)):
                if n:
                    self._paragraph()
                self._text_with_lines(block)
        else:
            self._piece(text)

    def _text_with_lines(self, text: str) -> None:
        for n, line in enumerate(text.split("\n")):
            if n:
                self._line()
            self._piece(line)

    def _piece(self, text: str) -> None:
        self._pieces.append(_UNSEEN.sub("", text))
        if self._breaks and not text.isspace():
            self._breaks = 0

    def start(self, element: "Element") -> None:
        tag = element.tag
        if tag in _INLINE or tag in _TABLE_PARTS:
            if tag == "q":
                self._piece("„")
        elif tag == "br":
            self._break()
        elif tag in _LISTS:
            self._open()
        elif tag in ("li", "dt", "dd"):
            self._line()
            self._mark = "- " if tag == "li" and not self._in_cell() else ""
        elif tag == "table":
            self._start_table(element)
        elif tag == "tr" and self._in_table():
            self._line()
            self._rows.append([])
        elif tag in ("td", "th") and self._in_table():
            self._pieces.append(" ")
        else:
            self._paragraph()
            self._kept_lines += tag == "pre"

    def end(self, element: "Element") -> None:
        tag = element.tag
        if tag in _INLINE or tag in _TABLE_PARTS or tag == "br":
            if tag == "q":
                self._piece("”")
        elif tag in _LISTS:
            self._close()
        elif tag in ("li", "dt", "dd"):
            self._line()
            self._mark = ""
        elif tag == "table":
            self._end_table()
        elif tag == "tr" and self._in_table():
            self._end_row()
        elif tag in ("td", "th") and self._in_table():
            self._end_cell()
        else:
            self._paragraph()
            self._kept_lines -= tag == "pre"

    def pass_over(self, element: "Element") -> None:
        """Ends the paragraph at an ``element`` that is left out, unless it is inline."""
        if element.tag not in _INLINE and element.tag not in ("script", "style", "button", "svg"):
            self._paragraph()

    def finish(self) -> list[str]:
        self._together = 0
        self._rows.clear()
        self._paragraph()
        return self._done

    def _in_table(self) -> bool:
        return bool(self._tables) and self._tables[-1]

    def _in_cell(self) -> bool:
        return self._in_table() and bool(self._rows)

    def _start_table(self, table: "Element") -> None:
        holds_data = not is_layout(table)
        self._tables.append(holds_data)
        if holds_data:
            self._open()
        else:
            self._paragraph()

    def _end_table(self) -> None:
        if self._tables and self._tables.pop():
            self._close()
        else:
            self._paragraph()

    def _end_row(self) -> None:
        self._end_cell()
        row = self._rows.pop() if self._rows else []
        self._pieces = [" | ".join(row)]
        self._line()

    def _end_cell(self) -> None:
        text = " ".join("".join(self._pieces).split())
        self._pieces = []
        if text and self._rows:
            self._rows[-1].append(text)

    def _open(self) -> None:
        self._paragraph()
        self._together += 1

    def _close(self) -> None:
        self._line()
        self._together = max(0, self._together - 1)
        self._paragraph()

    def _break(self) -> None:
        self._line()
        self._breaks += 1
        if self._breaks > 1:
            self._paragraph()

    def _line(self) -> None:
        if self._in_cell():
            self._pieces.append(" ")
            return
        text = " ".join("".join(self._pieces).split())
        self._pieces = []
        if text:
            self._lines.append(self._mark + text)
            self._mark = ""

    def _paragraph(self) -> None:
        self._line()
        if self._together:
            return
        if self._lines:
            self._done.append("\n".join(self._lines))
        self._lines = []
        self._breaks = 0


def _once(paragraphs: Iterable[str]) -> list[str]:
    """Removes repeated ``paragraphs``, as of pages with versions for two screen sizes."""
    seen: set[str] = set()
    kept: list[str] = []
    for each in paragraphs:
        if (kept and kept[-1] == each) or (len(each) >= _REPEATED and each in seen):
            continue
        seen.add(each)
        kept.append(each)
    return kept


def _parse_deep(data: bytes, options: dict[str, object]) -> "Element | None":
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(target=_Shallow(), huge_tree=True, **options)
    parser.feed(data)
    root: Element | None = parser.close()
    return root


class _Shallow:
    """A target of lxml's parser that builds a tree of limited depth."""

    def __init__(self) -> None:
        from lxml import etree
        from lxml import html as lxml_html

        self._builder = etree.TreeBuilder(element_factory=lxml_html.html_parser.makeelement)
        self._open: list[str] = []
        self._below: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) < _DEPTH:
            self._open.append(tag)
            self._builder.start(tag, attributes)
            return
        self._below.append(tag)
        if tag not in _INLINE:
            self._replace(tag, attributes)

    def end(self, _tag: str) -> None:
        if not self._below:
            self._builder.end(self._open.pop())
            return
        if self._below.pop() not in _INLINE:
            self._replace("div", {})

    def _replace(self, tag: str, attributes: dict[str, str]) -> None:
        """Ends the innermost element, and begins a sibling of it."""
        self._builder.end(self._open[-1])
        self._open[-1] = tag
        self._builder.start(tag, attributes)

    def data(self, text: str) -> None:
        self._builder.data(text)

    def comment(self, text: str) -> None:
        """Ignores a comment."""

    def pi(self, target: str, text: str | None = None) -> None:
        """Ignores a processing instruction."""

    def close(self) -> "Element | None":
        from lxml import etree

        try:
            root: Element = self._builder.close()
        except (AssertionError, etree.ParserError):
            return None
        return root
