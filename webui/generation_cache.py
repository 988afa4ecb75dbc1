"""Cache of a value that is computed once for each generation of the index."""

from collections.abc import Callable
from typing import Generic, TypeVar

from search.service import SearchService

T = TypeVar("T")


class GenerationCache(Generic[T]):
    """Caches the result of ``compute`` until another generation is live.

    Thread-safe: at worst a value is computed twice. Exceptions of ``compute`` are not cached.
    """

    def __init__(self, service: SearchService, compute: Callable[[], T]) -> None:
        self._service = service
        self._compute = compute
        self._kept: tuple[str, T] | None = None

    def current(self) -> T:
        """The value for the live generation."""
        generation, kept = self._service.generation(), self._kept
        if kept is None or kept[0] != generation:
            kept = self._kept = generation, self._compute()
        return kept[1]
