"""Decodes bytes into text: byte order mark, strict UTF-8, else the Baltic or western code page.

The declared character set is often wrong for š and ž, and detectors guess worse: any valid UTF-8
is read as UTF-8, and among single-byte code pages Estonian letters decide.
"""

import codecs
import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from search.errors import NotAText

# Data that begins so is not plain text, even without a zero byte.
_BINARY_HEADS = (
    b"%PDF-",
    b"{\\rtf",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
)
_CONTROL_BYTES = bytes(each for each in range(32) if each not in b"\t\n\x0b\x0c\r\x1b")
#: Byte order marks, the longer first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODE_PAGES = ("cp1257", "cp1252", "iso8859-15", "iso8859-13", "iso8859-4")
#: Declared names that mean another code page on the web.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252"}
#: Size of the sample by which the code page is detected.
_SAMPLE_BYTES = 200_000
#: Valid letters per invalid byte that a UTF-8 text must have; a letter may be cut in the middle.
_GOOD_TO_BAD = 10
#: How “surrogateescape” decodes invalid bytes, such as a letter that is cut at the end.
_ESCAPED = 0xDC00
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_CUT_LETTER = re.compile("[\udcc2-\udcf4][\udc80-\udcbf]{0,2}\\Z")
_PLAIN_LETTERS = frozenset("õäöüÕÄÖÜ")
_CARONS = frozenset("šžŠŽ")
_ESTONIAN = _PLAIN_LETTERS | _CARONS
_QUOTES = frozenset("„“”‘’–—…€«»§°")
#: Code pages by which UTF-8 may have been misread before it was encoded again.
_READ_AS = ("cp1252", "cp1257")
_ENOUGH_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the character set it was decoded by, and whether UTF-8 encoded twice was repaired."""

    text: str
    charset: str
    mended: bool = False


def decode(data: bytes, declared: str = "", file: str = "") -> Decoded:
    """Decodes ``data``; ``declared`` is the character set from a server, page or mail.

    No character set is refused. Raises NotAText, with ``file``, for binary data.
    """
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return _mended(data[len(mark) :].decode(charset, "replace"), charset)
    head = data[:_SAMPLE_BYTES]
    controls = len(head) - len(head.translate(None, _CONTROL_BYTES))
    if data.startswith(_BINARY_HEADS) or b"\0" in head or controls * 20 > len(head):
        raise NotAText(file=file)
    try:
        return _mended(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    text = _nearly_utf8(data)
    if text is not None:
        return _mended(text, "utf-8")
    charset = _code_page(head, _codec(declared))
    return Decoded(data.decode(charset, "replace"), charset)


def _codec(declared: str) -> str:
    """Python's name of a declared single-byte character set, empty for others and unknown ones."""
    try:
        name = codecs.lookup(declared.strip().strip("\"'")).name if declared.strip() else ""
        # A single-byte character set decodes two bytes into two characters.
        is_single = bool(name) and len(bytes((0x41, 0xC4)).decode(name, "replace")) == 2
    except (LookupError, ValueError, TypeError):
        return ""
    name = _MEANT.get(name, name)
    return name if is_single and not name.startswith("utf") else ""


def _nearly_utf8(data: bytes) -> str | None:
    """Decodes UTF-8 with few invalid bytes, those by the code page; None if it is no UTF-8."""
    text = data.decode("utf-8", "surrogateescape")
    bad = len(_BAD_BYTE.findall(text))
    good = sum(each > "\x7f" for each in text[:_SAMPLE_BYTES]) - bad
    if good < bad * _GOOD_TO_BAD:
        return None
    return _BAD_BYTE.sub(_by_code_page, _CUT_LETTER.sub("", text))


def _by_code_page(bad: re.Match[str]) -> str:
    return bytes((ord(bad.group()) - _ESCAPED,)).decode("cp1257", "replace")


def _code_page(sample: bytes, declared: str) -> str:
    """Selects the most plausible code page of ``sample``; on a tie the declared one."""
    pages = list(dict.fromkeys((declared, *_CODE_PAGES) if declared else _CODE_PAGES))
    # Letters of another alphabet count only if its code page was declared.
    return max(pages, key=lambda page: _score(sample.decode(page, "replace"), page == declared))


def _score(text: str, is_declared: bool) -> float:
    """Scores the plausibility of ``text``: Estonian letters add, symbols within words subtract."""
    return sum(
        _worth(before, each, after, is_declared) for before, each, after in _neighbourhoods(text)
    )


def _neighbourhoods(text: str) -> Iterator[tuple[str, str, str]]:
    """Yields each non-ASCII character with its two neighbours."""
    padded = f" {text} "
    for match in re.finditer("[^\x00-\x7f]", padded):
        at = match.start()
        if 0 < at < len(padded) - 1:
            yield padded[at - 1], match.group(), padded[at + 1]


def _worth(before: str, letter: str, after: str, is_declared: bool) -> float:
    if letter == "\ufffd" or "\x80" <= letter <= "\x9f":
        return -5
    is_odd = letter.isupper() and before.islower()
    if letter in _PLAIN_LETTERS:
        return -1 if is_odd else 1
    if letter in _CARONS:
        if is_odd or not (before.isalpha() or after.isalpha()):
            return -1
        return 3 if after.isalpha() else 1
    if letter in _QUOTES:
        return 0 if before.isalpha() and after.isalpha() else 1
    if letter.isalpha():
        is_foreign = letter > "\u024f"
        return -2 if is_odd else float(is_foreign and is_declared)
    if letter in "¹²³®©™" and not after.isalpha():
        return 1
    return -2 if before.isalpha() and after.isalpha() else 0


def _mended(text: str, charset: str) -> Decoded:
    """Repairs UTF-8 encoded twice in ``text``, unless it has correct letters, too."""
    letters, mended, rest = max(
        (_read_once(text, each) for each in _READ_AS), key=lambda each: each[0]
    )
    if letters < _ENOUGH_PAIRS or not _ESTONIAN.isdisjoint(rest):
        return Decoded(text, charset)
    return Decoded(mended, charset, mended=True)


def _read_once(text: str, page: str) -> tuple[int, str, str]:
    """Letters encoded by the pairs of ``text``, ``text`` with them, and without all pairs."""
    byte_of, pair = _pairs(page)
    if len(pair.findall(text, 0, _SAMPLE_BYTES)) < _ENOUGH_PAIRS:
        return 0, text, ""
    seen: list[str] = []
    mended = pair.sub(lambda found: _put(found, byte_of, seen), text)
    return sum(each in _ESTONIAN for each in seen), mended, pair.sub("", text)


@cache
def _pairs(page: str) -> tuple[Mapping[str, int], re.Pattern[str]]:
    """The byte of each character of a code page above ASCII, and a pattern of such characters.

    The pattern matches the two bytes of a letter, or the three of a quotation mark, misread by the
    page. Bytes without a character stay as they are.
    """
    byte_of = {chr(each): each for each in range(0x80, 0x100)}
    for each in range(0x80, 0x100):
        with contextlib.suppress(UnicodeDecodeError):
            byte_of[bytes((each,)).decode(page)] = each
    leading = "".join(each for each, byte in byte_of.items() if 0xC2 <= byte <= 0xC5)
    third = "".join(each for each, byte in byte_of.items() if byte == 0xE2)
    following = "".join(each for each, byte in byte_of.items() if 0x80 <= byte <= 0xBF)
    leading, third, following = map(re.escape, (leading, third, following))
    return byte_of, re.compile(f"[{leading}][{following}]|[{third}][{following}]{{2}}")


def _put(pair: re.Match[str], byte_of: Mapping[str, int], seen: list[str]) -> str:
    """The character that a pair encodes; also appended to ``seen``."""
    try:
        character = bytes(byte_of[each] for each in pair.group()).decode("utf-8")
    except UnicodeDecodeError:
        return pair.group()
    seen.append(character)
    return character
