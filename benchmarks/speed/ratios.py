"""Time of rivals relative to this engine: a small run for the test suite.

    python -m benchmarks.ratios [--shared DIR] [--write]

About a thousand short articles; figures only compare what ran side by side in one process. Each is
the sum over queries of the least CPU time of several passes, in which engines take turns, so a busy
machine hardly matters. The index is opened anew for every pass; ``warm`` has asked the same twice.
``--write`` keeps the ratios in ``ratios.json``: the test suite fails where one falls below two
thirds of what is kept.
"""

import argparse
import gc
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import geometric_mean
from typing import Any

from benchmarks.rivals.engine import Engine, Ours
from benchmarks.rivals.tutorial_pipeline import Programme
from benchmarks.speed.queries import Opened, drawn, feeding, rival
from benchmarks.support.corpus import read_stock, write_files
from benchmarks.support.corpus_documents import Material
from benchmarks.support.data import read_articles
from benchmarks.support.query_set import KINDS, Asked
from benchmarks.support.timing import times_of
from indexer.factory import index_of, pipeline
from search.analysis import Analyzer, Vabamorf
from search.configuration import Configuration

KEPT = Path(__file__).parent.parent / "ratios.json"
#: A ratio below this share of the kept one is a loss.
LEAST = 2 / 3
ARTICLES, SENTENCES, QUERIES, PASSES = 1000, 500, 10, 6
#: Number of runs before a query is called warm.
WARM = 2
#: Without Whoosh, which takes too long to fill for a test; ``benchmarks.queries`` has it.
RIVALS = ("fts5", "tantivy")
_INDEXED, _PLAIN = 24, 3
_FIRST = "Täna tuli Mari Tartust Tallinna."


def of_queries(shared: Path) -> dict[str, float]:
    """Rivals' time relative to ours (geometric mean), by kind of query with facets."""
    source = shared / "eval" / "headlines" / "ntrex.jsonl"
    material = Material(read_stock([source], SENTENCES), Analyzer(Vabamorf()))
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        ours = Ours(directory / "ours")
        rivals = {each: rival(each, directory / each) for each in RIVALS}
        ours.fill(feeding(material.documents(ARTICLES), rivals, dict.fromkeys(RIVALS, 0.0)))
        for engine in rivals.values():
            engine.finish()
        asked = drawn(material, ARTICLES, QUERIES, ours)
        engines: dict[str, Engine | Ours] = {"ours": ours, **rivals}
        gc.collect()
        gc.freeze()  # else garbage collection before every pass would take most of the time
        ratios = {}
        for kind in KINDS:
            for way, before in (("cold", 0), ("warm", WARM)):
                times = _spent(engines, asked[kind][0], before)
                # All rivals together: the time of each alone is too short to be stable.
                found = geometric_mean([times[each] / times["ours"] for each in RIVALS])
                ratios[f"query {kind} {way}"] = round(found, 3)
        gc.unfreeze()
        return ratios


def of_indexing(shared: Path) -> dict[str, float]:
    """CPU time per character of the tutorial pipeline relative to ours."""
    source = shared / "eval" / "headlines" / "ntrex.jsonl"
    texts = [(each.title, each.body) for each in read_articles([source])][:_INDEXED]
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        first, files = directory / "first", directory / "files"
        first.mkdir()
        files.mkdir()
        write_files([("Esimene uudis", [_FIRST])], first)
        write_files(texts, files)
        # One process, which loads its models with the first article, as the rival does.
        configuration = Configuration(index=directory / "index", jobs=1)
        work, index = pipeline(configuration), index_of(configuration)
        work.reindex(index, [first])
        ours = _all_cpu_seconds(lambda: work.reindex(index, [files]))
        (directory / "plain").mkdir()
        programme = Programme(directory / "plain")
        programme.add("first", _FIRST)

        def run() -> None:
            for number, (title, body) in enumerate(texts[:_PLAIN]):
                programme.add(str(number), "\n\n".join([title, *body]))
            programme.commit()

        naive = _all_cpu_seconds(run)
        characters = [sum(map(len, body)) for _, body in texts]
        each, theirs = ours / sum(characters), naive / sum(characters[:_PLAIN])
        return {"indexing plain programme": round(theirs / each, 2)}


def worse(found: dict[str, float], kept: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Ratios below :data:`LEAST` of the recorded ones: the measured and the recorded ratio."""
    return {
        name: (found[name], value) for name, value in kept.items() if found[name] < LEAST * value
    }


def _spent(
    engines: Mapping[str, Engine | Ours], queries: Sequence[Asked], before: int
) -> dict[str, float]:
    """Total time of all queries after ``before`` warm-up runs each; engines take turns."""
    passes: dict[str, list[list[float]]] = {name: [] for name in engines}
    for _ in range(PASSES):
        for name, engine in engines.items():
            with Opened(engine):
                for _ in range(before):
                    _once(engine, queries)
                passes[name].append(_once(engine, queries))
    return {name: sum(map(min, zip(*each, strict=True))) for name, each in passes.items()}


def _once(engine: Engine | Ours, queries: Sequence[Asked]) -> list[float]:
    return times_of(lambda each: engine.answer("facets", each), queries)


def _all_cpu_seconds(run: Callable[[], object]) -> float:
    """CPU seconds of this process and its finished children."""
    before = sum(os.times()[:4])
    run()
    return sum(os.times()[:4]) - before


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.ratios", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--write", action="store_true", help="keep what is found")
    options = parser.parse_args()
    found: dict[str, Any] = {**of_queries(options.shared), **of_indexing(options.shared)}
    text = json.dumps(found, indent=1, ensure_ascii=False)
    print(text)
    if options.write:
        KEPT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
