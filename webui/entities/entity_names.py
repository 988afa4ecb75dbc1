"""Looks up organisations by slug, alias, or part of a name."""

from collections.abc import Mapping
from dataclasses import dataclass

from search.analysis.folding import fold
from search.organisation_names import name_key, organisation_key
from search.service import SearchService
from webui.entities.collation import SlugCache, estonian_key, slugs
from webui.generation_cache import GenerationCache


@dataclass(frozen=True, slots=True)
class FoundName:
    """An organisation by its shown name; ``asked`` is the other name that it was looked up by."""

    name: str
    asked: str = ""


@dataclass(frozen=True, slots=True)
class _Names:
    """Lookup tables of the organisations of a generation."""

    by_slug: Mapping[str, FoundName]
    by_name: Mapping[str, FoundName]
    by_body: Mapping[str, FoundName]
    #: All names by folded form, shown names first, in alphabetical order.
    folded: Mapping[str, FoundName]
    #: Other names by shown name, for organisations with any.
    others: Mapping[str, tuple[str, ...]]


class NameIndex:
    """Finds organisations of the live generation by name, cached for each generation.

    The shown name may change with every article; former names and their slugs stay valid as long as
    some article has them.
    """

    def __init__(self, service: SearchService, slug_cache: SlugCache) -> None:
        self._service = service
        self._slugs = slug_cache
        self._cache = GenerationCache(service, self._read)

    def by_slug(self, slug: str) -> FoundName | None:
        """The organisation whose page or former page has this slug."""
        return self._names.by_slug.get(slug)

    def by_name(self, text: str) -> FoundName | None:
        """The organisation of this name; legal form and hyphens matter only if several have it."""
        names = self._names
        return names.by_name.get(name_key(text)) or names.by_body.get(organisation_key(text))

    def other_names(self) -> Mapping[str, tuple[str, ...]]:
        """Other names of organisations by shown name, for those with any."""
        return self._names.others

    def matching(self, text: str, most: int) -> tuple[FoundName, ...]:
        """At most ``most`` organisations with a name that contains every word of ``text``."""
        words = fold(text).casefold().split()
        found: dict[str, FoundName] = {}
        for folded, each in self._names.folded.items():
            if len(found) < most and words and all(word in folded for word in words):
                found.setdefault(each.name, each)
        return tuple(found.values())

    @property
    def _names(self) -> _Names:
        return self._cache.current()

    def _read(self) -> _Names:
        shown, others = self._slugs.current(), self._service.other_names()
        known = [FoundName(name) for name in shown]
        known += [FoundName(name, other) for other, name in others.items() if name in shown]
        by_slug = {slug: FoundName(name) for name, slug in shown.items()}
        for other, slug in slugs(others).items():
            if others[other] in shown:
                by_slug.setdefault(slug, FoundName(others[other], other))
        by_name: dict[str, FoundName] = {}
        by_body: dict[str, FoundName] = {}
        for each in known:
            by_name.setdefault(name_key(each.asked or each.name), each)
            by_body.setdefault(organisation_key(each.asked or each.name), each)
        known.sort(key=lambda each: (bool(each.asked), estonian_key(each.asked or each.name)))
        folded: dict[str, FoundName] = {}
        by_shown: dict[str, tuple[str, ...]] = {}
        for each in known:
            folded.setdefault(fold(each.asked or each.name).casefold(), each)
            if each.asked:
                by_shown[each.name] = (*by_shown.get(each.name, ()), each.asked)
        return _Names(by_slug, by_name, by_body, folded, by_shown)
