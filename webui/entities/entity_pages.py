"""Entity pages: one focus area, one organisation, and two organisations side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from search.article import KnownAs
from search.request import NO_FOCUS, FacetFilter, FacetName
from search.results import FacetValue, Hit, Overview
from webui.addresses.parameters import EXPORT_NAMES, SearchState
from webui.components import Link, Step, TitleLine, title_lines
from webui.context import localisation, rendered, site, state
from webui.entities.areas import Area
from webui.facets.year_series import YearChart, YearSeries, colouring, year_chart, year_series
from webui.localisation import Localisation
from webui.pages.page_meta import entity_meta

#: Most related organisations on a page.
NAMED = 12
#: Characters that cannot be quoted in a query, so that a name with them cannot be searched for.
_QUOTES = frozenset('"„“”«»')

entities = Blueprint("entities", __name__)


@dataclass(frozen=True, slots=True)
class RelatedEntity:
    """An entity named in articles of another one: its page, and ``count`` articles with both.

    ``shared_url`` is their search, empty if no query can express it; ``compare_url`` compares two
    organisations. ``depth`` is the level of an area below its listed ancestors.
    """

    label: str
    url: str
    count: int
    shared_url: str
    compare_url: str = ""
    area: Area | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class OtherNames:
    """Names of one kind; each links the articles of the organisation that contain it."""

    title: str
    names: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class EntityPage:
    """View model of the page of one focus area or organisation.

    ``everything`` is the search for its articles, ``around`` the ancestors of an area, widest
    first; ``areas`` are those within an area, or those of an organisation's articles. ``asked`` is
    the other name that the visitor requested; ``more_organisations`` links all related ones,
    ``colours`` the years in other colours.
    """

    kind: FacetName
    label: str
    area: Area | None
    description: str
    around: tuple[Link, ...]
    asked: str
    other_names: tuple[OtherNames, ...]
    total: int
    everything: SearchState
    files: tuple[Link, ...]
    years: YearChart | None
    colours: Step | None
    areas: tuple[RelatedEntity, ...]
    organisations: tuple[RelatedEntity, ...]
    more_organisations: Link | None
    newest: tuple[TitleLine, ...]


@entities.get("/valdkonnad/<area_id>")
def one_area(area_id: str) -> str:
    """Route of the page of a focus area."""
    here, start = localisation(), state().start()
    found = None
    if area_id != NO_FOCUS:
        found = site().service.overview("focus", area_id, here.language)
    if found is None:
        abort(404)
    languages = {each: start.in_language(each).area_url(area_id) for each in site().languages}
    page = _page("focus", area_id, found, start, here)
    meta = entity_meta(
        page.label, page.description, page.total, start.bare().area_url(area_id), here
    )
    return rendered("overview.html", page=page, state=start, languages=languages, meta=meta)


@entities.get("/organisatsioonid/<slug>")
def one_organisation(slug: str) -> str | Response:
    """Route of the page of an organisation; redirects from its other names."""
    here, asked = localisation(), state()
    start, coloured = asked.start(), asked.coloured
    known = site().names.by_slug(slug)
    if known is None:
        abort(404)
    name, own = known.name, site().slugs.current()[known.name]
    if own != slug:
        return redirect(start.organisation_url(own, coloured, known.asked))
    found = site().service.overview("org", name, here.language)
    if found is None:
        abort(404)
    languages = {
        each: start.in_language(each).organisation_url(slug, coloured) for each in site().languages
    }
    page = _page("org", name, found, start, here, coloured)
    if page.areas:
        other = start.in_colour(not coloured)
        url = start.organisation_url(slug, other.coloured)
        page = replace(page, colours=colouring(other, url, here))
    came = site().names.by_name(request.args.get("name", ""))
    if came is not None and came.name == name:
        page = replace(page, asked=came.asked)
    meta = entity_meta(name, "", page.total, start.bare().organisation_url(slug), here)
    return rendered("overview.html", page=page, state=start, languages=languages, meta=meta)


def _page(
    kind: FacetName,
    value: str,
    found: Overview,
    start: SearchState,
    here: Localisation,
    coloured: bool = False,
) -> EntityPage:
    """View model of ``found`` for ``value``; links of the year bars keep the colouring."""
    service, areas = site().service, site().areas
    facets = {each.name: each.values for each in found.facets}
    everything = start.only(kind, value)
    all_of_them = everything.in_colour(coloured)
    series: Sequence[YearSeries] = ()
    if coloured:
        results = service.search(replace(all_of_them.request, page_size=1), here.language)
        series = year_series(service, results, areas, here)
    others = [each for each in facets["org"] if kind != "org" or each.value != value]
    listed = facets["focus"] if kind == "org" else _within(value, facets["focus"])
    around = [areas.named(each, here.language) for each in reversed(areas.above(value))]

    def year_url(span: str) -> str:
        return all_of_them.with_filter("year", FacetFilter((span,))).url

    return EntityPage(
        kind=kind,
        label=found.label,
        area=areas.area(value, found.label) if kind == "focus" else None,
        description=areas.description(value, here.language) if kind == "focus" else "",
        around=tuple(Link(each.label, start.area_url(each.id)) for each in around),
        asked="",
        other_names=_other_names(value, found.newest, everything, here) if kind == "org" else (),
        total=found.total,
        everything=everything,
        files=_files(everything),
        years=year_chart(counts_by_year(facets["year"]), year_url, (), here, series),
        colours=None,
        areas=tuple(related_areas(listed, kind, everything, start)),
        organisations=tuple(_related_organisations(others[:NAMED], kind, value, everything, start)),
        more_organisations=_more(kind, value, found, start, here),
        newest=title_lines(found.newest, start, here),
    )


def counts_by_year(values: Sequence[FacetValue]) -> dict[int, int]:
    """Articles by year, without those of unknown year."""
    return {each.value: each.count for each in values if isinstance(each.value, int)}


def _within(area_id: str, values: Sequence[FacetValue]) -> list[FacetValue]:
    return [each for each in values if area_id in site().areas.above(str(each.value))]


def _files(everything: SearchState) -> tuple[Link, ...]:
    return tuple(Link(name, everything.export_url(form)) for form, name in EXPORT_NAMES.items())


def related_areas(
    values: Sequence[FacetValue], kind: FacetName, everything: SearchState, start: SearchState
) -> Iterator[RelatedEntity]:
    """Focus areas with articles, in tree order."""
    areas = site().areas
    by_id = {str(each.value): each for each in values if each.value != NO_FOCUS and each.count}
    for each, depth in areas.in_tree(by_id):
        label = by_id[each].label
        both = everything if kind == "org" else start
        shared = both.with_filter("focus", FacetFilter((each,))).url
        area = areas.area(each, label)
        url = start.area_url(each)
        yield RelatedEntity(label, url, by_id[each].count, shared, area=area, depth=depth)


def _related_organisations(
    values: Sequence[FacetValue],
    kind: FacetName,
    value: str,
    everything: SearchState,
    start: SearchState,
) -> Iterator[RelatedEntity]:
    names = site().slugs.current()
    for each in values:
        other = str(each.value)
        if kind == "org":
            shared, compare = both_url(everything, other), start.compare_url(value, other)
        else:
            shared = everything.with_filter("org", FacetFilter((other,))).url
            compare = ""
        url = start.organisation_url(names[other])
        yield RelatedEntity(each.label, url, each.count, shared, compare)


def both_url(everything: SearchState, name: str) -> str:
    """URL of the articles of ``everything`` with ``name``; empty if no query can express it."""
    if _QUOTES.intersection(name):
        return ""
    return everything.with_query(f'org:"{name}"').url


def _more(
    kind: FacetName, value: str, found: Overview, start: SearchState, here: Localisation
) -> Link | None:
    """Link to all organisations of the articles, if there are more than the page lists."""
    available = next(each.available for each in found.facets if each.name == "org")
    count = available - (kind == "org")
    if count <= NAMED or _QUOTES.intersection(value):
        return None
    field = "org" if kind == "org" else "focus"
    label = here.ngettext("All {count} organisation", "All {count} organisations", count)
    return Link(label, start.with_query(f'{field}:"{value}"').facet_url("org"))


def _other_names(
    name: str, articles: Sequence[Hit], everything: SearchState, here: Localisation
) -> tuple[OtherNames, ...]:
    """Other names of an organisation by kind, from any article with it."""
    known = known_as(name, articles)
    short = tuple(each for each in known.aliases if _is_acronym(each))
    kinds = (
        (here.gettext("Short form"), short),
        (here.gettext("Also named"), tuple(each for each in known.aliases if each not in short)),
        (here.gettext("Formerly"), known.former),
    )

    def link(each: str) -> Link:
        words = f'"{each}"' if not _QUOTES.intersection(each) else each
        return Link(each, everything.with_query(words).url)

    return tuple(OtherNames(title, tuple(map(link, names))) for title, names in kinds if names)


def known_as(name: str, articles: Sequence[Hit]) -> KnownAs:
    """Other names of the organisation ``name``, as stored with the first of its ``articles``."""
    known = (
        each
        for article in articles[:1]
        for each in site().service.article(article.id).article.known_as
    )
    return next((each for each in known if each.name == name), KnownAs(name))


def _is_acronym(name: str) -> bool:
    return name.isupper() and " " not in name


def years_of(counts: Mapping[int, int]) -> str:
    """First and last year of some articles, such as “2009–2021”; empty if no year is known."""
    known = sorted(year for year, count in counts.items() if count)
    if not known:
        return ""
    return str(known[0]) if known[0] == known[-1] else f"{known[0]}–{known[-1]}"
