"""Extracts the main content of a web page: known containers first, otherwise trafilatura."""

import copy
import logging
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from indexer.sources.pages.markup import is_layout, paragraphs_below, text_length
from indexer.sources.pages.page_boilerplate import is_clutter, is_silent
from indexer.sources.pages.page_date import date_in
from indexer.sources.pages.page_title import SECTIONS, plain

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from indexer.sources.dates import GivenDate

#: Classes of containers with only the main content, the most specific first.
_CONTAINERS = (
    "entry-content wp-block-post-content td-post-content et_pb_post_content"
    " elementor-widget-theme-post-content jeg_main_content the_content",
    "field--name-body field-name-body field--name-field-body node__content",
    "itemFullText itemBody com-content-article__body",
    "article-body article__body article-body__content articleBody article-content article__content"
    " article-text articleText story-body newstext news-text news-body uudise-sisu uudise_sisu",
    "post-content post__content post-body post__body post-entry single-content single__content"
    " blog-item-content blog-post-content post-content__body rich-content-viewer e-content"
    " gh-content entry-body entry",
    "content-formatted item-page news-content page-content contentpaneopen",
)
#: Classes of a lead outside of the container.
_LEADS = frozenset(
    """article-intro article-lead article__intro article__lead entry-summary field--name-field-intro
    field--name-field-lead field--name-field-summary ingress intro introtext itemIntroText lead
    lead-text lead-paragraph post-excerpt post-lead sissejuhatus standfirst""".split()
)
_TO_HTML = {
    "head": "h2", "list": "ul", "item": "li", "row": "tr", "cell": "td", "quote": "blockquote",
    "lb": "br", "hi": "b", "ref": "a", "code": "pre", "main": "div", "body": "div", "doc": "div",
}  # fmt: skip
#: Boilerplate lines: navigation, sharing, comments, tags.
_LEADING_ELSEWHERE = re.compile(
    r"(?:[«‹<←]+\s*)?(?:tagasi(?: uudiste(?: juurde)?| algusesse| üles)?|back|назад)"
    r"(?:\s*[»›>→]+)?"
    r"|(?:prindi|trüki|print|saada sõbrale|saada (?:e-)?kirjaga|e-?mail|pdf|üles"
    r"|jaga(?: (?:seda|lugu|postitust|uudist|artiklit|sõpradega))*"
    r"|jaga (?:facebookis|twitteris|linkedinis)|share(?: this)?|tweet|like this|meeldib|facebook"
    r"|twitter|linkedin|loe (?:edasi|veel|lisaks)|read more|loading|laen)\s*(?:[:»›>→.…]+)?"
    r"|\W*(?:viimati )?(?:muudetud|uuendatud|last (?:updated|modified)|updated|modified)\b.{0,40}"
    r"|reklaam|advertisement|реклама|(?:kommentaar\w*|comments?)\s*[:(]?\s*\d*\)?"
    r"|(?:sildid|märksõnad|kategooria\w*|rubriik|tags?|categor\w+|posted in|filed under)\s*:"
    r".{0,120}",
    re.IGNORECASE,
)
_MOST_LEADING_LINES = 6
_FEW_CHARACTERS = 25
_MUCH_MORE, _NEARLY_ALL, _MOST = 4, 0.85, 0.5
_LINKED, _LINK_CHARACTERS = 0.6, 15
_EMPHASIS = frozenset(("b", "strong", "font", "big", "h1", "h2", "h3", "h4"))
_HEADLINE_CLASS = re.compile(r"pealkiri|headline|heading|title", re.IGNORECASE)
_BEGINNING, _LONGEST_HEADLINE = 60, 200
_AUTHOR = re.compile(
    r"(?:kirjutas|autor|postitas|tekst|author|by|written by|автор)\s*:?\s+\w+(?:[ -]\w+){0,3}",
    re.IGNORECASE,
)


def without_clutter(root: "Element") -> "Element":
    """Copies a page's tree without boilerplate: menus, sidebars, footers, layout tables."""
    kept = copy.deepcopy(root)
    for each in list(kept.iter()):
        if each is kept or each.tag in ("head", "title", "body") or not _is_cut(each):
            continue
        if each.getparent() is not None:
            each.drop_tree()
    _unwrap_layout(kept)
    return kept


def page_paragraphs(page: "Element", title: str) -> list[str]:
    """Extracts the main content of ``page``, a tree without clutter: its paragraphs."""
    found = _container(page, title)
    if found is not None:
        return _lead(page, found) + paragraphs_below(found)
    extracted = _extracted(page)
    densest = _densest(page)
    own = [] if densest is None else paragraphs_below(densest)
    share = _length(own) / (_length(extracted) or 1)
    has_title = bool(own) and plain(own[0].partition("\n")[0]) == plain(title)
    # For a short notice trafilatura selects a longer column beside it.
    if share > _MUCH_MORE or _NEARLY_ALL < share < 1 or (has_title and share > _MOST):
        return own
    return extracted or own


def without_repeats(
    paragraphs: Sequence[str],
    title: str,
    date: "GivenDate | None",
    names: Sequence[str],
) -> list[str]:
    """Removes leading lines that repeat title, date or ``names``, and boilerplate lines anywhere.

    ``names`` are those of the site, the author and categories.
    """
    known = {plain(title), *map(plain, names), *SECTIONS} - {""}
    kept = list(paragraphs)
    for _ in range(_MOST_LEADING_LINES):
        if not kept:
            break
        is_title = plain(kept[0]) == plain(title)
        first, _, rest = (kept[0], "", "") if is_title else kept[0].partition("\n")
        if not _is_repeat(first.removeprefix("- "), known, date):
            break
        kept[0:1] = [rest] if rest else []
    while kept and _LEADING_ELSEWHERE.fullmatch(kept[-1].strip()):
        kept.pop()
    return [each for each in kept if not _LEADING_ELSEWHERE.fullmatch(each.strip())]


def is_of_links(page: "Element", paragraphs: Sequence[str]) -> bool:
    """True if most of the text of ``paragraphs`` is links (link density), as in a list."""
    texts = {"".join("".join(each.itertext()).split()) for each in page.iter("a")}
    text = "".join("".join(paragraphs).split())
    linked = [len(each) for each in texts if len(each) > _LINK_CHARACTERS and each in text]
    return len(linked) > 2 and sum(linked) > _LINKED * len(text)


def emphasised_before(page: "Element", paragraphs: Sequence[str]) -> str:
    """Finds a headline in larger or bold type above the text, as of old pages; else empty.

    It may be the first line of the text itself.
    """
    lines = (each.partition("\n")[0] for each in paragraphs)
    first = next((each for each in lines if plain(each) not in SECTIONS), "")
    last = ""
    for each in page.iter():
        text = _one_line(each)
        is_first = bool(first) and text.startswith(first[:_BEGINNING])
        if each.tag in _EMPHASIS or _HEADLINE_CLASS.search(each.get("class", "")):
            is_headline = 0 < len(text) <= _LONGEST_HEADLINE and plain(text) not in SECTIONS
            if is_headline and each.find(".//a") is None and not date_in(text):
                if is_first:
                    return text if text == first else last
                is_whole = each.tag[0] == "h" or _one_line(each.getparent()).startswith(text)
                last = text if is_whole else last
        elif is_first and each.tag not in ("html", "body", "div"):
            break
    return last


def _one_line(element: "Element | None") -> str:
    """The beginning of the text of an element, with single blanks."""
    if element is None:
        return ""
    length, pieces = 0, []
    for each in element.itertext():
        pieces.append(each)
        length += len(each)
        if length > 2_000:
            break
    return " ".join("".join(pieces).split())


def _is_repeat(line: str, known: set[str], date: "GivenDate | None") -> bool:
    text = plain(line)
    if not text or text in known or _LEADING_ELSEWHERE.fullmatch(line.strip()):
        return True
    if len(line) > 100:
        return False
    if _AUTHOR.fullmatch(line):
        return True
    if any(
        each in text and len(text) < len(each) + _FEW_CHARACTERS for each in known if len(each) > 15
    ):
        return True  # the title with a date or the site's name beside it
    found = date_in(line)
    rest = re.sub(r"[\W\d]+", " ", line.replace(found.text, "")) if found else ""
    return (
        found is not None
        and date is not None
        and found.value == date.value
        and (len(rest) < _FEW_CHARACTERS or plain(rest) in known)
    )


def _is_cut(element: "Element") -> bool:
    tag = element.tag
    if tag in ("aside", "footer", "nav") or element.get("role") in ("complementary", "contentinfo"):
        return element.find(".//*[@itemprop='articleBody']") is None
    if tag in ("script", "style", "title", "meta", "link"):
        return tag in ("script", "style")
    if tag == "form":  # ASP.NET wraps pages in one form
        return text_length(element) < 300 and element.find(".//h1") is None
    return is_clutter(element) or is_silent(element)


def _unwrap_layout(root: "Element") -> None:
    """Converts layout tables to blocks, so that the page is not read as a table."""
    for table in reversed(list(root.iter("table"))):
        if not is_layout(table):
            continue
        for each in table.iterdescendants("tr", "td", "tbody", "thead", "tfoot"):
            if next(each.iterancestors("table"), None) is table:
                each.tag = "div"
        table.tag = "div"


def _container(page: "Element", title: str) -> "Element | None":
    marked = _outermost(page.xpath("//*[contains(@itemprop, 'articleBody')]"))
    if marked:
        return _best(marked, page, title)
    for names in _CONTAINERS:
        wanted = set(names.split())
        found = [
            each
            for each in page.iter("div", "section", "article", "td", "main", "p")
            if not wanted.isdisjoint(each.get("class", "").split())
        ]
        found = [each for each in _outermost(found) if text_length(each)]
        if found:
            return _best(found, page, title)
    for tag in ("article", "main"):
        found = [each for each in page.iter(tag) if text_length(each)]
        if len(found) == 1:
            return found[0]
    return None


def _best(found: Sequence["Element"], page: "Element", title: str) -> "Element":
    """The container below the headline, else the longest; joins the parts of one text."""
    if len(found) == 1:
        return found[0]
    parents = {each.getparent() for each in found}
    if len(parents) == 1 and not any(each.find(".//h2/a") is not None for each in found):
        from lxml import html as lxml_html

        whole = lxml_html.Element("div")
        whole.extend([copy.deepcopy(each) for each in found])
        return whole
    wanted = plain(title)
    seen_title = False
    for each in page.iter():
        if isinstance(each.tag, str) and each.tag in ("h1", "h2", "h3", "td", "div"):
            seen_title = seen_title or (bool(wanted) and plain(_short_text(each)) == wanted)
        if seen_title and any(each is one for one in found):
            return each
    return max(found, key=text_length)


def _short_text(element: "Element") -> str:
    text = element.text or ""
    return "".join(element.itertext()) if element.tag in ("h1", "h2", "h3") else text


def _outermost(found: Sequence["Element"]) -> list["Element"]:
    chosen = set(found)
    return [each for each in found if chosen.isdisjoint(each.iterancestors())]


def _lead(page: "Element", container: "Element") -> list[str]:
    """Paragraphs of a lead before the container."""
    within = set(container.iter())
    for each in page.iter("div", "p", "section", "h2", "h3", "strong"):
        if each in within:
            break
        if not _LEADS.isdisjoint(each.get("class", "").split()) and each.find(".//h2/a") is None:
            lead = paragraphs_below(each)
            text = " ".join(plain(one) for one in paragraphs_below(container))
            return [one for one in lead if plain(one) not in text]
    return []


def _extracted(page: "Element") -> list[str]:
    """Paragraphs by trafilatura."""
    from lxml import html as lxml_html

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    import trafilatura

    text = lxml_html.tostring(page, encoding="unicode")
    try:
        document = trafilatura.bare_extraction(
            text,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            with_metadata=False,
        )
    except Exception:  # libraries may raise anything for odd pages; there is a fallback
        return []
    body = getattr(document, "body", None)
    if body is None:
        return []
    body = copy.deepcopy(body)
    for each in body.iter():
        each.tag = _TO_HTML.get(each.tag, each.tag)
    return paragraphs_below(body)


def _densest(page: "Element") -> "Element | None":
    """The block with the highest text density: the most own text outside of links."""
    best, most = None, 0
    for each in page.iter(
        "div", "td", "section", "article", "body", "center", "font", "span", "form"
    ):
        own = _own_length(each)
        if own > most:
            best, most = each, own
    return best


def _own_length(block: "Element") -> int:
    """Characters of the text directly in ``block``, its paragraphs and inline elements."""
    total = len((block.text or "").strip())
    for each in block:
        total += len((each.tail or "").strip())
        if each.tag in (
            "p",
            "b",
            "i",
            "strong",
            "em",
            "font",
            "span",
            "ul",
            "ol",
            "blockquote",
            "h2",
            "h3",
            "br",
        ):
            links = sum(text_length(link) for link in each.iter("a"))
            total += max(0, text_length(each) - 2 * links)
    return total


def _length(paragraphs: Sequence[str]) -> int:
    return sum(map(len, paragraphs))
