"""Decodes a stream of any size piece by piece, and cuts it into lines of limited length."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from indexer.sources.base import Input, Remark
from indexer.sources.decoding import decode
from search.errors import NotAText, UnreadableFile

_PIECE = 1 << 20
#: Control characters except tab and line ends; no text needs them, but many exports contain some.
_CONTROLS = bytes(each for each in range(32) if each not in b"\t\n\r")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]{2,30})["']""")
_LINE_END = re.compile("\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number from 1, without its end; ``is_whole`` is False if it was cut."""

    number: int
    text: str
    is_whole: bool = True


def decoded_pieces(source: Input) -> Iterator[str]:
    """Yields the text of ``source`` in pieces of about a megabyte, without control characters.

    Each piece is decoded on its own, so that an export with parts in several character sets is
    read, too; a piece ends at a line end, a blank or another ASCII character. If UTF-8 encoded
    twice was repaired, ``source`` gets a remark. Raises NotAText for binary data and
    UnreadableFile.
    """
    try:
        with source.open() as stream:
            first = stream.read(_PIECE)
            wide = next((name for mark, name in _WIDE_MARKS if first.startswith(mark)), "")
            if wide:
                yield from _decoded_wide(first, stream, wide)
                return
            xml = _DECLARED.match(first)
            declared = xml[1].decode() if xml else source.charset
            for piece in _pieces(first, stream):
                clean = piece.translate(None, _CONTROLS)
                if (len(piece) - len(clean)) * 20 > len(piece):
                    raise NotAText(file=source.name)
                decoded = decode(clean, declared, source.name)
                if decoded.mended:
                    _remark_mended(source)
                yield _UNSEEN.sub("", decoded.text)
    except OSError as error:
        raise UnreadableFile(file=source.name, reason=error.strerror or "input error") from error


def _remark_mended(source: Input) -> None:
    what = "was UTF-8 encoded twice, and was put right"
    remark = Remark(source.name, "", "mended", what)
    if remark not in source.remarks:
        source.remarks.append(remark)


def lines_of(pieces: Iterable[str], most: int) -> Iterator[Line]:
    """Yields the lines of a text that comes in pieces; truncates them to ``most`` characters."""
    number, kept, is_whole = 1, "", True
    held = ""
    for piece in pieces:
        text = held + piece
        # A line end of two characters may be split between two pieces.
        held = "\r" if text.endswith("\r") else ""
        *ended, last = _LINE_END.split(text[: len(text) - len(held)])
        for each in ended:
            whole = kept + each
            yield Line(number, whole[:most], is_whole and len(whole) <= most)
            number, kept, is_whole = number + 1, "", True
        kept += last
        if len(kept) > most:
            kept, is_whole = kept[:most], False
    if kept:
        yield Line(number, kept, is_whole)


def _pieces(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """Yields pieces that end at a character boundary."""
    held = b""
    piece = first
    while piece:
        data = held + piece
        end = _safe_end(data)
        yield data[:end]
        held = data[end:]
        piece = stream.read(_PIECE)
    if held:
        yield held


def _safe_end(data: bytes) -> int:
    """Where ``data`` can be split: after the last line, else after the last ASCII character."""
    end = data.rfind(b"\n") + 1
    if end:
        return end
    for at in range(len(data) - 1, max(len(data) - 1000, -1), -1):
        if data[at] < 0x80:
            return at + 1
    return len(data)


def _decoded_wide(first: bytes, stream: BinaryIO, charset: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(charset)("replace")
    piece = first
    while piece:
        yield _UNSEEN.sub("", decoder.decode(piece))
        piece = stream.read(_PIECE)
    yield _UNSEEN.sub("", decoder.decode(b"", final=True))
