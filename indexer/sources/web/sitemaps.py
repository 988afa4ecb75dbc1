"""Reads sitemaps and sitemap indexes, in XML or as lines of text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from indexer.sources.decoding import decode
from indexer.sources.exports.xml_stream import DocumentTypeFound, XmlStream
from indexer.sources.limits import Limits
from indexer.sources.web.unpacking import GZIP_MARK, NotCompressed, TooLong, gunzip
from search.errors import AnswerTooLarge, MalformedFile, SourceError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_FORMAT = "sitemap"
_MEGABYTE = 1_000_000
_HEAD = 4_000


@dataclass(slots=True)
class SitemapContent:
    """Addresses in a sitemap, as written: ``pages`` and further ``sitemaps``.

    ``problems`` are lines about parts that could not be read.
    """

    pages: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    problems: list[SourceError] = field(default_factory=list)


def unzipped(data: bytes, name: str, limits: Limits) -> bytes:
    """``data``, unpacked if it is gzip. Raises AnswerTooLarge and MalformedFile."""
    if not data.startswith(GZIP_MARK):
        return data
    try:
        return gunzip(data, int(limits.sitemap_megabytes * _MEGABYTE))
    except TooLong:
        limit = f"{limits.sitemap_megabytes:g} MB unpacked"
        raise AnswerTooLarge(file=name, limit=limit) from None
    except NotCompressed as error:
        problem = f"it cannot be unpacked: {error}"
        raise MalformedFile(
            file=name, format=_FORMAT, problem=problem, remedy="It is tried again next time"
        ) from error


def is_sitemap(data: bytes) -> bool:
    """True for the uncompressed bytes of a sitemap: XML, or lines of addresses only."""
    head = data[:_HEAD].decode("latin-1").removeprefix("ï»¿").lstrip()
    if head.startswith("<"):
        return "<urlset" in head or "<sitemapindex" in head or ":urlset" in head
    lines = [each.strip() for each in head.splitlines()[:-1] or head.splitlines()]
    return bool(lines) and all(
        each.startswith(("http://", "https://")) and len(each.split()) == 1
        for each in lines
        if each
    )


def read_sitemap(data: bytes, name: str, limits: Limits) -> SitemapContent:
    """Parses a sitemap, up to where it is malformed or over the limit."""
    content = SitemapContent()
    if len(data) > limits.sitemap_megabytes * _MEGABYTE:
        raise AnswerTooLarge(file=name, limit=f"{limits.sitemap_megabytes:g} MB")
    text = decode(data, "utf-8", name).text
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        addresses = iter([(False, each.strip()) for each in text.splitlines() if each.strip()])
    else:
        addresses = _located(text, name, content)
    for count, (is_child, address) in enumerate(addresses):
        if count == limits.sitemap_addresses:
            limit = f"{limits.sitemap_addresses} addresses, which are read"
            content.problems.append(AnswerTooLarge(file=name, limit=limit))
            break
        (content.sitemaps if is_child else content.pages).append(address)
    return content


def _located(text: str, name: str, content: SitemapContent) -> Iterator[tuple[bool, str]]:
    """Addresses of ``<loc>`` with whether each is that of a sitemap."""
    from lxml import etree

    stream = XmlStream(iter([text]), len(text) + 1)
    try:
        data = b"".join(iter(stream.read, b""))
    except DocumentTypeFound:
        content.problems.append(_malformed(name, "it declares a document type or entities"))
        return
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    try:
        for _, element in etree.iterparse(BytesIO(data), events=("end",), **options):
            kind = _local(element)
            if kind in ("url", "sitemap"):
                address = next((each.text for each in element if _local(each) == "loc"), None)
                if address and address.strip():
                    yield kind == "sitemap", "".join(address.split())
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        content.problems.append(_malformed(name, f"line {error.lineno}: {error.msg}"))


def _malformed(name: str, problem: str) -> MalformedFile:
    remedy = "What stands before that is read"
    return MalformedFile(file=name, format=_FORMAT, problem=problem, remedy=remedy)


def _local(element: "Element") -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
