"""Budget of a query: how many terms it may look up, and how much of the index it may read."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from search.errors import QueryTooBroad


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """Limits on the cost of one query.

    ``terms`` are the different terms looked up: forms and readings of the words, prefixes,
    synonyms, compounds written apart. ``cost`` is in the engine's own unit of work, for an
    embedded engine an entry of a posting list each time it is read. A sensible query stays below.
    """

    terms: int = 20_000
    cost: int = 100_000_000


DEFAULT_LIMITS = QueryLimits()


class QueryBudget:
    """Counts the cost of one query. Not shared between threads.

    The count does not depend on caches, so a query that is answered once is answered always.
    """

    def __init__(self, limits: QueryLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._terms: set[Hashable] = set()
        self._cost = 0

    @property
    def terms(self) -> int:
        """Number of different terms looked up; the same term of two fields is two."""
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
