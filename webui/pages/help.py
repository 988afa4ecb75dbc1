"""Help pages for readers and for owners, rendered from docs/*.md, one language at a time."""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from search.i18n import LANGUAGES
from webui.addresses.parameters import SearchState
from webui.components import Link

READERS = "query-language.md"
OWNERS = "owners-guide.md"
#: Sections about an optional feature.
OF_MEANING = frozenset({"Tähendus", "Meaning"})
#: Prefixes of external links.
_AWAY = ("https://", "http://", "mailto:")
#: Explicit ARIA roles, because on narrow screens the style sheet displays table rows as blocks.
_ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tr": "row",
    "th": "columnheader",
    "td": "cell",
}


@dataclass(frozen=True, slots=True)
class HelpPage:
    """Help in one language: ``contents`` links to the headings of ``body``."""

    title: str
    contents: tuple[Link, ...]
    body: Markup


@functools.lru_cache(maxsize=16)
def help_page(
    language: str,
    start: SearchState,
    document: str = READERS,
    left_out: frozenset[str] = frozenset(),
) -> HelpPage:
    """A help document in ``language``; its examples link to searches from ``start``.

    Sections in ``left_out`` are omitted.
    """
    text = (files("webui") / document).read_text(encoding="utf-8")
    return rendered_guide(text, language, start if document == READERS else None, left_out)


def rendered_guide(
    document: str,
    language: str,
    start: SearchState | None,
    left_out: frozenset[str] = frozenset(),
) -> HelpPage:
    """Renders the part of ``document`` (Markdown) in ``language``.

    A document in one language is used for all; one without a title has none. With ``start`` the
    examples in the first column of its tables link to searches. ``left_out`` are headings of
    sections to omit.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = markdown.parse(document)
    parts = list(_parts(tokens)) or [("", tokens)]
    title, body = parts[min(LANGUAGES.index(language), len(parts) - 1)]
    body = list(_without_sections(body, left_out))
    contents = tuple(_name_headings(body))
    for token in body:
        if token.type.endswith("_open") and token.tag in _ROLES:
            token.attrSet("role", _ROLES[token.tag])
        token.children = list(_without_links(token.children or []))
    if start is not None:
        for cell in _first_cells(body):
            cell.children = list(_runnable(cell.children or [], start))
    html = markdown.renderer.render(body, markdown.options, {})
    return HelpPage(title, contents, Markup(html))  # noqa: S704 - no raw HTML passes the parser


def _parts(tokens: Sequence[Token]) -> Iterator[tuple[str, list[Token]]]:
    """Title and tokens of every part, from a first-level heading to a ruler."""
    title: str = ""
    body: list[Token] = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            title, body = tokens[at + 1].content, []
        elif title and token.type == "hr":
            yield title, body[2:]
            title = ""
        elif title:
            body.append(token)
    if title:
        yield title, body[2:]


def _without_sections(tokens: Sequence[Token], left_out: frozenset[str]) -> Iterator[Token]:
    """Removes the second-level sections with these headings from ``tokens``."""
    is_left_out = False
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            is_left_out = tokens[at + 1].content in left_out
        if not is_left_out:
            yield token


def _name_headings(tokens: Sequence[Token]) -> Iterator[Link]:
    """Gives every heading an id, and yields links to those of the second level."""
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            name = re.sub(r"\W+", "-", inline.content.casefold()).strip("-")
            token.attrSet("id", name)
            if token.tag == "h2":
                yield Link(inline.content, f"#{name}")


def _without_links(children: Sequence[Token]) -> Iterator[Token]:
    """Removes links to other documents, keeping their text and links to sites and mailboxes."""
    kept = False
    for each in children:
        if each.type == "link_open":
            kept = str(each.attrGet("href")).startswith(_AWAY)
        if kept or each.type not in ("link_open", "link_close"):
            yield each


def _first_cells(tokens: Sequence[Token]) -> Iterator[Token]:
    """Cells in the first column of tables, which contain example queries."""
    for before, opening, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.type == "tr_open" and opening.type == "td_open":
            yield inline


def _runnable(children: Sequence[Token], start: SearchState) -> Iterator[Token]:
    """Turns inline code into links that search for it."""
    for each in children:
        if each.type != "code_inline":
            yield each
            continue
        each.attrSet("lang", "et")
        href = start.query_url(each.content)
        yield Token("link_open", "a", 1, attrs={"href": href})
        yield each
        yield Token("link_close", "a", -1)
