"""View models of the filters: facet boxes and chips of chosen values."""

import datetime
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from search.date_interval import FIRST_YEAR, LAST_YEAR, DateInterval
from search.request import (
    FACETS,
    NO_FOCUS,
    UNKNOWN_YEAR,
    FacetFilter,
    FacetName,
)
from search.result_builder import LONG_FACETS
from search.results import Facet, FacetValue, Results
from webui.addresses.list_options import PAGE_SIZES
from webui.addresses.parameters import SearchState
from webui.components import Step
from webui.entities.areas import Areas
from webui.facets.date_control import DateControl, date_control, span_label
from webui.facets.year_series import YearSeries, colouring
from webui.fragments import Picked, facet_value, joined
from webui.localisation import Localisation

#: Values of a facet that are visible at once, and further ones that are folded away: each costs a
#: third of a kilobyte, and a separate page lists them all.
OPEN_VALUES = 10
FOLDED_VALUES = 20


@dataclass(frozen=True, slots=True)
class FacetBox:
    """A facet box: values shown, values folded away, and the number of unlisted ones.

    Values are rendered list items; ``more`` is the label that unfolds the hidden ones. For years
    only, ``dates`` is the date control, and ``colours`` links its chart in other colours.
    """

    name: FacetName
    legend: str
    open: Markup
    folded: Markup
    unlisted: int
    more: str
    dates: DateControl | None = None
    colours: Step | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter; the URL that removes it is empty if it would be too long."""

    facet: str
    label: str
    excluded: bool
    remove_url: str


def facet_title(facet: FacetName, localisation: Localisation) -> str:
    """Title of the facet."""
    return _titles(localisation.language)[facet]


@functools.cache
def _titles(language: str) -> Mapping[FacetName, str]:
    localisation = Localisation.of(language)
    return {
        "focus": localisation.gettext("Focus area"),
        "year": localisation.gettext("Year"),
        "month": localisation.gettext("Month"),
        "org": localisation.gettext("Organisation"),
        "source": localisation.gettext("Source"),
        "language": localisation.gettext("Language"),
    }


def _label(facet: FacetName, value: str, results: Results, localisation: Localisation) -> str:
    """Label of a value, also of one without a count, such as a year span."""
    listed = (each.label for each in results.facet(facet).values if str(each.value) == value)
    return next(listed, "") or _unlisted_label(facet, value, localisation)


def _unlisted_label(facet: FacetName, value: str, localisation: Localisation) -> str:
    if facet == "year":
        if value == UNKNOWN_YEAR:
            return localisation.gettext("year unknown")
        return _span(value, localisation)
    if facet == "focus" and value == NO_FOCUS:
        return localisation.gettext("No focus area")
    if facet == "language":
        return localisation.language_name(value)
    return value


def _span(value: str, localisation: Localisation) -> str:
    """Formats a half-open year span in words."""
    first, last = value.partition("-")[::2]
    if last == str(LAST_YEAR):
        return localisation.gettext("since {year}", year=first)
    if last and first == str(FIRST_YEAR):
        return localisation.gettext("until {year}", year=last)
    return value.replace("-", "–")


def facet_boxes(
    results: Results,
    state: SearchState,
    areas: Areas,
    localisation: Localisation,
    today: datetime.date,
    series: Sequence[YearSeries] = (),
) -> tuple[FacetBox, ...]:
    """Builds the boxes of facets with a choice of values; ``series`` colour the years.

    The box of years is always included if dates are chosen.
    """
    return tuple(
        _with_dates(box, results, state, today, localisation, series) if name == "year" else box
        for facet in results.facets
        for name in [facet.name]
        if facet.name in FACETS and _is_shown(facet, state)
        for box in [_facet(facet, state, areas, localisation)]
    )


def _is_shown(facet: Facet, state: SearchState) -> bool:
    is_chosen = state.request.is_filtered_by(facet.name) or (facet.name == "year" and state.misread)
    # If all articles have the same source or language, there is no choice.
    return bool(is_chosen or len(facet.values) > (facet.name in ("source", "language")))


def _facet(facet: Facet, state: SearchState, areas: Areas, localisation: Localisation) -> FacetBox:
    chosen = state.request.filter(facet.name)
    placed = _placed(facet, chosen, state.request.span, areas)
    cut = 0 if facet.name == "year" else OPEN_VALUES
    if chosen:
        taken = {*chosen.include, *chosen.exclude}
        cut = max([cut, *(at for at, (value, _) in enumerate(placed, 1) if value in taken)])
    if len(placed) - cut == 1:  # unfolding takes as much room as a single value
        cut += 1
    # A page with more hits has no room for minor values, which are listed on a separate page; of
    # years and focus areas none are minor.
    folded = FOLDED_VALUES if state.request.page_size == PAGE_SIZES[0] else 0
    last = cut + folded if facet.name in LONG_FACETS else len(placed)
    listed = {str(each.value): each for each in facet.values}
    items = [
        _item(facet.name, value, listed.get(value), depth, chosen, areas, state.root, localisation)
        for value, depth in placed[:last]
    ]
    below = len(items) - cut
    return FacetBox(
        name=facet.name,
        legend=facet_title(facet.name, localisation),
        open=joined(items[:cut]),
        folded=joined(items[cut:]),
        more=_more(facet.name, below, localisation) if below > 0 else "",
        unlisted=max(0, facet.available - len(facet.values) + len(placed) - len(items)),
    )


def _more(facet: FacetName, count: int, localisation: Localisation) -> str:
    """Label that unfolds the hidden values."""
    if facet == "year":
        return localisation.gettext("Year by year")
    return localisation.ngettext("{count} more", "{count} more", count)


def _item(
    facet: FacetName,
    value: str,
    counted: FacetValue | None,
    depth: int,
    chosen: FacetFilter,
    areas: Areas,
    root: str,
    localisation: Localisation,
) -> str:
    """Renders a value as a list item; without a count if it is not among the results."""
    label = (counted and counted.label) or _unlisted_label(facet, value, localisation)
    picked: Picked = "excluded" if value in chosen.exclude else ""
    if value in chosen.include:
        picked = "checked"
    is_area = facet == "focus" and value != NO_FOCUS
    area = areas.area(value, label) if is_area else None
    around = areas.above(value)[:1] if depth else ()
    within = areas.named(around[0], localisation.language).label if around else ""
    before, after = facet_value(
        facet, value, label, picked, area, depth, within, root, localisation
    )
    if counted is None:
        return f"{before}{after}"
    return f'{before}<span class="count">{localisation.number(counted.count)}</span>{after}'


def _placed(
    facet: Facet, chosen: FacetFilter, span: DateInterval, areas: Areas
) -> Sequence[tuple[str, int]]:
    """Values in display order with their depth; chosen ones first.

    Nested areas stay below their parents; years outside ``span`` are omitted, because they cannot
    be combined with it.
    """
    ordered = _ordered(facet)
    if facet.name == "year" and span:
        first, last = (day // 10_000 for day in span.days)
        ordered = [each for each in ordered if each.isdigit() and first <= int(each) <= last]
        ordered = ordered if len(ordered) > 1 else []
    if facet.name == "focus":
        tree = areas.in_tree(ordered)
        if any(depth for _, depth in tree):
            return tree
    if chosen:
        picked = dict.fromkeys((*chosen.include, *chosen.exclude))
        ordered = [*picked, *(each for each in ordered if each not in picked)]
    return [(each, 0) for each in ordered]


def _with_dates(
    box: FacetBox,
    results: Results,
    state: SearchState,
    today: datetime.date,
    localisation: Localisation,
    series: Sequence[YearSeries],
) -> FacetBox:
    """Adds the date control, and the link to the other colouring of its chart, to ``box``."""
    control = date_control(results, state, today, localisation, series)
    box = replace(box, legend=localisation.gettext("Dates"), dates=control)
    has_areas = any(each.value != NO_FOCUS for each in results.facet("focus").values)
    if control.chart is None or not (has_areas or state.coloured):
        return box
    other = state.in_colour(not state.coloured)
    return replace(box, colours=colouring(other, other.url, localisation))


def _ordered(facet: Facet) -> list[str]:
    """Values in display order: years descending, others by count; unknown ones last."""
    values = [str(each.value) for each in facet.values]
    if facet.name == "year":
        return sorted(values, key=lambda each: int(each) if each.isdigit() else 0, reverse=True)
    return sorted(values, key=NO_FOCUS.__eq__) if facet.name == "focus" else values


def chips(results: Results, state: SearchState, localisation: Localisation) -> tuple[Chip, ...]:
    """Chips of the active filters."""
    return tuple(_chips(results, state, localisation))


def _chips(results: Results, state: SearchState, localisation: Localisation) -> Iterator[Chip]:
    for facet in FACETS:
        chosen, title = state.request.filter(facet), facet_title(facet, localisation)
        for excluded, values in ((False, chosen.include), (True, chosen.exclude)):
            for value in values:
                label = _label(facet, value, results, localisation)
                yield Chip(title, label, excluded, _fitting_url(state.without_value(facet, value)))
        if facet == "year" and state.request.span:
            label = span_label(state.request.span, localisation)
            title = localisation.gettext("Dates")
            yield Chip(title, label, False, _fitting_url(state.without_span()))


def _fitting_url(state: SearchState) -> str:
    return state.url if state.fits else ""
