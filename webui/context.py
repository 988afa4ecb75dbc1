"""Per-request context: search service, site settings, visitor's language, parsed address."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from flask import current_app, g, request

from search.configuration import Configuration
from search.date_interval import DateInterval
from search.errors import BadRequest
from search.request import FACETS, FacetName, SearchRequest
from search.results import Results
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui.areas import Areas
from webui.collation import SlugBook
from webui.localisation import Localisation, choose_language, site_languages
from webui.metrics import Metrics
from webui.parameters import SearchState, requested_language
from webui.preferences import PREFERENCES_COOKIE, Preferences
from webui.short_codes import ArticleCodes
from webui.templating import render

EXTENSION = "klastriotsing"


@dataclass(frozen=True, slots=True)
class SiteContext:
    """Application state; ``assets`` is a stamp that changes with the static files.

    ``today`` gives the day that usual spans of dates end with.
    """

    service: SearchService
    configuration: Configuration
    languages: tuple[str, ...]
    assets: str
    slugs: SlugBook
    codes: ArticleCodes
    areas: Areas
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
        """Creates the state of a new application. Raises TaxonomyError."""
        languages = site_languages(configuration.languages)
        areas = Areas(load_taxonomy(configuration.taxonomy))
        slugs, codes = SlugBook(service), ArticleCodes(service)
        return cls(service, configuration, languages, assets, slugs, codes, areas, metrics, today)


def site() -> SiteContext:
    """The application state of this request."""
    found: SiteContext = current_app.extensions[EXTENSION]
    return found


def root() -> str:
    """URL path of the search page, ending in a slash."""
    return request.script_root.rstrip("/") + "/"


def absolute(address: str) -> str:
    """Absolute URL of the path ``address``, for other programs.

    They are those of ``base_url``; only without it those the visitor used.
    """
    return urljoin(site().configuration.base_url or request.host_url, address)


def rendered(template: str, **values: Any) -> str:
    """``template`` rendered with ``values`` in the visitor's language."""
    here = site()
    return render(
        template,
        localisation().language,
        root=root(),
        site_name=here.configuration.site_name,
        assets=here.assets,
        takes_orders=here.configuration.smtp is not None,
        **values,
    )


def preferences() -> Preferences:
    """What the visitor chose before."""
    known = Preferences.read(request.cookies.get(PREFERENCES_COOKIE, ""))
    return known if known.language in site().languages else replace(known, language="")


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
    """Search state of this URL, also where the dates typed are none. Raises as :func:`state`."""
    return SearchState.from_parameters(request.args, root(), site().languages)


def answer(request: SearchRequest, language: str, facets: Sequence[FacetName] = FACETS) -> Results:
    """Answers ``request`` with some facets counted, and notes it in the metrics."""
    results = site().service.search(request, language, facets)
    site().metrics.note(results)
    return results
