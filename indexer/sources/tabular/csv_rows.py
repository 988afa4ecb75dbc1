"""Parses CSV into rows, and recovers after a row with wrong quotation marks."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from indexer.sources.decoded_stream import Line

_MEGABYTE = 1_000_000
#: Most unclosed quotation marks that are repaired, each by parsing lines again.
_UNCLOSED = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number from 1, as in a spreadsheet; ``problem`` if it is malformed."""

    number: int
    cells: Sequence[str]
    problem: str = ""

    @property
    def member(self) -> str:
        return f"row {self.number}"


def csv_rows(lines: Iterator[Line], most: int, separator: str) -> Iterator[Row]:
    """Yields the rows of a CSV file; ``most`` is the most characters of one.

    A quotation mark within a cell is doubled, or escaped by a backslash as some databases do.
    """
    feed = _Feed(lines, most)
    dialect = _dialect(separator, "")
    reader = csv.reader(feed, dialect)
    number = 1
    while True:
        feed.begin()
        try:
            with _field_limit(most):
                cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if feed.has_backslashes and not dialect.escapechar:
                dialect = _dialect(separator, "\\")
                feed.again()
                reader = csv.reader(feed, dialect)
                continue
            cells = _loose_cells(feed.loose_row(), separator, most)
        if feed.is_unclosed and feed.can_go_back:
            yield Row(number, (), feed.problem)
            feed.go_back()
            reader = csv.reader(feed, dialect)
        else:
            yield Row(number, cells, feed.problem)
        number += 1


def _dialect(separator: str, escape: str) -> type[csv.Dialect]:
    class Written(csv.excel):
        delimiter = separator
        escapechar = escape or None
        skipinitialspace = separator not in " \t"
        strict = True

    return Written


def _loose_cells(line: str | None, separator: str, most: int) -> list[str]:
    if line is None:
        return []
    with _field_limit(most):
        return next(csv.reader([line], delimiter=separator))


@contextmanager
def _field_limit(most: int) -> Iterator[None]:
    """Context manager: raises the csv module's global field limit for one row."""
    before = csv.field_size_limit(max(3 * most, csv.field_size_limit()))
    try:
        yield
    finally:
        csv.field_size_limit(before)


class _Feed:
    """Feeds lines to the csv module, and can repeat those of a malformed row."""

    def __init__(self, lines: Iterator[Line], most: int) -> None:
        self._lines = lines
        self._most = most
        self._again: deque[Line] = deque()
        self._row: list[Line] = []
        self._size = 0
        self._left = _UNCLOSED
        self.problem = ""
        self.is_unclosed = False

    @property
    def can_go_back(self) -> bool:
        return len(self._row) > 1 and self._left > 0

    def begin(self) -> None:
        """Begins a new row with the next line."""
        self._row = []
        self._size = 0
        self.problem = ""
        self.is_unclosed = False

    @property
    def has_backslashes(self) -> bool:
        """True if a quotation mark of this row is escaped by a backslash."""
        return any('\\"' in each.text for each in self._row)

    def loose_row(self) -> str | None:
        """The row if it is one line with misplaced quotation marks; else None.

        An unclosed mark is closed by the next opening one, some lines below.
        """
        if len(self._row) == 1 and not self.is_unclosed:
            return self._row[0].text
        self.problem = "has a quotation mark that is never closed"
        self.is_unclosed = True
        return None

    def again(self, start: int = 0) -> None:
        """Repeats the lines of this row from ``start`` on."""
        self._again.extendleft(reversed(self._row[start:]))
        self.begin()

    def go_back(self) -> None:
        """Repeats all lines of this row but the first."""
        self._left -= 1
        self.again(1)

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is None or self._size > self._most:
            if self._row:
                # The csv module reads another line only within quotation marks.
                self.problem = "has a quotation mark that is never closed"
                self.is_unclosed = True
                if line is not None:
                    self._again.appendleft(line)
            raise StopIteration
        self._row.append(line)
        self._size += len(line.text)
        if not line.is_whole:
            self.problem = f"has more than {self._most / _MEGABYTE:g} MB"
        return line.text + "\n"
