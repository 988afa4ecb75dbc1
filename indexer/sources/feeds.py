"""Reads feeds: RSS 0.9x to 2.0 and 1.0 (RDF), Atom 0.3 and 1.0, JSON Feed.

Texts are cleaned of what feeds add, such as “appeared first on”; dates are read as written. An
entry of which the feed holds only the beginning is told by :attr:`FeedEntry.is_summary`.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from indexer.sources.addresses import clean_address
from indexer.sources.base import Found, Input, Remark, Skipped, article
from indexer.sources.containers import member_id
from indexer.sources.dates import GivenDate, parse_date
from indexer.sources.decoded_stream import decoded_pieces
from indexer.sources.limits import Limits
from indexer.sources.markup import paragraphs_of
from indexer.sources.wordpress import plain_text, title_from
from indexer.sources.xml_stream import DocumentTypeFound, XmlStream
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
#: What WordPress puts below each entry, in the languages of its site.
_FIRST_ON = re.compile(
    r"(?:The post|The article|Postitus|Sissekanne|Artikkel|Uudis|Запись|Сообщение|Пост)\b.{0,400}"
    r"\b(?:appeared first on|first appeared on|was originally published (?:on|in|at)"
    r"|(?:ilmus|avaldati|on avaldatud) (?:esmalt|esmakordselt|algselt|esimesena)"
    r"|впервые появил[ао]сь|появил[ао]сь сначала|появились сначала)\b.{0,300}",
    re.IGNORECASE | re.DOTALL,
)
_MORE = (
    r"(?:continue reading|read (?:more|on|the full (?:article|story|post))"
    r"|(?:the )?full (?:article|story)"
    r"|loe (?:edasi|lähemalt|täismahus|kogu (?:uudist|artiklit|lugu|postitust))"
    r"|читать (?:далее|дальше|полностью|ещё)|подробнее)"
)
_ONLY_MORE = re.compile(rf"[\s.…\[\](«„“\"'→»]*{_MORE}\b.{{0,300}}", re.IGNORECASE | re.DOTALL)
_MORE_AT_END = re.compile(
    rf"(?P<before>[.!?…\])”»\"\n]|^)\s*[\[(«„“\"'→]*{_MORE}"
    r"(?:\s*[\]):;.…»›→>”\"']*|\s+[„“\"«].{0,300})\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_CUT = re.compile(
    r"(?:\s*(?:\[\s*(?:…|\.{2,5}|&hellip;)\s*\]|\(\s*(?:…|\.{3})\s*\)|…|\.{3,5}))+\s*\Z"
)
#: A description of fewer characters, without a content beside it, may be all or the beginning.
_SHORT = 500


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An article of a feed; ``is_summary`` says that the page behind it may hold more."""

    article: Article
    is_summary: bool


@dataclass(frozen=True, slots=True)
class _Text:
    paragraphs: list[str]
    is_cut: bool

    @property
    def length(self) -> int:
        return sum(map(len, self.paragraphs))


def read_feed(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads the entries of a feed; of one that is cut those before the cut.

    An entry that may be only a summary is followed by a remark with the code ``summary``.
    """
    yield from _with_lines(source, feed_entries(source, limits))


def json_feed_found(source: Input, data: Mapping[str, Any], limits: Limits) -> Iterator[Found]:
    """The same as :func:`read_feed`, of an object for which :func:`is_json_feed` holds."""
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
    """Entries of a feed in XML, in its order. Raises SourceError for what is no feed."""
    source.data(limits.member_megabytes)
    whole = "".join(decoded_pieces(source))
    text = _HARMLESS_TYPE.sub("", whole, count=1)
    if _PAGE.match(whole):
        raise _no_feed(source, "it is a web page", "Give the address of the feed")
    parsed = _parsed(source, text)
    if not parsed.get("version") and not parsed.entries:
        raise _no_feed(source, "nothing in it is known as RSS or Atom", "Save the feed again")
    entries = parsed.entries
    is_cut = bool(parsed.bozo) and not _ROOT_END.search(text, max(0, len(text) - 2000))
    if is_cut and len(_OPENING.findall(text)) > len(_CLOSING.findall(text)):
        entries = entries[:-1]
    if not entries and not is_cut:
        yield Skipped(source.name, "", "empty", "holds no entries")
    base = urljoin(source.address, parsed.feed.get("link") or "")
    for entry in entries:
        yield _entry(source, entry, base, limits)
    if is_cut:
        line = text.rstrip().count("\n") + 1
        yield MalformedFile(
            file=source.name,
            format=_FORMAT,
            problem=f"it breaks off at line {line}",
            remedy=f"{len(entries)} entries before that were read. Save it again",
        )


def is_json_feed(data: object) -> bool:
    """True for the object that a JSON Feed is."""
    return (
        isinstance(data, Mapping)
        and isinstance(data.get("items"), list)
        and "jsonfeed.org" in str(data.get("version"))
    )


def json_feed_entries(
    source: Input, data: Mapping[str, Any], limits: Limits
) -> Iterator[FeedEntry | Skipped | SourceError]:
    """Entries of an object for which :func:`is_json_feed` holds."""
    base = source.address or str(data.get("feed_url") or data.get("home_page_url") or "")
    items = [each for each in data["items"] if isinstance(each, Mapping)]
    if not items:
        yield Skipped(source.name, "", "empty", "holds no entries")
    for item in items:
        texts = {each: item[each] for each in item if isinstance(item[each], str | int)}
        contents = [(str(texts.get("content_html", "")), True)]
        contents.append((str(texts.get("content_text", "")), False))
        yield _made(
            source,
            title=str(texts.get("title", "")),
            contents=contents,
            summary=(str(texts.get("summary", "")), False),
            date=_first_date(texts.get("date_published"), texts.get("date_modified")),
            link=urljoin(base, str(texts.get("url") or texts.get("external_url") or "")),
            guid=str(texts.get("id", "")),
            language=str(texts.get("language", "")),
            categories=[str(each) for each in item.get("tags") or () if isinstance(each, str)],
            limits=limits,
        )


def _no_feed(source: Input, problem: str, remedy: str) -> MalformedFile:
    return MalformedFile(file=source.name, format=_FORMAT, problem=problem, remedy=remedy)


def _parsed(source: Input, text: str) -> "FeedParserDict":
    import feedparser

    stream = XmlStream(iter([text]), len(text.encode("utf-8", "replace")))
    try:
        pieces = list(iter(stream.read, b""))
    except DocumentTypeFound:
        raise _no_feed(
            source, "it declares entities, which are not read", "Save it without <!DOCTYPE …>"
        ) from None
    # The address of the feed stands for what a server would say of it.
    headers = {"content-type": "application/xml; charset=utf-8"}
    if source.address:
        headers["content-location"] = source.address
    return feedparser.parse(
        BytesIO(b"".join(pieces)),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _entry(
    source: Input, entry: "FeedParserDict", base: str, limits: Limits
) -> FeedEntry | Skipped | SourceError:
    contents = [(each.get("value") or "", _is_html(each)) for each in entry.get("content") or ()]
    detail = entry.get("summary_detail") or {}
    guid = entry.get("id") or ""
    link = entry.get("feedburner_origlink") or entry.get("link") or ""
    if not link and re.match(r"https?://", guid):
        link = guid
    dates = (dict.get(entry, each) for each in ("published", "created", "updated"))
    return _made(
        source,
        title=_title(entry),
        contents=contents,
        summary=(entry.get("summary") or "", _is_html(detail)),
        date=_first_date(*dates),
        link=urljoin(base, link) if link else "",
        guid=guid,
        language="",
        categories=[html.unescape(each.get("term") or "") for each in entry.get("tags") or ()],
        limits=limits,
    )


def _made(
    source: Input,
    *,
    title: str,
    contents: list[tuple[str, bool]],
    summary: tuple[str, bool],
    date: GivenDate | None,
    link: str,
    guid: str,
    language: str,
    categories: list[str],
    limits: Limits,
) -> FeedEntry | Skipped | SourceError:
    """The entry with the longest of its texts, each given with whether it is HTML."""
    heading = plain_text(title)
    shown = f"“{heading}”" if heading else guid or link or "an entry without title"
    if max(len(each) for each, _ in (*contents, summary)) > limits.megabytes * _MEGABYTE:
        return BadItem(
            file=source.name,
            member=shown,
            problem=f"has more than {limits.megabytes:g} MB",
            remedy="Split it or leave it out",
        )
    full = [_text(*each) for each in contents]
    best = max((_text(*summary), *full), key=lambda each: each.length)
    if not best.paragraphs and not heading:
        return Skipped(source.name, shown, "no-text", "has no text")
    is_short = best.length < _SHORT and not any(each.length for each in full)
    address = clean_address(link)
    made = article(
        source,
        heading or title_from(best.paragraphs[0]),
        best.paragraphs,
        member=member_id(guid) or _digest(heading, date, best),
        date=date,
        address=address,
        language=language,
        categories=categories,
    )
    return FeedEntry(made, is_summary=best.is_cut or is_short)


def _title(entry: "FeedParserDict") -> str:
    title = entry.get("title") or ""
    is_plain = (entry.get("title_detail") or {}).get("type") == "text/plain"
    return html.escape(title, quote=False) if is_plain and not _TAG.search(title) else title


def _digest(title: str, date: GivenDate | None, text: _Text) -> str:
    """A member's name for an entry with neither guid nor link: that of its title and date."""
    said = title or " ".join(text.paragraphs)
    return sha256(f"{said}\n{date.text if date else ''}".encode()).hexdigest()[:12]


def _is_html(detail: Mapping[str, Any]) -> bool:
    return detail.get("type") != "text/plain"


def _first_date(*written: object) -> GivenDate | None:
    """The first date there is. A doubtful one is none, rather than that of another day."""
    for each in written:
        if isinstance(each, str) and each.strip():
            return parse_date(each)
    return None


def _text(value: str, is_html: bool) -> _Text:
    """Paragraphs without what feeds add, and whether the text was cut."""
    markup = value if is_html else html.escape(value, quote=False)
    is_plain = not is_html or not _TAG.search(value)
    paragraphs = paragraphs_of(markup, empty_lines=is_plain)
    is_cut = False
    while paragraphs:
        last = paragraphs[-1]
        if _FIRST_ON.fullmatch(last):
            paragraphs.pop()
            continue
        if _ONLY_MORE.fullmatch(last):
            paragraphs.pop()
            is_cut = True
            continue
        shorter = _MORE_AT_END.sub(lambda found: found["before"], last).rstrip()
        shorter = _last_line_cut(shorter)
        if shorter == last:
            break
        is_cut = is_cut or _MORE_AT_END.search(last) is not None
        paragraphs[-1] = shorter
        if not shorter:
            paragraphs.pop()
    if paragraphs and (found := _CUT.search(paragraphs[-1])):
        is_cut = True
        if "[" in found.group():
            paragraphs[-1] = paragraphs[-1][: found.start()] + "…"
    return _Text(paragraphs, is_cut)


def _last_line_cut(paragraph: str) -> str:
    """``paragraph`` without a last line that feeds add."""
    before, _, last = paragraph.rpartition("\n")
    return (
        before
        if _FIRST_ON.fullmatch(last) or (before and _ONLY_MORE.fullmatch(last))
        else paragraph
    )
