"""Filters as plain values: the facets beside the results and the chips above them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from search.request import FACETS, FIRST_YEAR, LAST_YEAR, NO_FOCUS, UNKNOWN_YEAR, FacetName
from search.results import Facet, FacetValue, Results
from webui.areas import Area, area
from webui.localisation import Localisation
from webui.parameters import SearchState
from webui.years import YearChart, year_chart

#: How many values of a facet are seen at once.
OPEN_VALUES = 10
#: Labels by facet and value, as the answer gives them.
Labels: TypeAlias = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class FacetItem:
    """One value of a facet as a checkbox, with a button that leaves it out.

    ``name`` is that of the form field: ``focus``, or ``not_focus`` for a value left out, which is
    also the ``excluder``, the name of the button's field.
    """

    name: str
    excluder: str
    value: str
    label: str
    count: str | None
    checked: bool
    excluded: bool
    area: Area | None


@dataclass(frozen=True, slots=True)
class FacetBox:
    """A facet: the values seen at once, those one click away, and how many are not listed.

    ``years`` is the chart of the years, where it says something.
    """

    name: FacetName
    legend: str
    open: tuple[FacetItem, ...]
    folded: tuple[FacetItem, ...]
    unlisted: int
    years: YearChart | None = None


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
    results: Results, state: SearchState, localisation: Localisation
) -> tuple[FacetBox, ...]:
    """The facets that have a value to choose or to take back."""
    boxes = (_facet(facet, state, localisation) for facet in results.facets)
    return tuple(box for box in boxes if box.open)


def _facet(facet: Facet, state: SearchState, localisation: Localisation) -> FacetBox:
    chosen = state.request.filter(facet.name)
    listed = {str(each.value): each for each in facet.values}
    labels = value_labels((facet,))
    excluder = f"not_{facet.name}"

    def item(value: str) -> FacetItem:
        excluded = value in chosen.exclude
        label = _label(facet.name, value, labels, localisation)
        counted = listed.get(value)
        is_area = facet.name == "focus" and value != NO_FOCUS
        return FacetItem(
            name=excluder if excluded else facet.name,
            excluder=excluder,
            value=value,
            label=label,
            count=localisation.number(counted.count) if counted else None,
            checked=value in chosen.include,
            excluded=excluded,
            area=area(value, label) if is_area else None,
        )

    first = [*chosen.include, *(each for each in chosen.exclude if each not in chosen.include)]
    others = [str(each.value) for each in _ordered(facet) if str(each.value) not in first]
    items = [item(value) for value in (*first, *others)]
    cut = max(OPEN_VALUES, len(first))
    if len(items) - cut == 1:  # a fold that hides a single value takes as much room as the value
        cut += 1
    return FacetBox(
        name=facet.name,
        legend=facet_title(facet.name, localisation),
        open=tuple(items[:cut]),
        folded=tuple(items[cut:]),
        unlisted=max(0, facet.available - len(facet.values)),
        years=_years(facet, state, localisation) if facet.name == "year" else None,
    )


def _years(facet: Facet, state: SearchState, localisation: Localisation) -> YearChart | None:
    chosen = state.request.year.include

    def url(value: str) -> str:
        return _fitting_url(state.without_value("year", value)) if value in chosen else ""

    counts = {each.value: each.count for each in facet.values if isinstance(each.value, int)}
    return year_chart(counts, url, chosen, localisation)


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
