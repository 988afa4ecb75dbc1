"""Extracts the publication date of a web page; never that of a modification or a comment.

The day is read as the site writes it. A wrong date is worse than none.
"""

import copy
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from indexer.sources.dates import GivenDate, parse_date
from indexer.sources.pages.page_head import PageHead

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Names of meta elements with the publication date, the more reliable first.
_METAS = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.created",
    "dc.date.created",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "pubdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "article.published",
)
#: Classes, as whole names, of elements with the publication date as text.
_DATE_CLASSES = frozenset(
    """article-date article__date blog-date blog__date create created createdate date
    date-display-single date-published datetime dt-published entry-date entry__date
    field--name-created field--name-field-date field-name-post-date itemDateCreated kuupaev
    kuupäev lisatud meta meta-date news-date news_date newsdate node__submitted post-date
    post__date post_date postdate posted-on postmetadata publish-date publish_date published
    submitted time uudise-kuupaev uudise_kuupaev""".split()
)
_NOT_PUBLISHED = re.compile(
    r"muud[ea]|uuenda|muudatus|modif|updat|изменен|обновл|kommentaar|comment|tähtaeg|deadline|toimu",
    re.IGNORECASE,
)
_CHANGED_CLASSES = frozenset(
    ("updated", "modified", "dt-updated", "itemDateModified", "last-updated")
)
#: Classes of elements beside the article, whose dates are those of other things.
_BESIDE = frozenset(
    """comments comment-list commentlist comments-area comment related related-posts jp-relatedposts
    seotud-uudised recent-posts latest-posts latest-news sidebar widget widget-area footer event
    events calendar kalender teaser teasers more-news more-posts similar-posts""".split()
)
_MONTH = r"(?:\d{1,2}\.|[^\W\d_]{3,10}\.?)"
_IN_TEXT = re.compile(
    rf"\d{{4}}-\d{{2}}-\d{{2}}(?!\d)|\d{{1,2}}\.?\s?{_MONTH}\s?\d{{4}}(?!\d)|\d{{1,2}}/\d{{1,2}}/\d{{4}}(?!\d)"
    r"|[^\W\d_]{3,10}\.? \d{1,2},? \d{4}(?!\d)"
)
_LONGEST_LINE = 100
# The date of a modification may follow the publication date.
_PARTS = re.compile(r"\s*[|;·•()]\s*")
_FIRST_LINES = 3
_NEAR = 6
# A place may precede the date, such as “Tallinn, 3. mai 2016”.
_DATELINE = re.compile(
    r"(?:(?:avaldatud|lisatud|loodud|postitatud|published|posted)(?: on)?:?\s+)?"
    r"(?:[A-ZÕÄÖÜŠŽ][^\W\d_]+,\s+)?"
    r"(?:(?:esmas|teisi|kolma|nelja)päev\w*,?\s+|(?:ree|lau|püha)\w+,?\s+)?"
    rf"(\d{{1,2}}\.?\s?{_MONTH}\s?\d{{4}}|\d{{4}}-\d{{2}}-\d{{2}}"
    r"|[^\W\d_]{3,9} \d{1,2},? \d{4})"
    r"(?:\.|\s*[|,·•/–-].{0,40}|T?\s*(?:kell\s+)?\d{1,2}[:.]\d{2}.{0,40})?",
    re.IGNORECASE,
)
_LATE_HOURS = re.compile(r"\d{4}-\d{2}-\d{2}[T ]2[12]:.*(?:Z|\+00:?00)$")


def page_date(root: "Element", head: PageHead) -> GivenDate | None:
    """Finds the publication date as written on the page; None without reliable evidence."""
    said = _first([head.linked_date, *(head.meta(each) for each in _METAS)])
    shown = _shown_dates(root)
    if said is None:
        return shown[0] if shown else None
    if _LATE_HOURS.search(said.text):
        # Some plugins write UTC, in which it may still be the day before.
        after = _next_day(said)
        return next((each for each in shown if each.value.iso == after), said)
    return said


def guessed_date(root: "Element", address: str) -> GivenDate | None:
    """Guesses the date of a page without markup for it by htmldate; None if there is none."""
    import logging

    import htmldate
    from lxml import html as lxml_html

    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    text = lxml_html.tostring(_without_changes(root), encoding="unicode")
    try:
        found = htmldate.find_date(
            text, original_date=True, extensive_search=False, url=address or None
        )
    except Exception:  # libraries may raise anything for odd pages
        return None
    return parse_date(found) if found else None


def first_date(lines: Sequence[str]) -> GivenDate | None:
    """The date of the first ``lines`` that consist of nothing but a date, as below a headline."""
    dates = (_DATELINE.fullmatch(line.strip()) for line in lines[:_FIRST_LINES])
    found = (parse_date(each[1]) for each in dates if each)
    return next((each for each in found if each and each.value.precision == "day"), None)


def date_beside(page: "Element", title: str) -> GivenDate | None:
    """Finds a date in a line of its own right above or below the headline ``title``."""
    lines = [
        text
        for each in _without_changes(page).iter()
        if isinstance(each.tag, str) and (text := " ".join((each.text or "").split()))
    ]
    at = next((n for n, line in enumerate(lines) if line == title), None)
    if at is None:
        return None
    below = takewhile(lambda line: len(line) <= _LONGEST_LINE, lines[at + 1 : at + 1 + _NEAR])
    return first_date(list(below)) or first_date(list(reversed(lines[max(0, at - 2) : at])))


def date_in(line: str) -> GivenDate | None:
    """The only date in a short line, such as “Avaldatud: 3. mai 2016 kell 10.15”."""
    if len(line) > _LONGEST_LINE:
        return None
    line = " ".join(each for each in _PARTS.split(line) if not _NOT_PUBLISHED.search(each))
    if whole := parse_date(line):
        return whole if whole.value.precision == "day" else None
    dates = [each for match in _IN_TEXT.finditer(line) if (each := parse_date(match.group()))]
    return dates[0] if len({each.value for each in dates}) == 1 else None


def _without_changes(root: "Element") -> "Element":
    """Copies a tree without dates of modification."""
    kept = copy.deepcopy(root)
    for each in list(
        kept.iter("meta", "p", "span", "div", "td", "time", "li", "small", "em", "i", "dd")
    ):
        names = " ".join(each.get(name, "") for name in ("name", "property", "itemprop", "class"))
        text = "" if each.tag == "meta" else " ".join("".join(each.itertext()).split())
        tells = _NOT_PUBLISHED.search(names) or (
            0 < len(text) <= _LONGEST_LINE and _NOT_PUBLISHED.search(text)
        )
        if tells and each.getparent() is not None:
            each.drop_tree()
    return kept


def _first(texts: Sequence[str]) -> GivenDate | None:
    return next((found for each in texts if each and (found := parse_date(each))), None)


def _next_day(given: GivenDate) -> str:
    value = given.value
    if value.month is None or value.day is None:
        return ""
    return (date(value.year, value.month, value.day) + timedelta(days=1)).isoformat()


def _shown_dates(root: "Element") -> list[GivenDate]:
    """Dates of elements marked as publication dates, the more reliable first."""
    marked: list[tuple[int, GivenDate]] = []
    for element in root.iter(
        "time", "abbr", "span", "div", "p", "dd", "li", "td", "em", "small", "meta"
    ):
        rank = _rank(element)
        if rank is None or _is_beside(element):
            continue
        for text in _written(element):
            if found := date_in(text):
                marked.append((rank, found))
                break
    best = min((rank for rank, _ in marked), default=0)
    values = {found.value for rank, found in marked if rank == best}
    # Several different dates of equal rank, as in lists, are no evidence.
    if len(values) > 1 and best > 1:
        return []
    return [found for _, found in sorted(marked, key=lambda each: each[0])]


def _rank(element: "Element") -> int | None:
    """Rank of an element as evidence of the publication date, 0 the best; None if it is none."""
    names = element.get("class", "").split()
    item = element.get("itemprop", "")
    if "dateModified" in item or not _CHANGED_CLASSES.isdisjoint(
        set(names) - {"updated"} if "published" in names else names
    ):
        return None
    if "datePublished" in item:
        return 0
    if element.tag == "meta":
        return None
    if element.tag == "time":
        if element.get("pubdate") is not None or not _DATE_CLASSES.isdisjoint(names):
            return 1
        return 2
    return 3 if not _DATE_CLASSES.isdisjoint(names) else None


def _written(element: "Element") -> Iterator[str]:
    for name in ("datetime", "content"):
        if value := element.get(name, "").strip():
            yield value
    yield " ".join("".join(element.itertext()).split())
    if element.tag in ("abbr", "span") and element.get("title"):
        yield element.get("title")


def _is_beside(element: "Element") -> bool:
    for each in (element, *element.iterancestors()):
        if each.tag in ("article", "main"):
            return False
        if (
            each.tag in ("aside", "footer", "nav")
            and next(each.iterancestors("article", "main"), None) is None
        ):
            return True
        names = f"{each.get('class', '')} {each.get('id', '')}".split()
        if each.tag not in ("body", "html") and not _BESIDE.isdisjoint(names):
            return True
    return False
