"""Reads Excel workbooks (XLSX): each row of the first sheet with titles and texts."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from indexer.sources.archives import Unpacked, read_member
from indexer.sources.base import Found, Input, Skipped
from indexer.sources.limits import Limits
from indexer.sources.tabular.columns import cell_text
from indexer.sources.tabular.csv_rows import Row
from indexer.sources.tabular.tables import HEADER_ROWS, find_header, rows_found
from search.errors import (
    ArchiveLimit,
    EmptyDocument,
    MalformedFile,
    MissingColumns,
    PasswordProtected,
    SourceError,
    UnsupportedFormat,
)

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_FORMAT = "Excel workbook"
_OLE = b"\xd0\xcf\x11\xe0"
#: Name of the stream of an encrypted document, in the encoding of OLE.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DOCUMENT_TYPE = re.compile(
    rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y|E\x00?N\x00?T\x00?I\x00?T)", re.IGNORECASE
)
_XML = (".xml", ".rels", ".vml")
#: Columns further right belong to no table of articles; Excel has no more rows.
_MOST_COLUMNS = 256
_MOST_ROWS = 1_048_576
#: More consecutive empty rows end a sheet.
_EMPTY_ROWS = 5_000


def read_workbook(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads a workbook; a row that is no article is reported by its number.

    Formulas have the values that were saved with them.
    """
    data = source.data(limits.document_megabytes)
    _check_container(source, data, limits)
    try:
        yield from _read(source, data, limits)
    except SourceError:
        raise
    except Exception as error:
        # openpyxl raises anything from KeyError to ParseError for damaged files.
        problem = f"a part of it cannot be read: {type(error).__name__}"
        raise _malformed(source, problem) from error


def _read(source: Input, data: bytes, limits: Limits) -> Iterator[Found]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which are not used here
        book = openpyxl.load_workbook(
            BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
    try:
        sheets = list(book.worksheets)
        fitting = [each for each in sheets if _fits(source, each)]
        if not fitting:
            _refuse(source, sheets)
        yield from rows_found(source, _rows(fitting[0]), limits)
        for each in fitting[1:]:
            message = (
                f"is not read, only “{fitting[0].title}” is; save the sheet as a file of its own"
            )
            yield Skipped(source.name, f"sheet “{each.title}”", "sheet", message)
    finally:
        book.close()


def _fits(source: Input, sheet: "ReadOnlyWorksheet") -> bool:
    """True if the sheet has known column names."""
    try:
        find_header(source, _rows(sheet, HEADER_ROWS))
    except (MissingColumns, EmptyDocument):
        return False
    return True


def _refuse(source: Input, sheets: "list[ReadOnlyWorksheet]") -> None:
    """Raises the error of the first sheet that is not empty."""
    for each in sheets:
        try:
            find_header(source, _rows(each, HEADER_ROWS))
        except EmptyDocument:
            continue
    raise EmptyDocument(file=source.name)


def _rows(sheet: "ReadOnlyWorksheet", most: int = _MOST_ROWS) -> Iterator[Row]:
    """Rows of ``sheet``, up to a long run of empty ones."""
    sheet.reset_dimensions()  # some programs write wrong ones
    empty = 0
    values = sheet.iter_rows(max_row=most, max_col=_MOST_COLUMNS, values_only=True)
    for number, row in enumerate(_quietly(values), 1):
        cells = [cell_text(each) for each in row]
        while cells and not cells[-1]:
            cells.pop()
        empty = 0 if cells else empty + 1
        if empty > _EMPTY_ROWS:
            return
        yield Row(number, cells)


def _quietly(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yields ``rows`` without warnings about invalid dates."""
    done = object()
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = next(rows, done)
        if row is done:
            return
        yield row  # type: ignore[misc]


def _check_container(source: Input, data: bytes, limits: Limits) -> None:
    """Raises SourceError if ``data`` is no workbook, is encrypted, or unpacks to too much."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise PasswordProtected(file=source.name)
        remedy = "Save it in Excel as .xlsx"
        raise UnsupportedFormat(file=source.name, format="a document of old Office", remedy=remedy)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            _check_parts(source, archive, limits)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError) as error:
        raise _malformed(source, "it is cut or damaged") from error
    if any(each.endswith("workbook.bin") for each in names):
        remedy = "Save it in Excel as .xlsx"
        raise UnsupportedFormat(file=source.name, format="a binary workbook", remedy=remedy)
    if not any(each.endswith("workbook.xml") for each in names):
        raise _malformed(source, "it holds no workbook")


def _check_parts(source: Input, archive: zipfile.ZipFile, limits: Limits) -> None:
    """Unpacks each part once to count its bytes; declared sizes may be wrong."""
    parts = archive.infolist()
    if len(parts) > limits.archive_members:
        raise ArchiveLimit(
            file=source.name, problem=f"holds more than {limits.archive_members} members"
        )
    unpacked = Unpacked()
    for part in parts:
        content = read_member(archive, part, source.name, limits, unpacked)
        if part.filename.endswith(_XML) and _DOCUMENT_TYPE.search(content):
            raise _malformed(source, "it declares entities, which are not read")


def _malformed(source: Input, problem: str) -> MalformedFile:
    remedy = "Save it in Excel again as .xlsx"
    return MalformedFile(file=source.name, format=_FORMAT, problem=problem, remedy=remedy)
