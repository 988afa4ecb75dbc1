"""Overview of all focus areas, list of all organisations, and list of all values of a facet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from search.request import NO_FOCUS, FacetFilter, FacetName, SearchRequest
from search.results import FacetValue
from webui.addresses.parameters import LIST_FIELDS, UNDO, SearchState, is_normalised
from webui.components import TitleLine, title_lines
from webui.context import localisation, rendered, site, state
from webui.entities.areas import Area
from webui.entities.entity_pages import RelatedEntity, related_areas
from webui.facets.facet_list import ListRequest, list_page
from webui.facets.year_series import YearChart, year_chart
from webui.localisation import Localisation
from webui.pages.page_meta import PageMeta

#: Number of newest articles listed for each area.
NEWEST = 3

overviews = Blueprint("overviews", __name__)


@dataclass(frozen=True, slots=True)
class AreaSummary:
    """A focus area in the overview: description, years, newest articles, nested areas.

    The summary of articles without an area has neither ``area`` nor description.
    """

    label: str
    url: str
    area: Area | None
    description: str
    total: int
    all_url: str
    years: YearChart | None
    newest: tuple[TitleLine, ...]
    inside: tuple[RelatedEntity, ...]


@overviews.get("/valdkonnad")
def areas() -> str:
    """Route of the overview of all focus areas, and of articles without one."""
    here, start, service = localisation(), state().start(), site().service
    values = service.facet("focus", SearchRequest(), here.language).values
    by_year = service.facet_pivot(SearchRequest(), "focus", "year")
    counted = {str(each.value): each for each in values if each.count}
    summaries = [
        _summary(counted[each], counted, by_year.get(each, {}), start, here)
        for each in (*site().areas.in_order(_topmost(counted)), NO_FOCUS)
        if each in counted
    ]
    languages = {each: start.in_language(each).areas_url for each in site().languages}
    description = here.gettext(
        "What the articles are about: focus areas with their years and news."
    )
    return rendered(
        "areas.html",
        areas=summaries,
        state=start,
        languages=languages,
        meta=PageMeta(here.gettext("Focus areas"), description, start.bare().areas_url),
    )


def _topmost(counted: Iterable[str]) -> list[str]:
    """Areas without a parent."""
    return [each for each in counted if each != NO_FOCUS and not site().areas.above(each)]


def _summary(
    value: FacetValue,
    counted: Mapping[str, FacetValue],
    by_year: Mapping[str, int],
    start: SearchState,
    here: Localisation,
) -> AreaSummary:
    """Summary of one area of ``counted``, whose articles are ``by_year``."""
    areas, area_id = site().areas, str(value.value)
    is_area = area_id != NO_FOCUS
    chosen = start.only("focus", area_id)
    request = replace(chosen.request, page_size=NEWEST)
    found = site().service.search(request, here.language, ())
    years = {int(year): count for year, count in by_year.items() if year.isdigit()}

    def year_url(span: str) -> str:
        return chosen.with_filter("year", FacetFilter((span,))).url

    within = [each for name, each in counted.items() if area_id in areas.above(name)]
    return AreaSummary(
        label=value.label if is_area else here.gettext("No focus area"),
        url=start.area_url(area_id) if is_area else chosen.url,
        area=areas.area(area_id, value.label) if is_area else None,
        description=areas.description(area_id, here.language),
        total=value.count,
        all_url=chosen.url,
        years=year_chart(years, year_url, (), here),
        newest=title_lines(found.hits, start, here),
        inside=tuple(related_areas(within, "focus", chosen, start)),
    )


@overviews.get("/organisatsioonid")
def organisations() -> str | Response:
    """Route of the list of all organisations, A to Ü."""
    here, start = localisation(), state().start()
    asked = ListRequest.from_parameters(request.args, "name")
    listed = asked.pairs("name")
    if not is_normalised(request.args, LIST_FIELDS):
        return redirect(start.organisations_list_url(listed))
    values = site().service.facet("org", SearchRequest(), here.language).values
    matches = site().service.name_matcher(asked.name)
    others = site().names.other_names() if asked.name else {}
    page = list_page(values, "org", asked, site().areas, matches, here, others)
    names = site().slugs.current()
    urls = {each.value: start.organisation_url(names[each.value]) for each in page.values}
    languages = {
        each: start.in_language(each).organisations_list_url(listed) for each in site().languages
    }
    return rendered("organisations.html", page=page, urls=urls, state=start, languages=languages)


@dataclass(frozen=True, slots=True)
class ChosenValue:
    """A value chosen or excluded by the parameter ``field``."""

    field: str
    value: str
    label: str
    is_excluded: bool


@overviews.get("/facet/<any(focus, year, org, source, language):name>")
def facet_values(name: FacetName) -> str | Response:
    """Route of the list of all values of a facet among the results of a search."""
    here, asked = localisation(), state()
    usual = "name" if name == "year" else "count"
    wanted = ListRequest.from_parameters(request.args, usual)
    listed = wanted.pairs(usual)
    if UNDO in request.args or not is_normalised(request.args, LIST_FIELDS):
        return redirect(asked.facet_url(name, listed))
    first = replace(asked.request, page=1, page_size=1)
    found = site().service.search(first, here.language, ())
    searched = found.searched
    facet = site().service.facet(name, replace(asked.request, query=searched), here.language)
    matches = site().service.name_matcher(wanted.name)
    others = site().names.other_names() if name == "org" and wanted.name else {}
    page = list_page(facet.values, name, wanted, site().areas, matches, here, others)
    shown = {each.value for each in page.values}
    chosen = _chosen(name, asked, {str(each.value): each.label for each in facet.values})
    own = (name, f"not_{name}")
    languages = {each: asked.in_language(each).facet_url(name, listed) for each in site().languages}
    return rendered(
        "facet.html",
        name=name,
        page=page,
        searched=searched,
        total=found.total or found.partial,
        chosen=chosen,
        unseen=[(each.field, each.value) for each in chosen if each.value not in shown],
        kept=[pair for pair in asked.query_fields() if pair[0] not in own],
        state=asked,
        languages=languages,
    )


def _chosen(
    name: FacetName, asked: SearchState, labels: Mapping[str, str]
) -> tuple[ChosenValue, ...]:
    """Chosen and excluded values of a facet; the label of one without articles is the value."""
    filtered = asked.request.filter(name)
    both = ((name, filtered.include, False), (f"not_{name}", filtered.exclude, True))
    return tuple(
        ChosenValue(field, value, labels.get(value, value), is_excluded)
        for field, values, is_excluded in both
        for value in values
    )
