"""Removes boilerplate from the text of a feed's entry: “appeared first on”, “read more”, cuts."""

import html
import re
from dataclasses import dataclass

from indexer.sources.pages.markup import paragraphs_of

_TAG = re.compile(r"<[^<>]*>")
_ESCAPED_MARKUP = re.compile(r"&lt;(?:/?p|br\s*/?|/?div|/a|/?strong)\s*&gt;", re.IGNORECASE)
#: The line that WordPress adds below each entry, in several languages.
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
_CUT = re.compile(r"(?:\s*+(?:\[\s*(?:…|\.{2,5})\s*\]|\(\s*(?:…|\.{3})\s*\)|…|\.{3,}+))++\s*\Z")
#: Characters at the end of a paragraph that may be a link to the rest.
_END = 400


@dataclass(frozen=True, slots=True)
class EntryText:
    """Paragraphs of an entry; ``is_cut`` if the feed has only the beginning of the text."""

    paragraphs: tuple[str, ...]
    is_cut: bool

    @property
    def length(self) -> int:
        """Number of characters."""
        return sum(map(len, self.paragraphs))


def entry_text(value: str, *, is_html: bool) -> EntryText:
    """Extracts the text of an entry, given as HTML or plain text."""
    if is_html and not _TAG.search(value) and _ESCAPED_MARKUP.search(value):
        value = html.unescape(value)  # escaped once too often
    markup = value if is_html else html.escape(value, quote=False)
    is_plain = not is_html or not _TAG.search(value)
    paragraphs = paragraphs_of(markup, empty_lines=is_plain)
    is_cut = False
    while paragraphs:
        shorter = _without_addition(paragraphs[-1])
        if shorter == paragraphs[-1]:
            break
        is_cut = is_cut or not _FIRST_ON.fullmatch(paragraphs[-1].rpartition("\n")[2])
        if shorter:
            paragraphs[-1] = shorter
        else:
            paragraphs.pop()
    if not paragraphs:
        return EntryText((), is_cut)
    last, marked = _marked_cut(paragraphs[-1])
    return EntryText((*paragraphs[:-1], last), is_cut or marked)


def _without_addition(paragraph: str) -> str:
    """Removes a line or an end that feeds add from ``paragraph``."""
    before, _, last = paragraph.rpartition("\n")
    if _FIRST_ON.fullmatch(last) or _ONLY_MORE.fullmatch(last):
        return before
    start = max(0, len(paragraph) - _END)
    end = _MORE_AT_END.sub(lambda found: found["before"], paragraph[start:])
    return paragraph if end == paragraph[start:] else (paragraph[:start] + end).rstrip()


def _marked_cut(paragraph: str) -> tuple[str, bool]:
    """Replaces a mark such as “[…]” at the end by “…”; also returns whether there was one."""
    start = max(0, len(paragraph) - _END)
    found = _CUT.search(paragraph[start:])
    if found is None:
        return paragraph, False
    if "[" not in found.group():
        return paragraph, True
    return paragraph[: start + found.start()] + "…", True
