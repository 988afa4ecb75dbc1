"""View model of the list of all values of a facet: search by name, initials, pagination."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from werkzeug.datastructures import MultiDict

from search.errors import BadRequest
from search.normalisation import clean_line
from search.request import NO_FOCUS, UNKNOWN_VALUE, FacetName
from search.result_builder import LONG_FACETS
from search.results import FacetValue
from webui.components import other_name_note
from webui.entities.areas import Area, Areas
from webui.entities.collation import estonian_key, initial
from webui.localisation import Localisation

#: Values on one page.
PAGE_SIZE = 150
#: With fewer values there are no initials.
FEWEST_BY_LETTER = 20
ORDERS = ("count", "name")
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Request for a facet list: values found by ``name`` under ``letter``, both empty for all."""

    name: str = ""
    order: str = "count"
    page: int = 1
    letter: str = ""

    @classmethod
    def from_parameters(cls, parameters: "MultiDict[str, str]", order: str) -> "ListRequest":
        """Parses URL parameters; ``order`` is the default. Raises BadRequest."""
        asked = _last(parameters, "order") or order
        if asked not in ORDERS:
            raise BadRequest(
                value=asked[:40],
                name="order",
                remedy="The list is ordered by name or by number of articles",
            )
        page = _last(parameters, "list") or "1"
        if not (page.isascii() and page.isdigit() and 0 < len(page) < 6 and int(page)):
            raise BadRequest(value=page[:40], name="list", remedy="Pages are counted from 1")
        name = clean_line(parameters.get("name", ""))[:LONGEST_NAME]
        # Any other character than a letter has no names, and is no error.
        return cls(name, asked, int(page), clean_line(_last(parameters, "letter"))[:1])

    def pairs(self, order: str) -> tuple[tuple[str, str], ...]:
        """URL parameters of this request, given that ``order`` is the default; may be empty."""
        return (
            ("name", self.name),
            ("letter", self.letter),
            ("order", self.order if self.order != order else ""),
            ("list", str(self.page) if self.page > 1 else ""),
        )


@dataclass(frozen=True, slots=True)
class ListTexts:
    """Texts of a list by facet: years, for example, are not called names.

    ``find`` is the label of the search field, empty if there is none; ``orders`` are the available
    orders with their labels.
    """

    heading: str
    find: str
    orders: tuple[tuple[str, str], ...]
    found: str

    @classmethod
    def of(cls, facet: FacetName, found: int, here: Localisation) -> "ListTexts":
        by_count = ("count", here.gettext("by number of articles"))
        by_name = ("name", here.gettext("A–Ü"))
        heading = {
            "focus": here.gettext("Focus areas"),
            "year": here.gettext("Years"),
            "source": here.gettext("Sources"),
            "language": here.gettext("Languages"),
        }.get(facet) or here.gettext("Organisations")
        if facet == "year":
            found_label = here.ngettext("{count} year", "{count} years", found)
            return cls(heading, "", (("name", here.gettext("by year")), by_count), found_label)
        if facet == "language":
            found_label = here.ngettext("{count} language", "{count} languages", found)
            return cls(heading, "", (by_count, by_name), found_label)
        found_label = {
            "focus": here.ngettext("{count} focus area", "{count} focus areas", found),
            "source": here.ngettext("{count} source", "{count} sources", found),
        }.get(facet) or here.ngettext("{count} organisation", "{count} organisations", found)
        return cls(heading, here.gettext("Search by name"), (by_name, by_count), found_label)


@dataclass(frozen=True, slots=True)
class ListedValue:
    """A value with its article count; nested areas have a ``depth``.

    ``why`` is the other name by which an organisation was found.
    """

    value: str
    label: str
    count: int
    selected: bool
    excluded: bool
    area: Area | None
    depth: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """Values under one initial letter, or all of them without one."""

    letter: str
    values: tuple[ListedValue, ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    """View model of a page of the list; ``letters`` are the initials of all values."""

    request: ListRequest
    texts: ListTexts
    letters: tuple[str, ...]
    groups: tuple[ListedGroup, ...]
    previous: int | None
    next: int | None

    @property
    def values(self) -> tuple[ListedValue, ...]:
        """Values of all groups of the page."""
        return tuple(value for group in self.groups for value in group.values)


def list_page(
    values: Sequence[FacetValue],
    facet: FacetName,
    request: ListRequest,
    areas: Areas,
    matches: Callable[[str], bool],
    localisation: Localisation,
    others: Mapping[str, Sequence[str]] | None = None,
) -> ListPage:
    """Builds the requested page of ``values``; ``matches`` tests whether a name is found.

    ``others`` are other names by label, which are searched, too.
    """
    others = others or {}
    has_letters = facet in LONG_FACETS and len(values) >= FEWEST_BY_LETTER
    by_letter = _initials(values) if has_letters else {}
    found = [
        each
        for each in values
        if (matches(each.label) or any(map(matches, others.get(each.label, ()))))
        and request.letter in ("", by_letter.get(str(each.value), request.letter))
    ]
    if request.order == "count":
        found.sort(key=lambda each: -each.count)
    elif facet != "year":  # years come newest first
        found.sort(key=lambda each: estonian_key(each.label))
    start = (request.page - 1) * PAGE_SIZE
    listed = [_listed(each, 0, None) for each in found] if facet != "focus" else _tree(found, areas)
    shown = [
        replace(each, why=_why(each.label, others.get(each.label, ()), matches, localisation))
        for each in listed[start : start + PAGE_SIZE]
    ]
    is_parted = request.order == "name" and facet == "org" and not request.letter
    return ListPage(
        request=request,
        texts=ListTexts.of(facet, _named(facet, found), localisation),
        letters=tuple(sorted(set(by_letter.values()), key=estonian_key)),
        groups=tuple(_groups(shown, is_parted)),
        previous=request.page - 1 if request.page > 1 else None,
        next=request.page + 1 if start + PAGE_SIZE < len(found) else None,
    )


def _why(
    label: str, others: Sequence[str], matches: Callable[[str], bool], localisation: Localisation
) -> str:
    """The other name by which a value was found; empty if by its label."""
    if matches(label):
        return ""
    return other_name_note(next(filter(matches, others), ""), localisation)


def _last(parameters: "MultiDict[str, str]", name: str) -> str:
    return next(reversed(parameters.getlist(name)), "")


def _named(facet: FacetName, values: Iterable[FacetValue]) -> int:
    """Number of ``values`` except the one for an unknown year or language."""
    unknown = {"focus": NO_FOCUS, "org": None}.get(facet, UNKNOWN_VALUE)
    return sum(each.value != unknown for each in values)


def _initials(values: Iterable[FacetValue]) -> Mapping[str, str]:
    return {str(each.value): initial(each.label) for each in values}


def _groups(shown: Sequence[ListedValue], by_letter: bool) -> Iterable[ListedGroup]:
    if not by_letter:
        return (ListedGroup("", tuple(shown)) for _ in range(bool(shown)))
    grouped = groupby(shown, key=lambda each: initial(each.label))
    return (ListedGroup(letter, tuple(values)) for letter, values in grouped)


def _tree(values: Sequence[FacetValue], areas: Areas) -> list[ListedValue]:
    """Focus areas in tree order; articles without one last."""
    by_id = {str(each.value): each for each in values if each.value != NO_FOCUS}
    listed = [
        _listed(by_id[each], depth, areas.area(each, by_id[each].label))
        for each, depth in areas.in_tree(by_id)
    ]
    return [*listed, *(_listed(each, 0, None) for each in values if each.value == NO_FOCUS)]


def _listed(value: FacetValue, depth: int, look: Area | None) -> ListedValue:
    text, label = str(value.value), value.label
    return ListedValue(text, label, value.count, value.selected, value.excluded, look, depth)
