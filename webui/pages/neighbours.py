"""Links to the previous and next result on the article page, from the search in its URL."""

from dataclasses import dataclass, replace
from itertools import count

from search.results import Hit
from search.service import SearchService
from webui.addresses.parameters import SearchState
from webui.components import Link
from webui.localisation import Localisation

#: The result before an article, the article itself, and the one after it.
_WINDOW = 3


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Links to the results before and after an article; ``place`` is its own, such as 2/107."""

    previous: Link | None
    next: Link | None
    place: str


def neighbours(
    service: SearchService, article_id: str, state: SearchState, localisation: Localisation
) -> Neighbours | None:
    """The results around ``state.rank``, None if the article is not the hit of that rank.

    Costs one search without facets at any rank.
    """
    if not state.rank:
        return None
    page, size = _page_around(state.rank)
    window = replace(state.request, page=page, page_size=size)
    results = service.search(window, localisation.language, ())
    hits = dict(enumerate(results.hits, (page - 1) * size + 1))
    if state.rank not in hits or hits[state.rank].id != article_id:
        return None
    total = localisation.number(results.found)
    return Neighbours(
        previous=_link(hits, state.rank - 1, state),
        next=_link(hits, state.rank + 1, state),
        place=f"{localisation.number(state.rank)}/{total}",
    )


def _page_around(rank: int) -> tuple[int, int]:
    """Number and size of the smallest page with ``rank`` and the ranks on either side of it."""
    first = max(rank - 2, 0)  # counted from 0
    size = next(each for each in count(_WINDOW) if first % each <= each - _WINDOW)
    return first // size + 1, size


def _link(hits: dict[int, Hit], rank: int, state: SearchState) -> Link | None:
    hit = hits.get(rank)
    if hit is None:
        return None
    page = (rank - 1) // state.request.page_size + 1
    there = replace(state, request=replace(state.request, page=page))
    return Link(hit.title, there.article_url(hit.id, rank))
