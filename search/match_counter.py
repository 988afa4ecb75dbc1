"""Hit counts of several queries in one call to the engine, for autocomplete and spelling."""

from collections.abc import Callable, Sequence

from search.engines.contract import CountQuery, EngineReader
from search.errors import QueryTooBroad
from search.query.interpreter import Interpreter
from search.query_budget import QueryBudget
from search.request import SearchRequest

#: A query, and the request whose filters it is counted under.
FilteredQuery = tuple[str, SearchRequest]
#: Full matches of some queries, None for one that is too broad.
CountMatches = Callable[[Sequence[str]], tuple[int | None, ...]]


class MatchCounter:
    """Counts full matches in one open index, each query with a ``budget`` of its own."""

    def __init__(
        self, reader: EngineReader, interpreter: Interpreter, budget: Callable[[], QueryBudget]
    ) -> None:
        self._reader = reader
        self._interpreter = interpreter
        self._budget = budget

    def counts(
        self,
        searches: Sequence[FilteredQuery],
        *,
        is_searched_next: bool = False,
        next_search: FilteredQuery | None = None,
    ) -> tuple[int | None, ...]:
        """Full matches of each query, None for one that is too broad.

        ``is_searched_next`` if one of them most likely is searched next, ``next_search`` what is
        for certain: a remote engine prepares these in the same request.
        """
        queries = self.queries(searches, is_searched_next=is_searched_next)
        following = self.queries([next_search] if next_search else (), is_searched_next=True)
        search = next(iter(following), None)
        counts = iter(self._reader.counts([each for each in queries if each], search))
        return tuple(next(counts) if each else None for each in queries)

    def queries(
        self, searches: Sequence[FilteredQuery], *, is_searched_next: bool = False
    ) -> list[CountQuery | None]:
        """Interprets each query for the engine's count; None for one that is too broad."""
        self._interpreter.prefetch(query for query, _ in searches)
        found: list[CountQuery | None] = []
        for query, request in searches:
            budget = self._budget()
            try:
                node = self._interpreter.interpret(query, budget).node
                found.append(CountQuery(node, request, budget, is_searched_next))
            except QueryTooBroad:
                found.append(None)
        return found

    def under(
        self,
        request: SearchRequest,
        *,
        is_searched_next: bool = False,
        next_search: FilteredQuery | None = None,
    ) -> CountMatches:
        """A function that counts under the filters of ``request``."""
        return lambda queries: self.counts(
            [(each, request) for each in queries],
            is_searched_next=is_searched_next,
            next_search=next_search,
        )
