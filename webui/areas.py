"""How focus areas look: every area has a hue and a shape of its own, everywhere the same."""

import zlib
from dataclasses import dataclass

#: The areas of the default taxonomy, and the look they share with the site's mark.
KNOWN = {
    "korgtehnoloogia-digitootmine": "square",
    "rohe-ringmajandus": "ring",
    "teenuseinnovatsioon-loomemajandus": "triangle",
}
#: What areas of another taxonomy choose from.
OTHERS = ("diamond", "cross", "bar")


@dataclass(frozen=True, slots=True)
class Area:
    """A focus area to be shown; ``look`` names both the shape and the class of its hue."""

    id: str
    label: str
    look: str


def area(area_id: str, label: str) -> Area:
    """The area with its look, which depends on the id alone."""
    look = KNOWN.get(area_id) or OTHERS[zlib.crc32(area_id.encode()) % len(OTHERS)]
    return Area(area_id, label, look)
