"""Index status: kept generations and the last run; damage is reported, never raised."""

from dataclasses import dataclass

from search.engines.contract import GenerationFacts, Index
from search.errors import IndexDamaged, NoIndex
from search.run_record import RunRecord


@dataclass(frozen=True, slots=True)
class GenerationStatus:
    """A kept generation; ``facts`` are None if its manifest cannot be read."""

    name: str
    is_live: bool
    facts: GenerationFacts | None

    @property
    def megabytes(self) -> float:
        """Size of its files, 0 where that is not known."""
        return round(self.facts.size / 1e6, 2) if self.facts else 0.0


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Generations, newest first, and the run record of the live one.

    ``record`` is None where that generation keeps none; ``problem`` is why it cannot be read.
    """

    generations: tuple[GenerationStatus, ...]
    record: RunRecord | None
    problem: IndexDamaged | None = None


def index_status(index: Index) -> IndexStatus:
    """Reads the status of ``index``; damage is reported in it, never raised."""
    live = index.current()
    found = tuple(
        GenerationStatus(name, name == live, _facts(index, name))
        for name in reversed(index.names())
    )
    try:
        return IndexStatus(found, index.record())
    except NoIndex:
        return IndexStatus(found, None)
    except IndexDamaged as error:
        return IndexStatus(found, None, error)


def _facts(index: Index, name: str) -> GenerationFacts | None:
    try:
        return index.generation(name)
    except IndexDamaged:
        return None
