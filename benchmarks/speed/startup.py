"""Start-up time of the commands.

    python -m benchmarks.startup [SOURCE] [--repeated N] [--json]

SOURCE (the example news unless named) is indexed once. Then each of these is started anew, in turn,
N times: the commands, the server up to the first page of results, and, as what they are compared
with, the plain programme that a tutorial would give, which has EstNLTK's layers find the lemma of
the same word and opens a Whoosh index to look for it. Figures are medians; ``ratios`` say how many
times as much the plain programme takes.
"""

import argparse
import http.client
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.rivals.tutorial_pipeline import Programme
from benchmarks.support.processes import ROOT, run, serving
from benchmarks.support.timing import machine

EXAMPLES = ROOT / "examples" / "uudised"
REPEATED = 5
WORD = "klastrite"
_PLAIN = "plain programme"
Figures = dict[str, float]


def measure(source: Path, repeated: int = REPEATED) -> dict[str, Any]:
    """Wall time, CPU time and memory of every start."""
    with tempfile.TemporaryDirectory() as name:
        index, plain = Path(name) / "index", Path(name) / "plain"
        run([sys.executable, "-m", "indexer", "--index", index, "reindex", source])
        plain.mkdir()
        programme = Programme(plain)
        for path in sorted(source.rglob("*.txt"))[:3]:
            programme.add(path.stem, path.read_text(encoding="utf-8"))
        programme.commit()
        starts: Mapping[str, Callable[[], Figures]] = {
            "help": lambda: _command("-m", "indexer", "--help"),
            "stats": lambda: _command("-m", "indexer", "--index", index, "stats"),
            "search": lambda: _command("-m", "indexer", "--index", index, "search", WORD),
            "serve": lambda: _first_page(index),
            _PLAIN: lambda: _command("-m", "benchmarks.startup", "--plain", plain),
        }
        found: dict[str, list[Figures]] = {each: [] for each in starts}
        for _ in range(repeated):
            for each, start in starts.items():
                found[each].append(start())
    figures = {
        each: {key: round(median(one[key] for one in runs), 3) for key in runs[0]}
        for each, runs in found.items()
    }
    ratios = {
        each: round(figures[_PLAIN]["seconds"] / one["seconds"], 1)
        for each, one in figures.items()
        if each != _PLAIN
    }
    return {"machine": machine(), "starts": figures, "ratios": ratios}


def search_plainly(index: Path) -> None:
    """Baseline: finds articles with the word in any form, as tutorials do."""
    from estnltk import Text
    from whoosh.index import open_dir
    from whoosh.query import Term

    text = Text(WORD)
    text.tag_layer(["morph_analysis"], resolver=Programme.resolver())
    with open_dir(index).searcher() as searcher:
        for hit in searcher.search(Term("lemmas", text.morph_analysis[0].lemma[0])):
            print(hit["title"])


def _command(*arguments: str | Path) -> Figures:
    cost = run([sys.executable, *arguments])
    return {
        "seconds": cost.seconds,
        "cpu_seconds": cost.cpu_seconds,
        "peak_rss_mb": cost.peak_rss_mb,
    }


def _first_page(index: Path) -> Figures:
    """Seconds from the start of the server to the last byte of the first page."""
    began = time.perf_counter()
    with serving(index) as port:
        listening = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", f"/?q={WORD}")
        connection.getresponse().read()
        ended = time.perf_counter()
        connection.close()
    return {"seconds": ended - began, "listening_seconds": listening - began}


def table(result: Mapping[str, Any]) -> str:
    """The figures as a text table."""
    lines = [f"{'':16}{'seconds':>9}{'CPU s':>8}{'MB':>6}{'plain / ours':>14}"]
    for name, one in result["starts"].items():
        cells = [f"{one['seconds']:9.2f}"]
        cells.append(f"{one['cpu_seconds']:8.2f}" if "cpu_seconds" in one else " " * 8)
        cells.append(f"{one['peak_rss_mb']:6.0f}" if "peak_rss_mb" in one else " " * 6)
        cells.append(f"{result['ratios'].get(name, 1.0):14.1f}")
        lines.append(f"{name:16}" + "".join(cells))
    return "\n".join(lines)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.startup", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("source", type=Path, nargs="?", default=EXAMPLES, metavar="SOURCE")
    parser.add_argument("--repeated", type=int, default=REPEATED)
    parser.add_argument("--plain", type=Path, metavar="INDEX", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.plain:
        search_plainly(options.plain)
        return
    result = measure(options.source, options.repeated)
    print(json.dumps(result) if options.json else table(result))


if __name__ == "__main__":
    main()
