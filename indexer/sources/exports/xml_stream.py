"""Sanitises an XML stream: control characters, names of HTML characters and lone ampersands.

XML does not allow control characters, HTML's character names or a lone ``&``; parsers stop there,
or truncate a text silently. Nothing else is repaired. A document type is refused, because it could
include entities and external files.
"""

import html
import re
from collections.abc import Iterator

_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_DECLARATION = re.compile(r"\A\s*+<\?xml\b[^>]*\?>", re.IGNORECASE)
_DOCUMENT_TYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)
_REFERENCE = re.compile(
    r"&(?:#(?P<decimal>\d{1,9});|#[xX](?P<hex>[0-9a-fA-F]{1,8});|(?P<name>\w{1,40});)?"
)
#: Incomplete tokens that the next piece may continue: references and markup declarations.
_OPEN_REFERENCE = re.compile(r"&(?:#?\w{0,40})\Z")
_OPEN_MARK = re.compile(r"<(?:![\w\[-]{0,8})?\Z")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
#: Parsers accept no longer text node.
_MOST_IN_CDATA = 9_900_000


class DocumentTypeFound(Exception):
    """Raised for a document type or an entity's declaration."""


class XmlStream:
    """Stream of UTF-8 without an XML declaration, from the pieces of a text.

    A CDATA section is truncated to ``most`` bytes.
    """

    def __init__(self, pieces: Iterator[str], most: int) -> None:
        self._pieces = pieces
        self._most = min(most, _MOST_IN_CDATA)
        self._held = ""
        self._in_cdata = False
        self._run = 0
        self._has_begun = False

    def read(self, _size: int = -1) -> bytes:
        """Reads the next bytes, any number; empty at the end. Raises DocumentTypeFound."""
        while True:
            piece = next(self._pieces, None)
            if piece is None:
                rest = self._held
                self._held = ""
                return self._cleaned(rest, is_last=True)
            if data := self._cleaned(self._held + piece, is_last=False):
                return data

    def _cleaned(self, text: str, *, is_last: bool) -> bytes:
        if not self._has_begun:
            if not is_last and len(text) < 200:
                self._held = text
                return b""
            text = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).lstrip()
            self._has_begun = True
        done: list[bytes] = []
        at = 0
        while at < len(text):
            mark = _CDATA_END if self._in_cdata else _CDATA
            end = text.find(mark, at)
            if end < 0:
                break
            done += (self._part(text[at:end]), mark.encode())
            at = end + len(mark)
            self._in_cdata = not self._in_cdata
            self._run = 0
        rest = text[at:]
        held = 0 if is_last else self._open_end(rest)
        self._held = rest[len(rest) - held :]
        done.append(self._part(rest[: len(rest) - held]))
        return b"".join(done)

    def _open_end(self, text: str) -> int:
        """Number of characters at the end of ``text`` that the next piece may continue."""
        found = _OPEN_REFERENCE.search(text, max(0, len(text) - 50))
        if found:
            return len(found.group())
        if self._in_cdata:
            return 2 if text.endswith("]]") else int(text.endswith("]"))
        found = _OPEN_MARK.search(text, max(0, len(text) - 10))
        return len(found.group()) if found else 0

    def _part(self, text: str) -> bytes:
        if not self._in_cdata:
            if _DOCUMENT_TYPE.search(text):
                raise DocumentTypeFound
            return _REFERENCE.sub(_well_formed, text).encode("utf-8", "replace")
        # Removing a reference must not create the end of the section.
        clean = _REFERENCE.sub(_without_controls, text).replace(_CDATA_END, "]] >")
        data = clean.encode("utf-8", "replace")
        room = self._most - self._run
        self._run += len(data)
        if len(data) <= room:
            return data
        return data[: max(0, room)].decode("utf-8", "ignore").encode("utf-8")


def _well_formed(reference: re.Match[str]) -> str:
    """Makes a reference valid XML: HTML names become characters, others are escaped."""
    number = _number(reference)
    if number is not None:
        return reference.group() if _is_allowed(number) else ""
    name = reference["name"]
    if name in _XML_NAMES:
        return reference.group()
    character = html.unescape(f"&{name};") if name else ""
    if character and not character.startswith("&"):
        return html.escape(character)
    return "&amp;" + reference.group()[1:]


def _without_controls(reference: re.Match[str]) -> str:
    number = _number(reference)
    return reference.group() if number is None or _is_allowed(number) else ""


def _number(reference: re.Match[str]) -> int | None:
    if reference["decimal"]:
        return int(reference["decimal"])
    return int(reference["hex"], 16) if reference["hex"] else None


def _is_allowed(number: int) -> bool:
    """True for the code point of a character that XML allows."""
    return (
        number in (0x9, 0xA, 0xD)
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )
