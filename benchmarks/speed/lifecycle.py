"""Cost of an index after it is built: opening, small updates, growth by many updates.

    python -m benchmarks.lifecycle [SOURCE…] [--articles N] [--updates N] [--json]

Articles are composed of the sentences of SOURCE (``../shared/eval`` unless named). Ours makes a
new generation for every update, as ``index`` does: it opens the live one, looks for the article,
writes, flushes everything to the disk and switches. Whoosh's default writer updates in place with
``update_document``, and flushes nothing: a power cut may lose its index. Analysis is no part of it.
Opening and the first answer are measured in a new process, whose imports are done; ``open_rss_mb``
is what it holds more afterwards. All but ``…_cpu_ms`` is wall time.
"""

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.rivals.engine import Engine, Ours, plain
from benchmarks.rivals.whoosh_groupedby import values_of
from benchmarks.speed.queries import add_arguments, filled, material_of, place
from benchmarks.support.corpus_documents import Material
from benchmarks.support.index_cache import Kept
from benchmarks.support.processes import run
from benchmarks.support.query_set import Asked, draw, survey, understood
from benchmarks.support.timing import machine, megabytes, quantile, times_of
from search.engines.contract import IndexedDocument
from search.engines.registry import open_index
from search.query.ast import Alternative, Word
from search.request import SearchRequest

ARTICLES, UPDATES = 10_000, 1_000
_FINGERPRINT = "benchmark"
_REPEATED = 3
_BATCH = 100
_QUERIES = 20
Update = Callable[[Sequence[IndexedDocument]], None]


def measure(
    material: Material, articles: int, directory: Path, updates: int = UPDATES
) -> dict[str, Any]:
    """Figures of this engine and of Whoosh's default writer.

    Indexes of ``benchmarks.queries`` in ``directory`` are used, and changed.
    """
    kept = Kept(directory, f"{articles} {material.key}")
    ours, others, _ = filled(material, articles, kept, ("whoosh",))
    whoosh = others["whoosh"]
    asked = _asked(material, articles, ours)
    for each in ("ours", "whoosh"):
        kept.forget(each)
    engines: dict[str, tuple[Ours | Engine, Update]] = {
        "ours": (ours, lambda changed: update_ours(directory / "ours", changed)),
        "whoosh": (whoosh, lambda changed: update_whoosh(directory / "whoosh", changed)),
    }
    gc.collect()
    gc.freeze()  # the stock of sentences belongs to no engine
    result: dict[str, Any] = {"articles": articles, "machine": machine()}
    for each, (engine, update) in engines.items():
        figures: dict[str, Any] = {"index_mb": _live_mb(directory / each)}
        figures |= _opening(each, directory / each)
        figures |= _changes(material, articles, update)
        growth = _growth(material, articles, updates, update, engine, asked)
        figures["growth"] = growth | {"index_after_mb": _live_mb(directory / each)}
        result[each] = figures
    gc.unfreeze()
    material.save()
    pairs = ("update_1_ms", "update_1_cpu_ms", "update_100_ms", "open_ms")
    result["ratios"] = {key: round(result["whoosh"][key] / result["ours"][key], 2) for key in pairs}
    return result


def update_ours(directory: Path, changed: Sequence[IndexedDocument]) -> None:
    """Replaces articles as ``Pipeline.update`` does."""
    generations = open_index(directory)
    with (
        generations.extend([], _FINGERPRINT, datetime.now(UTC)) as writer,
        closing(generations.open_stored(_FINGERPRINT)) as live,
    ):
        for each in changed:
            number = live.find(each.article.id)
            if number is not None:
                live.article(number)  # gets the date of addition
                writer.delete(each.article.id)
            writer.add(each)


def update_whoosh(directory: Path, changed: Sequence[IndexedDocument]) -> None:
    """Replaces articles as in Whoosh's documentation."""
    from whoosh.index import open_dir

    writer = open_dir(directory).writer()
    for each in changed:
        writer.update_document(**values_of(plain(each, 0)))
    writer.commit()


def probe(kind: str, directory: Path) -> dict[str, float]:
    """Opens an index in this process and runs one query."""
    from whoosh import index, query

    def open_ours() -> Callable[[], object]:
        reader = open_index(directory).open(_FINGERPRINT)
        node = Word("aasta", (Alternative("lemma", "aasta"), Alternative("part", "aasta", 0.5)))
        return lambda: reader.search(node, SearchRequest())

    def open_whoosh() -> Callable[[], object]:
        searcher = index.open_dir(directory).searcher()
        return lambda: searcher.search(query.Term("body", "laasta"), limit=10)

    held, cpu, began = _resident_mb(), time.process_time(), time.perf_counter()
    ask = open_ours() if kind == "ours" else open_whoosh()
    opened, opened_cpu = time.perf_counter(), time.process_time()
    more = _resident_mb() - held
    ask()
    return {
        "open_ms": round((opened - began) * 1000, 2),
        "open_cpu_ms": round((opened_cpu - cpu) * 1000, 2),
        "first_answer_ms": round((time.perf_counter() - opened) * 1000, 2),
        "first_answer_cpu_ms": round((time.process_time() - opened_cpu) * 1000, 2),
        "open_rss_mb": round(more, 1),
    }


def _opening(kind: str, directory: Path) -> dict[str, float]:
    """Median opening time of several new processes."""
    command = (sys.executable, "-m", "benchmarks.lifecycle", "--probe", kind)
    found = [json.loads(run([*command, directory]).output) for _ in range(_REPEATED)]
    return {key: quantile([each[key] for each in found], 0.5) for key in found[0]}


def _changes(material: Material, articles: int, update: Update) -> dict[str, float]:
    """Median times of updates of one and of a hundred articles."""
    figures = {}
    chance = random.Random(1)
    for size in (1, min(_BATCH, articles)):
        walls, cpus = [], []
        for _ in range(_REPEATED):
            changed = _changed(material, chance.sample(range(articles), size))
            began, cpu = time.perf_counter(), time.process_time()
            update(changed)
            walls.append((time.perf_counter() - began) * 1000)
            cpus.append((time.process_time() - cpu) * 1000)
        name = "1" if size == 1 else str(_BATCH)
        figures[f"update_{name}_ms"] = round(quantile(walls, 0.5), 2)
        figures[f"update_{name}_cpu_ms"] = round(quantile(cpus, 0.5), 2)
    return figures


def _growth(
    material: Material,
    articles: int,
    updates: int,
    update: Update,
    engine: Ours | Engine,
    asked: Sequence[Asked],
) -> dict[str, float]:
    """Query time before and after many updates of one article, and update time."""
    chance = random.Random(2)
    before = _query_ms(engine, asked)
    times = []
    for _ in range(updates):
        changed = _changed(material, [chance.randrange(articles)])
        times += times_of(update, [changed])
    return {
        "updates": updates,
        "update_cpu_p50_ms": round(quantile(times, 0.5), 2),
        "update_cpu_p95_ms": round(quantile(times, 0.95), 2),
        "update_cpu_most_ms": round(quantile(times, 1.0), 2),
        "query_p50_before_ms": round(before, 3),
        "query_p50_after_ms": round(_query_ms(engine, asked), 3),
    }


def _query_ms(engine: Ours | Engine, asked: Sequence[Asked]) -> float:
    """Median query time with three facets in a process that has just opened the index."""
    engine.open()
    try:
        first = times_of(lambda each: engine.answer("facets", each), asked)
        return quantile(first, 0.5)
    finally:
        engine.close()


def _live_mb(directory: Path) -> float:
    """Size of the files that queries read; of this engine, one generation."""
    name = open_index(directory).current()
    return megabytes(directory / name if name else directory)


def _changed(material: Material, numbers: Sequence[int]) -> list[IndexedDocument]:
    """Articles of these numbers, with other texts."""
    return [each for number in numbers for each in material.documents(1, 1, number)]


def _asked(material: Material, articles: int, ours: Ours) -> list[Asked]:
    found = survey(material.documents(min(articles, 1000)))
    ours.open()
    assert ours.reader is not None  # noqa: S101 - just opened
    asked = [
        query
        for kind in ("term", "and", "or")
        for query in understood(draw(found, kind, _QUERIES), kind, material.analyzer, ours.reader)
    ]
    ours.close()
    return asked


def _resident_mb() -> float:
    """Private memory of this process, without mapped files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (own,) = (line.split()[1] for line in lines if line.startswith("RssAnon:"))
    return int(own) / 1000


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.lifecycle", description=__doc__)
    add_arguments(parser, ARTICLES)
    parser.add_argument("--updates", type=int, default=UPDATES, help="of one article each")
    parser.add_argument("--probe", nargs=2, metavar=("ENGINE", "DIRECTORY"), help="one opening")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.probe:
        kind, directory = options.probe
        print(json.dumps(probe(kind, Path(directory))))
        return
    with place(options.indexes) as directory:
        result = measure(material_of(options), options.articles, directory, options.updates)
    if options.json:
        print(json.dumps(result))
        return
    ours, whoosh = ({**result[name].pop("growth"), **result[name]} for name in ("ours", "whoosh"))
    print(f"{result['articles']:,} articles\n{'':24}{'ours':>12}{'Whoosh':>12}")
    for key, value in ours.items():
        print(f"{key:24}{value:>12,.2f}{whoosh[key]:>12,.2f}")


if __name__ == "__main__":
    main()
