"""Reads feeds: RSS 0.9x to 2.0 and 1.0 (RDF), Atom 0.3 and 1.0, JSON Feed.

Additions of feeds, such as “appeared first on”, are removed; dates are read as written. An entry
that may be only the beginning of the text is marked by :attr:`FeedEntry.is_summary`.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from indexer.sources.addresses import absolute_address, member_id
from indexer.sources.base import Found, Input, Remark, Skipped, article
from indexer.sources.dates import GivenDate, parse_date
from indexer.sources.decoded_stream import decoded_pieces
from indexer.sources.exports.feed_text import EntryText, entry_text
from indexer.sources.exports.wordpress import plain_text, title_from
from indexer.sources.exports.xml_stream import DocumentTypeFound, XmlStream
from indexer.sources.limits import Limits
from search.article import Article
from search.errors import BadItem, MalformedFile, SourceError

if TYPE_CHECKING:
    from feedparser import FeedParserDict

_FORMAT = "feed"
_MEGABYTE = 1_000_000
#: A document type without declarations of its own, such as that of RSS 0.91.
_HARMLESS_TYPE = re.compile(r"<!DOCTYPE[^\[<>]*>", re.IGNORECASE)
_PAGE = re.compile(
    r"\s*+(?:<!--.*?-->\s*+)*+(?:<!DOCTYPE\s+html\b|<html\b)", re.IGNORECASE | re.DOTALL
)
_CLOSING = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_OPENING = re.compile(r"<(?:\w+:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_ROOT_END = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
#: Characters at the end of a feed among which the root element is closed.
_END = 2_000
#: A shorter description, without a content element, may be the whole text or its beginning.
_SHORT = 500


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An article of a feed; ``is_summary`` if the linked page may have more text."""

    article: Article
    is_summary: bool


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as written: each text with whether it is HTML, dates best first."""

    title: str
    contents: tuple[tuple[str, bool], ...]
    summary: tuple[str, bool]
    dates: tuple[str, ...]
    link: str
    guid: str
    language: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed as written; ``is_known`` is False if it is no feed."""

    is_known: bool
    is_ill_formed: bool
    link: str
    entries: tuple[RawEntry, ...]


def read_feed(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads the entries of a feed; of a truncated one, the complete entries.

    An entry that may be only a summary is followed by a remark with the code ``summary``.
    """
    yield from _with_lines(source, feed_entries(source, limits))


def json_feed_found(source: Input, data: Mapping[str, Any], limits: Limits) -> Iterator[Found]:
    """Reads a JSON Feed, an object accepted by :func:`is_json_feed`, as :func:`read_feed`."""
    yield from _with_lines(source, json_feed_entries(source, data, limits))


def _with_lines(
    source: Input, entries: Iterator[FeedEntry | Skipped | SourceError]
) -> Iterator[Found]:
    for each in entries:
        if not isinstance(each, FeedEntry):
            yield each
            continue
        yield each.article
        if each.is_summary:
            message = "stands in the feed as a summary, which was read; the page may hold more"
            yield Remark(source.name, f"“{each.article.title}”", "summary", message)


def feed_entries(source: Input, limits: Limits) -> Iterator[FeedEntry | Skipped | SourceError]:
    """Yields the entries of an XML feed in its order. Raises SourceError if it is no feed."""
    source.data(limits.member_megabytes)
    whole = "".join(decoded_pieces(source))
    if _PAGE.match(whole):
        raise _no_feed(source, "it is a web page", "Give the address of the feed")
    text = _HARMLESS_TYPE.sub("", whole, count=1)
    feed = source.isolated(parse_feed, _well_formed(source, text), source.address)
    if not feed.is_known:
        raise _no_feed(source, "nothing in it is known as RSS or Atom", "Save the feed again")
    entries = feed.entries
    is_cut = feed.is_ill_formed and not _ROOT_END.search(text, max(0, len(text) - _END))
    if is_cut and len(_OPENING.findall(text)) > len(_CLOSING.findall(text)):
        entries = entries[:-1]
    if not entries and not is_cut:
        yield Skipped(source.name, "", "empty", "holds no entries")
    base = absolute_address(feed.link, source.address) or source.address
    for entry in entries:
        yield _entry_found(source, entry, base, limits)
    if is_cut:
        problem = f"it breaks off at line {text.rstrip().count(chr(10)) + 1}"
        remedy = f"Entries read before that: {len(entries)}. Save it again"
        yield _no_feed(source, problem, remedy)


def parse_feed(data: bytes, address: str) -> RawFeed:
    """Parses a feed in UTF-8 without a declaration; ``address`` is its own, if known."""
    import feedparser

    # The header that a server would send with it.
    headers = {"content-type": "application/xml; charset=utf-8"}
    if address:
        headers["content-location"] = address
    parsed = feedparser.parse(
        BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return RawFeed(
        is_known=bool(parsed.get("version") or parsed.entries),
        is_ill_formed=bool(parsed.bozo),
        link=parsed.feed.get("link") or "",
        entries=tuple(map(_raw_entry, parsed.entries)),
    )


def is_json_feed(data: object) -> bool:
    """True for an object that is a JSON Feed."""
    return (
        isinstance(data, Mapping)
        and isinstance(data.get("items"), list)
        and "jsonfeed.org" in str(data.get("version"))
    )


def json_feed_entries(
    source: Input, data: Mapping[str, Any], limits: Limits
) -> Iterator[FeedEntry | Skipped | SourceError]:
    """Yields the entries of a JSON Feed, an object accepted by :func:`is_json_feed`."""
    base = source.address or str(data.get("feed_url") or data.get("home_page_url") or "")
    items = [each for each in data["items"] if isinstance(each, Mapping)]
    if not items:
        yield Skipped(source.name, "", "empty", "holds no entries")
    for item in items:
        yield _entry_found(source, _raw_item(item), base, limits)


def _raw_item(item: Mapping[str, Any]) -> RawEntry:
    """Converts an item of a JSON Feed."""
    texts = {each: str(item[each]) for each in item if isinstance(item[each], str | int)}
    return RawEntry(
        title=html.escape(texts.get("title", ""), quote=False),
        contents=((texts.get("content_html", ""), True), (texts.get("content_text", ""), False)),
        summary=(texts.get("summary", ""), False),
        dates=(texts.get("date_published", ""), texts.get("date_modified", "")),
        link=texts.get("url") or texts.get("external_url") or "",
        guid=texts.get("id", ""),
        language=texts.get("language", ""),
        categories=tuple(each for each in item.get("tags") or () if isinstance(each, str)),
    )


def _raw_entry(entry: "FeedParserDict") -> RawEntry:
    """Converts an entry of feedparser."""
    guid = entry.get("id") or ""
    link = entry.get("feedburner_origlink") or entry.get("link") or ""
    contents = entry.get("content") or ()
    return RawEntry(
        title=_title(entry),
        contents=tuple((each.get("value") or "", _is_html(each)) for each in contents),
        summary=(entry.get("summary") or "", _is_html(entry.get("summary_detail") or {})),
        # FeedParserDict.get would return another date for a missing one.
        dates=tuple(dict.get(entry, each) or "" for each in ("published", "created", "updated")),
        link=link or (guid if re.match(r"https?://", guid) else ""),
        guid=guid,
        categories=tuple(html.unescape(each.get("term") or "") for each in entry.get("tags") or ()),
    )


def _title(entry: "FeedParserDict") -> str:
    title = entry.get("title") or ""
    is_plain = (entry.get("title_detail") or {}).get("type") == "text/plain"
    return html.escape(title, quote=False) if is_plain and not _TAG.search(title) else title


def _is_html(detail: Mapping[str, Any]) -> bool:
    return detail.get("type") != "text/plain"


def _no_feed(source: Input, problem: str, remedy: str) -> MalformedFile:
    return MalformedFile(file=source.name, format=_FORMAT, problem=problem, remedy=remedy)


def _well_formed(source: Input, text: str) -> bytes:
    stream = XmlStream(iter([text]), len(text.encode("utf-8", "replace")))
    try:
        return b"".join(iter(stream.read, b""))
    except DocumentTypeFound:
        problem, remedy = "it declares entities, which are not read", "Save it without <!DOCTYPE …>"
        raise _no_feed(source, problem, remedy) from None


def _entry_found(
    source: Input, entry: RawEntry, base: str, limits: Limits
) -> FeedEntry | Skipped | SourceError:
    """Makes the article of ``entry``, with the longest of its texts."""
    heading = plain_text(entry.title)
    shown = f"“{heading}”" if heading else entry.guid or entry.link or "an entry without title"
    longest = max(len(each) for each, _ in (*entry.contents, entry.summary))
    if longest > limits.megabytes * _MEGABYTE:
        problem = f"has more than {limits.megabytes:g} MB"
        remedy = "Split it or leave it out"
        return BadItem(file=source.name, member=shown, problem=problem, remedy=remedy)
    full = [entry_text(text, is_html=is_html) for text, is_html in entry.contents]
    summary = entry_text(entry.summary[0], is_html=entry.summary[1])
    best = max((summary, *full), key=lambda each: each.length)
    if not best.paragraphs and not heading:
        return Skipped(source.name, shown, "no-text", "has no text")
    date = _first_date(entry.dates)
    made = article(
        source,
        heading or title_from(best.paragraphs[0]),
        best.paragraphs,
        member=member_id(entry.guid) or _digest(heading, date, best),
        date=date,
        address=absolute_address(entry.link, base),
        language=entry.language,
        categories=entry.categories,
    )
    is_short = best.length < _SHORT and not any(each.length for each in full)
    return FeedEntry(made, is_summary=best.is_cut or is_short)


def _first_date(written: Iterable[str]) -> GivenDate | None:
    """Parses the first date given. None if it is ambiguous, rather than a date of another kind."""
    return next((parse_date(each) for each in written if each.strip()), None)


def _digest(title: str, date: GivenDate | None, text: EntryText) -> str:
    """Member name of an entry with neither guid nor link: digest of its title and date."""
    said = title or " ".join(text.paragraphs)
    return sha256(f"{said}\n{date.text if date else ''}".encode()).hexdigest()[:12]
