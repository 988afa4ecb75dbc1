"""Extracts the text runs of a PDF page with the start and end position of each.

pypdf gives the start of a run; its end is computed from the character widths of the font.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PageObject

Matrix = tuple[float, float, float, float, float, float]
_SHOW = frozenset((b"Tj", b"TJ", b"'", b'"'))
#: Approximate widths of letters relative to the font size, for fonts without widths.
_NARROW, _WIDE = frozenset("iljtfrI.,:;!'|()[]-/ "), frozenset("mwMW@%—")
_MOST_CODES = 70_000


@dataclass(frozen=True, slots=True)
class PrintedRun:
    """Text shown by one operator: text matrix, end position, font and size."""

    text: str
    matrix: Matrix
    end: tuple[float, float]
    font: str
    size: float


def runs_of_page(page: "PageObject") -> list[PrintedRun]:
    """Extracts the runs of ``page`` in the order of the content. Raises what pypdf raises."""
    pen = _Pen()
    page.extract_text(visitor_text=pen.text, visitor_operand_after=pen.operation)
    return pen.runs


class _Pen:
    """Tracks the text position while the operators of a page are processed."""

    def __init__(self) -> None:
        self.runs: list[PrintedRun] = []
        self._fonts: dict[int, _FontWidths] = {}
        self._shown: list[Any] = []
        self._origin: Matrix | None = None
        self._spacing = _Spacing()

    def operation(
        self, operator: bytes, operands: Any, outer: list[float], inner: list[float]
    ) -> None:
        """Tracks operators that move the pen; called after each operator of the page."""
        if operator in (b"Tc", b"Tw", b"Tz"):
            self._spacing.put(operator, operands)
        elif operator in _SHOW and operands:
            origin = _product(inner, outer)
            if origin != self._origin:
                self._origin, self._shown = origin, []
            self._shown.append(operands[-1])
        elif operator in (b"Td", b"TD", b"Tm", b"T*", b"BT"):
            self._origin = None

    def text(
        self, text: str, outer: list[float], inner: list[float], font: Any, size: float
    ) -> None:
        """Adds a finished run."""
        if text.strip():
            matrix = _product(inner, outer)
            end = self._end(font, float(size))
            name = str(font.get("/BaseFont", "")) if font is not None else ""
            if end is None:
                width = _usual_width(text, float(size))
                end = _moved(matrix, width)
            self.runs.append(PrintedRun(text.replace("\n", " "), matrix, end, name, float(size)))
        self._shown = []
        self._origin = None

    def _end(self, font: Any, size: float) -> tuple[float, float] | None:
        """Position of the pen after a string; None if the widths are unknown."""
        if self._origin is None or font is None:
            return None
        if id(font) not in self._fonts:
            self._fonts[id(font)] = _FontWidths(font)
        widths = self._fonts[id(font)]
        advances = [widths.advance(each, size, self._spacing) for each in self._shown]
        known = [each for each in advances if each is not None]
        return _moved(self._origin, sum(known)) if len(known) == len(advances) else None


@dataclass(slots=True)
class _Spacing:
    """Character and word spacing, and horizontal scaling."""

    letters: float = 0.0
    words: float = 0.0
    scale: float = 1.0

    def put(self, operator: bytes, operands: Any) -> None:
        if not operands or not isinstance(operands[0], (int, float)):
            return
        value = float(operands[0])
        if operator == b"Tc":
            self.letters = value
        elif operator == b"Tw":
            self.words = value
        else:
            self.scale = value / 100


class _FontWidths:
    """Character widths of a font by character code, in thousandths of its size."""

    def __init__(self, font: Any) -> None:
        self._widths: dict[int, float] = {}
        self._usual: float | None = None
        self._length = 1
        if font.get("/Subtype") == "/Type0":
            self._length = 2
            self._read_composite(font)
        elif font.get("/Subtype") != "/Type3":
            self._read_simple(font)

    def advance(self, shown: Any, size: float, spacing: _Spacing) -> float | None:
        """Advance width of a string; None if a width is unknown."""
        moved = 0.0
        for each in shown if isinstance(shown, list) else [shown]:
            if isinstance(each, (int, float)):
                moved -= float(each) / 1000 * size
                continue
            data = getattr(each, "original_bytes", b"")
            for at in range(0, len(data), self._length):
                code = int.from_bytes(data[at : at + self._length], "big")
                width = self._widths.get(code, self._usual)
                if width is None:
                    return None
                moved += width / 1000 * size + spacing.letters
                if self._length == 1 and code == 32:
                    moved += spacing.words
        return moved * spacing.scale

    def _read_simple(self, font: Any) -> None:
        widths, first = _object(font, "/Widths"), font.get("/FirstChar")
        if widths is None or not isinstance(first, int):
            return
        for code, width in enumerate(list(widths)[:256], first):
            number = width.get_object()
            if isinstance(number, (int, float)):
                self._widths[code] = float(number)
        descriptor = _object(font, "/FontDescriptor")
        missing = descriptor.get("/MissingWidth", 0) if descriptor is not None else 0
        self._usual = float(missing) if isinstance(missing, (int, float)) else 0.0

    def _read_composite(self, font: Any) -> None:
        descendants = _object(font, "/DescendantFonts")
        if not descendants or str(font.get("/Encoding")) not in ("/Identity-H", "/Identity-V"):
            return
        inner = descendants[0].get_object()
        usual = inner.get("/DW", 1000)
        self._usual = float(usual) if isinstance(usual, (int, float)) else 1000.0
        entries = [each.get_object() for each in _object(inner, "/W") or ()]
        at = 0
        while at + 1 < len(entries):
            first, second = entries[at], entries[at + 1]
            if isinstance(second, list):
                self._put(int(first), [each.get_object() for each in second])
                at += 2
            elif at + 2 < len(entries):
                count = max(0, min(int(second) - int(first) + 1, _MOST_CODES))
                self._put(int(first), [entries[at + 2]] * count)
                at += 3
            else:
                return

    def _put(self, first: int, widths: list[Any]) -> None:
        for code, width in enumerate(widths, first):
            if isinstance(width, (int, float)):
                self._widths[code] = float(width)


def _object(holder: Mapping[str, Any], name: str) -> Any:
    found = holder.get(name)
    return None if found is None else found.get_object()


def _product(inner: list[float], outer: list[float]) -> Matrix:
    """The matrix that applies ``inner`` first, then ``outer``."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _moved(matrix: Matrix, advance: float) -> tuple[float, float]:
    """The point at distance ``advance`` from the origin of ``matrix`` along the text."""
    return matrix[4] + advance * matrix[0], matrix[5] + advance * matrix[1]


def _usual_width(text: str, size: float) -> float:
    """Approximate width of ``text`` in most fonts."""
    return size * sum(
        0.28 if each in _NARROW else 0.8 if each in _WIDE else 0.62 if each.isupper() else 0.5
        for each in text.rstrip()
    )


def turned(run: PrintedRun, quarters: int) -> tuple[float, float, float, float]:
    """Left, baseline, right and size of ``run`` on a page rotated back by quarter turns."""
    (x, y), (right, end) = run.matrix[4:], run.end
    for _ in range(quarters % 4):
        (x, y), (right, end) = (y, -x), (end, -right)
    size = abs(run.size) * math.hypot(run.matrix[2], run.matrix[3])
    return x, y, max(x, right), round(size, 1) or 1.0
