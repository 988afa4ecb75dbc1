"""What the operator of an index sees of it: its generations, and what the last run did."""

from dataclasses import dataclass

from search.engines.whoosh import Generations
from search.errors import IndexDamaged, NoIndex
from search.run_record import RunRecord


@dataclass(frozen=True, slots=True)
class GenerationFacts:
    """A generation that is kept; ``built`` is ISO 8601.

    ``articles`` is None, and ``megabytes`` 0, where its manifest cannot be read.
    """

    name: str
    is_live: bool
    articles: int | None
    built: str
    megabytes: float


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The generations, newest first, and the run that wrote the live one.

    ``record`` is None where that generation keeps none; ``problem`` says why it cannot be read.
    """

    generations: tuple[GenerationFacts, ...]
    record: RunRecord | None
    problem: IndexDamaged | None = None


def index_status(generations: Generations) -> IndexStatus:
    """What there is to see; nothing of it is an error, however bad the files are."""
    live = generations.current()
    facts = tuple(
        _facts(generations, name, is_live=name == live) for name in reversed(generations.names())
    )
    try:
        return IndexStatus(facts, generations.record())
    except NoIndex:
        return IndexStatus(facts, None)
    except IndexDamaged as error:
        return IndexStatus(facts, None, error)


def _facts(generations: Generations, name: str, *, is_live: bool) -> GenerationFacts:
    try:
        manifest = generations.manifest(name)
    except IndexDamaged:
        return GenerationFacts(name, is_live, None, "", 0.0)
    megabytes = round(sum(each.size for each in manifest.files.values()) / 1e6, 2)
    return GenerationFacts(name, is_live, manifest.articles, manifest.built, megabytes)
