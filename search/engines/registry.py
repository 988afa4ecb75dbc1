"""Registry of the engines, by the names used in the configuration.

Nothing else in the program imports an engine's own room; each is imported when it is chosen.
"""

from collections.abc import Callable
from pathlib import Path

from search.engines.contract import Index, Pack

DEFAULT = "whoosh"
#: Names for ``engine`` in the configuration.
ENGINES = (DEFAULT,)


def open_index(
    path: Path,
    engine: str = DEFAULT,
    keep: int = 3,
    step: Callable[[str], None] = lambda _: None,
) -> Index:
    """Opens the index in ``path``, which may be empty.

    ``keep`` is how many generations stay, the live one among them; ``step`` is told the name of
    every step that a build has completed. Raises ValueError for an engine that there is not.
    """
    if engine == "whoosh":
        from search.engines.whoosh import WhooshIndex

        return WhooshIndex(path, keep, step)
    raise ValueError(f"there is no engine {engine!r}")


def pack(engine: str = DEFAULT) -> Pack:
    """The function that packs documents for an engine's writers. Raises ValueError."""
    if engine == "whoosh":
        from search.engines.whoosh import pack_batch

        return pack_batch
    raise ValueError(f"there is no engine {engine!r}")
