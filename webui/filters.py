"""View models of the filters: facet boxes and chips of chosen values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from search.date_span import FIRST_YEAR, LAST_YEAR
from search.request import (
    FACETS,
    NO_FOCUS,
    UNKNOWN_YEAR,
    FacetFilter,
    FacetName,
)
from search.results import Facet, FacetValue, Results
from webui.areas import Areas
from webui.components import Step
from webui.fragments import Picked, facet_value, joined
from webui.localisation import Localisation
from webui.parameters import SearchState
from webui.year_series import YearChart, YearSeries, colouring, year_chart

#: How many values of a facet are seen at once, and how many of them one click away: each costs a
#: third of a kilobyte, and a page of their own has them all.
OPEN_VALUES = 10
FOLDED_VALUES = 20


@dataclass(frozen=True, slots=True)
class FacetBox:
    """A facet box: values shown, values folded away, and the number of unlisted ones.

    Values are list items, ready to be printed; ``folded_count`` says how many are one click away.
    ``years`` is the chart of the years, where it says something; ``colours`` leads to the same in
    other colours.
    """

    name: FacetName
    legend: str
    open: Markup
    folded: Markup
    folded_count: int
    unlisted: int
    years: YearChart | None = None
    colours: Step | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force; the URL without it is empty where it would be too long."""

    facet: str
    label: str
    excluded: bool
    remove_url: str


def facet_title(facet: FacetName, localisation: Localisation) -> str:
    """Title of the facet."""
    titles: dict[FacetName, str] = {
        "focus": localisation.gettext("Focus area"),
        "year": localisation.gettext("Year"),
        "org": localisation.gettext("Organisation"),
    }
    return titles[facet]


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
        return localisation.gettext("no focus area")
    return value


def _span(value: str, localisation: Localisation) -> str:
    """A half-open year span in words."""
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
    series: Sequence[YearSeries] = (),
) -> tuple[FacetBox, ...]:
    """Boxes of the facets with values; ``series`` colour the years."""
    boxes = (_facet(facet, state, areas, localisation) for facet in results.facets)
    return tuple(
        _with_years(box, results, state, localisation, series) if box.name == "year" else box
        for box in boxes
        if box.open
    )


def _facet(facet: Facet, state: SearchState, areas: Areas, localisation: Localisation) -> FacetBox:
    chosen = state.request.filter(facet.name)
    placed = _placed(facet, chosen, areas)
    cut = OPEN_VALUES
    if chosen:
        taken = {*chosen.include, *chosen.exclude}
        cut = max([cut, *(at for at, (value, _) in enumerate(placed, 1) if value in taken)])
    if len(placed) - cut == 1:  # a fold that hides a single value takes as much room as the value
        cut += 1
    # Of years and focus areas nobody could say which are the lesser ones.
    last = cut + FOLDED_VALUES if facet.name == "org" else len(placed)
    listed = {str(each.value): each for each in facet.values}
    items = [
        _item(facet.name, value, listed.get(value), depth, chosen, areas, localisation)
        for value, depth in placed[:last]
    ]
    return FacetBox(
        name=facet.name,
        legend=facet_title(facet.name, localisation),
        open=joined(items[:cut]),
        folded=joined(items[cut:]),
        folded_count=len(items[cut:]),
        unlisted=max(0, facet.available - len(facet.values) + len(placed) - len(items)),
    )


def _item(
    facet: FacetName,
    value: str,
    counted: FacetValue | None,
    depth: int,
    chosen: FacetFilter,
    areas: Areas,
    localisation: Localisation,
) -> str:
    """A value as a list item; without a count if the answer does not list it."""
    label = (counted and counted.label) or _unlisted_label(facet, value, localisation)
    picked: Picked = "excluded" if value in chosen.exclude else ""
    if value in chosen.include:
        picked = "checked"
    is_area = facet == "focus" and value != NO_FOCUS
    area = areas.area(value, label) if is_area else None
    around = areas.above(value)[:1] if depth else ()
    within = areas.named(around[0], localisation.language).label if around else ""
    before, after = facet_value(facet, value, label, picked, area, depth, within, localisation)
    if counted is None:
        return f"{before}{after}"
    return f'{before}<span class="count">{localisation.number(counted.count)}</span>{after}'


def _placed(facet: Facet, chosen: FacetFilter, areas: Areas) -> Sequence[tuple[str, int]]:
    """Values in display order with their depth; chosen ones first.

    Areas that are within others stay where they belong, below these.
    """
    ordered = [str(each.value) for each in _ordered(facet)]
    if facet.name == "focus":
        tree = areas.in_tree(ordered)
        if any(depth for _, depth in tree):
            return tree
    picked = dict.fromkeys((*chosen.include, *chosen.exclude))
    return [(each, 0) for each in (*picked, *(each for each in ordered if each not in picked))]


def _with_years(
    box: FacetBox,
    results: Results,
    state: SearchState,
    localisation: Localisation,
    series: Sequence[YearSeries],
) -> FacetBox:
    """``box`` with the year chart and the link to its other colouring."""
    chosen = state.request.year.include

    def url(value: str) -> str:
        return _fitting_url(state.without_value("year", value)) if value in chosen else ""

    values = results.facet("year").values
    counts = {each.value: each.count for each in values if isinstance(each.value, int)}
    chart = year_chart(counts, url, chosen, localisation, series)
    has_areas = any(each.value != NO_FOCUS for each in results.facet("focus").values)
    if chart is None or not (has_areas or state.coloured):
        return replace(box, years=chart)
    other = state.in_colour(not state.coloured)
    return replace(box, years=chart, colours=colouring(other, other.url, localisation))


def _ordered(facet: Facet) -> list[FacetValue]:
    """Display order: years descending, other facets by count; unknown values last."""
    if facet.name == "year":
        return sorted(
            facet.values, key=lambda each: (isinstance(each.value, str), -_year(each.value))
        )
    return sorted(facet.values, key=lambda each: facet.name == "focus" and each.value == NO_FOCUS)


def _year(value: str | int) -> int:
    return value if isinstance(value, int) else 0


def chips(results: Results, state: SearchState, localisation: Localisation) -> tuple[Chip, ...]:
    """Chips of the filters in force."""
    return tuple(
        Chip(
            facet=facet_title(facet, localisation),
            label=_label(facet, value, results, localisation),
            excluded=excluded,
            remove_url=_fitting_url(state.without_value(facet, value)),
        )
        for facet in FACETS
        for excluded, values in (
            (False, state.request.filter(facet).include),
            (True, state.request.filter(facet).exclude),
        )
        for value in values
    )


def _fitting_url(state: SearchState) -> str:
    return state.url if state.fits else ""
