"""Metrics of the running site: counters for Prometheus, and a log of queries.

Queries are kept in memory only, as typed, with the month but nothing about the visitor, and not at
all if the owner disables it. Queries with what may be an e-mail address or a personal number are
never kept.
"""

import re
import statistics
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client import Counter as PrometheusCounter

from search.meaning.vector_report import VectorReport
from search.results import Results
from search.service import ServedGeneration
from webui.operating.mistake_store import MistakeStore

#: Most different queries in memory; the least recently used are dropped first.
MOST_QUERIES = 500
#: The buckets of the histogram, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
#: A query is slow if it took at least this many milliseconds, and this multiple of the usual time.
SLOW_MS, SLOW_TIMES = 100.0, 5.0
_VECTORS = {
    "articles": "Articles that can be found by meaning",
    "passages": "Passages that can be found by meaning",
    "bytes": "What vectors of passages take",
}
#: A mail address, an identity code or a telephone number.
_PERSONAL = re.compile(r"@|\d{7}|\b[5-8]\d{2,3} \d{3,4}\b")


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query with its number of requests, slowest time, and latest results.

    ``found`` counts full matches and ``partial`` the others; ``searched`` is the query that was
    answered instead, empty if none was. ``months`` counts requests by month, such as ``2026-11``.
    """

    query: str
    times: int = 0
    slowest_ms: float = 0.0
    found: int = 0
    partial: int = 0
    searched: str = ""
    months: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_unanswered(self) -> bool:
        """True if it found nothing at all, not even in another spelling."""
        return not (self.found or self.partial)

    @property
    def is_partial(self) -> bool:
        """True if it found partial matches only, or was answered in another spelling."""
        return not self.is_unanswered and (not self.found or bool(self.searched))


class Metrics:
    """Metrics of the site: counts answers, queries and reported mistakes. Thread-safe."""

    def __init__(
        self,
        *,
        keeps_queries: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.keeps_queries = keeps_queries
        self.mistakes = MistakeStore()
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, AskedQuery] = OrderedDict()
        self._registry = CollectorRegistry()
        self._searches = PrometheusCounter(
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
        self._vectors: dict[str, Gauge] = {}

        self._refused = PrometheusCounter(
            "klastriotsing_refused",
            "Requests refused, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._hung_up = PrometheusCounter(
            "klastriotsing_hung_up",
            "Connections ended before they were done, by reason",
            ["reason"],
            registry=self._registry,
        )

    def refused(self, reason: str) -> None:
        """Counts a refused request."""
        self._refused.labels(reason).inc()

    def hung_up(self, reason: str) -> None:
        """Counts a connection that the server closed early."""
        self._hung_up.labels(reason).inc()

    def note(self, results: Results) -> None:
        """Counts an answer."""
        found = "all words" if results.total else "some words" if results.partial else "nothing"
        self._searches.labels(found).inc()
        self._seconds.observe(results.took_ms / 1000)
        query = results.request.query
        if not (self.keeps_queries and query) or _PERSONAL.search(query):
            return
        month = f"{self._clock():%Y-%m}"
        with self._lock:
            known = self._asked.pop(query, AskedQuery(query))
            self._asked[query] = replace(
                known,
                times=known.times + 1,
                slowest_ms=max(known.slowest_ms, results.took_ms),
                found=results.total,
                partial=results.partial,
                searched=results.searched if results.searched != query else "",
                months=Counter(known.months) + Counter([month]),
            )
            if len(self._asked) > MOST_QUERIES:
                self._asked.popitem(last=False)

    def asked(self) -> tuple[AskedQuery, ...]:
        """All recorded queries, most frequent first."""
        with self._lock:
            return tuple(sorted(self._asked.values(), key=lambda each: -each.times))

    def metrics(self, served: ServedGeneration | None) -> bytes:
        """Counts in Prometheus' text format; ``served`` is None without an index."""
        self._ready.set(served is not None)
        self._articles.set(served.articles if served else 0)
        self._fallback.set(served is not None and served.problem is not None)
        self._failures.set(served.failures if served else 0)
        if served and served.vectors:
            self._note_vectors(served.vectors)
        return generate_latest(self._registry)

    def _note_vectors(self, report: VectorReport) -> None:
        """Sets the gauges of search by meaning, which exist only if that is on."""
        held = report.vectors
        counts = {"articles": held.done, "passages": held.passages, "bytes": held.size}
        with self._lock:
            for name, about in _VECTORS.items():
                if name not in self._vectors:
                    full_name = f"klastriotsing_meaning_{name}"
                    self._vectors[name] = Gauge(full_name, about, registry=self._registry)
                self._vectors[name].set(counts[name])


def slow_limit(asked: Sequence[AskedQuery]) -> float:
    """Threshold of slow queries in milliseconds, relative to all ``asked``."""
    usual = statistics.median(each.slowest_ms for each in asked) if asked else 0.0
    return max(SLOW_MS, SLOW_TIMES * usual)


def slow_queries(asked: Sequence[AskedQuery]) -> list[AskedQuery]:
    """The queries that were slow, slowest first."""
    limit = slow_limit(asked)
    slow = (each for each in asked if each.slowest_ms >= limit)
    return sorted(slow, key=lambda each: -each.slowest_ms)


def by_month(asked: Iterable[AskedQuery]) -> list[tuple[str, list[AskedQuery]]]:
    """Queries by month, the newest first, with the number of requests in it."""
    months: dict[str, list[AskedQuery]] = {}
    for each in asked:
        for month, times in each.months.items():
            months.setdefault(month, []).append(replace(each, times=times))
    ordered = sorted(months.items(), reverse=True)
    return [(month, sorted(some, key=lambda each: -each.times)) for month, some in ordered]
