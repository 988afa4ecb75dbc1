"""The years of each focus area, for a chart that is coloured by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from search.request import NO_FOCUS, FacetFilter, SearchRequest
from search.results import FacetValue, Results
from search.service import SearchService
from webui.areas import LOOKS, NO_LOOK, Area, Areas
from webui.localisation import Localisation
from webui.parameters import COLOUR, COLOURED, PLAIN, SearchState
from webui.pieces import Step


@dataclass(frozen=True, slots=True)
class Layer:
    """How many articles of each year an area has; the area of those without one is named so."""

    area: Area
    counts: Mapping[int, int]


def year_layers(
    service: SearchService, results: Results, areas: Areas, localisation: Localisation
) -> tuple[Layer, ...]:
    """A layer for each focus area among ``results``, as many as there are different looks.

    These are the chosen areas, and where none is chosen those that are in no other one.
    Raises QueryTooBroad.
    """
    # Years are counted whatever years are chosen, and so are these.
    request = replace(results.request, query=results.searched, year=FacetFilter())
    values = service.facet("focus", request, localisation.language).values
    layered = _layered(values, request, areas)
    counted = service.facet_pivot(request, "focus", "year") if layered else {}
    layers = (
        Layer(_area(each, areas), _by_year(counted.get(str(each.value), {}))) for each in layered
    )
    return tuple(each for each in layers if each.counts)


def colouring(other: SearchState, url: str, localisation: Localisation) -> Step:
    """The way to ``other``, which has the chart in colours if this one does not, at ``url``."""
    if other.coloured:
        return Step(localisation.gettext("Colour by focus area"), url, COLOUR, COLOURED)
    return Step(localisation.gettext("In one colour"), url, COLOUR, PLAIN)


def _layered(
    values: Sequence[FacetValue], request: SearchRequest, areas: Areas
) -> list[FacetValue]:
    """The areas that get a layer, in the order of the taxonomy, articles without one last."""
    chosen = request.focus.include
    shown = [
        each
        for each in values
        if not each.excluded
        and (each.selected if chosen else each.count and not areas.above(str(each.value)))
    ]
    named = areas.in_order([str(each.value) for each in shown if each.value != NO_FOCUS])
    wanted = [*named[: len(LOOKS)], NO_FOCUS]
    return sorted(
        (each for each in shown if each.value in wanted),
        key=lambda each: wanted.index(str(each.value)),
    )


def _area(value: FacetValue, areas: Areas) -> Area:
    if value.value == NO_FOCUS:
        return Area(NO_FOCUS, value.label, NO_LOOK)
    return areas.area(str(value.value), value.label)


def _by_year(counted: Mapping[str, int]) -> Mapping[int, int]:
    return {int(year): count for year, count in counted.items() if year.isdigit()}
