"""Reads the article of a web page, from a file, a saved or mirrored page, or the crawler."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from indexer.sources.base import Found, Input, Skipped, article
from indexer.sources.dates import GivenDate
from indexer.sources.limits import Limits
from indexer.sources.pages.markup import parse_markup
from indexer.sources.pages.page_body import (
    emphasised_before,
    is_of_links,
    page_paragraphs,
    without_clutter,
    without_repeats,
)
from indexer.sources.pages.page_date import date_beside, first_date, guessed_date, page_date
from indexer.sources.pages.page_head import PageHead, is_home, page_address, page_head
from indexer.sources.pages.page_kind import (
    EMPTY,
    LIST,
    NOINDEX,
    NoArticle,
    is_paged,
    kind_of_page,
    nothing_found,
    refused,
)
from indexer.sources.pages.page_title import page_title, plain
from search.analysis.language import identify_language

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?([\w:.-]{2,40})""", re.I
)
_HEAD_BYTES = 4_000
_FIRST_PARAGRAPHS = 4
_RECOGNISED = frozenset(("et", "en", "fi", "ru"))
_ESTONIAN = re.compile(r"õ|\b(?:ja|ning|või|kui|see|selle|oma|aasta|mis|kes|on)\b")
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageArticle:
    """The article of a page: title, paragraphs, day of publication, address, language, categories.

    ``address`` and ``language`` are empty if the page does not reliably give them.
    """

    title: str
    paragraphs: tuple[str, ...]
    date: GivenDate | None
    address: str
    language: str
    categories: tuple[str, ...]


def read_page(source: Input, limits: Limits) -> Iterator[Found]:
    """Reads the article of a page, or yields why there is none. Raises as reading does."""
    most = limits.page_megabytes if source.address else limits.megabytes
    data = source.data(most)
    whole = replace(source, open=partial(BytesIO, data))
    text = whole.text(most, source.charset or declared_charset(data)).text
    # noindex is respected on fetched pages only; a file was given on purpose.
    obeys = bool(source.address) and not source.options.noindex
    found = source.isolated(read_markup, text, source.address, obeys_robots=obeys)
    if isinstance(found, NoArticle):
        yield Skipped(source.name, "", found.code, found.message)
        return
    yield article(
        source,
        found.title,
        found.paragraphs,
        date=found.date,
        address=found.address,
        language=found.language,
        categories=found.categories,
    )


def declared_charset(data: bytes) -> str:
    """The character set that a page declares for itself; empty if none."""
    match = _CHARSET.search(data[:_HEAD_BYTES])
    return match[1].decode("ascii", "replace") if match else ""


def read_markup(
    html: str, fetched: str = "", *, obeys_robots: bool = False
) -> PageArticle | NoArticle:
    """Extracts the article of the page ``html`` from the address ``fetched``, or why there is none.

    With ``obeys_robots`` a page marked noindex has none.
    """
    html = unicodedata.normalize("NFC", html)
    root = parse_markup(html)
    if root is None:
        return EMPTY
    head = page_head(root, html)
    if reason := refused(root, head):
        return reason
    address = page_address(head, fetched)
    page = without_clutter(root)
    headline = page_title(page, head, address)
    if reason := kind_of_page(page, head, address, headline, has_pages=is_paged(root)):
        return reason
    written = page_paragraphs(page, headline.text)
    if is_of_links(page, written):
        return LIST
    title = headline.text
    if not headline.is_sure:
        title = emphasised_before(page, written) or title
    date = page_date(root, head) or _written_date(page, title, written)
    date = date or guessed_date(page, address)
    categories = _categories(head)
    names = (*head.site_names, *categories, head.meta("author"), *_times(root))
    paragraphs = without_repeats(written, title, date, names)
    if not paragraphs:
        return nothing_found(root)
    if obeys_robots and _asks_not_to_index(head):
        return NOINDEX
    if not title:
        title, paragraphs = paragraphs[0].partition("\n")[0], paragraphs[1:] or paragraphs
    language = _language(head, f"{title}\n{' '.join(paragraphs)}")
    # A canonical address of the home page is a mistake of the site.
    own_address = "" if is_home(address) else address
    return PageArticle(title, tuple(paragraphs), date, own_address, language, categories)


def _written_date(page: "Element", title: str, written: Sequence[str]) -> GivenDate | None:
    """Finds a date on a line of its own at the beginning of the text or beside the headline."""
    lines = [line for each in written[:_FIRST_PARAGRAPHS] for line in each.split("\n")]
    below = [each for each in lines if plain(each) != plain(title)]
    return first_date(below) or date_beside(page, title)


def _asks_not_to_index(head: PageHead) -> bool:
    robots = head.meta("klastriotsing", "robots").lower()
    return "noindex" in robots or robots.strip() == "none"


def _times(root: "Element") -> list[str]:
    """Texts of ``<time>`` elements, such as “3 aastat tagasi”."""
    return [" ".join("".join(each.itertext()).split())[:100] for each in root.iter("time")][:20]


def _categories(head: PageHead) -> tuple[str, ...]:
    sections = [head.meta("article:section")]
    for each in head.articles[:1]:
        given = each.get("articleSection", [])
        sections += given if isinstance(given, list) else [given]
    named = (each for each in sections if isinstance(each, str) and each.strip())
    return tuple(dict.fromkeys(named))


def _language(head: PageHead, text: str) -> str:
    """The declared language of a page, unless the text contradicts it.

    Themes declare en-US on Estonian pages, so the declaration is never used for languages that can
    be identified.
    """
    said = head.language or head.meta("og:locale", "content-language")
    match = _LANGUAGE.fullmatch(said.strip())
    language = match[1].lower() if match else ""
    if not language or language in _RECOGNISED:
        return ""
    return (
        "" if identify_language(text) != "et" or len(set(_ESTONIAN.findall(text))) > 1 else language
    )
