"""Profile of indexing: CPU time by stage.

    python -m benchmarks.stages SOURCE… [--articles N] [--json]

Every N-th article of SOURCE goes through the stages of indexing in this one process, so nothing is
waited for, and each stage is timed: CPU time, in microseconds a token.

* native: inside Vabamorf; analysis: all that is around it, from text to terms;
* find: organisations, dates and focus areas in the text; form: facets made of them;
* pack: postings inverted; write: segments, columns and what opening needs, flushed to disk.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.support.data import read_articles
from benchmarks.support.timing import machine
from indexer.document import analyse_article
from indexer.extract import Enricher, load_gazetteer, load_overrides
from search.analysis import Analyzer, Vabamorf
from search.article import Article
from search.engines.contract import IndexedDocument
from search.engines.registry import open_index
from search.engines.whoosh import pack_batch
from search.taxonomy import load_taxonomy

ARTICLES = 100
_BATCH = 20
T = TypeVar("T")


class Watch:
    """Adds up the CPU time of calls, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, run: Callable[[], T]) -> T:
        began = time.process_time()
        try:
            return run()
        finally:
            self.seconds += time.process_time() - began


class WatchedVabamorf(Vabamorf):
    """Vabamorf with timed native calls."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = Watch()

    @property
    def _native(self) -> Any:
        return _Native(super()._native, self.watch)


class _Native:
    def __init__(self, native: Any, watch: Watch) -> None:
        self._own = native
        self._watch = watch

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._own, name)
        return lambda *arguments: self._watch(partial(call, *arguments))


def measure(articles: Sequence[Article]) -> dict[str, Any]:
    """Microseconds of CPU per token, by stage."""
    vabamorf = WatchedVabamorf()
    analyzer, taxonomy = Analyzer(vabamorf), load_taxonomy(None)
    overrides = load_overrides(None, taxonomy)
    enricher = Enricher(analyzer, taxonomy, load_gazetteer(None), overrides, date.today().year)
    enricher.extract(analyse_article(articles[0], analyzer))  # loads everything once
    vabamorf.watch.seconds = 0.0
    spent = {name: Watch() for name in ("analysis", "find", "form", "pack", "write")}
    documents: list[IndexedDocument] = []
    for article in articles:
        built = spent["analysis"](partial(analyse_article, article, analyzer))
        before = vabamorf.watch.seconds
        found = spent["find"](partial(enricher.find, built))
        vabamorf.watch.seconds = before  # Vabamorf's time during finding counts as finding
        stored = replace(built.document, findings=found.to_bytes())
        documents.append(spent["form"](partial(enricher.form, stored)))
    tokens = sum(each.title.length + each.body.length for each in documents)
    batches = [documents[i : i + _BATCH] for i in range(0, len(documents), _BATCH)]
    packed = [spent["pack"](partial(pack_batch, each)) for each in batches]
    with tempfile.TemporaryDirectory() as name:
        spent["write"](partial(_write, packed, Path(name)))
    native = vabamorf.watch.seconds
    spent["analysis"].seconds -= native
    seconds = {"native": native, **{name: each.seconds for name, each in spent.items()}}
    return {
        "articles": len(articles),
        "tokens": tokens,
        "machine": machine(),
        "microseconds": {name: round(each / tokens * 1e6, 1) for name, each in seconds.items()},
    }


def _write(packed: Iterable[bytes], directory: Path) -> None:
    with open_index(directory).build([], "benchmark", datetime.now(UTC)) as writer:
        for each in packed:
            writer.add_packed(each)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="benchmarks.stages",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    articles = list(read_articles(options.sources))
    result = measure(articles[:: max(len(articles) // options.articles, 1)][: options.articles])
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['articles']} articles, {result['tokens']:,} tokens; µs of CPU a token")
    total = sum(result["microseconds"].values())
    for name, each in result["microseconds"].items():
        print(f"{name:10}{each:8.1f}{each / total:8.0%}")
    print(f"{'together':10}{total:8.1f}")


if __name__ == "__main__":
    main()
