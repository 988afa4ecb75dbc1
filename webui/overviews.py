"""Overview pages of focus areas and organisations, and the list of all facet values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, request

from search.article import KnownAs
from search.request import NO_FOCUS, FacetFilter, FacetName, SearchRequest
from search.results import FacetValue, Hit, Overview
from webui.areas import Area, Areas
from webui.components import Link, Step, TitleLine, title_lines
from webui.context import localisation, rendered, site, state
from webui.facet_list import ListRequest, list_page
from webui.filters import facet_title
from webui.localisation import Localisation
from webui.parameters import SearchState
from webui.year_series import YearChart, YearSeries, colouring, year_chart, year_series

#: How many organisations an overview names.
NAMED = 12

overviews = Blueprint("overviews", __name__)


@dataclass(frozen=True, slots=True)
class CountedLink:
    """A value with its overview page and number of articles.

    An area within another one that is listed stands ``depth`` below it.
    """

    label: str
    url: str
    count: int
    area: Area | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """View model of the overview of one focus area or organisation.

    ``around`` are the areas that an area is in, the widest first, and ``areas`` those within it;
    of an organisation, those of its articles. ``known_as`` has its other names, if it has some;
    ``colours`` leads to the years in other colours.
    """

    kind: FacetName
    label: str
    area: Area | None
    around: tuple[Link, ...]
    total: int
    all_url: str
    years: YearChart | None
    colours: Step | None
    areas: tuple[CountedLink, ...]
    known_as: KnownAs | None
    organisations: tuple[CountedLink, ...]
    newest: tuple[TitleLine, ...]


@overviews.get("/valdkonnad")
def areas() -> str:
    """Page of all focus areas, by number of articles."""
    here, start = localisation(), state().start()
    values = site().service.facet("focus", SearchRequest(), here.language).values
    languages = {each: start.in_language(each).areas_url for each in site().languages}
    return rendered(
        "areas.html",
        areas=_counted(values, site().areas, start),
        state=start,
        languages=languages,
    )


@overviews.get("/valdkonnad/<area_id>")
def one_area(area_id: str) -> str:
    """Overview of one focus area."""
    here, start = localisation(), state().start()
    found = None
    if area_id != NO_FOCUS:
        found = site().service.overview("focus", area_id, here.language)
    if found is None:
        abort(404)
    languages = {each: start.in_language(each).area_url(area_id) for each in site().languages}
    page = _page("focus", area_id, found, start, here)
    return rendered("overview.html", page=page, state=start, languages=languages)


@overviews.get("/organisatsioonid")
def organisations() -> str:
    """Page of all organisations, A to Õ."""
    here, start = localisation(), state().start()
    asked = ListRequest.from_parameters(request.args, "name")
    values = site().service.facet("org", SearchRequest(), here.language).values
    matches = site().service.name_matcher(asked.name)
    page = list_page(values, "org", asked, site().areas, matches, here)
    names = site().slugs.current()
    urls = {each.value: start.organisation_url(names[each.value]) for each in page.values}
    languages = {each: start.in_language(each).organisations_url for each in site().languages}
    return rendered("organisations.html", page=page, urls=urls, state=start, languages=languages)


@overviews.get("/organisatsioonid/<slug>")
def one_organisation(slug: str) -> str:
    """Overview of one organisation."""
    here, asked = localisation(), state()
    start, coloured = asked.start(), asked.coloured
    name = next((name for name, each in site().slugs.current().items() if each == slug), None)
    found = site().service.overview("org", name, here.language) if name else None
    if name is None or found is None:
        abort(404)
    languages = {
        each: start.in_language(each).organisation_url(slug, coloured) for each in site().languages
    }
    page = _page("org", name, found, start, here, coloured)
    if page.areas:
        other = start.in_colour(not coloured)
        url = start.organisation_url(slug, other.coloured)
        page = replace(page, colours=colouring(other, url, here))
    return rendered("overview.html", page=page, state=start, languages=languages)


@dataclass(frozen=True, slots=True)
class ChosenValue:
    """A value chosen, or left out, in the parameter ``field``."""

    field: str
    value: str
    label: str
    is_excluded: bool


@overviews.get("/facet/<any(focus, year, org, source, language):name>")
def facet_values(name: FacetName) -> str:
    """List of all values of a facet among the results of a search, to choose from."""
    here, asked = localisation(), state()
    wanted = ListRequest.from_parameters(request.args, "name" if name == "year" else "count")
    first = replace(asked.request, page=1, page_size=1)
    found = site().service.search(first, here.language, ())
    searched = found.searched
    facet = site().service.facet(name, replace(asked.request, query=searched), here.language)
    matches = site().service.name_matcher(wanted.name)
    page = list_page(facet.values, name, wanted, site().areas, matches, here)
    shown = {each.value for each in page.values}
    chosen = _chosen(name, asked, {str(each.value): each.label for each in facet.values})
    own = (name, f"not_{name}")
    languages = {each: asked.in_language(each).facet_url(name) for each in site().languages}
    return rendered(
        "facet.html",
        name=name,
        title=facet_title(name, here),
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
    """What is chosen and left out of a facet; a value without articles is its own label."""
    filtered = asked.request.filter(name)
    both = ((name, filtered.include, False), (f"not_{name}", filtered.exclude, True))
    return tuple(
        ChosenValue(field, value, labels.get(value, value), is_excluded)
        for field, values, is_excluded in both
        for value in values
    )


def _page(
    kind: FacetName,
    value: str,
    found: Overview,
    start: SearchState,
    here: Localisation,
    coloured: bool = False,
) -> OverviewPage:
    """View model of ``found`` for ``value``; links of the year bars keep the colouring."""
    service, areas = site().service, site().areas
    facets = {each.name: each.values for each in found.facets}
    years = {each.value: each.count for each in facets["year"] if isinstance(each.value, int)}
    all_of_them = start.only(kind, value).in_colour(coloured)
    series: Sequence[YearSeries] = ()
    if coloured:
        results = service.search(replace(all_of_them.request, page_size=1), here.language)
        series = year_series(service, results, areas, here)
    names = site().slugs.current()
    related = [each for each in facets["org"] if kind != "org" or each.value != value]
    narrower = [each for each in facets["focus"] if value in areas.above(str(each.value))]
    around = [areas.named(each, here.language) for each in reversed(areas.above(value))]

    def year_url(span: str) -> str:
        return all_of_them.with_filter("year", FacetFilter((span,))).url

    return OverviewPage(
        kind=kind,
        label=found.label,
        area=areas.area(value, found.label) if kind == "focus" else None,
        around=tuple(Link(each.label, start.area_url(each.id)) for each in around),
        total=found.total,
        all_url=all_of_them.url,
        years=year_chart(years, year_url, (), here, series),
        colours=None,
        areas=_counted(facets["focus"] if kind == "org" else narrower, areas, start),
        known_as=_known_as(value, found.newest) if kind == "org" else None,
        organisations=tuple(
            CountedLink(each.label, start.organisation_url(names[str(each.value)]), each.count)
            for each in related[:NAMED]
        ),
        newest=title_lines(found.newest, start, here),
    )


def _known_as(name: str, articles: Sequence[Hit]) -> KnownAs | None:
    """Other names of an organisation, from any article with it."""
    known = (
        each
        for article in articles[:1]
        for each in site().service.article(article.id).article.known_as
    )
    return next((each for each in known if each.name == name), None)


def _counted(
    values: Sequence[FacetValue], areas: Areas, start: SearchState
) -> tuple[CountedLink, ...]:
    """Focus areas with articles, in tree order."""
    by_id = {str(each.value): each for each in values if each.value != NO_FOCUS and each.count}
    return tuple(
        CountedLink(
            by_id[each].label,
            start.area_url(each),
            by_id[each].count,
            areas.area(each, by_id[each].label),
            depth,
        )
        for each, depth in areas.in_tree(by_id)
    )
