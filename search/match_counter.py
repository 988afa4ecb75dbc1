"""Hit counts of several queries in one call to the engine, for autocomplete and spelling."""

from collections.abc import Callable, Sequence

from search.engines.contract import CountQuery, EngineReader
from search.errors import QueryTooBroad
from search.query.interpreter import Interpreter
from search.query_budget import QueryBudget
from search.request import SearchRequest

#: A query with what else is asked for.
Asked = tuple[str, SearchRequest]
#: Full matches of some queries, None for one that would not be answered.
Counts = Callable[[Sequence[str]], tuple[int | None, ...]]


class MatchCounter:
    """Counts in one open index; ``budget`` is made anew for each query."""

    def __init__(
        self, reader: EngineReader, interpreter: Interpreter, budget: Callable[[], QueryBudget]
    ) -> None:
        self._reader = reader
        self._interpreter = interpreter
        self._budget = budget

    def counts(
        self,
        asked: Sequence[Asked],
        *,
        is_searched_next: bool = False,
        next_search: Asked | None = None,
    ) -> tuple[int | None, ...]:
        """Full matches of each query, None for one that is too broad to be suggested.

        ``is_searched_next`` if one of them most likely will be searched, ``next_search`` what is.
        """
        queries = self.queries(asked, is_searched_next=is_searched_next)
        searches = self.queries([next_search] if next_search else (), is_searched_next=True)
        search = next(iter(searches), None)
        counts = iter(self._reader.counts([each for each in queries if each], search))
        return tuple(next(counts) if each else None for each in queries)

    def queries(
        self, asked: Sequence[Asked], *, is_searched_next: bool = False
    ) -> list[CountQuery | None]:
        """What an engine is asked to count; None for what is too broad."""
        self._interpreter.prepare(query for query, _ in asked)
        known: list[CountQuery | None] = []
        for query, request in asked:
            budget = self._budget()
            try:
                node = self._interpreter.interpret(query, budget).node
                known.append(CountQuery(node, request, budget, is_searched_next))
            except QueryTooBroad:
                known.append(None)
        return known

    def under(
        self,
        request: SearchRequest,
        *,
        is_searched_next: bool = False,
        next_search: Asked | None = None,
    ) -> Counts:
        """Counts under the filters of ``request``."""
        return lambda queries: self.counts(
            [(each, request) for each in queries],
            is_searched_next=is_searched_next,
            next_search=next_search,
        )
