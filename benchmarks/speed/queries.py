"""Query time, beside Whoosh's own ways, SQLite's FTS5 and tantivy.

    python -m benchmarks.queries [SOURCE…] [--articles N] [--full] [--rivals NAME,…] [--json]

Articles are composed of the sentences of SOURCE (``../shared/eval`` unless named), see
:mod:`benchmarks.support.corpus`. All engines hold the same terms and are asked the same queries,
drawn by how many articles hold their words. ``top10`` asks for the ten best, ``facets`` for the
total and three facets as well, ``date`` for the ten newest, ``snippets`` for marked passages of the
ten best. Times are CPU time of one process:

* cold: an index just opened, each query for the first time (files are in the system's cache);
* p50, p95: the same queries in a process that has answered as many others, but none of these;
* again (ours only): once more, when what matched may be remembered; facets are counted anew.

Engines take turns, three times over, each time opened anew, and of the times that a query took the
least counts: whatever else the machine does meets all of them, and none of them for good.

Totals and facet counts of all engines are compared with ours; how many queries differ is printed.
"""

import argparse
import contextlib
import gc
import json
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.rivals.engine import MODES, Answer, Engine, Mode, Ours, plain, without_missing
from benchmarks.support.corpus import default_sources, read_stock
from benchmarks.support.corpus_documents import Material
from benchmarks.support.index_cache import Kept
from benchmarks.support.query_set import KINDS, Asked, Kind, draw, survey, understood
from benchmarks.support.timing import machine, megabytes, quantile, times_of
from search.analysis import Analyzer, Vabamorf
from search.engines.contract import IndexedDocument

ARTICLES, FULL = 10_000, 50_000
#: Measured queries of each kind, and as many others for warm-up.
QUERIES = 30
#: Number of turns of each engine.
PASSES = 3
#: The names of all rivals, in the order of the table.
RIVALS = ("whoosh", "fts5", "tantivy")
Queries = Mapping[Kind, tuple[Sequence[Asked], Sequence[Asked]]]


class Opened:
    """Context manager: a freshly opened engine."""

    def __init__(self, engine: Engine | Ours) -> None:
        self._engine = engine

    def __enter__(self) -> Engine | Ours:
        self._engine.open()
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.close()


def rival(name: str, directory: Path) -> Engine:
    """A new, empty rival by name."""
    if name == "whoosh":
        from benchmarks.rivals.whoosh_groupedby import WhooshRival

        return WhooshRival(directory)
    if name == "fts5":
        from benchmarks.rivals.fts5 import Fts5Rival

        return Fts5Rival(directory)
    from benchmarks.rivals.tantivy_engine import TantivyRival

    return TantivyRival(directory)


def measure(
    material: Material,
    articles: int,
    directory: Path,
    count: int = QUERIES,
    rivals: Sequence[str] = RIVALS,
) -> dict[str, Any]:
    """Figures of all engines over the first ``articles`` articles.

    Indexes are left in ``directory``; existing ones are not filled again.
    """
    ours, others, spent = filled(
        material, articles, Kept(directory, f"{articles} {material.key}"), rivals
    )
    asked = drawn(material, articles, count, ours)
    gc.collect()
    gc.freeze()  # the stock of sentences belongs to no engine
    engines: dict[str, Engine | Ours] = {"ours": ours, **others}
    kinds = {
        kind: {mode: _of_mode(engines, mode, *asked[kind]) for mode in MODES} for kind in KINDS
    }
    gc.unfreeze()
    return {
        "articles": articles,
        "queries": {kind: len(measured) for kind, (measured, _) in asked.items()},
        "machine": machine(),
        "index_mb": {each: megabytes(directory / each) for each in engines},
        "indexing_cpu_seconds": {each: round(seconds, 1) for each, seconds in spent.items()},
        "disagreements": _disagreements(engines, asked),
        "kinds": kinds,
    }


def filled(
    material: Material, articles: int, kept: Kept, rivals: Sequence[str]
) -> tuple[Ours, dict[str, Engine], dict[str, float]]:
    """This engine and the rivals, filled, and the seconds for filling each rival."""
    missing = [each for each in ("ours", *rivals) if not kept.has(each)]
    ours = Ours(kept.directory / "ours")
    others = {each: rival(each, kept.directory / each) for each in rivals}
    new = {each: engine for each, engine in others.items() if each in missing}
    spent = dict.fromkeys(new, 0.0)
    if missing:
        documents = feeding(material.documents(articles), new, spent)
        if "ours" in missing:
            ours.fill(documents)
        else:
            deque(documents, maxlen=0)
        for each, engine in new.items():
            spent[each] += _seconds(engine.finish)
        material.save()
    for each in missing:
        kept.keep(each)
    return ours, others, spent


def feeding(
    documents: Iterable[IndexedDocument], rivals: Mapping[str, Engine], spent: dict[str, float]
) -> Iterator[IndexedDocument]:
    """Yields ``documents``, and adds each to the rivals."""
    for number, document in enumerate(documents, start=1):
        as_plain = plain(document, number)
        for name, engine in rivals.items():
            started = time.process_time()
            engine.add(as_plain)
            spent[name] += time.process_time() - started
        yield document


def drawn(material: Material, articles: int, count: int, ours: Ours) -> Queries:
    """Measured and warm-up queries of each kind."""
    found = survey(material.documents(min(articles, 2000)))
    queries: dict[Kind, tuple[Sequence[Asked], Sequence[Asked]]] = {}
    with Opened(ours):
        reader = ours.reader
        assert reader is not None  # noqa: S101 - opened for the block
        for kind in KINDS:
            texts = draw(found, kind, 4 * count)
            asked = understood(texts, kind, material.analyzer, reader)[: 2 * count]
            queries[kind] = asked[::2], asked[1::2]
    return queries


def _of_mode(
    engines: Mapping[str, Engine | Ours],
    mode: Mode,
    measured: Sequence[Asked],
    before: Sequence[Asked],
) -> dict[str, dict[str, float]]:
    passes = [
        {name: _pass(engine, mode, measured, before) for name, engine in engines.items()}
        for _ in range(PASSES)
    ]
    figures: dict[str, dict[str, float]] = {}
    for name in engines:
        least = {
            when: [min(times) for times in zip(*(each[name][when] for each in passes), strict=True)]
            for when in passes[0][name]
        }
        figures[name] = {f"{when}_p50_ms": _rounded(times, 0.5) for when, times in least.items()}
        figures[name]["p50_ms"] = figures[name].pop("warm_p50_ms")
        figures[name]["p95_ms"] = _rounded(least["warm"], 0.95)
    return figures


def _pass(
    engine: Engine | Ours, mode: Mode, measured: Sequence[Asked], before: Sequence[Asked]
) -> dict[str, list[float]]:
    """Times of each query: cold, warm and, of this engine, cached; and snippets alone."""

    def run(query: Asked) -> Answer:
        return engine.answer(mode, query)

    with Opened(engine):
        times = {"cold": times_of(run, measured)}
    with Opened(engine):
        times_of(run, before)
        times["warm"] = times_of(run, measured)
        if isinstance(engine, Ours):
            times["again"] = times_of(run, measured)
            if mode == "snippets":
                made = [engine.snippets_alone(query) for query in measured]
                times["alone"] = times_of(_call, made)
    return times


def _call(run: Callable[[], None]) -> None:
    run()


def _rounded(times: Sequence[float], share: float) -> float:
    return round(quantile(times, share), 4)


def _disagreements(engines: Mapping[str, Engine | Ours], asked: Queries) -> dict[str, Any]:
    """Queries by rival and kind whose total or facet counts differ."""
    answers: dict[str, dict[str, list[Answer]]] = {}
    for name, engine in engines.items():
        with Opened(engine):
            answers[name] = {
                kind: [engine.answer("facets", query) for query in measured]
                for kind, (measured, _) in asked.items()
            }
    return {
        name: {
            kind: sum(
                one.total != other.total
                or without_missing(one.facets or {}) != without_missing(other.facets or {})
                for one, other in zip(answers["ours"][kind], found[kind], strict=True)
            )
            for kind in KINDS
        }
        for name, found in answers.items()
        if name != "ours"
    }


def _seconds(run: Callable[[], None]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def material_of(options: argparse.Namespace) -> Material:
    """Documents for the arguments of :func:`add_arguments`."""
    shared = Path(os.environ.get("SHARED") or "../shared")
    sources = options.sources or default_sources(shared)
    return Material(read_stock(sources, options.sentences), Analyzer(Vabamorf()), options.cache)


def add_arguments(parser: argparse.ArgumentParser, articles: int) -> None:
    """Adds the arguments of benchmarks on synthetic articles."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sources", type=Path, nargs="*", metavar="SOURCE")
    parser.add_argument("--articles", type=int, default=articles)
    parser.add_argument("--cache", type=Path, help="a directory to keep analysed sentences in")
    parser.add_argument("--sentences", type=int, help="use so many at most, to try things out")
    parser.add_argument("--indexes", type=Path, help="a directory for the indexes, to be kept")
    parser.add_argument("--json", action="store_true")


@contextlib.contextmanager
def place(directory: Path | None) -> Iterator[Path]:
    """Context manager: ``directory``, created if missing, or a temporary one."""
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        yield directory
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.queries", description=__doc__)
    add_arguments(parser, ARTICLES)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} articles")
    parser.add_argument("--queries", type=int, default=QUERIES, help="of each kind")
    parser.add_argument("--rivals", default=",".join(RIVALS), help="which; none with an empty text")
    options = parser.parse_args(None if arguments is None else list(arguments))
    articles = FULL if options.full else options.articles
    rivals = [each for each in options.rivals.split(",") if each]
    if unknown := set(rivals) - set(RIVALS):
        parser.error(f"no such rival: {', '.join(sorted(unknown))}")
    with place(options.indexes) as directory:
        result = measure(material_of(options), articles, directory, options.queries, rivals)
    print(json.dumps(result) if options.json else table(result))


def table(result: Mapping[str, Any]) -> str:
    """The figures as a text table."""
    lines = [f"{result['articles']:,} articles; ms of CPU, p50/p95 (cold p50)"]
    for kind, modes in result["kinds"].items():
        for mode, engines in modes.items():
            cells = [
                f"{name} {e['p50_ms']:.2f}/{e['p95_ms']:.2f} ({e['cold_p50_ms']:.2f})"
                for name, e in engines.items()
            ]
            ours = engines["ours"]
            cells.append(f"again {ours['again_p50_ms']:.2f}")
            if "alone_p50_ms" in ours:
                cells.append(f"snippets alone {ours['alone_p50_ms']:.2f}")
            lines.append(f"{kind:7}{mode:9}" + "  ".join(cells))
    lines.append(f"queries with other counts than ours: {result['disagreements']}")
    lines.append(f"index MB: {result['index_mb']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
