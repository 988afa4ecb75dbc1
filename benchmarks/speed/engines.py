"""Compares both engines over the same articles: throughput of indexing, latency of pages, requests.

    python -m benchmarks.engines --url URL [--url URL …] [SOURCE…] [--articles N] [--copied]

The cluster runs already (``tests/support/opensearch_cluster.py`` starts one). Articles are composed
of the sentences of SOURCE (``../shared/eval`` unless named), and queries drawn as by
``benchmarks.queries``. Both engines are given the same documents, packed in batches as workers pack
them, and the real site answers the same pages over each; engines take turns, query by query.

* indexing: seconds that pass, CPU seconds of this program, and of the servers and whatever they do
  meanwhile; without analysis, which is the same for both;
* page: milliseconds that pass until the last byte of HTML, of queries never asked before (new) and
  once more (again);
* with ``--copied`` the server has a copy of the embedded index, as ``klastriotsing copy`` makes and
  compares it, and what that takes is measured;
* requests: what is sent to the server for a page; words: those of them for the words index, which
  knows a word from the second time on; heap: what the JVMs of the nodes have in use afterwards;
* differing: queries whose total or first ten hits are others than the embedded engine's.
"""

import argparse
import contextlib
import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from benchmarks.speed.pages import address_of
from benchmarks.speed.queries import add_arguments, material_of, place
from benchmarks.support.corpus_documents import Material
from benchmarks.support.query_set import KINDS, Kind, draw, survey, understood
from benchmarks.support.timing import machine, quantile
from indexer.factory import LIVE_SECONDS, index_of
from indexer.index_copier import IndexCopier
from search.configuration import Configuration, OpenSearchSettings
from search.engines.contract import Index, IndexedDocument
from search.engines.opensearch import Connection
from search.engines.registry import fingerprint, open_index
from search.i18n import DEFAULT_LANGUAGE
from search.request import FACETS, FacetName, SearchRequest
from search.results import Results
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app

ARTICLES, QUERIES = 10_000, 20
#: The embedded engine and the other one.
ENGINES = ("whoosh", "opensearch")
_BATCH = 100
_WORDS = "-words/"


class RequestCounter(logging.Handler):
    """Counts the requests to a server by the log messages of its client."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.requests = self.of_words = 0
        self.seconds = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        if not isinstance(record.args, tuple) or len(record.args) != 4:
            return
        _, url, _, seconds = record.args
        self.requests += 1
        self.of_words += _WORDS in str(url)
        self.seconds += float(str(seconds))

    def reset(self) -> None:
        """Restarts the count."""
        self.requests = self.of_words = 0
        self.seconds = 0.0


class AnsweringService(SearchService):
    """Search service that records its last answer: the total and the hits."""

    answered: tuple[int, tuple[str, ...]] = (0, ())

    def search(
        self,
        request: SearchRequest,
        language: str = DEFAULT_LANGUAGE,
        facets: Sequence[FacetName] = FACETS,
        parts: int = 0,
    ) -> Results:
        found = super().search(request, language, facets, parts)
        self.answered = found.total, tuple(each.id for each in found.hits)
        return found


@dataclass(slots=True)
class PageTimes:
    """Times of the pages of one engine, query by query."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: {"new": [], "again": []})
    requests: dict[str, list[int]] = field(default_factory=lambda: {"new": [], "again": []})
    words: list[int] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    answers: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)


def measure(
    material: Material,
    articles: int,
    directory: Path,
    server: OpenSearchSettings,
    queries: int = QUERIES,
    *,
    is_copied: bool = False,
) -> dict[str, Any]:
    """Figures of both engines over the first ``articles`` articles.

    The embedded index is kept in ``directory``, the other one on the ``server``; an existing one
    with these articles is reused. If it ``is_copied``, it is a copy of the embedded index.
    """
    plain = Configuration(index=directory / "embedded", keep_generations=1)
    settings = {
        "whoosh": plain,
        "opensearch": replace(plain, engine="opensearch", opensearch=server),
    }
    counter = RequestCounter()
    log = logging.getLogger("opensearch")
    log.addHandler(counter)
    log.setLevel(logging.INFO)
    log.propagate = False
    clock = ServerClock(server)
    indexing = {"whoosh": filled(material, articles, plain, clock)}
    indexing["opensearch"] = (
        copied(plain, settings["opensearch"], clock)
        if is_copied
        else filled(material, articles, settings["opensearch"], clock)
    )
    texts = _drawn(material, articles, queries, settings["whoosh"])
    with contextlib.ExitStack() as stack:
        services = {
            name: stack.enter_context(contextlib.closing(_service(each, material)))
            for name, each in settings.items()
        }
        kinds = {kind: _of_kind(services, counter, *texts[kind]) for kind in KINDS}
    figures = {"articles": articles, "machine": machine(), "heap_megabytes": clock.heap()}
    return {**figures, "indexing": indexing, "kinds": kinds}


class ServerClock:
    """CPU seconds and memory used by the nodes of a cluster."""

    def __init__(self, server: OpenSearchSettings) -> None:
        self._connection = Connection(server, None)

    def seconds(self) -> float:
        used: int = sum(each["process"]["cpu"]["total_in_millis"] for each in self._told())
        return used / 1000

    def heap(self) -> float:
        """Megabytes of heap in use, including garbage."""
        used: int = sum(each["jvm"]["mem"]["heap_used_in_bytes"] for each in self._told())
        return used / 1e6

    def _told(self) -> Iterable[Mapping[str, Any]]:
        nodes = self._connection.request("GET", "/_nodes/stats/process,jvm").body["nodes"]
        return tuple(nodes.values())


def filled(
    material: Material, articles: int, configuration: Configuration, clock: ServerClock
) -> dict[str, float]:
    """Fills the index of ``configuration``; returns the cost, or only the size if it exists."""
    index = index_of(configuration)
    made_of = f"{articles} {material.key}"
    if _has(index, (made_of,)):
        return {"megabytes": _megabytes(index)}
    before = clock.seconds()
    passed, used = _fill(index, material.documents(articles), made_of, configuration)
    material.save()
    return _throughput(articles, passed, used, clock.seconds() - before, index)


def copied(source: Configuration, target: Configuration, clock: ServerClock) -> dict[str, float]:
    """Copies an index to a server; returns the cost, or only the size if it exists."""
    one, other = index_of(source), index_of(target)
    if _has(other, one.generation().sources):
        return {"megabytes": _megabytes(other)}
    before, begun, spent = clock.seconds(), time.perf_counter(), time.process_time()
    report = IndexCopier(one, fingerprint(source), other, fingerprint(target)).run()
    passed, used = time.perf_counter() - begun, time.process_time() - spent
    return _throughput(report.articles, passed, used, clock.seconds() - before, other)


def _has(index: Index, sources: Sequence[str]) -> bool:
    return index.current() is not None and index.generation().sources == tuple(sources)


def _throughput(
    articles: int, passed: float, used: float, served: float, index: Index
) -> dict[str, float]:
    return {
        "seconds": round(passed, 1),
        "cpu_seconds": round(used, 1),
        "server_cpu_seconds": round(served, 1),
        "articles_per_second": round(articles / passed, 1),
        "megabytes": _megabytes(index),
    }


def _fill(
    index: Index, documents: Iterable[IndexedDocument], made_of: str, settings: Configuration
) -> tuple[float, float]:
    """Wall and CPU seconds of packing and writing, without composing the documents."""
    passed = used = 0.0

    @contextlib.contextmanager
    def timed() -> Iterator[None]:
        nonlocal passed, used
        begun, spent = time.perf_counter(), time.process_time()
        yield
        passed += time.perf_counter() - begun
        used += time.process_time() - spent

    with contextlib.ExitStack() as stack:
        build = index.build([made_of], fingerprint(settings), datetime.now(UTC))
        with timed():
            writer = build.__enter__()
        stack.push(build)
        left = iter(documents)
        while batch := tuple(islice(left, _BATCH)):
            with timed():
                writer.add_packed(writer.packing()(batch))
        with timed():
            stack.close()
    return passed, used


def _megabytes(index: Index) -> float:
    return round(index.generation().size / 1e6, 1)


def _drawn(
    material: Material, articles: int, count: int, embedded: Configuration
) -> Mapping[Kind, tuple[Sequence[str], Sequence[str]]]:
    """Measured and warm-up queries of each kind, as ``benchmarks.queries`` draws them."""
    found = survey(material.documents(min(articles, 2000)))
    drawn = {}
    with contextlib.closing(open_index(embedded.index).open()) as reader:
        for kind in KINDS:
            asked = understood(draw(found, kind, 4 * count), kind, material.analyzer, reader)
            texts = [each.text for each in asked[: 2 * count]]
            drawn[kind] = texts[::2], texts[1::2]
    return drawn


def _service(configuration: Configuration, material: Material) -> AnsweringService:
    taxonomy = load_taxonomy(configuration.taxonomy)
    return AnsweringService(
        configuration.index, configuration, material.analyzer, taxonomy, patience=LIVE_SECONDS
    )


def _of_kind(
    services: Mapping[str, AnsweringService],
    counter: RequestCounter,
    measured: Sequence[str],
    before: Sequence[str],
) -> dict[str, Any]:
    clients = {
        name: create_app(each, Configuration()).test_client() for name, each in services.items()
    }
    times = {name: PageTimes() for name in services}
    for text in before:
        for client in clients.values():
            client.get(address_of(text))
    for when in ("new", "again"):
        for text in measured:
            for name, client in clients.items():
                counter.reset()
                took = _milliseconds(client, text)
                of = times[name]
                of.milliseconds[when].append(took)
                of.requests[when].append(counter.requests - counter.of_words)
                if when == "new":
                    of.words.append(counter.of_words)
                    of.server.append(counter.seconds * 1000)
                    of.answers.append(services[name].answered)
    first, second = (times[name].answers for name in ENGINES)
    differing = sum(mine != its for mine, its in zip(first, second, strict=True))
    return {
        "queries": len(measured),
        "differing": differing,
        **{name: _figures(each) for name, each in times.items()},
    }


def _milliseconds(client: FlaskClient, text: str) -> float:
    begun = time.perf_counter()
    response = client.get(address_of(text))
    took = (time.perf_counter() - begun) * 1000
    assert response.status_code == 200, response.status  # noqa: S101 - else no figure
    return took


def _figures(times: PageTimes) -> dict[str, float]:
    figures: dict[str, float] = {}
    for when, passed in times.milliseconds.items():
        figures[f"{when}_p50_ms"] = round(quantile(passed, 0.5), 1)
        figures[f"{when}_p95_ms"] = round(quantile(passed, 0.95), 1)
        figures[f"{when}_requests"] = round(sum(times.requests[when]) / len(passed), 2)
        figures[f"{when}_most_requests"] = max(times.requests[when])
    figures["word_requests"] = round(sum(times.words) / len(times.words), 2)
    figures["server_p50_ms"] = round(quantile(times.server, 0.5), 1)
    return figures


def table(result: Mapping[str, Any]) -> str:
    """The figures as a text table."""
    lines = [
        f"{result['articles']:,} articles, heap of the nodes {result['heap_megabytes']:.0f} MB"
    ]
    lines.append(f"{'':12}{'articles/s':>12}{'CPU s':>9}{'server':>9}{'MB':>9}")
    for name, each in result["indexing"].items():
        figures = (
            f"{each.get('articles_per_second', 0):>12.1f}{each.get('cpu_seconds', 0):>9.1f}"
            f"{each.get('server_cpu_seconds', 0):>9.1f}{each['megabytes']:>9.1f}"
        )
        lines.append(f"{name:12}{figures}")
    lines.append("\nmilliseconds of a page, p50/p95 of new queries (again)")
    for kind, found in result["kinds"].items():
        cells = [
            f"{name} {each['new_p50_ms']:.1f}/{each['new_p95_ms']:.1f} ({each['again_p50_ms']:.1f})"
            for name, each in ((name, found[name]) for name in ENGINES)
        ]
        asked = found["opensearch"]
        cells.append(
            f"requests {asked['new_requests']:.1f}, at most {asked['new_most_requests']:.0f} "
            f"({asked['again_requests']:.1f}), words {asked['word_requests']:.1f}, "
            f"waited {asked['server_p50_ms']:.1f} ms, differing {found['differing']}"
        )
        lines.append(f"{kind:8}" + "  ".join(cells))
    return "\n".join(lines)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.engines", description=__doc__)
    add_arguments(parser, ARTICLES)
    parser.add_argument("--url", action="append", required=True, help="of a node; several may be")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--replicas", type=int, default=0)
    parser.add_argument("--name", default="benchmark", help="of the index on the server")
    parser.add_argument("--copied", action="store_true", help="from the embedded index")
    parser.add_argument("--queries", type=int, default=QUERIES, help="of each kind")
    options = parser.parse_args(None if arguments is None else list(arguments))
    server = OpenSearchSettings(
        tuple(options.url), options.name, options.shards, options.replicas, timeout=60
    )
    with place(options.indexes) as directory:
        material = material_of(options)
        asked = material, options.articles, directory, server, options.queries
        result = measure(*asked, is_copied=options.copied)
    print(json.dumps(result) if options.json else table(result))


if __name__ == "__main__":
    main()
