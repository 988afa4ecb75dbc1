"""View model of the review page: suggested lines for the owner's files, and reported mistakes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from search.article import Article
from search.errors import KlastriError
from search.review import Review, Reviewed, ReviewEntry, ReviewList
from search.service import SearchService
from search.yaml_loader import yaml_scalar
from webui.addresses.parameters import SearchState
from webui.components import Link
from webui.facets.filters import facet_title
from webui.localisation import Localisation
from webui.operating.mistake_store import ReportedMistake

#: Keys in the owner's files to which the lines of each list belong.
_PLACES = {
    "same": "organisations: rename:",
    "acronyms": "organisations:",
    "articles": "articles:",
    "words": "lemmas:",
}


@dataclass(frozen=True, slots=True)
class ListOrder:
    """The review list that is sorted, and by which column: ``line`` or ``articles``."""

    list_name: str = ""
    column: str = ""

    @classmethod
    def from_parameters(cls, parameters: "MultiDict[str, str]") -> "ListOrder":
        """Parses URL parameters; unknown values are ignored."""
        return cls(parameters.get("list", ""), parameters.get("order", ""))


@dataclass(frozen=True, slots=True)
class ReviewColumn:
    """Heading of a column; ``url`` sorts the list by it, empty if it cannot be sorted."""

    title: str
    url: str = ""
    is_sorted: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class SuggestedRow:
    """A suggested line for one of the owner's files, with evidence and an example article."""

    line: str
    cells: tuple[str, ...]
    article: Link | None


@dataclass(frozen=True, slots=True)
class SuggestedList:
    """A review list as a table: suggested lines, their number, and the file they belong to.

    The first column is the line; the last is an article, if the list has any.
    """

    name: str
    title: str
    shown: str
    destination: str
    columns: tuple[ReviewColumn, ...]
    rows: tuple[SuggestedRow, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """View model of the review page; ``is_pending`` while newer lists are being made."""

    generation: str
    lists: tuple[SuggestedList, ...]
    is_made: bool
    is_pending: bool
    problem: str


@dataclass(frozen=True, slots=True)
class ReportedValue:
    """A value that readers reported, and the line of the overrides that removes it."""

    article: Link
    value: str
    times: str
    line: str


def review_page(
    found: Reviewed, order: ListOrder, url: str, public: SearchState, here: Localisation
) -> ReviewPage:
    """Builds the page at ``url``; ``public`` is at the start of the public site."""
    lists = _lists(found.review, order, url, public, here) if found.review else ()
    return ReviewPage(
        generation=found.generation,
        lists=tuple(lists),
        is_made=found.review is not None,
        is_pending=found.is_pending,
        problem=here.error(found.problem) if found.problem else "",
    )


def reported_values(
    reports: Iterable[ReportedMistake],
    service: SearchService,
    public: SearchState,
    here: Localisation,
) -> tuple[ReportedValue, ...]:
    """Reported mistakes of articles that still have the value."""
    found = []
    for each in reports:
        try:
            view = service.article(each.article_id, language=here.language)
        except KlastriError:
            continue
        value = next(
            (v for v in view.values if (v.facet, v.value) == (each.facet, each.value)), None
        )
        if value is None:
            continue
        found.append(
            ReportedValue(
                Link(view.article.title, public.article_url(each.article_id)),
                f"{facet_title(value.facet, here)}: {value.label}",
                here.number(each.times),
                _correction(view.article, each),
            )
        )
    return tuple(found)


def _correction(article: Article, report: ReportedMistake) -> str:
    """Line of the overrides without the reported value."""
    if report.facet == "year":
        left = "year: unknown"
    else:
        key, values = (
            ("focus_areas", article.focus_areas)
            if report.facet == "focus"
            else ("organisations", article.organisations)
        )
        kept = (yaml_scalar(each.value) for each in values if each.value != report.value)
        left = f"{key}: [{', '.join(kept)}]"
    return f"{yaml_scalar(article.id)}: {{{left}}}"


def _lists(
    review: Review, order: ListOrder, url: str, public: SearchState, here: Localisation
) -> Iterator[SuggestedList]:
    titles = {
        "same": here.gettext("Organisations that may be one"),
        "acronyms": here.gettext("Acronyms of organisations that nobody explains"),
        "articles": here.gettext("Articles without a year or a focus area"),
        "misspelt": here.gettext("Words that may be misspelt"),
        "words": here.gettext("Words that the lexicon does not know"),
    }
    for each in review.lists:
        column = order.column if order.list_name == each.name else ""
        cells, headings = _cells_of(each, here)
        yield SuggestedList(
            name=each.name,
            title=titles.get(each.name, each.heading),
            shown=_shown(each, here),
            destination=_destination(each, here),
            columns=tuple(_columns(each, headings, column, url, here)),
            rows=tuple(
                SuggestedRow(entry.line.strip(), cells(entry.data), _article(entry, public))
                for entry in _sorted(each.entries, column)
            ),
        )


def _sorted(entries: Sequence[ReviewEntry], column: str) -> Sequence[ReviewEntry]:
    if column == "line":
        return sorted(entries, key=lambda each: each.line.strip().casefold())
    if column == "articles":
        return sorted(entries, key=lambda each: -_article_count(each.data))
    return entries


def _article_count(data: Mapping[str, Any]) -> int:
    counted = data.get("articles", 0)
    return sum(counted) if isinstance(counted, list) else int(counted)


def _columns(
    found: ReviewList, headings: Sequence[str], column: str, url: str, here: Localisation
) -> Iterator[ReviewColumn]:
    """Headings of the line, of ``headings`` and of the article."""
    names = {"line": here.gettext("Line"), "articles": here.gettext("Articles")}

    def link(order: str) -> str:
        return f"{url}?{urlencode({'list': found.name, 'order': order})}#{found.name}"

    yield ReviewColumn(names["line"], link("line"), column == "line")
    for each in headings:
        if each == names["articles"]:
            yield ReviewColumn(each, link("articles"), column == "articles", is_number=True)
        else:
            yield ReviewColumn(each)
    if any("example" in each.data or "id" in each.data for each in found.entries):
        yield ReviewColumn(here.gettext("Article"))


_Cells = Callable[[Mapping[str, Any]], tuple[str, ...]]


def _cells_of(found: ReviewList, here: Localisation) -> tuple[_Cells, tuple[str, ...]]:
    """Function that makes the middle cells of an entry, and the headings of these."""
    data = found.entries[0].data if found.entries else {}
    articles = here.gettext("Articles")
    if "reason" in data:
        reasons = _reasons(here)
        return (
            lambda each: (reasons.get(each["reason"], ""), _both(each.get("articles", ()), here)),
            (here.gettext("Why"), articles),
        )
    if "missing" in data or "id" in data:
        names = {"year": here.gettext("year"), "focus_areas": here.gettext("focus area")}
        return (
            lambda each: (", ".join(names.get(m, m) for m in each.get("missing", ())),),
            (here.gettext("Missing"),),
        )
    return (lambda each: (here.number(_article_count(each)),)), (articles,)


def _both(counts: Sequence[int], here: Localisation) -> str:
    return " + ".join(map(here.number, counts))


def _shown(found: ReviewList, here: Localisation) -> str:
    if len(found.entries) == found.total:
        return here.gettext("{total} in all.", total=here.number(found.total))
    shown = here.number(len(found.entries))
    return here.gettext(
        "The first {shown} of {total}.", shown=shown, total=here.number(found.total)
    )


def _destination(found: ReviewList, here: Localisation) -> str:
    """File for the lines, by its key in klastriotsing.toml, and the key above them."""
    if not found.entries:
        return ""
    place = _PLACES.get(found.name, "")
    if not place:
        return here.gettext("Lines for the file “{file}”:", file=found.destination)
    return here.gettext(
        "Lines for the file “{file}”, below “{place}”:", file=found.destination, place=place
    )


def _article(entry: ReviewEntry, public: SearchState) -> Link | None:
    data = entry.data
    if "example" in data:
        return Link(data["example"], public.article_url(data["example"]))
    if "id" in data:
        return Link(data["title"], public.article_url(data["id"]))
    return None


def _reasons(here: Localisation) -> dict[str, str]:
    """Labels of the reasons why two names may be aliases."""
    return {
        "form": here.gettext("the same but for legal form, case ending or spelling of letters"),
        "initials": here.gettext("the short one is made of the initials"),
        "letter": here.gettext("one letter differs"),
        "part": here.gettext("one is the beginning or the end of the other"),
        "company": here.gettext("never together, but beside the same organisations"),
    }
