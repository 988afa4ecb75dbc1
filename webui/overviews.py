"""Pages to look around on: all focus areas, all organisations, one of each, all facet values."""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from search.request import NO_FOCUS, FacetFilter, FacetName, SearchRequest
from search.results import FacetValue
from search.views import Overview
from webui.areas import Area, area
from webui.filters import facet_title
from webui.listing import ListRequest, list_page
from webui.localisation import Localisation
from webui.parameters import SearchState
from webui.site import localisation, site, state
from webui.titles import TitleLine, title_lines
from webui.years import YearChart, year_chart

#: How many organisations an overview names.
NAMED = 12

overviews = Blueprint("overviews", __name__)


@dataclass(frozen=True, slots=True)
class Counted:
    """A value with its page and the articles that have it."""

    label: str
    url: str
    count: int
    area: Area | None = None


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Everything on one focus area or organisation."""

    kind: FacetName
    label: str
    area: Area | None
    total: int
    all_url: str
    years: YearChart | None
    areas: tuple[Counted, ...]
    organisations: tuple[Counted, ...]
    newest: tuple[TitleLine, ...]


@overviews.get("/valdkonnad")
def areas() -> str:
    """The focus areas, those with most articles first."""
    here, start = localisation(), state().start()
    values = site().service.facet("focus", SearchRequest(), here.language).values
    languages = {each: start.in_language(each).areas_url for each in site().languages}
    return render_template(
        "areas.html", areas=_areas(values, start), state=start, languages=languages
    )


@overviews.get("/valdkonnad/<area_id>")
def one_area(area_id: str) -> str:
    """What there is on a focus area."""
    here, start = localisation(), state().start()
    found = None
    if area_id != NO_FOCUS:
        found = site().service.overview("focus", area_id, here.language)
    if found is None:
        abort(404)
    languages = {each: start.in_language(each).area_url(area_id) for each in site().languages}
    page = _page("focus", area_id, found, start, here)
    return render_template("overview.html", page=page, state=start, languages=languages)


@overviews.get("/organisatsioonid")
def organisations() -> str:
    """The organisations from A to Õ."""
    here, start = localisation(), state().start()
    asked = ListRequest.from_parameters(request.args, "name")
    values = site().service.facet("org", SearchRequest(), here.language).values
    page = list_page(values, "org", asked)
    names = site().slugs.current()
    urls = {each.value: start.organisation_url(names[each.value]) for each in page.values}
    languages = {each: start.in_language(each).organisations_url for each in site().languages}
    return render_template(
        "organisations.html", page=page, urls=urls, state=start, languages=languages
    )


@overviews.get("/organisatsioonid/<slug>")
def one_organisation(slug: str) -> str:
    """What there is on an organisation."""
    here, start = localisation(), state().start()
    name = next((name for name, each in site().slugs.current().items() if each == slug), None)
    found = site().service.overview("org", name, here.language) if name else None
    if name is None or found is None:
        abort(404)
    languages = {each: start.in_language(each).organisation_url(slug) for each in site().languages}
    page = _page("org", name, found, start, here)
    return render_template("overview.html", page=page, state=start, languages=languages)


@overviews.get("/facet/<any(focus, year, org):name>")
def facet_values(name: FacetName) -> str:
    """Every value of a facet among the results of a search, to choose from."""
    here, asked = localisation(), state()
    wanted = ListRequest.from_parameters(request.args, "count")
    facet = site().service.facet(name, asked.request, here.language)
    page = list_page(facet.values, name, wanted)
    shown = {each.value for each in page.values}
    chosen = asked.request.filter(name)
    unseen: list[tuple[str, str]] = [(name, each) for each in chosen.include if each not in shown]
    unseen += [(f"not_{name}", each) for each in chosen.exclude]
    languages = {each: asked.in_language(each).facet_url(name) for each in site().languages}
    return render_template(
        "facet.html",
        name=name,
        title=facet_title(name, here),
        page=page,
        unseen=unseen,
        state=asked,
        languages=languages,
    )


def _page(
    kind: FacetName, value: str, found: Overview, start: SearchState, here: Localisation
) -> OverviewPage:
    facets = {each.name: each.values for each in found.facets}
    years = {each.value: each.count for each in facets["year"] if isinstance(each.value, int)}
    all_of_them = start.only(kind, value)
    names = site().slugs.current()
    related = [each for each in facets["org"] if kind != "org" or each.value != value]

    def year_url(span: str) -> str:
        return all_of_them.with_filter("year", FacetFilter((span,))).url

    return OverviewPage(
        kind=kind,
        label=found.label,
        area=area(value, found.label) if kind == "focus" else None,
        total=found.total,
        all_url=all_of_them.url,
        years=year_chart(years, year_url, (), here),
        areas=_areas(facets["focus"], start) if kind == "org" else (),
        organisations=tuple(
            Counted(each.label, start.organisation_url(names[str(each.value)]), each.count)
            for each in related[:NAMED]
        ),
        newest=title_lines(found.newest, start, here),
    )


def _areas(values: tuple[FacetValue, ...], start: SearchState) -> tuple[Counted, ...]:
    return tuple(
        Counted(
            each.label,
            start.area_url(str(each.value)),
            each.count,
            area(str(each.value), each.label),
        )
        for each in values
        if each.value != NO_FOCUS and each.count
    )
