"""Line clamping of snippets: cuts their beginning so that two lines show the first match."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from search.results import Snippet
from webui.fragments import joined, marked

#: Characters up to the end of the first match that fit into two lines: on a phone, on any screen.
_NARROW, _WIDE = 45, 120
#: Characters kept before a match if more do not fit.
_BEFORE_NARROW, _BEFORE_WIDE = 24, 80
_ELLIPSIS = "…"


def snippet_lines(snippets: Sequence[Snippet]) -> Markup:
    """Renders the ``snippets`` of a hit, one after the other, with highlights.

    Text too far before the first match for two lines on a phone is in a ``span`` of the class
    ``far``, which phones hide; text too far on any screen is omitted.
    """
    if not snippets:
        return Markup()
    first, *others = snippets
    return joined((_begun_near(first), *(marked(each.text, each.marks) for each in others)), " ")


def _begun_near(snippet: Snippet) -> Markup:
    text, marks = snippet.text, snippet.marks
    if not marks:
        return marked(text, ())
    match, end = marks[0].start, marks[0].end
    before, begin = "", 0
    if end > _WIDE:
        before, begin = _ELLIPSIS, _word_start(text, max(match - _BEFORE_WIDE - 1, 0), match)
    if len(before) + end - begin <= _NARROW:
        return joined((before, marked(text, marks, begin)))
    near = _word_start(text, max(match - _BEFORE_NARROW - 1, begin), match)
    far = escape(before + text[begin:near])
    return joined(('<span class="far">', far, "</span>", marked(text, marks, near)))


def _word_start(text: str, least: int, match: int) -> int:
    """Start of the first word from ``least`` on, else of the match."""
    return text.find(" ", least, match) + 1 or match
