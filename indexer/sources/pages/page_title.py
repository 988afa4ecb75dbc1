"""Extracts the headline of a web page, without the name of the site."""

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.sources.pages.markup import paragraphs_below
from indexer.sources.pages.page_boilerplate import is_clutter, is_silent
from indexer.sources.pages.page_head import PageHead

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HEADINGS = ("h1", "h2", "h3", "h4")
#: Classes, as whole names, of headlines that are no heading elements, as in old tables.
_TITLE_CLASSES = frozenset(
    """article-title article__title blog-title-page contentheading entry-title headline itemTitle
    newstitle node-title page-title pealkiri post-title post__title posttitle title uudise-pealkiri
    uudise_pealkiri uudispealkiri""".split()
)
#: Headings of sections, not of articles.
SECTIONS = frozenset(
    """uudised uudis news blogi blog pressiteated pressiteade artiklid avaleht teated sündmused
    meediakajastus meedia pressile ajakirjandusele новости otsing search home esileht
    arhiiv""".split()
)
_SEPARATOR = re.compile(r"\s+[|\-–—»«·•:›]+\s+|\s*(?:::|»|«|\|)\s*")
_DOTS = re.compile(r"\s*(?:\.\.\.|…)$")
_MOST_HEADINGS = 200
_SHORT_NAME_WORDS = 6


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline of a page; ``is_sure`` if it is a heading of the page."""

    text: str
    is_sure: bool


def page_title(root: "Element", head: PageHead, address: str) -> Headline:
    """Finds the headline of the page; its text is empty without one."""
    names = [*map(plain, head.site_names), *_host_names(address)]
    candidates = list(dict.fromkeys(_candidates(root)))
    titles = [plain(each) for each in (head.meta("og:title", "twitter:title"), head.title)]
    going = [
        each
        for each in candidates
        if any(_goes_with(plain(each), title, names) for title in titles)
    ]
    if going:
        # The site's name may be a heading, and the title of Open Graph, too.
        return Headline(max(going, key=len), True)
    linked = next((each.get("headline") for each in head.articles[:1]), None)
    headings = [text for each in root.iter("h1") if _is_headline(text := _text(each), names)]
    sure = headings[:1] if len(headings) == 1 else []
    sure += [each for each in _marked(root) if _is_headline(each, names)][:1]
    sure += [" ".join(linked.split())] if isinstance(linked, str) and linked.strip() else []
    if sure:
        return Headline(sure[0], True)
    title = without_site_name(head.meta("og:title") or head.title, names)
    found = [title] if _is_headline(title, names) else headings[:1]
    return Headline(found[0] if found else "", False)


def without_site_name(title: str, names: Sequence[str]) -> str:
    """Removes the site's name from the end or the beginning of ``title``.

    If none of ``names`` (plain) is there, the shorter end after a separator is taken for it.
    """
    pieces = _SEPARATOR.split(title)
    separators = _SEPARATOR.findall(title)
    if len(pieces) < 2:
        return title
    for drop, kept in (
        (pieces[-1], title[: title.rfind(separators[-1], 0, len(title))]),
        (pieces[0], title[len(pieces[0]) + len(separators[0]) :]),
    ):
        if plain(drop) in names or plain(drop).replace(" ", "") in names:
            return without_site_name(kept.strip(), names)
    last = pieces[-1]
    if len(last.split()) < _SHORT_NAME_WORDS and len(last) < len(title) / 2:
        return title[: title.rfind(separators[-1])].strip()
    return title


def plain(text: str) -> str:
    """Normalises ``text`` to compare titles: lower-case letters and digits, single blanks."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _goes_with(heading: str, title: str, names: Sequence[str]) -> bool:
    """True if ``heading`` is the beginning, end or middle of ``title`` and not the site's name."""
    if not heading or not title or heading in names or heading in SECTIONS:
        return False
    if heading == title:
        return True
    begins = f"{title} ".startswith(f"{heading} ") or f" {title}".endswith(f" {heading}")
    # A single word at the beginning of a title is more often chance than the headline.
    if begins and (len(heading.split()) > 1 or len(heading) > 12):
        return True
    cut = _DOTS.sub("", title)
    return len(cut) > 20 and heading.startswith(cut)


def _is_headline(text: str, names: Sequence[str]) -> bool:
    return bool(plain(text)) and plain(text) not in names and plain(text) not in SECTIONS


def _candidates(root: "Element") -> Iterable[str]:
    """Texts of headings, the highest level first, then of other elements marked as a title."""
    for tag in _HEADINGS:
        for n, each in enumerate(root.iter(tag)):
            if n > _MOST_HEADINGS:
                break
            yield _text(each)
    yield from _marked(root)


def _marked(root: "Element") -> Iterable[str]:
    for each in root.iter("h1", "h2", "h3", "div", "td", "p", "span", "strong", "b", "font"):
        names = f"{each.get('class', '')} {each.get('itemprop', '')}".split()
        if not _TITLE_CLASSES.isdisjoint(names):
            text = _text(each)
            if 0 < len(text) <= 300:
                yield text


def _text(heading: "Element") -> str:
    if is_silent(heading) or is_clutter(heading) or _leads_home(heading):
        return ""
    if heading.find(".//small") is not None or heading.find(".//time") is not None:
        heading = copy.deepcopy(heading)
        for each in list(heading.iter("small", "time")):
            if each is not heading:
                each.drop_tree()
    return " ".join(" ".join(paragraphs_below(heading)).split())


def _leads_home(heading: "Element") -> bool:
    """True for the name of the site, which links to its home page."""
    link = heading.find(".//a")
    if link is None:
        return False
    return link.get("rel") == "home" or link.get("href") in ("/", "./", "index.html", "index.php")


def _host_names(address: str) -> list[str]:
    match = re.match(r"https?://(?:www\.)?([^/:?#]+)", address, re.IGNORECASE)
    if match is None:
        return []
    host = match[1].lower()
    return [plain(host), host.rpartition(".")[0].rpartition(".")[2]]
