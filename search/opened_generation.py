"""The open reader of a generation, with its query interpreter and the caches that live as long."""

import functools
from dataclasses import dataclass

from search.autocomplete import OtherNameIndex
from search.engines.contract import EngineReader, GenerationFacts
from search.query.certain_words import CertainWordFinder
from search.query.interpreter import Interpreter
from search.request import FACETS, FacetName


@dataclass(frozen=True)  # no slots: what is asked for with every page is worked out once
class OpenedGeneration:
    """Reader, query interpreter and facts of one generation, shared by all who search it.

    ``model`` is the digest of the one that finds by meaning, None for none.
    """

    reader: EngineReader
    interpreter: Interpreter
    certain_words: CertainWordFinder
    facts: GenerationFacts
    model: str | None

    @property
    def generation(self) -> str:
        return self.facts.name

    @property
    def stamp(self) -> str:
        """Name and time of the generation: another index begins to count from one again."""
        return f"{self.facts.name} {self.facts.built}"

    @functools.cached_property
    def facets(self) -> tuple[FacetName, ...]:
        """The facets that tell articles apart: a source or language that all have says nothing."""
        plain = ("source", "language")
        return tuple(
            each for each in FACETS if each not in plain or len(self.reader.facet_totals(each)) > 1
        )

    @functools.cached_property
    def has_vectors(self) -> bool:
        """True if anything can be found by meaning."""
        return self.model is not None and self.reader.vector_status(self.model).done > 0

    @functools.cached_property
    def other_names(self) -> OtherNameIndex:
        """Names by which organisations are known, but not shown."""
        return OtherNameIndex(self.reader.other_names())

    def close(self) -> None:
        self.reader.close()
