"""Line clamping of snippets: cuts their beginning so that two lines show the first match."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from search.results import Mark, Snippet
from webui.fragments import joined, marked

#: Characters before the end of the first match that two lines hold: of a phone, of any screen.
_NARROW, _WIDE = 45, 120
#: Characters that are left before a match where more do not fit.
_BEFORE_NARROW, _BEFORE_WIDE = 24, 80
_ELLIPSIS = "…"


def snippet_lines(snippets: Sequence[Snippet]) -> Markup:
    """The ``snippets`` of a hit, one after the other, with highlights.

    What stands too far before the first match for the two lines of a phone is in a ``span`` of the
    class ``far``, which phones leave out; what would be too far on any screen is left out here.
    """
    if not snippets:
        return Markup()
    first, *others = snippets
    texts = (_begun_near(first), *(marked(each.text, each.marks) for each in others))
    return Markup(" ").join(texts)


def _begun_near(snippet: Snippet) -> Markup:
    text, marks = snippet.text, snippet.marks
    if marks and _end(marks) > _WIDE:
        at = _word_start(text, marks, _BEFORE_WIDE)
        text, marks = _ELLIPSIS + text[at:], _shifted(marks, at - len(_ELLIPSIS))
    if not marks or _end(marks) <= _NARROW:
        return marked(text, marks)
    at = _word_start(text, marks, _BEFORE_NARROW)
    near = marked(text[at:], _shifted(marks, at))
    return joined(('<span class="far">', escape(text[:at]), "</span>", near))


def _end(marks: Sequence[Mark]) -> int:
    """Where the first match ends."""
    return min(marks, key=lambda each: each.start).end


def _word_start(text: str, marks: Sequence[Mark], before: int) -> int:
    """Where the first word begins of at most ``before`` characters before the first match."""
    match = min(each.start for each in marks)
    return text.find(" ", max(match - before - 1, 0), match) + 1 or match


def _shifted(marks: Sequence[Mark], by: int) -> tuple[Mark, ...]:
    return tuple(Mark(each.start - by, each.end - by) for each in marks)
