"""Opened generation: its reader, query interpreter, and caches that live as long."""

import functools
from dataclasses import dataclass

from search.autocomplete import OtherNameIndex
from search.engines.contract import EngineReader, GenerationFacts
from search.query.certain_words import CertainWordFinder
from search.query.interpreter import Interpreter
from search.request import FACETS, FacetName


@dataclass(frozen=True)  # no slots, for cached properties
class OpenedGeneration:
    """Reader, query interpreter and facts of one generation, shared by all who search it.

    ``model`` is the digest of the embedding model, None without one.
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
        """Name and build time: names alone start again in another index."""
        return f"{self.facts.name} {self.facts.built}"

    @functools.cached_property
    def facets(self) -> tuple[FacetName, ...]:
        """Facets to show: source and language only if they have several values."""
        plain = ("source", "language")
        return tuple(
            each for each in FACETS if each not in plain or len(self.reader.facet_totals(each)) > 1
        )

    @functools.cached_property
    def has_vectors(self) -> bool:
        """True if there is a model and any article has its vectors."""
        return self.model is not None and self.reader.vector_status(self.model).done > 0

    @functools.cached_property
    def other_names(self) -> OtherNameIndex:
        """Other names of organisations, which are not shown."""
        return OtherNameIndex(self.reader.other_names())

    def close(self) -> None:
        self.reader.close()
