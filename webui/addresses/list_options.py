"""URL parameters of a list of results: sort order, page, page size, short or with snippets."""

from typing import Literal, get_args

from search.errors import BadRequest
from search.request import SORTS, Sort

View = Literal["brief", "full"]
#: Allowed numbers of hits on a page; the first is the default.
PAGE_SIZES = (10, 25, 50)
#: Snippets of a hit by page size. It keeps a page below 60 kB, and of fifty hits nobody reads more
#: than the titles.
SNIPPETS_SHOWN = {10: 2, 25: 1, 50: 0}
#: Most digits of a page number or rank.
MAX_DIGITS = 7


def page_size(value: str) -> int:
    """Hits on a page. Raises BadRequest unless it is one of ``PAGE_SIZES``."""
    if not value:
        return PAGE_SIZES[0]
    if value not in map(str, PAGE_SIZES):
        remedy = "A page has 10, 25 or 50 results"
        raise BadRequest(value=value[:40], name="limit", remedy=remedy)
    return int(value)


def requested_view(value: str) -> View | None:
    """The view of hits in the URL, None without one. Raises BadRequest."""
    for view in get_args(View):
        if value == view:
            return view  # type: ignore[no-any-return]
    if value:
        remedy = "Results are shown in brief or with snippets"
        raise BadRequest(value=value[:40], name="view", remedy=remedy)
    return None


def counted(value: str) -> int | None:
    """Parses a number from 1 in ASCII digits; None for anything else."""
    # isdigit() accepts digits of other scripts, and int() numbers of a hundred digits.
    if value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS and int(value):
        return int(value)
    return None


def hit_anchor(rank: int) -> str:
    """Id of the hit ``rank``, counted from 1 through all pages."""
    return f"hit-{rank}"


def requested_page(value: str) -> int:
    """Parses a page number, the first if empty. Raises BadRequest."""
    if not value:
        return 1
    page = counted(value)
    if page is None:
        raise BadRequest(value=value[:40], name="page", remedy="Pages are counted from 1")
    return page


def requested_sort(value: str) -> Sort | None:
    """Parses a sort order, None if empty. Raises BadRequest."""
    for sort in SORTS:
        if value == sort:
            return sort
    if value:
        raise BadRequest(
            value=value,
            name="sort",
            remedy="Choose an order: most relevant, newest or oldest first",
        )
    return None
