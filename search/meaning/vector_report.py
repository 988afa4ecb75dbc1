"""Vector report: which embedding model is used, and how many articles have its vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from search.engines.contract import StoredReader, VectorStatus
from search.errors import EmbedderUnavailable
from search.meaning.embedder import Embedder


@dataclass(frozen=True, slots=True)
class VectorReport:
    """The state of search by meaning, where it is configured.

    ``model`` is the name of the model; ``problem`` is why it cannot be opened, empty if it can.
    Without it no vectors count.
    """

    model: str
    vectors: VectorStatus
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON form for ``stats --json`` and ``/healthz``."""
        held = self.vectors
        problems = [*([self.problem] if self.problem else []), *held.problems]
        return {
            "model": self.model,
            "articles": held.articles,
            "done": held.done,
            "passages": held.passages,
            "bytes": held.size,
            "problems": problems,
        }

    def __str__(self) -> str:
        if self.problem:
            return self.problem
        held = self.vectors
        size = f"{held.passages} passages, {held.size / 1e6:.1f} MB"
        return f"{held.done} of {held.articles} articles, {size}, {self.model}"


class VectorReporter:
    """Reports on vectors of the model that ``opening`` opens, once.

    Only the name and digest of the model are kept.
    """

    def __init__(self, opening: Callable[[], Embedder]) -> None:
        self._opening = opening

    def report(self, reader: StoredReader) -> VectorReport:
        """Reports on an open generation. Raises IndexDamaged if it cannot be read."""
        name, digest, problem = self._model
        vectors = reader.vector_status(digest)
        return VectorReport(name, vectors, problem)

    @cached_property
    def _model(self) -> tuple[str, str, str]:
        try:
            embedder = self._opening()
        except EmbedderUnavailable as error:
            return str(error.values["model"]), "", str(error)
        return embedder.name, embedder.digest, ""
