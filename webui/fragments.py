"""HTML fragments repeated dozens of times on a page, built without a template.

They are built here instead of in templates for speed: fragments that depend only on a value are
cached. All text is escaped, as in templates.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from markupsafe import Markup, escape

from search.results import Mark
from webui.components import Step, spans
from webui.entities.areas import Area
from webui.facets.year_series import Bar
from webui.localisation import Localisation

Picked = Literal["", "checked", "excluded"]
#: Size of the caches, in entries of half a kilobyte.
_REMEMBERED = 4096
_DEEPEST = 3
_DRAWINGS = {
    "square": '<rect x="1.5" y="1.5" width="9" height="9" rx="1"/>',
    "ring": '<circle class="line" cx="6" cy="6" r="3.75"/>',
    "triangle": '<path d="M6 1.2 11.2 10.4H.8Z"/>',
    "diamond": '<path d="M6 .6 11.4 6 6 11.4.6 6Z"/>',
    "cross": '<path d="M4.4 1h3.2v3.4H11v3.2H7.6V11H4.4V7.6H1V4.4h3.4Z"/>',
    "bar": '<path d="M2 1h3.2v10H2ZM6.8 1H10v10H6.8Z"/>',
    "none": '<path d="M1 5h10v2H1Z"/>',
}
#: The shapes of the focus areas by their look, drawn on a grid of 12.
SHAPES: Mapping[str, Markup] = {
    look: Markup(  # noqa: S704 - our own drawings
        '<svg class="shape" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"'
        f' focusable="false">{drawing}</svg>'
    )
    for look, drawing in _DRAWINGS.items()
}


def joined(pieces: Iterable[str], between: str = "") -> Markup:
    """Concatenates HTML ``pieces`` with ``between`` in between."""
    return Markup(between.join(pieces))  # noqa: S704 - each piece is escaped where it is made


def marked(text: str, marks: Sequence[Mark], first: int = 0) -> Markup:
    """Renders ``text`` from ``first`` on with highlights; no mark may begin before that."""
    found = spans(marks, len(text)) if marks else ()
    whole = escape(text[first:])
    if not found:
        return whole
    # Nearly all texts need no escaping, so neither do their pieces.
    as_html: Callable[[str], str] = str if len(whole) == len(text) - first else escape
    pieces: list[str] = []
    done = first
    for start, end in found:
        pieces += (as_html(text[done:start]), "<mark>", as_html(text[start:end]), "</mark>")
        done = end
    pieces.append(as_html(text[done:]))
    return joined(pieces)


def step_html(
    fits: bool, step: Step, text: str, rel: str = "", link_class: str = "", **attributes: str
) -> Markup:
    """Renders a step (pagination, order, suggestion) as a link, or as a button of the search form.

    ``fits``: URLs are short enough for links. Empty ``attributes`` are left out.
    """
    more = "".join(_attribute(each.replace("_", "-"), attributes[each]) for each in attributes)
    if fits:
        more = _attribute("rel", rel) + _attribute("class", link_class) + more
        return joined((f'<a href="{escape(step.url)}"{more}>{escape(text)}</a>',))
    field = _attribute("name", step.field) + _attribute("value", step.value)
    return joined((f'<button class="plain" form="search"{field}{more}>{escape(text)}</button>',))


def bar_html(bar: Bar, height: int) -> Markup:
    """Renders a bar of the year chart as SVG; ``height`` is the scale."""
    rectangles = (
        f'<rect{_attribute("class", f"area-{each.area.look}" if each.area else "")} x="1"'
        f' y="{height - each.base - each.height}" width="8" height="{each.height}"/>'
        for each in bar.parts
        if each.count
    )
    return joined(
        (
            f'<svg viewBox="0 0 10 {height}" preserveAspectRatio="none" aria-hidden="true"',
            ' focusable="false">',
            *rectangles,
            f'</svg><span class="vh">{escape(bar.name)}</span>',
        )
    )


@functools.lru_cache(_REMEMBERED)
def area_link(area: Area, url: str) -> Markup:
    """List item with a link to the page of the focus area."""
    return joined(
        (
            f'<li><a class="area area-{area.look}" href="{escape(url)}">',
            f"{SHAPES[area.look]}<span>{escape(area.label)}</span></a></li>",
        )
    )


@functools.lru_cache(_REMEMBERED)
def organisation_link(name: str, url: str) -> Markup:
    """List item with a link to the page of the organisation."""
    return joined((f'<li><a href="{escape(url)}">{escape(name)}</a></li>',))


@functools.lru_cache(_REMEMBERED)
def facet_value(
    facet: str,
    value: str,
    label: str,
    picked: Picked,
    area: Area | None,
    depth: int,
    within: str,
    root: str,
    here: Localisation,
) -> tuple[str, str]:
    """Renders a facet value as a list item: the HTML before and after its count.

    It has a checkbox of the search form and a button that excludes the value; an excluded one has
    only a button that undoes it. ``within`` is the label of the parent area, ``depth`` the level of
    nesting. ``root`` is the URL of the search page, where both buttons lead back to the facet.
    """
    classes = "value" + (f" deep-{min(depth, _DEEPEST)}" if depth else "")
    classes += f" is-{picked}" if picked else ""
    shown, name = escape(label), escape(value)
    look = f'<span class="area-{area.look}">{SHAPES[area.look]}</span>' if area else ""
    text = f'{look}<span class="name">{_within(within)}{shown}</span>\n'
    if picked == "excluded":
        out = excluded_value(facet, value, "search", here)
        before = f'<li class="{classes}">\n{out}{text}'
        undo = undo_button(facet, value, label, "search", here, facet_place(root, facet))
        return before, f"</span>\n{undo}</li>\n"
    box = f'<input type="checkbox" form="search" name="{facet}" value="{name}"'
    before = f'<li class="{classes}">\n<label>{box}{" checked" if picked else ""}>\n{text}'
    place = facet_place(root, facet)
    return before, f"</label>\n{_leave_out(facet, name, label, place, here)}</li>\n"


def facet_place(root: str, facet: str) -> str:
    """URL of a facet on the search page at ``root``."""
    return f"{root}#{facet}"


def excluded_value(facet: str, value: str, form: str, here: Localisation) -> Markup:
    """Beginning of an excluded value, up to its name, with the hidden field of ``form``."""
    field = f'<input type="hidden" form="{form}" name="not_{facet}" value="{escape(value)}">'
    text = escape(here.gettext("Left out:"))
    return joined((field, f'<span class="out"><span class="vh">{text} </span>'))


def undo_button(
    facet: str, value: str, label: str, form: str, here: Localisation, place: str = ""
) -> Markup:
    """Button that undoes the exclusion of a value, and returns to ``place``."""
    name = escape(here.gettext("No longer leave out: {label}", label=label))
    return joined(
        (
            f'<button class="plain undo" form="{form}"{_attribute("formaction", place)}',
            f' name="undo" value="not_{facet}:{escape(value)}" title="{name}"',
            f' aria-label="{name}"></button>',
        )
    )


def _attribute(name: str, value: str) -> str:
    return f' {name}="{escape(value)}"' if value else ""


def _within(label: str) -> str:
    return f'<span class="vh">{escape(label)}: </span>' if label else ""


def _leave_out(facet: str, value: Markup, label: str, place: str, here: Localisation) -> str:
    name = escape(here.gettext("Leave out: {label}", label=label))
    return (
        f'<button class="plain minus" form="search" name="not_{facet}" value="{value}"'
        f' formaction="{escape(place)}" title="{name}"></button>'
    )
