"""Making the lists: names as YAML takes them, counts in words, the first of many."""

import re
from collections.abc import Sequence

from search.review import Destination, ReviewEntry, ReviewList

_PLAIN = re.compile(r"\w(?:[\w /.&-]*[\w.])?")
#: What YAML would take for nothing at all.
_NULLS = frozenset({"null", "Null", "NULL"})


def scalar(text: str) -> str:
    """``text`` as YAML takes it anywhere, in quotation marks if it must."""
    if _PLAIN.fullmatch(text) and text not in _NULLS:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def articles(count: int) -> str:
    """„3 articles“."""
    return "1 article" if count == 1 else f"{count} articles"


def listed(
    name: str,
    heading: str,
    destination: Destination,
    place: str,
    entries: Sequence[ReviewEntry],
    limit: int,
) -> ReviewList:
    """The first ``limit`` of ``entries``."""
    chosen = tuple(entries[:limit])
    return ReviewList(name, heading, destination, place, chosen, len(entries))
