"""Paginated list of all values of a facet, filtered by prefix and sorted by count or name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from werkzeug.datastructures import MultiDict

from search.analysis.folding import fold
from search.errors import BadRequest
from search.request import NO_FOCUS, FacetName
from search.results import FacetValue
from webui.areas import Area, Areas
from webui.collation import estonian_key, initial

#: So many values are on one page.
PAGE_SIZE = 150
ORDERS = ("count", "name")
LONGEST_PREFIX = 100


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Request for a facet list: values with ``prefix``, by ``order``, page ``page``."""

    prefix: str
    order: str
    page: int

    @classmethod
    def from_parameters(cls, parameters: "MultiDict[str, str]", order: str) -> "ListRequest":
        """Parses URL parameters; ``order`` is the default. Raises BadRequest."""
        asked = next(reversed(parameters.getlist("order")), "") or order
        if asked not in ORDERS:
            raise BadRequest(
                value=asked[:40],
                name="order",
                remedy="The list is ordered by name or by number of articles",
            )
        page = next(reversed(parameters.getlist("list")), "") or "1"
        if not (page.isascii() and page.isdigit() and 0 < len(page) < 6 and int(page)):
            raise BadRequest(value=page[:40], name="list", remedy="Pages are counted from 1")
        return cls(parameters.get("prefix", "").strip()[:LONGEST_PREFIX], asked, int(page))


@dataclass(frozen=True, slots=True)
class ListedValue:
    """A value with its article count; nested areas have a ``depth``."""

    value: str
    label: str
    count: int
    selected: bool
    excluded: bool
    area: Area | None
    depth: int


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """Values under one initial letter, or all of them without one."""

    letter: str
    values: tuple[ListedValue, ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    """View model of a page of the list; ``found`` is the number of values with the prefix."""

    request: ListRequest
    found: int
    groups: tuple[ListedGroup, ...]
    previous: int | None
    next: int | None

    @property
    def values(self) -> tuple[ListedValue, ...]:
        """All values of the page, whatever their group."""
        return tuple(value for group in self.groups for value in group.values)


def list_page(
    values: Sequence[FacetValue], facet: FacetName, request: ListRequest, areas: Areas
) -> ListPage:
    """Builds the requested page of ``values`` (given by count)."""
    found = [each for each in values if _begins(each.label, request.prefix)]
    if request.order == "name":
        found.sort(key=lambda each: estonian_key(each.label))
    start = (request.page - 1) * PAGE_SIZE
    listed = [_listed(each, 0, None) for each in found] if facet != "focus" else _tree(found, areas)
    shown = listed[start : start + PAGE_SIZE]
    by_letter = request.order == "name" and facet == "org"
    return ListPage(
        request=request,
        found=len(found),
        groups=tuple(_groups(shown, by_letter)),
        previous=request.page - 1 if request.page > 1 else None,
        next=request.page + 1 if start + PAGE_SIZE < len(found) else None,
    )


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


def _begins(label: str, prefix: str) -> bool:
    """True if a word of ``label`` begins with ``prefix``; case and dots do not count."""
    wanted, name = fold(prefix).casefold(), fold(label).casefold()
    if name.startswith(wanted):
        return True
    return any(
        name.startswith(wanted, at + 1) for at, letter in enumerate(name) if not letter.isalnum()
    )
