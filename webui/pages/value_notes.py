"""Notes on the found values of an article: page of the entity, name in the text, mistake report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from search.article import Article, Extracted
from search.article_view import ArticleView
from search.organisation_names import organisation_key
from search.request import FacetName
from webui.addresses.parameters import SearchState
from webui.context import OrganisationUrls, absolute, localisation, site
from webui.localisation import Localisation


@dataclass(frozen=True, slots=True)
class ValueNote:
    """Note on one value: its page, empty if it has none, and its name in the text if different.

    ``value`` is that in URLs.
    """

    value: str
    page_url: str
    name_in_text: str


@dataclass(frozen=True, slots=True)
class ValueNotes:
    """Notes on all values of an article, by facet and label.

    ``contact`` is the e-mail address for reports of mistakes; without it, a page of the site takes
    them.
    """

    article_id: str
    state: SearchState
    contact: str
    here: Localisation
    notes: Mapping[tuple[str, str], ValueNote]

    def page_url(self, facet: str, label: str) -> str:
        """Page of the entity; empty if it has none."""
        return self._note(facet, label).page_url

    def name_in_text(self, facet: str, label: str) -> str:
        """The name in the text if it is different; else empty."""
        return self._note(facet, label).name_in_text

    def report_url(self, facet: str, legend: str, label: str) -> str:
        """URL to report a wrong value: ``mailto:``, or a page."""
        note = self._note(facet, label)
        if not self.contact:
            return self.state.report_url(self.article_id, facet, note.value)
        address = absolute(self.state.bare().article_url(self.article_id))
        subject = self.here.gettext("Mistake in an article: {value}", value=label)
        wrong = self.here.gettext("What is wrong:")
        body = f"{address}\n\n{legend}: {label}\n\n{wrong} "
        return f"mailto:{self.contact}?subject={quote(subject)}&body={_mail_body(body)}"

    def _note(self, facet: str, label: str) -> ValueNote:
        return self.notes.get((facet, label), ValueNote(label, "", ""))


def value_notes(view: ArticleView, state: SearchState) -> ValueNotes:
    """Builds the notes on the values of ``view``."""
    urls = OrganisationUrls(state)
    found: dict[tuple[str, str], ValueNote] = {
        (each.facet, each.label): ValueNote(
            each.value,
            _page_url(each.facet, each.value, state, urls),
            _name_in_text(view.article, each.value) if each.facet == "org" else "",
        )
        for each in view.values
    }
    contact = site().configuration.site.contact
    return ValueNotes(view.article.id, state.start(), contact, localisation(), found)


def _page_url(facet: FacetName, value: str, state: SearchState, urls: Callable[[str], str]) -> str:
    if facet == "focus":
        return state.area_url(value)
    return urls(value) if facet == "org" else ""


def _name_in_text(article: Article, name: str) -> str:
    """Name of the organisation ``name`` in the text; empty if it is the same."""
    value = next((each for each in article.organisations if each.value == name), None)
    names = _names(article, value) if value else []
    if any(organisation_key(each) == organisation_key(name) for each in names):
        return ""
    return next(iter(names), "")


def _names(article: Article, value: Extracted[str]) -> list[str]:
    """Names of the mentions that are evidence for ``value``, in the nominative."""
    places = {(each.part, each.start): each.end for each in value.evidence}
    return [each.name for each in article.mentions if (each.part, each.start) in places]


def _mail_body(text: str) -> str:
    """Encodes ``text`` as the body of a ``mailto:`` URL, with the line ends of e-mails."""
    return quote(text.replace("\n", "\r\n"))
