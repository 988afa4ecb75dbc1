"""View model of the filters: facets beside the results and chips of chosen values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from search.request import (
    FACETS,
    FIRST_YEAR,
    LAST_YEAR,
    NO_FOCUS,
    UNKNOWN_YEAR,
    FacetFilter,
    FacetName,
)
from search.results import Facet, FacetValue, Results
from webui.areas import Area, Areas
from webui.components import Step
from webui.localisation import Localisation
from webui.parameters import SearchState
from webui.year_series import YearChart, YearSeries, colouring, year_chart

#: How many values of a facet are seen at once, and how many of them one click away: each costs a
#: third of a kilobyte, and a page of their own has them all.
OPEN_VALUES = 10
FOLDED_VALUES = 20
#: Labels by facet and value, as the answer gives them.
Labels: TypeAlias = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class FacetItem:
    """One value of a facet as a checkbox, with a button that leaves it out.

    ``name`` is that of the form field: ``focus``, or ``not_focus`` for a value left out, which is
    also the ``excluder``, the name of the button's field, and ``leave_out`` what the button says.
    ``within`` is the label of the area that this one is in and stands below, ``depth`` steps
    further in.
    """

    name: str
    excluder: str
    leave_out: str
    value: str
    label: str
    count: str | None
    checked: bool
    excluded: bool
    area: Area | None
    depth: int
    within: str


@dataclass(frozen=True, slots=True)
class FacetBox:
    """A facet: the values seen at once, those one click away, and how many are not listed.

    ``years`` is the chart of the years, where it says something; ``colours`` leads to the same in
    other colours.
    """

    name: FacetName
    legend: str
    open: tuple[FacetItem, ...]
    folded: tuple[FacetItem, ...]
    unlisted: int
    years: YearChart | None = None
    colours: Step | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force and the address without it, empty where that would be too long."""

    facet: str
    label: str
    excluded: bool
    remove_url: str


def facet_title(facet: FacetName, localisation: Localisation) -> str:
    """What the facet is called on the page."""
    titles: dict[FacetName, str] = {
        "focus": localisation.gettext("Focus area"),
        "year": localisation.gettext("Year"),
        "org": localisation.gettext("Organisation"),
    }
    return titles[facet]


def value_labels(facets: Iterable[Facet]) -> Labels:
    return {(facet.name, str(each.value)): each.label for facet in facets for each in facet.values}


def _label(facet: FacetName, value: str, labels: Labels, localisation: Localisation) -> str:
    """The label of a value, also of one the answer does not list, such as a span of years."""
    known = labels.get((facet, value))
    if known:
        return known
    if facet == "year":
        if value == UNKNOWN_YEAR:
            return localisation.gettext("year unknown")
        return _span(value, localisation)
    if facet == "focus" and value == NO_FOCUS:
        return localisation.gettext("no focus area")
    return value


def _span(value: str, localisation: Localisation) -> str:
    """A span of years in words where one of its ends is open."""
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
    """The facets that have a value to choose or to take back; ``series`` colour the years."""
    boxes = (_facet(facet, state, areas, localisation) for facet in results.facets)
    return tuple(
        _with_years(box, results, state, localisation, series) if box.name == "year" else box
        for box in boxes
        if box.open
    )


def _facet(facet: Facet, state: SearchState, areas: Areas, localisation: Localisation) -> FacetBox:
    chosen = state.request.filter(facet.name)
    listed = {str(each.value): each for each in facet.values}
    labels = value_labels((facet,))
    excluder = f"not_{facet.name}"

    def item(value: str, depth: int) -> FacetItem:
        excluded = value in chosen.exclude
        label = _label(facet.name, value, labels, localisation)
        counted = listed.get(value)
        is_area = facet.name == "focus" and value != NO_FOCUS
        around = next(iter(areas.above(value)), "") if depth else ""
        return FacetItem(
            name=excluder if excluded else facet.name,
            excluder=excluder,
            leave_out=localisation.gettext("Leave out: {label}", label=label),
            value=value,
            label=label,
            count=localisation.number(counted.count) if counted else None,
            checked=value in chosen.include,
            excluded=excluded,
            area=areas.area(value, label) if is_area else None,
            depth=depth,
            within=areas.named(around, localisation.language).label if around else "",
        )

    items = [item(value, depth) for value, depth in _placed(facet, chosen, areas)]
    picked = [at for at, each in enumerate(items, 1) if each.checked or each.excluded]
    cut = max([OPEN_VALUES, *picked])
    if len(items) - cut == 1:  # a fold that hides a single value takes as much room as the value
        cut += 1
    # Of years and focus areas nobody could say which are the lesser ones.
    last = cut + FOLDED_VALUES if facet.name == "org" else len(items)
    unlisted = facet.available - len(facet.values) + len(items[last:])
    return FacetBox(
        name=facet.name,
        legend=facet_title(facet.name, localisation),
        open=tuple(items[:cut]),
        folded=tuple(items[cut:last]),
        unlisted=max(0, unlisted),
    )


def _placed(facet: Facet, chosen: FacetFilter, areas: Areas) -> Sequence[tuple[str, int]]:
    """The values in the order in which they are shown, and how far in: those picked come first.

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
    """``box`` with the chart of the years, and the way to see it in other colours."""
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
    """Years run backwards, other facets by count; what is not known or not given stands last."""
    if facet.name == "year":
        return sorted(
            facet.values, key=lambda each: (isinstance(each.value, str), -_year(each.value))
        )
    return sorted(facet.values, key=lambda each: facet.name == "focus" and each.value == NO_FOCUS)


def _year(value: str | int) -> int:
    return value if isinstance(value, int) else 0


def chips(state: SearchState, labels: Labels, localisation: Localisation) -> tuple[Chip, ...]:
    return tuple(
        Chip(
            facet=facet_title(facet, localisation),
            label=_label(facet, value, labels, localisation),
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
