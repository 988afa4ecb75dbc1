"""Reads delimited text (CSV, TSV): each row is an article, the first row names the columns."""

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from indexer.sources.base import Found, Input, Skipped
from indexer.sources.decoded_stream import Line, decoded_pieces, lines_of
from indexer.sources.limits import Limits
from indexer.sources.tabular.columns import Columns, find_columns, missing_columns, row_found
from indexer.sources.tabular.csv_rows import Row, csv_rows
from search.errors import BadItem, EmptyDocument, SourceError

_MEGABYTE = 1_000_000
_SEPARATORS = ";\t,|"
_SAID = re.compile(r"\s*\"?sep=(.)\"?[;,\s]*", re.IGNORECASE)
#: Rows in which the header is searched; it may be below a title.
HEADER_ROWS = 10


def read_table(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads delimited text; a row that is no article is reported by its number."""
    most = int(limits.megabytes * _MEGABYTE)
    pieces = decoded_pieces(source)
    yield from rows_found(
        source, _rows(lines_of(pieces, most), most, source.options.columns), limits
    )


def rows_found(source: Input, rows: Iterable[Row], limits: Limits) -> Iterator[Found]:
    """Reads the articles in ``rows``, below the header.

    Raises MissingColumns, and EmptyDocument if there is no row.
    """
    rows = iter(rows)
    header, columns = find_header(source, rows)
    is_empty = True
    for row in rows:
        found = row_of_table(source, row, header, columns, limits)
        if found is not None:
            is_empty = False
            yield found
    if is_empty:
        yield Skipped(source.name, "", "empty", "holds no rows below the names of columns")


def find_header(source: Input, rows: Iterator[Row]) -> tuple[Sequence[str], Columns]:
    """Finds the header among the first ``rows``, and leaves the iterator after it.

    Raises MissingColumns, and EmptyDocument if there is no row.
    """
    first: Row | None = None
    for row in itertools.islice(rows, HEADER_ROWS):
        columns = find_columns(row.cells, source.options.columns)
        if columns.is_enough:
            return row.cells, columns
        if first is None and any(each.strip() for each in row.cells):
            first = row
    if first is None:
        raise EmptyDocument(file=source.name)
    names = first.cells
    raise missing_columns(source, names, find_columns(names, source.options.columns))


def row_of_table(
    source: Input, row: Row, header: Sequence[str], columns: Columns, limits: Limits
) -> Found | None:
    """Reads the article in ``row``; None for an empty row."""
    cells = row.cells
    problem = row.problem
    if not problem and any(each.strip() for each in cells[len(header) :]):
        problem = f"has {len(cells)} cells where {len(header)} columns have names"
    if problem:
        remedy = "Check separators and quotation marks there, or delete the row"
        return _bad_row(source, row, problem, remedy)
    if not any(each.strip() for each in cells):
        return None
    # Of columns with the same name the first is used.
    values = dict(reversed(list(zip(header, cells, strict=False))))
    return row_found(source, values, columns, row.member, limits)


def _bad_row(source: Input, row: Row, problem: str, remedy: str) -> SourceError:
    return BadItem(file=source.name, member=row.member, problem=problem, remedy=remedy)


def _rows(lines: Iterator[Line], most: int, given: Mapping[str, str]) -> Iterator[Row]:
    """Parses the rows of a table with the separator of its header."""
    first = list(itertools.islice(lines, HEADER_ROWS))
    if first and (said := _SAID.fullmatch(first[0].text)):
        separator = said[1]
        del first[0]
    else:
        separator = _separator([each.text for each in first], given)
    yield from csv_rows(itertools.chain(first, lines), most, separator)


def _separator(lines: Sequence[str], given: Mapping[str, str]) -> str:
    """Detects the column separator by its count outside of quotation marks.

    The header is the first row with known column names, else the first that is not empty.
    """
    counts = [_counts(each) for each in lines]
    for line, counted in zip(lines, counts, strict=True):
        for each in counted:
            if find_columns(
                next(csv.reader([line], delimiter=each, skipinitialspace=True)), given
            ).is_enough:
                return each
    return next((each for counted in counts for each in counted), ",")


def _counts(line: str) -> list[str]:
    """Separators in ``line``, the most frequent first."""
    bare = re.sub(r'"(?:[^"]|"")*"?', "", line)
    return sorted(
        (each for each in _SEPARATORS if each in bare), key=lambda each: -bare.count(each)
    )
