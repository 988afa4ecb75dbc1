"""Per-request context: search service, site settings, visitor's language, parsed address."""

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from flask import current_app, g, request

from search.article import PartialDate
from search.configuration import Configuration
from search.date_interval import DateInterval
from search.errors import BadRequest
from search.request import FACETS, FacetName, SearchRequest
from search.results import Results
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui.addresses.parameters import SearchState, requested_language
from webui.addresses.preferences import PREFERENCES_COOKIE, Preferences
from webui.addresses.short_codes import ArticleCodes
from webui.entities.areas import Areas
from webui.entities.collation import SlugCache
from webui.entities.entity_names import NameIndex
from webui.localisation import Localisation, choose_language, site_languages
from webui.operating.metrics import Metrics
from webui.pages.coverage import CoverageCache
from webui.pages.page_meta import PageMeta
from webui.pages.statements import own_statements
from webui.templating import render

EXTENSION = "klastriotsing"
#: Key of the search state in the WSGI environment of a request.
_STATE = "klastriotsing.search_state"


@dataclass(frozen=True, slots=True)
class ShownDate:
    """A date for machines and for people."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True)
class SiteContext:
    """Application state; ``assets`` is a stamp that changes with the static files.

    ``today`` returns the last day of preset spans of dates.
    ``statements`` are the owner's texts about the site by key of the configuration.
    """

    service: SearchService
    configuration: Configuration
    languages: tuple[str, ...]
    assets: str
    slugs: SlugCache
    codes: ArticleCodes
    names: NameIndex
    areas: Areas
    coverage: CoverageCache
    statements: Mapping[str, str]
    metrics: Metrics
    today: Callable[[], datetime.date]

    @classmethod
    def of(
        cls,
        service: SearchService,
        configuration: Configuration,
        assets: str,
        metrics: Metrics,
        today: Callable[[], datetime.date],
    ) -> "SiteContext":
        """Creates the state of a new application. Raises TaxonomyError or ConfigurationError."""
        slugs = SlugCache(service)
        return cls(
            service,
            configuration,
            site_languages(configuration.languages),
            assets,
            slugs,
            ArticleCodes(service),
            NameIndex(service, slugs),
            Areas(load_taxonomy(configuration.taxonomy)),
            CoverageCache(service),
            own_statements(configuration.site),
            metrics,
            today,
        )


def site() -> SiteContext:
    """The application state of this request."""
    found: SiteContext = current_app.extensions[EXTENSION]
    return found


class OrganisationUrls:
    """URL of the page of an organisation by name; else of the articles that have it."""

    def __init__(self, asked: SearchState) -> None:
        self._asked = asked

    def __call__(self, name: str) -> str:
        slug = self._slugs.get(name)
        return self._asked.organisation_url(slug) if slug else self._asked.only("org", name).url

    @functools.cached_property
    def _slugs(self) -> Mapping[str, str]:
        # Once for a page, and only if it has organisations.
        return site().slugs.current()


def root() -> str:
    """URL path of the search page, ending in a slash."""
    return request.script_root.rstrip("/") + "/"


def absolute(address: str) -> str:
    """Absolute URL of the path ``address``.

    It begins with ``base_url``; if that is not set, with the host of the request.
    """
    base = site().configuration.base_url
    return urljoin(base, address) if base else f"{request.scheme}://{request.host}{address}"


def rendered(template: str, *, meta: PageMeta | None = None, **values: Any) -> str:
    """Renders ``template`` with ``values`` in the visitor's language.

    ``meta`` is the metadata of pages that others may link to.
    """
    here = site()
    return render(
        template,
        localisation().language,
        root=root(),
        site_name=here.configuration.site_name,
        assets=here.assets,
        takes_orders=here.configuration.smtp is not None,
        meta=meta,
        updated=_updated(),
        canonical=_canonical(meta.path) if meta else "",
        **values,
    )


def preferences() -> Preferences:
    """The visitor's preferences, from the cookie."""
    if "preferences" not in g:
        known = Preferences.read(request.cookies.get(PREFERENCES_COOKIE, ""))
        is_known = known.language in ("", *site().languages)
        g.preferences = known if is_known else replace(known, language="")
    found: Preferences = g.preferences
    return found


def _canonical(path: str) -> str:
    """Canonical URL of a page; only its path without ``base_url``."""
    return absolute(path) if site().configuration.base_url else path


def _updated() -> ShownDate | None:
    """The day on which the collection was updated, for the footer."""
    moment = site().coverage.updated()
    return None if moment is None else _shown_day(moment, localisation())


@functools.lru_cache(maxsize=16)
def _shown_day(moment: datetime.datetime, here: Localisation) -> ShownDate:
    local = moment.astimezone()
    day = PartialDate(local.year, local.month, local.day)
    return ShownDate(day.iso, here.date(day))


def localisation() -> Localisation:
    """The visitor's localisation; an unknown language in the URL is ignored."""
    if "localisation" not in g:
        languages = site().languages
        try:
            requested = requested_language(request.args, languages)
        except BadRequest:
            requested = None
        known = preferences().language
        chosen = choose_language(requested, known, request.accept_languages, languages)
        g.localisation = Localisation.of(chosen)
    found: Localisation = g.localisation
    return found


def state() -> SearchState:
    """Search state of this URL. Raises BadRequest, BadDate or QueryTooLong."""
    found = typed_state()
    if found.misread:
        DateInterval.parse(*found.misread)
    return found


def typed_state() -> SearchState:
    """Search state of this URL, also with invalid dates. Raises as :func:`state`."""
    found: SearchState | None = request.environ.get(_STATE)
    if found is None:
        found = SearchState.from_parameters(request.args, root(), site().languages)
        request.environ[_STATE] = found  # setting the cookie needs it again
    return found


def answer(
    request: SearchRequest, language: str, facets: Sequence[FacetName] = FACETS, parts: int = 0
) -> Results:
    """Answers ``request`` with some facets counted, and records it in the metrics.

    ``parts`` as in :meth:`SearchService.search`.
    """
    results = site().service.search(request, language, facets, parts)
    site().metrics.note(results)
    return results
