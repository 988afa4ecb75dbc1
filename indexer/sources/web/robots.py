"""Reads robots.txt: what may be fetched, how slowly, and where the sitemaps are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protego import Protego

#: User agent of this crawler in robots.txt.
ROBOT = "Klastriotsing"


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """Rules of a robots.txt: ``crawl_delay`` in seconds, addresses of ``sitemaps``."""

    crawl_delay: float = 0.0
    sitemaps: Sequence[str] = ()
    _rules: "Protego | None" = field(default=None, repr=False)

    def allows(self, url: str) -> bool:
        """True if ``url`` may be fetched."""
        return self._rules is None or bool(self._rules.can_fetch(url, ROBOT))


def read_robots(data: bytes) -> RobotsRules:
    """Parses the bytes of a robots.txt; anything else allows everything."""
    from protego import Protego

    # With a byte order mark, the first group would not be recognised.
    text = data.decode("utf-8", "replace").lstrip("\ufeff").replace("\0", "")
    rules = Protego.parse(text)
    delay = rules.crawl_delay(ROBOT)
    return RobotsRules(max(0.0, float(delay or 0)), tuple(rules.sitemaps), rules)
