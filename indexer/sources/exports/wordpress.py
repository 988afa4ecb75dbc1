"""Reads WordPress: WXR exports of any size, and posts of the REST API."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indexer.sources.addresses import absolute_address, clean_address
from indexer.sources.base import Found, Input, Skipped, article
from indexer.sources.dates import GivenDate, parse_date
from indexer.sources.decoded_stream import decoded_pieces
from indexer.sources.exports.shortcodes import without_shortcodes
from indexer.sources.exports.xml_stream import DocumentTypeFound, XmlStream
from indexer.sources.limits import Limits
from indexer.sources.pages.markup import paragraphs_of
from search.errors import BadItem, MalformedFile

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_FORMAT = "WordPress export"
_MEGABYTE = 1_000_000
_STATUSES = {
    "draft": "is a draft",
    "auto-draft": "is a draft",
    "pending": "waits for review",
    "future": "is to be published later",
    "private": "is private",
    "trash": "is in the trash",
}
_TYPES = {
    "page": "is a page, not news",
    "attachment": "is an attached file",
    "revision": "is an earlier version of a post",
    "nav_menu_item": "is an item of a menu",
}
#: Keys of postmeta in which multilingual plugins store the language.
_LANGUAGE_KEYS = frozenset(
    "_wpml_import_language_code _wpml_language wpml_language _icl_language_code pll_language"
    " _pll_language _language lang".split()
)
_LANGUAGES = {
    "eesti": "et",
    "eesti keel": "et",
    "estonian": "et",
    "est": "et",
    "ee": "et",
    "english": "en",
    "inglise": "en",
    "inglise keel": "en",
    "eng": "en",
    "русский": "ru",
    "russian": "ru",
    "vene": "ru",
    "vene keel": "ru",
    "rus": "ru",
    "suomi": "fi",
    "deutsch": "de",
    "latviešu": "lv",
}
_CODE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_PARAGRAPH = re.compile(r"<p\b", re.IGNORECASE)
_PARAGRAPH_TAG = re.compile(r"(</?p(?=[\s>/])[^<>]*>)", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n[ \t\xa0]*\n\s*")
_TITLE_CHARACTERS = 120
#: Code of lxml's error for an undeclared prefix, as in old exports; harmless.
_UNKNOWN_PREFIX = 201


@dataclass(frozen=True, slots=True)
class Post:
    """A post as WordPress stores it: ``content`` is HTML or the classic editor's text."""

    id: str
    title: str
    content: str
    excerpt: str = ""
    date: GivenDate | None = None
    address: str = ""
    language: str = ""
    categories: tuple[str, ...] = ()
    type: str = "post"
    status: str = "publish"
    has_password: bool = False

    @property
    def member(self) -> str:
        """Name of the post in messages."""
        return f"post {self.id}" if self.id else f"“{plain_text(self.title)}”"


def read_wordpress(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads the published posts of an export (WXR 1.0 to 1.2); other items are skipped.

    One post at a time is in memory. Of a truncated export, the posts before the break are read.
    """
    most = int(limits.megabytes * _MEGABYTE)
    pieces = decoded_pieces(source)
    count = 0
    try:
        for each in _posts(XmlStream(pieces, most + 1)):
            count += 1
            yield post_found(source, each, limits)
    except _BrokenOff as error:
        yield MalformedFile(
            file=source.name,
            format=_FORMAT,
            problem=f"it breaks off at line {error.line}: {error.problem}",
            remedy=f"Items read before that: {count}. Export it again",
        )
        return
    except DocumentTypeFound:
        yield MalformedFile(
            file=source.name,
            format=_FORMAT,
            problem="it holds a document type or entities, which are not read",
            remedy="Export it again from WordPress",
        )
        return
    if not count:
        yield Skipped(source.name, "", "empty", "holds no posts")


def post_found(source: Input, post: Post, limits: Limits) -> Found:
    """Converts ``post`` to an article, or to the reason why it is skipped."""
    if post.type not in source.options.post_types:
        message = _TYPES.get(post.type, f"is of the type “{post.type}”, not a post")
        code = post.type if post.type in _TYPES else "post-type"
        return Skipped(source.name, post.member, code, message)
    if post.status != "publish":
        code = post.status.removeprefix("auto-")
        message = _STATUSES.get(post.status, f"has the status “{post.status}”")
        return Skipped(
            source.name, post.member, code if post.status in _STATUSES else "status", message
        )
    if post.has_password:
        return Skipped(source.name, post.member, "password", "is locked with a password")
    if len(post.content.encode("utf-8", "replace")) > limits.megabytes * _MEGABYTE:
        return BadItem(
            file=source.name,
            member=post.member,
            problem=f"has more than {limits.megabytes:g} MB",
            remedy="Split it or leave it out",
        )
    paragraphs = post_paragraphs(post.content) or post_paragraphs(post.excerpt)
    if not paragraphs:
        return Skipped(source.name, post.member, "no-text", "has no text")
    return article(
        source,
        plain_text(post.title) or title_from(paragraphs[0]),
        paragraphs,
        member=post.id,
        date=post.date,
        address=post.address,
        language=post.language,
        categories=post.categories,
    )


def post_paragraphs(content: str) -> list[str]:
    """Paragraphs of a post's content, from any editor or page builder."""
    text = without_shortcodes(content.replace("\r\n", "\n").replace("\r", "\n"))
    if "<!-- wp:" in text:
        return paragraphs_of(text)
    if not _PARAGRAPH.search(text):
        return paragraphs_of(text, empty_lines=True)
    return paragraphs_of("".join(_with_paragraphs(text)))


def _with_paragraphs(text: str) -> Iterator[str]:
    """Turns empty lines into paragraphs, except within text that is marked up throughout."""
    pieces = _PARAGRAPH_TAG.split(text)
    tags = ["", *pieces[1::2], ""]
    for piece, before, behind in zip(pieces[::2], tags, tags[1:], strict=False):
        is_marked = before[1:2] in ("p", "P") and behind.startswith("</")
        yield before
        yield piece if is_marked else _EMPTY_LINES.sub("\n<p>", piece)


def plain_text(title: str) -> str:
    """Converts a title with tags and character references to one line of text."""
    text = html.unescape(_TAG.sub("", html.unescape(_TAG.sub("", title))))
    return " ".join(text.split())


def title_from(paragraph: str) -> str:
    """A title for a post without one: the beginning of its text."""
    line = paragraph.partition("\n")[0]
    if len(line) <= _TITLE_CHARACTERS:
        return line
    return line[:_TITLE_CHARACTERS].rpartition(" ")[0].rstrip(" ,;:–-") + "…"


class _BrokenOff(Exception):
    """Raised where an export is malformed XML."""

    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        self.problem = problem
        super().__init__(problem)


def _posts(stream: XmlStream) -> Iterator[Post]:
    """Items of an export, one at a time. Raises _BrokenOff and DocumentTypeFound."""
    from lxml import etree

    tags = ("{*}item", "{*}category", "{*}tag", "{*}term", "{*}author", "{*}rss")
    events = etree.iterparse(
        stream,
        events=("end",),
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    base = ""
    count = 0
    is_whole = False
    try:
        for _, element in events:
            kind = _local(element)
            parent = element.getparent()
            if kind == "item":
                base = base or _base_of(parent)
                count += 1
                yield _post_of(element, base, f"item {count}")
            elif kind == "rss":
                is_whole = True
            if parent is not None and _local(parent) == "channel":
                base = base or _base_of(parent)
                _forget(element)
    except etree.XMLSyntaxError as error:
        if not (is_whole and error.code == _UNKNOWN_PREFIX):
            raise _BrokenOff(error.lineno or 1, _said(error)) from error


def _said(error: Exception) -> str:
    """Message of the parser, without its position."""
    said = re.sub(r", line \d+, column \d+.*", "", str(error), flags=re.DOTALL)
    return said.partition("\n")[0].strip() or "there is nothing"


def _local(element: "Element") -> str:
    return str(element.tag).rpartition("}")[2]


def _base_of(channel: "Element | None") -> str:
    """The address of the site."""
    children = () if channel is None else channel
    found = {_local(each): (each.text or "").strip() for each in children if not len(each)}
    return found.get("base_blog_url") or found.get("link") or found.get("base_site_url") or ""


def _forget(element: "Element") -> None:
    """Empties ``element``, and removes those before it from the tree."""
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def _post_of(item: "Element", base: str, otherwise: str) -> Post:
    """Converts ``item`` to a post; ``otherwise`` is its id if it has none."""
    values: dict[str, str] = {}
    categories: list[str] = []
    language = ""
    for each in item:
        name = _local(each)
        if name == "category":
            if each.get("domain") == "language":
                language = language or _language(each.get("nicename", ""), each.text or "")
            else:
                categories += _names(each.text or "", each.get("nicename", ""))
        elif name == "postmeta":
            language = language or _language_of_meta(each)
        elif name == "encoded":
            is_excerpt = "excerpt" in str(each.tag).partition("}")[0]
            values["excerpt" if is_excerpt else "content"] = _text(each)
        elif not len(each):
            values.setdefault(name, _text(each).strip())
    return Post(
        id=values.get("post_id") or otherwise,
        title=values.get("title", ""),
        content=values.get("content", values.get("description", "")),
        excerpt=values.get("excerpt", ""),
        date=_first_date(values.get("post_date", ""), values.get("pubDate", "")),
        address=_address(values.get("link", ""), values.get("guid", ""), base),
        language=language,
        categories=tuple(categories),
        type=values.get("post_type") or "post",
        status=values.get("status") or "publish",
        has_password=bool(values.get("post_password")),
    )


def _text(element: "Element") -> str:
    return "".join(element.itertext())


def _names(name: str, slug: str) -> Iterable[str]:
    """Names by which the configuration may refer to a category."""
    return dict.fromkeys(each for each in (plain_text(name), slug) if each)


def _language_of_meta(meta: "Element") -> str:
    pair = {_local(each): (each.text or "").strip() for each in meta}
    is_language = pair.get("meta_key") in _LANGUAGE_KEYS
    return _language(pair.get("meta_value", "")) if is_language else ""


def _language(*said: str) -> str:
    """Language code of a code, slug or name; empty for anything else."""
    for each in said:
        word = each.strip().lower()
        if word in _LANGUAGES:
            return _LANGUAGES[word]
        if _CODE.fullmatch(word):
            return word[:2]
    return ""


def _first_date(*written: str) -> GivenDate | None:
    return next((date for each in written if (date := parse_date(each))), None)


def _address(link: str, guid: str, base: str) -> str:
    """The address of a post: its link, else a guid that is one."""
    return absolute_address(link, base) or clean_address(guid)


def is_rest_post(item: Mapping[str, Any]) -> bool:
    """True for an object as returned by ``/wp-json/wp/v2/posts``."""
    return all(
        isinstance(item.get(each), Mapping) and "rendered" in item[each]
        for each in ("title", "content")
    )


def rest_post(item: Mapping[str, Any]) -> Post:
    """Converts an object accepted by :func:`is_rest_post` to a post."""
    content = item["content"]
    kind = _scalar(item.get("type"))
    return Post(
        id=_scalar(item.get("id")),
        title=_rendered(item, "title"),
        content=_rendered(item, "content"),
        excerpt="" if content.get("protected") else _rendered(item, "excerpt"),
        date=_first_date(_scalar(item.get("date"))),
        address=_address(_scalar(item.get("link")), _rendered(item, "guid"), ""),
        language=_language(_scalar(item.get("lang")), _scalar(item.get("language"))),
        categories=tuple(_rest_categories(item)),
        type=kind or "post",
        status=_scalar(item.get("status")) or "publish",
        has_password=bool(content.get("protected")),
    )


def _rendered(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return _scalar(value.get("rendered") if isinstance(value, Mapping) else value)


def _scalar(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _rest_categories(item: Mapping[str, Any]) -> Iterator[str]:
    for each in _listed(item.get("categories")):
        yield _scalar(each)
    embedded = item.get("_embedded")
    groups = embedded.get("wp:term") if isinstance(embedded, Mapping) else None
    for group in _listed(groups):
        for term in _listed(group):
            if isinstance(term, Mapping):
                yield from _names(_scalar(term.get("name")), _scalar(term.get("slug")))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
