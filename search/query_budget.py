"""Query budget: limits the terms a query may look up and the postings it may read."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from search.errors import QueryTooBroad


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """Limits on the cost of one query.

    ``terms`` are the different terms looked up: forms and readings of the words, prefixes,
    synonyms, open compounds. ``cost`` is in the engine's own unit of work, for the embedded engine
    a posting each time it is read. Ordinary queries stay far below.
    """

    terms: int = 20_000
    cost: int = 100_000_000


DEFAULT_LIMITS = QueryLimits()


class QueryBudget:
    """Counts the cost of one query. Not shared between threads.

    The count does not depend on caches: a query that was answered once always is.
    """

    def __init__(self, limits: QueryLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._terms: set[Hashable] = set()
        self._cost = 0

    @property
    def terms(self) -> int:
        """Number of different terms looked up; a term counts once for each field."""
        return len(self._terms)

    @property
    def cost(self) -> int:
        """Units of work done."""
        return self._cost

    def spend(self, terms: Iterable[Hashable], cost: int = 0) -> None:
        """Counts looked-up ``terms`` and ``cost`` units of work. Raises QueryTooBroad."""
        self._terms.update(terms)
        self._cost += cost
        if len(self._terms) > self._limits.terms or self._cost > self._limits.cost:
            raise QueryTooBroad
