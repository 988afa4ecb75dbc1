"""Speed of ``reindex``, beside the tutorial pipeline.

    python -m benchmarks.indexing SOURCE… [--articles N] [--seconds N] [--json]

The articles of SOURCE as they are, each once; with ``--articles`` as many composed of their
sentences (:mod:`benchmarks.support.corpus`). They are written as text files, and indexed by the
real command into a new index, with everything that it does, its start included. The plain
programme (:mod:`benchmarks.rivals.tutorial_pipeline`) gets the same files, evenly spread, for a
minute and a half. ``ratio``
compares tokens a second, which is articles a second at the same mix of articles; ``ratio_cpu``
compares tokens per second of CPU, which other programs on the machine cannot distort, but which
leaves out what several processes gain.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.support.corpus import compose, read_stock, text_of, write_files
from benchmarks.support.data import read_articles
from benchmarks.support.processes import run
from benchmarks.support.timing import machine, megabytes

NAIVE_SECONDS = 90.0


def measure(
    sources: Sequence[Path], articles: int | None = None, naive_seconds: float = NAIVE_SECONDS
) -> dict[str, Any]:
    """Figures of this program and, for ``naive_seconds`` if any, of the tutorial pipeline."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        files = directory / "uudised"
        files.mkdir()
        count, words = write_files(_texts(sources, articles), files)
        if not count:
            raise SystemExit("the sources hold no article")
        result = _ours(files, directory / "index", count, words)
        if naive_seconds > 0:
            limit = ("--seconds", str(naive_seconds))
            module = "benchmarks.rivals.tutorial_pipeline"
            cost = run([sys.executable, "-m", module, *limit, files, directory / "naive"])
            naive = result["naive"] = json.loads(cost.output)
            for ratio, name in (("ratio", "tokens_per_second"), ("ratio_cpu", _PER_CPU)):
                result[ratio] = round(result[name] / naive[name], 1)
        result["machine"] = machine()
        return result


_PER_CPU = "tokens_per_cpu_second"


def _ours(files: Path, index: Path, articles: int, words: int) -> dict[str, Any]:
    cost = run([sys.executable, "-m", "indexer", "reindex", files, "--index", index, "--json"])
    report = json.loads(cost.output)
    return {
        "articles": articles,
        "tokens": words,
        "seconds": round(cost.seconds, 2),
        "cpu_seconds": round(cost.cpu_seconds, 2),
        "articles_per_second": round(articles / cost.seconds, 2),
        "tokens_per_second": round(words / cost.seconds, 1),
        _PER_CPU: round(words / cost.cpu_seconds, 1),
        "cpu_us_per_token": round(cost.cpu_seconds / words * 1e6, 1),
        "peak_rss_mb": round(cost.peak_rss_mb, 1),
        "index_mb": megabytes(index),
        "report": report,
    }


def _texts(sources: Sequence[Path], articles: int | None) -> Iterator[tuple[str, Sequence[str]]]:
    """Title and paragraphs of the articles to index."""
    if articles is None:
        for article in read_articles(sources):
            body = (line.strip() for text in article.body for line in text.splitlines())
            yield article.title, [line for line in body if line]
        return
    stock = read_stock(sources)
    for composed in compose(stock, articles):
        yield composed.title, text_of(stock, composed)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.indexing", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE")
    parser.add_argument("--articles", type=int, help="compose so many")
    parser.add_argument(
        "--seconds", type=float, default=NAIVE_SECONDS, help="for the plain programme; 0: without"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    result = measure(options.sources, options.articles, options.seconds)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{'':18}{'articles':>10}{'seconds':>10}{'tokens/s':>10}{'tokens/CPU s':>14}")
    for name, row in (("ours", result), ("plain programme", result.get("naive"))):
        if row:
            cells = (
                f"{row['articles']:>10,}{row['seconds']:>10.1f}{row['tokens_per_second']:>10,.0f}"
            )
            print(f"{name:18}{cells}{row[_PER_CPU]:>14,.0f}")
    print(f"peak {result['peak_rss_mb']:.0f} MB, index {result['index_mb']:.0f} MB", end="")
    print(f", {result['cpu_us_per_token']:.0f} µs of CPU a token")
    if "ratio" in result:
        print(f"ratio {result['ratio']} (of CPU time {result['ratio_cpu']})")


if __name__ == "__main__":
    main()
