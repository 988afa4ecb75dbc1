"""Routes of pages about the site: coverage, accessibility, privacy, owners' guide."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Blueprint
from markupsafe import Markup

from search.configuration import SiteSettings
from search.errors import KlastriError
from search.request import SearchRequest
from webui.addresses.parameters import SearchState
from webui.addresses.preferences import PREFERENCES_COOKIE
from webui.components import Link
from webui.context import localisation, rendered, site, state
from webui.localisation import Localisation
from webui.operating.metrics import MOST_QUERIES
from webui.pages.coverage import CoverageFacts
from webui.pages.help import OWNERS, help_page, rendered_guide
from webui.pages.page_meta import PageMeta

ABOUT, ACCESSIBILITY, PRIVACY = "saidist", "ligipaasetavus", "andmekaitse"
FOR_OWNERS = "haldajale"
#: Most sites and collections that are listed.
MOST_SOURCES = 20
#: Pages with information about the site.
STATEMENTS = (ABOUT, ACCESSIBILITY, PRIVACY)

about = Blueprint("about", __name__)


@dataclass(frozen=True, slots=True)
class StatementSection:
    """A part of a statement: heading, paragraphs, and links that belong to it."""

    heading: str
    paragraphs: tuple[str, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementPage:
    """View model of a page about the site; ``own`` is the owner's text (HTML) at its top."""

    title: str
    own: Markup
    sections: tuple[StatementSection, ...]


@dataclass(frozen=True, slots=True)
class KeptData:
    """Facts of the configuration for the privacy note.

    ``log`` is what is logged for each request: nothing (``plain``), or a line without or with the
    network address (``json``, ``json-with-clients``). ``takes_orders`` if alerts can be ordered by
    e-mail, ``has_contact`` if mistakes are reported by e-mail.
    """

    keeps_queries: bool
    log: str = "plain"
    takes_orders: bool = False
    has_contact: bool = False


@about.get(f"/{ABOUT}")
def about_site() -> str:
    """Route of the page about the coverage and the owner of the site."""
    here, start = localisation(), state().start()
    try:
        facts = site().coverage.facts()
    except KlastriError:  # the owner is shown even without an index
        facts = None
    page = StatementPage(
        here.gettext("About this site"),
        _own("about", here),
        (
            *(_covered(facts, start, here) if facts else ()),
            _found_by_program(here),
            _operator(site().configuration.site, here),
        ),
    )
    return _rendered(page, ABOUT, here.gettext("What this site covers, and who runs it."), start)


@about.get(f"/{ACCESSIBILITY}")
def accessibility() -> str:
    """Route of the accessibility statement."""
    here, start = localisation(), state().start()
    own = _own("accessibility", here)
    sections = () if own else (*_accessibility(here), _operator(site().configuration.site, here))
    page = StatementPage(here.gettext("Accessibility"), own, sections)
    return _rendered(page, ACCESSIBILITY, here.gettext("How this site can be used by all."), start)


@about.get(f"/{PRIVACY}")
def privacy() -> str:
    """Route of the privacy note."""
    here, start = localisation(), state().start()
    own = _own("privacy", here)
    configuration, settings = site().configuration, site().configuration.site
    kept = KeptData(
        site().metrics.keeps_queries,
        configuration.log,
        takes_orders=configuration.smtp is not None,
        has_contact=bool(settings.contact),
    )
    found = (*privacy_sections(kept, here), _operator(settings, here))
    sections = () if own else found
    page = StatementPage(here.gettext("Privacy"), own, sections)
    return _rendered(page, PRIVACY, here.gettext("What this site keeps of its visitors."), start)


@about.get(f"/{FOR_OWNERS}")
def owners_guide() -> str:
    """Route of the guide for owners."""
    start = state().start()
    page = help_page(localisation().language, start, OWNERS)
    languages = {each: start.in_language(each).guide_url(FOR_OWNERS) for each in site().languages}
    meta = PageMeta(page.title, page.title, start.bare().guide_url(FOR_OWNERS))
    return rendered("help.html", page=page, state=start, languages=languages, meta=meta)


def _own(key: str, here: Localisation) -> Markup:
    text = site().statements.get(key, "")
    return rendered_guide(text, here.language, None).body if text else Markup()


def _rendered(page: StatementPage, name: str, description: str, start: SearchState) -> str:
    languages = {each: start.in_language(each).guide_url(name) for each in site().languages}
    meta = PageMeta(page.title, description, start.bare().guide_url(name))
    return rendered("about.html", page=page, state=start, languages=languages, meta=meta)


def _covered(
    facts: CoverageFacts, start: SearchState, here: Localisation
) -> Iterator[StatementSection]:
    """Section on the coverage of the collection."""
    statistics = facts.statistics
    count = here.ngettext("{count} article", "{count} articles", statistics.articles)
    paragraphs = [f"{count}."]
    if facts.first and facts.last:
        paragraphs = [
            here.gettext(
                "{count}; the oldest is of {first}, the newest of {last}.",
                count=count,
                first=here.date(facts.first),
                last=here.date(facts.last),
            )
        ]
    by_language = ", ".join(
        f"{here.language_name(code)} {here.number(number)}" for code, number in statistics.languages
    )
    if len(statistics.languages) > 1:
        paragraphs.append(here.gettext("By language: {languages}.", languages=by_language))
    sources = site().service.facet("source", SearchRequest(), here.language).values
    if sources:
        names = ", ".join(each.label for each in sources[:MOST_SOURCES])
        paragraphs.append(here.gettext("Sources: {hosts}.", hosts=names))
    updated = site().coverage.updated()
    if updated:
        paragraphs.append(here.gettext("Last updated on {moment}.", moment=here.moment(updated)))
    links = (
        Link(here.gettext("Focus areas"), start.areas_url),
        Link(here.gettext("Organisations"), start.organisations_url),
    )
    yield StatementSection(here.gettext("What can be found here"), tuple(paragraphs), links)


def _found_by_program(here: Localisation) -> StatementSection:
    return StatementSection(
        here.gettext("How focus areas, years and organisations are found"),
        (
            here.gettext(
                "A program finds them in the text of each article, unless the source gives them. "
                "Beside each stands the sentence that it was found in. A program can be wrong: "
                "“Report a mistake” beside the value tells whoever runs the site."
            ),
            here.gettext(
                "An article belongs to its publisher. Where the address of the original is known, "
                "a link leads there."
            ),
        ),
    )


def _operator(settings: SiteSettings, here: Localisation) -> StatementSection:
    paragraphs = []
    if settings.operator:
        paragraphs.append(
            here.gettext("This site is run by {operator}.", operator=settings.operator)
        )
    if not (settings.operator or settings.contact):
        paragraphs.append(
            here.gettext("Whoever runs this site has given neither name nor address here.")
        )
    links = (Link(settings.contact, f"mailto:{settings.contact}"),) if settings.contact else ()
    return StatementSection(here.gettext("Who runs this site"), tuple(paragraphs), links)


def _accessibility(here: Localisation) -> Iterable[StatementSection]:
    yield StatementSection(
        here.gettext("What the site is made for"),
        (
            here.gettext(
                "The pages are made to meet the guidelines WCAG 2.2 at level AA. With every change "
                "of the program they are checked with the tool axe and used by keyboard alone. "
                "Nobody from outside has assessed them yet."
            ),
        ),
    )
    yield StatementSection(
        here.gettext("What works"),
        (
            here.gettext(
                "Everything can be reached by keyboard, and everything can be done without "
                "scripts. A link at the top of each page skips to the content."
            ),
            here.gettext(
                "Text can be enlarged to 400 %, and a window 320 pixels wide is enough. Light and "
                "dark colours, stronger contrast and reduced motion follow your settings."
            ),
            here.gettext(
                "Headings, lists, tables and fields are named for screen readers, and every text "
                "says what language it is in. Charts also give their numbers as text."
            ),
            here.gettext("Keyboard shortcuts of a single key can be turned off: press “?”."),
        ),
    )
    yield StatementSection(
        here.gettext("What does not work yet"),
        (
            here.gettext(
                "Articles stand as their publishers wrote them. A title may be all in capitals, "
                "and pictures and tables of the original are not shown here."
            ),
        ),
    )


def privacy_sections(kept: KeptData, here: Localisation) -> Iterator[StatementSection]:
    """Sections of the privacy note for ``kept``, except on the owner."""
    yield StatementSection(
        here.gettext("What is kept of visitors"),
        (
            here.gettext("Nobody registers here, and nobody is followed."),
            _log(kept.log, here),
            _queries(kept.keeps_queries, here),
        ),
    )
    yield StatementSection(
        here.gettext("Cookies and the memory of your browser"),
        (
            here.gettext(
                "One cookie, {cookie}, remembers for a year the language you chose and how you "
                "like results to be listed. There are no others.",
                cookie=PREFERENCES_COOKIE,
            ),
            here.gettext(
                "What else you set here, such as keyboard shortcuts or articles you marked, stays "
                "in your browser and is not sent to anybody."
            ),
        ),
    )
    if kept.takes_orders:
        yield StatementSection(
            here.gettext("E-mails you order"),
            (
                here.gettext(
                    "Whoever orders new articles by e-mail gives an address and a search. Both are "
                    "kept beside the index for as long as the order stands, and used for nothing "
                    "else. A link in every e-mail ends the order and deletes them."
                ),
            ),
        )
    yield StatementSection(
        here.gettext("Other sites and e-mails"),
        (
            here.gettext(
                "No page fetches anything from other sites: no statistics, fonts, maps or adverts. "
                "A link to the original of an article leads to another site, which is not told "
                "what you searched for."
            ),
            _reports(kept.has_contact, here),
        ),
    )


def _log(log: str, here: Localisation) -> str:
    if log == "json-with-clients":
        return here.gettext(
            "Of each visit the program logs the time, the kind of page and the network address of "
            "the visitor, but neither what was searched for nor which page it was."
        )
    if log == "json":
        return here.gettext(
            "Of each visit the program logs the time and the kind of page, but neither who it was "
            "nor what was searched for. The web server before it may keep a log of its own."
        )
    return here.gettext(
        "The program keeps no log of visits. The web server before it may keep a log of its own."
    )


def _queries(keeps_queries: bool, here: Localisation) -> str:
    if not keeps_queries:
        return here.gettext("What is searched for is not kept.")
    return here.gettext(
        "Whoever runs the site sees what has been searched for, how often and in which month, "
        "but not by whom. These are the last {count} different searches, kept in memory only, "
        "and gone when the program is started again. A search that holds a mail address or a "
        "long number is not kept.",
        count=here.number(MOST_QUERIES),
    )


def _reports(has_contact: bool, here: Localisation) -> str:
    if has_contact:
        return here.gettext(
            "“Report a mistake” opens an e-mail in your own mail program; whoever runs the site "
            "reads it like any other e-mail."
        )
    return here.gettext(
        "“Report a mistake” passes on the article and the value, and nothing about you."
    )
