"""Spreadsheets of articles: XLSX workbooks, and CSV that Excel opens directly."""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from search.article import PartialDate
from search.results import Hit
from webui.components import one_line, safe_url
from webui.localisation import Localisation

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Most characters in a cell: Excel allows 32,767 UTF-16 units, and a character may need two.
MOST_IN_CELL = 16_383
#: Excel's serial numbers differ from those of other programs before this day.
FIRST_DAY = date(1900, 3, 1)
#: Number formats of days, which are serial numbers within a workbook.
DAY_FORMATS = {"et": "dd.mm.yyyy", "en": "yyyy-mm-dd"}
_IN_MEMORY = 1 << 22
# Some programs read texts that begin so as formulas; full-width signs those of East Asia.
_FORMULA = re.compile("[=+\\-@\t\r＝＋－＠]")
#: Escape sequences of workbooks, in which ``_x0041_`` is the letter A.
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
#: Link addresses that Excel accepts; with any other it reports the whole file as damaged.
_LINK = re.compile(
    r"https?://[\w.:-]+(?:[/?][\w.~:/?@!$&'()*+,;=%-]*)?(?:#[\w.~/%=&-]*)?", re.ASCII
)
_LONGEST_LINK = 2_000
_HEADING, _LINKED = "Klastriotsing heading", "Klastriotsing link"

Cell = str | int | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a spreadsheet; ``width`` is in characters.

    The cells of ``is_link`` are web addresses, or empty.
    """

    heading: str
    width: int
    cell: Callable[[Hit], Cell]
    is_link: bool = False


def article_columns(
    here: Localisation, area_label: Callable[[str], str], address: Callable[[str], str]
) -> tuple[Column, ...]:
    """Columns of a list of articles; ``address`` returns the URL of an article's page by its id."""
    _ = here.gettext
    return (
        Column(_("Title"), 60, lambda hit: one_line(hit.title)),
        Column(_("Date"), 11, _day),
        Column(_("Year"), 7, lambda hit: hit.year),
        Column(_("Month"), 7, lambda hit: _published(hit).month if hit.published else None),
        Column(_("Source"), 22, lambda hit: hit.source),
        Column(_("Language"), 10, lambda hit: _language(hit, here)),
        Column(_("Focus areas"), 36, lambda hit: "; ".join(map(area_label, hit.focus_areas))),
        Column(_("Organisations"), 48, lambda hit: "; ".join(map(one_line, hit.organisations))),
        Column(_("Original"), 40, lambda hit: safe_url(hit.url), is_link=True),
        Column(_("Page in this search"), 40, lambda hit: address(hit.id), is_link=True),
        Column(_("Same story elsewhere"), 30, lambda hit: "; ".join(map(one_line, hit.duplicates))),
        Column(_("Id"), 20, lambda hit: hit.id),
    )


def _published(hit: Hit) -> PartialDate:
    return PartialDate.from_iso(hit.published or "")


def _day(hit: Hit) -> Cell:
    """The day of publication; None if only its month or year is known."""
    if not hit.published:
        return None
    published = _published(hit)
    if not (published.month and published.day):
        return None
    return date(published.year, published.month, published.day)


def _language(hit: Hit, here: Localisation) -> str:
    return here.language_name(hit.language) if hit.language else ""


def csv_lines(columns: Sequence[Column], hits: Iterable[Hit]) -> Iterator[str]:
    """CSV with semicolons, as Estonian Excel writes and reads it; days are ISO 8601."""
    yield "\ufeff"  # byte order mark, so that spreadsheets detect UTF-8
    yield _csv_line([each.heading for each in columns])
    for hit in hits:
        yield _csv_line([_csv_cell(each.cell(hit)) for each in columns])


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";").writerow(cells)
    return line.getvalue()


def _csv_cell(value: Cell) -> str:
    """Escapes ``value`` so that no spreadsheet reads it as a formula."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, date) else one_line(str(value))[:MOST_IN_CELL]
    return f"'{text}" if _FORMULA.match(text) else text


def workbook(
    columns: Sequence[Column],
    hits: Iterable[Hit],
    about: Sequence[tuple[str, str | int]],
    here: Localisation,
) -> IO[bytes]:
    """Writes an XLSX workbook: a sheet of articles, and one with facts ``about`` it.

    Rows are written as they arrive, never held in memory. The caller must close the file.
    """
    # The import takes a quarter of a second, which other pages should not wait for.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for each in _styles():
        book.add_named_style(each)
    sheet = _Sheet(book, here.gettext("List of articles"), [each.width for each in columns])
    sheet.head([each.heading for each in columns])
    for hit in hits:
        sheet.row([(each.cell(hit), each.is_link) for each in columns], here.language)
    sheet.filter_columns(len(columns))
    about_sheet = _Sheet(book, here.gettext("About this file"), [24, 80])
    for name, value in about:
        about_sheet.row([(name, False), (value, False)], here.language)
    # Closed by the caller.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return file


def _styles() -> tuple[Any, ...]:
    """Named styles of headings and links, which cost nothing in each cell."""
    from openpyxl.styles import Font, NamedStyle

    usual = {"name": "Calibri", "sz": 11}
    return (
        NamedStyle(_HEADING, font=Font(b=True, **usual)),
        NamedStyle(_LINKED, font=Font(u="single", color="0563C1", **usual)),
    )


class _Sheet:
    """A worksheet that is written row by row."""

    def __init__(self, book: Any, title: str, widths: Sequence[int]) -> None:
        self._sheet = book.create_sheet(title)
        self._rows = 0
        for number, width in enumerate(widths):
            self._sheet.column_dimensions[chr(ord("A") + number)].width = width

    def head(self, headings: Sequence[str]) -> None:
        """Writes the headings, which stay in view."""
        from openpyxl.cell import WriteOnlyCell

        self._sheet.freeze_panes = "A2"
        cells = [WriteOnlyCell(self._sheet, each) for each in headings]
        for each in cells:
            each.style = _HEADING
        self._append(cells)

    def row(self, values: Iterable[tuple[Cell, bool]], language: str) -> None:
        """Writes cells: the value of each, and whether it is a link."""
        self._append([self._cell(value, language, is_link) for value, is_link in values])

    def filter_columns(self, count: int) -> None:
        """Lets the reader filter by each column."""
        self._sheet.auto_filter.ref = f"A1:{chr(ord('A') + count - 1)}{self._rows}"

    def _append(self, cells: list[Any]) -> None:
        self._sheet.append(cells)
        self._rows += 1

    def _cell(self, value: Cell, language: str, is_link: bool) -> Any:
        if value == "":
            return None
        if value is None or isinstance(value, int):
            return value
        from openpyxl.cell import WriteOnlyCell

        if isinstance(value, date) and value >= FIRST_DAY:
            cell = WriteOnlyCell(self._sheet, value)
            cell.number_format = DAY_FORMATS[language]
            return cell
        text = one_line(value.isoformat() if isinstance(value, date) else value)[:MOST_IN_CELL]
        text = _ESCAPED.sub("_x005F_", text)
        is_linked = is_link and len(text) <= _LONGEST_LINK and _LINK.fullmatch(text)
        if not is_linked and text[:1].isalnum():
            return text  # most values; cheaper than a cell object
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"  # a string, also if it looks like a formula
        if _FORMULA.match(text):
            cell.quotePrefix = True  # stays text when edited
        if is_linked:
            cell.hyperlink = text
            cell.style = _LINKED
        return cell
