"""Metrics of the running site: counts for Prometheus, slow queries and those without results.

Queries are kept in memory only, as they were typed and without who asked or when, and not at all
where the owner does not want it.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from search.results import Results
from search.service import ServedGeneration

#: So many different queries are remembered, the longest unasked forgotten first.
MOST_QUERIES = 500
#: The buckets of the histogram, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query with its number of requests, slowest time and last number of matches."""

    query: str
    times: int
    slowest_ms: float
    found: int


class Metrics:
    """Counts answers. Safe for several threads."""

    def __init__(self, *, keeps_queries: bool = True) -> None:
        self.keeps_queries = keeps_queries
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, AskedQuery] = OrderedDict()
        self._registry = CollectorRegistry()
        self._searches = Counter(
            "klastriotsing_searches",
            "Searches answered, by what they found",
            ["found"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "klastriotsing_search_seconds",
            "How long searches took",
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._articles = Gauge(
            "klastriotsing_articles", "Articles that can be found", registry=self._registry
        )
        self._ready = Gauge(
            "klastriotsing_ready", "1 if there is an index to answer from", registry=self._registry
        )
        self._fallback = Gauge(
            "klastriotsing_index_fallback",
            "1 if another generation answers, as the live one cannot be opened",
            registry=self._registry,
        )
        self._failures = Gauge(
            "klastriotsing_index_open_failures",
            "How many times the live generation could not be opened since the start",
            registry=self._registry,
        )

        self._refused = Counter(
            "klastriotsing_refused",
            "Requests refused, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._hung_up = Counter(
            "klastriotsing_hung_up",
            "Connections ended before they were done, by reason",
            ["reason"],
            registry=self._registry,
        )

    def refused(self, reason: str) -> None:
        """Counts a refused request."""
        self._refused.labels(reason).inc()

    def hung_up(self, reason: str) -> None:
        """Counts a connection ended before it was done."""
        self._hung_up.labels(reason).inc()

    def note(self, results: Results) -> None:
        """Counts an answer."""
        found = "all words" if results.total else "some words" if results.partial else "nothing"
        self._searches.labels(found).inc()
        self._seconds.observe(results.took_ms / 1000)
        query = results.request.query
        if not (self.keeps_queries and query):
            return
        with self._lock:
            known = self._asked.pop(query, AskedQuery(query, 0, 0.0, 0))
            slowest = max(known.slowest_ms, results.took_ms)
            self._asked[query] = AskedQuery(query, known.times + 1, slowest, results.total)
            if len(self._asked) > MOST_QUERIES:
                self._asked.popitem(last=False)

    def slowest(self, most: int) -> tuple[AskedQuery, ...]:
        """Queries with the slowest answers."""
        return _first(sorted(self._all(), key=lambda each: -each.slowest_ms), most)

    def without_result(self, most: int) -> tuple[AskedQuery, ...]:
        """Queries without full matches, most frequent first."""
        empty = [each for each in self._all() if not each.found]
        return _first(sorted(empty, key=lambda each: -each.times), most)

    def metrics(self, served: ServedGeneration | None) -> bytes:
        """Counts in Prometheus' text format; ``served`` is None without an index."""
        self._ready.set(served is not None)
        self._articles.set(served.articles if served else 0)
        self._fallback.set(served is not None and served.problem is not None)
        self._failures.set(served.failures if served else 0)
        return generate_latest(self._registry)

    def _all(self) -> list[AskedQuery]:
        with self._lock:
            return list(self._asked.values())


def _first(asked: Iterable[AskedQuery], most: int) -> tuple[AskedQuery, ...]:
    return tuple(asked)[:most]
