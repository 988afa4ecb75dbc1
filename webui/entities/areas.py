"""Focus areas as shown: colour, shape and hierarchy."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from search.taxonomy import Taxonomy

#: The areas of the default taxonomy with their looks, which are also those of the site's logo.
KNOWN = {
    "korgtehnoloogia-digitootmine": "square",
    "rohe-ringmajandus": "ring",
    "teenuseinnovatsioon-loomemajandus": "triangle",
}
#: All looks, in the order in which areas of another taxonomy get the remaining ones.
LOOKS = (*KNOWN.values(), "diamond", "cross", "bar")
#: The look for articles without an area.
NO_LOOK = "none"


@dataclass(frozen=True, slots=True)
class Area:
    """A focus area as shown; ``look`` names its shape and the CSS class of its colour."""

    id: str
    label: str
    look: str


class Areas:
    """Focus areas of a taxonomy; nested areas share the look of their top one.

    Top areas have different looks as long as there are enough looks.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._above = {
            each.id: tuple(up for up in taxonomy.with_parents([each.id]) if up != each.id)
            for each in taxonomy.areas
        }
        self._looks = _looks([each.id for each in taxonomy.areas if each.parent is None])

    def area(self, area_id: str, label: str) -> Area:
        """The area with its look; that of an unknown one depends on its id."""
        top = self.above(area_id)[-1:] or (area_id,)
        look = self._looks.get(top[0]) or LOOKS[zlib.crc32(area_id.encode()) % len(LOOKS)]
        return Area(area_id, label, look)

    def named(self, area_id: str, language: str) -> Area:
        """The area under its label in ``language``."""
        return self.area(area_id, self._taxonomy.label(area_id, language))

    def description(self, area_id: str, language: str) -> str:
        """Description of the area in ``language``; empty if the taxonomy has none."""
        return self._taxonomy.description(area_id, language)

    def above(self, area_id: str) -> tuple[str, ...]:
        """Ancestors of ``area_id``, nearest first."""
        return self._above.get(area_id, ())

    def narrowest(self, area_ids: Iterable[str]) -> list[str]:
        """``area_ids`` without ancestors of others among them."""
        listed = list(area_ids)
        wider = {above for each in listed for above in self.above(each)}
        return [each for each in listed if each not in wider]

    def in_order(self, area_ids: Iterable[str]) -> list[str]:
        """``area_ids`` in taxonomy order; unknown ones last."""
        return sorted(area_ids, key=self._taxonomy.order)

    def in_tree(self, area_ids: Iterable[str]) -> tuple[tuple[str, int], ...]:
        """``area_ids`` in tree order with their depth; siblings keep their order.

        An area without a listed ancestor has depth 0.
        """
        listed = dict.fromkeys(area_ids)
        inside: dict[str | None, list[str]] = {}
        for each in listed:
            nearest = next((above for above in self.above(each) if above in listed), None)
            inside.setdefault(nearest, []).append(each)
        return tuple(_walk(None, 0, inside))


def _walk(
    area_id: str | None, depth: int, inside: Mapping[str | None, Sequence[str]]
) -> Iterable[tuple[str, int]]:
    for each in inside.get(area_id, ()):
        yield each, depth
        yield from _walk(each, depth + 1, inside)


def _looks(area_ids: Sequence[str]) -> Mapping[str, str]:
    """A look for each of ``area_ids``: its own for known ones, then the remaining looks."""
    looks = {each: KNOWN[each] for each in area_ids if each in KNOWN}
    left = [each for each in LOOKS if each not in looks.values()]
    others = [each for each in area_ids if each not in looks]
    return looks | {each: left[at % len(left)] for at, each in enumerate(others)}
