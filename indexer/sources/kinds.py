"""Detects the format of bytes by content (magic numbers, markup), then by the file name.

A wrong ending changes nothing: a PDF named ``uudis.txt`` is a PDF. Text formats such as Markdown
and CSV cannot be detected by content, so the ending decides.
"""

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import urlsplit

from search.errors import NotAText, PasswordProtected, SourceError, UnsupportedFormat

#: Bytes at the beginning of a file that detection reads.
HEAD_BYTES = 65_536
#: Kinds by the ending of a name, if the content does not decide.
_BY_ENDING: Mapping[str, str] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".mht": "mht",
    ".mhtml": "mht",
    ".xml": "xml",
    ".rss": "feed",
    ".atom": "feed",
    ".rdf": "feed",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".docx": "docx",
    ".docm": "docx",
    ".odt": "odt",
    ".fodt": "odt",
    ".pdf": "pdf",
    ".eml": "eml",
    ".zip": "zip",
    ".gz": "gz",
    ".doc": "doc",
    ".rtf": "rtf",
    ".msg": "msg",
    ".xls": "xls",
    ".ods": "ods",
}
#: Endings of the files that are read in a directory.
ENDINGS = frozenset(_BY_ENDING)
#: Endings of mirrored pages of web servers; only the content decides whether one is a page.
PAGE_ENDINGS = frozenset(("", ".php", ".asp", ".aspx", ".jsp", ".shtml", ".cgi", ".cfm"))
#: Binary kinds; text with one of their endings is read as text.
_BINARY = frozenset(("pdf", "docx", "odt", "xlsx", "zip", "gz", "doc", "rtf", "msg", "xls", "ods"))
#: Names in messages of the kinds that have a reader.
_TITLES: Mapping[str, str] = {
    "text": "text",
    "markdown": "Markdown",
    "html": "an HTML page",
    "wxr": "an export of WordPress",
    "feed": "a feed",
    "json": "JSON",
    "jsonl": "JSON Lines",
    "csv": "a table",
    "xlsx": "a workbook (XLSX)",
    "docx": "a document (DOCX)",
    "odt": "a document (ODT)",
    "pdf": "a PDF document",
    "eml": "a mail",
}
#: Known formats without a reader: name and remedy.
_UNSUPPORTED: Mapping[str, tuple[str, str]] = {
    "rtf": ("an RTF document", "Save it as .docx"),
    "doc": ("a document of old Word", "Save it as .docx"),
    "msg": ("a message of Outlook", "Save it as .eml"),
    "xls": ("a workbook of old Excel", "Save it as .xlsx or .csv"),
    "ppt": ("a presentation", "Save its text as .docx"),
    "ods": ("an OpenDocument spreadsheet", "Save it as .xlsx or .csv"),
    "odp": ("an OpenDocument presentation", "Save its text as .odt"),
    "epub": ("a book (EPUB)", "Save its text as .docx"),
    "mht": ("a page saved as one file (MHTML)", "Save it as .html"),
    "tar": ("a TAR archive", "Pack it as .zip"),
    "packed": ("an archive of another kind", "Pack it as .zip"),
    "xml": ("XML of no known kind", "Save it as .html, .csv or a feed"),
}
_OLE = b"\xd0\xcf\x11\xe0"
_PACKED = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
#: Names of streams in the directory of an OLE file.
_OLE_STREAMS = (
    ("EncryptedPackage", "locked"),
    ("__substg1.0_", "msg"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("PowerPoint Document", "ppt"),
)
_OPEN_DOCUMENTS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_MIME = b"application/vnd.oasis.opendocument."
_MAIN_PARTS = (
    ("word/", "docx"),
    ("xl/", "xlsx"),
    ("ppt/", "ppt"),
    ("META-INF/manifest.xml", "odt"),
)
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_TAG = re.compile(
    r"<(?:!--.*?-->|\?.*?\?>|!doctype\s+(?P<doctype>[\w:]+)[^>\[]*|(?P<root>[\w:.-]+))",
    re.DOTALL | re.IGNORECASE,
)
_FRAGMENT = re.compile(
    r"(?:head|body|meta|title|article|section|main|div|p|h[1-6]|table|span|a)", re.IGNORECASE
)
_JSON = re.compile(r"\s*(?:\{\s*(?:\"|\})|\[\s*(?:\{|\[|\]))")
_MAIL_FIELD = re.compile(r"([A-Za-z][\w-]*):[ \t]?\S")
_MAIL_SIGNS = frozenset(("received", "message-id", "mime-version", "return-path", "delivered-to"))


def kind_of(name: str, open_stream: Callable[[], BinaryIO]) -> str:
    """Detects the kind of a file called ``name``; it may have no reader.

    ``binary`` and ``xml`` are unknown formats. Raises OSError.
    """
    ending = _ending(name)
    with open_stream() as stream:
        head = stream.read(HEAD_BYTES)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _packed_kind(head, stream, ending)
    return _by_magic(head, ending) or _by_text(head, ending)


def refusal(kind: str, name: str) -> SourceError:
    """The error for an input of a ``kind`` without a reader."""
    if kind == "locked":
        return PasswordProtected(file=name)
    if kind in _UNSUPPORTED:
        what, remedy = _UNSUPPORTED[kind]
        return UnsupportedFormat(file=name, format=what, remedy=remedy)
    if kind in _TITLES:
        return UnsupportedFormat(file=name, format=_TITLES[kind], remedy="Save it as plain text")
    return NotAText(file=name)


def is_told_by_content(kind: str) -> bool:
    """True for a kind that is detected by content, never by the lack of another."""
    return kind not in ("text", "markdown", "csv", "eml", "xml", "binary")


def title_of(kind: str) -> str:
    """Name of ``kind`` in messages."""
    return _TITLES.get(kind) or kind


def expected_kind(name: str) -> str:
    """The kind by the ending of ``name``; empty if unknown."""
    return _BY_ENDING.get(_ending(name), "")


def _ending(name: str) -> str:
    path = urlsplit(name).path if "://" in name else name.rpartition("!")[2]
    return PurePosixPath(path).suffix.lower()


def _by_magic(head: bytes, ending: str) -> str:
    if head.lstrip().startswith(b"%PDF-") or (b"%PDF-" in head[:1024] and b" obj" in head):
        return "pdf"
    if head.startswith(b"\x1f\x8b"):
        return "gz"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(_OLE):
        return _ole_kind(head, ending)
    if head[257:262] == b"ustar":
        return "tar"
    if head.startswith(_PACKED) or head[4:10] == b"1AY&SY":  # the latter is bzip2
        return "packed"
    return "binary" if head.startswith(_IMAGES) else ""


def _ole_kind(head: bytes, ending: str) -> str:
    for stream, kind in _OLE_STREAMS:
        if stream.encode("utf-16-le") in head:
            return kind
    named = _BY_ENDING.get(ending, "")
    if named in ("docx", "xlsx", "odt"):
        # Its directory may be further on; an OLE file for a new format is an encrypted document.
        return "locked"
    return named if named in ("doc", "msg", "xls") else "doc"


def _packed_kind(head: bytes, stream: BinaryIO, ending: str) -> str:
    """Kind of a ZIP file; documents are ZIP archives, too. The name decides for a truncated one."""
    if _MIME in head[:100]:
        at = head.index(_MIME) + len(_MIME)
        which = head[at:].partition(b"PK")[0].decode("latin-1")
        return next(
            (_OPEN_DOCUMENTS[each] for each in _OPEN_DOCUMENTS if which.startswith(each)), "odt"
        )
    if b"application/epub+zip" in head[:100]:
        return "epub"
    try:
        names = set(zipfile.ZipFile(stream).namelist())
    except Exception:  # a damaged directory may raise anything
        named = _BY_ENDING.get(ending, "")
        return named if named in ("docx", "odt", "xlsx") else "zip"
    if "[Content_Types].xml" in names or "META-INF/manifest.xml" in names:
        for part, kind in _MAIN_PARTS:
            if any(each.startswith(part) for each in names):
                return kind
    return "zip"


def _by_text(head: bytes, ending: str) -> str:
    named = _BY_ENDING.get(ending, "")
    text = _decoded(head)
    if text is None:
        return "binary"
    begin = text.lstrip("\ufeff \t\r\n")
    if begin.startswith("<"):
        kind = _markup_kind(begin, named)
        if kind:
            return kind
    if named in ("json", "jsonl") or (not _is_prose(named) and _JSON.match(begin)):
        return "jsonl" if named == "jsonl" or _has_json_lines(begin) else "json"
    if named == "mht" or named == "eml" or (not _is_prose(named) and _is_mail(begin)):
        return "mht" if named == "mht" else "eml"
    if named and named not in _BINARY:
        return named
    return "text"


def _is_prose(named: str) -> bool:
    return named in ("text", "markdown", "csv", "html")


def _decoded(head: bytes) -> str | None:
    """Decodes the head so that ASCII can be searched in it; None if it is binary."""
    for mark, charset in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head.decode(charset, "replace")
    if b"\0" in head:
        return None
    return head.decode("latin-1").removeprefix("ï»¿")


def _markup_kind(begin: str, named: str) -> str:
    """The kind of a text that begins with ``<``; empty if it is no markup."""
    for found in _TAG.finditer(begin):
        root = (found["root"] or "").lower()
        if (found["doctype"] or "").lower() == "html" or root == "html":
            return "html"
        if found["doctype"] or not root:
            continue
        prefix, _, local = root.rpartition(":")
        head = begin[found.start() :]
        if local == "rss":
            return "wxr" if "wordpress.org/export/" in head else "feed"
        if local == "feed" or (local == "rdf" and prefix == "rdf") or local == "rdf":
            return "feed"
        if local in ("urlset", "sitemapindex"):
            return "sitemap"
        if root == "office:document":
            return "odt"
        if begin.startswith("<?xml"):
            return "xml" if named != "html" else "html"
        is_page = _FRAGMENT.fullmatch(local) is not None
        return "html" if is_page and named not in ("text", "markdown") else ""
    return ""


def _has_json_lines(begin: str) -> bool:
    """True if the first line is a whole object, and more lines follow."""
    first, _, rest = begin.partition("\n")
    return (
        first.rstrip().startswith("{")
        and first.rstrip().endswith("}")
        and rest.lstrip().startswith("{")
    )


def _is_mail(begin: str) -> bool:
    names: list[str] = []
    for line in begin.splitlines()[:60]:
        if line[:1] in " \t" and names:
            continue
        match = _MAIL_FIELD.match(line)
        if match is None:
            break
        names.append(match[1].lower())
    return len(names) >= 3 and "from" in names and not _MAIL_SIGNS.isdisjoint(names)
