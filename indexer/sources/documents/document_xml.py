"""Opens documents of DOCX and ODT: ZIP containers of XML parts, unpacked within the limits.

Only the requested parts are unpacked; pictures, macros and properties never are.
"""

import re
import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from indexer.sources.archives import Unpacked, read_member
from indexer.sources.limits import Limits
from search.errors import ArchiveLimit, MalformedFile, PasswordProtected, TooLarge

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MEGABYTE = 1_000_000
_OLE = b"\xd0\xcf\x11\xe0"
#: Anything that declares a document type or an entity, in UTF-8 or UTF-16.
_DOCUMENT_TYPE = re.compile(
    rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y|E\x00?N\x00?T\x00?I\x00?T)", re.IGNORECASE
)


class DocumentParts:
    """The parts of a document by name, each unpacked at first use."""

    def __init__(self, file: str, form: str, data: bytes, limits: Limits) -> None:
        """``form`` is the name of the format in messages."""
        self._file, self._form, self._limits = file, form, limits
        self._unpacked = Unpacked()
        if data.startswith(_OLE):
            raise PasswordProtected(file=file)
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError) as error:
            raise self.malformed("it is cut or damaged") from error
        entries = self._archive.infolist()
        if len(entries) > limits.archive_members:
            problem = f"holds more than {limits.archive_members} members"
            raise ArchiveLimit(file=file, problem=problem)
        # Some programs write backslashes, or a slash at the beginning of names.
        self._entries = {each.filename.replace("\\", "/").lstrip("/"): each for each in entries}

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def data(self, name: str) -> bytes:
        """Reads the bytes of a part. Raises ArchiveLimit, PasswordProtected, MalformedFile."""
        entry = self._entries[name]
        return read_member(self._archive, entry, self._file, self._limits, self._unpacked)

    def root(self, name: str) -> "Element | None":
        """Parses an XML part: its root, None if there is no such part. Raises as :meth:`data`."""
        if name not in self._entries:
            return None
        return self.parsed(self.data(name))

    def parsed(self, data: bytes) -> "Element":
        """Parses ``data``: its root. Raises MalformedFile."""
        return parsed_xml(self._file, self._form, data)

    def malformed(self, problem: str) -> MalformedFile:
        """The error for a malformed document; ``problem`` describes it."""
        return malformed(self._file, self._form, problem)


def parsed_xml(file: str, form: str, data: bytes) -> "Element":
    """Parses XML without document type, entities and network: its root. Raises MalformedFile."""
    from lxml import etree

    if _DOCUMENT_TYPE.search(data):
        raise malformed(file, form, "it declares entities, which are not read")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Element = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        is_deep = "depth" in str(error)
        problem = "it is nested too deep" if is_deep else "its text is cut or damaged"
        raise malformed(file, form, problem) from error
    if root.getroottree().docinfo.doctype:
        raise malformed(file, form, "it declares entities, which are not read")
    return root


def malformed(file: str, form: str, problem: str) -> MalformedFile:
    """The error for a malformed document of the format ``form``; ``problem`` describes it."""
    remedy = "Open it in a word processor, and save it again"
    return MalformedFile(file=file, format=form, problem=problem, remedy=remedy)


def check_length(file: str, texts: Iterable[str], limits: Limits) -> None:
    """Raises TooLarge for more text than an article may have."""
    megabytes = sum(len(each.encode("utf-8", "replace")) for each in texts) / _MEGABYTE
    if megabytes > limits.text_megabytes:
        raise TooLarge(file=file, megabytes=f"{megabytes:.1f}", limit=f"{limits.text_megabytes:g}")
