"""View models of hits in the list of results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from search.results import Hit
from webui.addresses.list_options import PAGE_SIZES, SNIPPETS_SHOWN, View, hit_anchor
from webui.addresses.parameters import SearchState
from webui.addresses.short_codes import article_code
from webui.components import Link, addresses, safe_url, shown_date
from webui.entities.areas import Areas
from webui.fragments import area_link, joined, marked, organisation_link
from webui.localisation import Localisation
from webui.pages.match_sentences import match_sentences, nearness_sentence
from webui.pages.snippet_lines import snippet_lines

#: Characters of the line of focus areas and organisations of a hit on a desktop, and the width of
#: the blank and the sign beside each name, in characters.
LINE_OF_NAMES, BESIDE_NAME = 84, 4
#: Most other addresses of a hit that are shown.
OPEN_DUPLICATES = 4
#: Most missing words that are shown, and most letters of each.
MOST_NAMED, LONGEST_SHOWN = 6, 60
_NOTHING = Markup()


@dataclass(frozen=True, slots=True)
class HitItem:
    """A hit in the list of results; an area's title names its parents, too.

    ``areas`` and ``organisations`` are rendered list items. ``source`` is the site that published
    the article at ``original``, or, if that is empty because there is no address, its collection.
    """

    anchor: str
    code: str
    url: str
    source: str
    original: str
    title: Markup
    language: str
    date: str | None
    iso_date: str | None
    areas: Markup
    organisations: Markup
    more_organisations: int
    duplicates: tuple[Link, ...]
    more_duplicates: int
    snippet: Markup
    why: tuple[str, ...]
    missing: tuple[str, ...]
    is_near: bool


class HitItemBuilder:
    """Builds the items of one page; shared parts are built once.

    ``organisation_url`` returns the URL of an organisation's page by name, ``floor`` is the least
    similarity in meaning. A collection is shown as the source of a hit only if there are others
    (``names_sources``). Hits have all details only at the default page size, and not in the brief
    view.
    """

    def __init__(
        self,
        state: SearchState,
        areas: Areas,
        organisation_url: Callable[[str], str],
        localisation: Localisation,
        view: View,
        floor: float | None,
        *,
        names_sources: bool,
    ) -> None:
        self._state = state
        self._areas = areas
        self._organisation_url = organisation_url
        self._localisation = localisation
        self._floor = floor or 0.0
        self._names_sources = names_sources
        self._snippets = SNIPPETS_SHOWN[state.request.page_size] if view == "full" else 0
        self._is_whole = self._snippets == SNIPPETS_SHOWN[PAGE_SIZES[0]]
        self._area_lines: dict[tuple[str, ...], tuple[Markup, int]] = {}

    def build(self, hit: Hit, rank: int) -> HitItem:
        """Builds the item of ``hit``, which has this ``rank`` among all."""
        state, is_whole = self._state, self._is_whole
        published = shown_date(hit.published, hit.year)
        original = safe_url(hit.url) or ""
        areas, organisations, more = _NOTHING, _NOTHING, 0
        duplicates: Sequence[str] = ()
        if is_whole:
            areas, length = self._area_line(hit.focus_areas)
            fitting = _fitting(hit.organisations, LINE_OF_NAMES - length)
            organisations = joined(map(self._organisation_link, hit.organisations[:fitting]))
            more = max(0, len(hit.organisations) - fitting)
            duplicates = hit.duplicates
        return HitItem(
            anchor=hit_anchor(rank),
            code=article_code(hit.id),
            url=state.article_url(hit.id, rank),
            source=hit.source if original or self._names_sources else "",
            original=original,
            title=marked(hit.title, hit.title_marks),
            language=hit.language,
            date=self._localisation.date(published) if published else None,
            iso_date=published.iso if published else None,
            areas=areas,
            organisations=organisations,
            more_organisations=more,
            duplicates=addresses(duplicates[:OPEN_DUPLICATES], state.article_url),
            more_duplicates=max(0, len(duplicates) - OPEN_DUPLICATES),
            snippet=snippet_lines(hit.snippets[: self._snippets]),
            why=self._why(hit) if is_whole else (),
            missing=_named(hit.missing),
            is_near=hit.is_near,
        )

    def _why(self, hit: Hit) -> tuple[str, ...]:
        if hit.is_near:
            nearness = hit.nearness or 0.0
            return (nearness_sentence(nearness, self._floor, self._localisation),)
        return match_sentences(hit.why, self._localisation)

    def _area_line(self, focus_areas: tuple[str, ...]) -> tuple[Markup, int]:
        """The narrowest of ``focus_areas`` as list items, and their width in characters."""
        found = self._area_lines.get(focus_areas)
        if found is None:
            narrowest = self._areas.narrowest(focus_areas)
            named = [self._areas.named(each, self._localisation.language) for each in narrowest]
            line = joined(area_link(each, self._state.area_url(each.id)) for each in named)
            length = sum(len(each.label) + BESIDE_NAME for each in named)
            found = self._area_lines[focus_areas] = line, length
        return found

    def _organisation_link(self, name: str) -> Markup:
        return organisation_link(name, self._organisation_url(name))


def _fitting(names: Sequence[str], room: int) -> int:
    """Number of ``names`` that fit into ``room`` characters, at least one."""
    for number, each in enumerate(names):
        room -= len(each) + BESIDE_NAME
        if room < 0:
            return max(number, 1)
    return len(names)


def cut_word(word: str) -> str:
    """Truncates a very long ``word``."""
    return word if len(word) <= LONGEST_SHOWN else f"{word[: LONGEST_SHOWN - 1]}…"


def _named(words: Sequence[str]) -> tuple[str, ...]:
    """The first of ``words``, as many as fit into a line or two."""
    more = ("…",) if len(words) > MOST_NAMED else ()
    return (*map(cut_word, words[:MOST_NAMED]), *more)
