"""Compares query times with another version of this program, in the same run.

    python -m benchmarks.versions CHECKOUT [SOURCE…] [--articles N] [--queries N] [--rounds N]

CHECKOUT is the directory of the other version, in which ``make setup`` was run. Articles are
composed of the sentences of SOURCE and queries drawn as for ``benchmarks.queries``; ``title`` are
words of titles as they stand there. Each version indexes the same files by its own ``reindex``, and
answers the same queries by its own service and site, opened as ``serve`` opens them:

* search: a whole search of a query never asked before, in a process that has answered others;
* again: the same search once more, when the query has been understood;
* page: the whole page of a query never asked before.

The versions take turns, one kind of queries at a time, many times over; each turn begins from the
same state, in a fork of one process. Of the CPU times that a query took the least counts, so
whatever else the machine does meets both. ``ratio`` is that of the medians over all queries,
``mean`` that of the sums.
"""

import argparse
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.speed.queries import add_arguments, material_of, place
from benchmarks.support.corpus import Stock, compose, text_of, write_files
from benchmarks.support.corpus_documents import Material
from benchmarks.support.index_cache import Kept
from benchmarks.support.processes import ROOT
from benchmarks.support.query_set import KINDS, draw, survey
from benchmarks.support.timing import machine, quantile

ARTICLES, QUERIES, ROUNDS = 3000, 60, 9
#: Articles whose words queries are drawn from.
_SURVEYED = 2000
MODES = ("search", "again", "page")
NAMES = ("ours", "other")
_TITLE = "title"
ASKED = (*KINDS, _TITLE)
_TITLE_WORD = re.compile(r"[^\W\d_]{4,}")
# Runs in the directory of either version, so it may only use what both have.
_ANSWERING = """
import gc, json, os, sys, time
from pathlib import Path
from urllib.parse import urlencode
from search.analysis import Analyzer, Vabamorf
from search.configuration import Configuration
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app

settings = Configuration()
service = SearchService(Path(sys.argv[1]), settings, Analyzer(Vabamorf()), load_taxonomy(None))
client = create_app(service, settings).test_client()

def search(text):
    service.search(SearchRequest(text))

def page(text):
    assert client.get("/?" + urlencode({"q": text})).status_code == 200

def times(run, texts):
    found = []
    for text in texts:
        began = time.process_time_ns()
        run(text)
        found.append((time.process_time_ns() - began) / 1e6)
    return found

def answer(asked):
    times(page, before[-30:])  # what a fork shares with its parent is copied when it is used
    if asked["mode"] == "again":
        times(search, asked["texts"])
    return times(page if asked["mode"] == "page" else search, asked["texts"])

before = json.loads(sys.stdin.readline())
for text in before:
    search(text)
    page(text)
gc.collect()
gc.freeze()
for line in sys.stdin:
    receiver, sender = os.pipe()
    child = os.fork()
    if not child:
        with os.fdopen(sender, "w") as out:
            json.dump(answer(json.loads(line)), out)
            out.flush()
            os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as pipe:
        print(pipe.read(), flush=True)
    os.waitpid(child, 0)
"""

Texts = Mapping[str, Sequence[str]]


class Version:
    """A version of the program that answers queries in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", before: Sequence[str]) -> None:
        self._process = process
        self._tell(before)

    def times(self, mode: str, texts: Sequence[str]) -> list[float]:
        """Milliseconds of CPU time of each query, from the same state every time."""
        self._tell({"mode": mode, "texts": texts})
        assert self._process.stdout is not None  # noqa: S101 - opened with a pipe
        line = self._process.stdout.readline()
        if not line.strip():
            raise SystemExit("a version cannot answer, see above")
        found: list[float] = json.loads(line)
        return found

    def _tell(self, message: object) -> None:
        assert self._process.stdin is not None  # noqa: S101 - opened with a pipe
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()


def measure(
    checkout: Path,
    material: Material,
    articles: int,
    directory: Path,
    count: int = QUERIES,
    rounds: int = ROUNDS,
    kinds: Sequence[str] = ASKED,
) -> dict[str, Any]:
    """Figures of both versions; their indexes are left in ``directory``, and reused."""
    checkouts = {"ours": ROOT, "other": checkout.resolve()}
    _index(checkouts, material, articles, directory)
    measured, before = _drawn(material, articles, count)
    measured = {kind: measured[kind] for kind in kinds}
    with ExitStack() as stack:
        versions = {
            name: stack.enter_context(_opened(path, directory / name, before))
            for name, path in checkouts.items()
        }
        figures = {
            kind: {mode: _figures(versions, mode, texts, rounds) for mode in MODES}
            for kind, texts in measured.items()
        }
    return {
        "articles": articles,
        "other": _commit(checkout),
        "queries": {kind: len(texts) for kind, texts in measured.items()},
        "machine": machine(),
        "kinds": figures,
    }


def _index(
    checkouts: Mapping[str, Path], material: Material, articles: int, directory: Path
) -> None:
    kept = Kept(directory, f"{articles} {material.key}")
    missing = [name for name in ("files", *NAMES) if not kept.has(name)]
    if "files" in missing:
        (directory / "files").mkdir()
        write_files(_composed(material.stock, articles), directory / "files")
        kept.keep("files")
    for name in set(missing).intersection(NAMES):
        options = ("--index", directory / name, "--json")
        command = [*_python(checkouts[name]), "-m", "indexer", "reindex", directory / "files"]
        subprocess.run(  # noqa: S603 - our own program
            [*map(str, command), *map(str, options)],
            cwd=checkouts[name],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        kept.keep(name)


def _composed(stock: Stock, articles: int) -> Iterator[tuple[str, Sequence[str]]]:
    for each in compose(stock, articles):
        yield each.title, text_of(stock, each)


def _drawn(material: Material, articles: int, count: int) -> tuple[Texts, Sequence[str]]:
    """Measured queries by kind, and warm-up queries."""
    found = survey(material.documents(min(articles, _SURVEYED)))
    material.save()
    texts: dict[str, list[str]] = {kind: draw(found, kind, 2 * count) for kind in KINDS}
    titles = (each.title for each in compose(material.stock, articles))
    words = sorted({word for title in titles for word in _TITLE_WORD.findall(title)})
    texts[_TITLE] = random.Random(0).sample(words, min(2 * count, len(words)))
    measured = {kind: some[::2] for kind, some in texts.items()}
    asked = {text for some in measured.values() for text in some}
    return measured, [e for some in texts.values() for e in some[1::2] if e not in asked]


@contextmanager
def _opened(checkout: Path, index: Path, before: Sequence[str]) -> Iterator[Version]:
    command = [*map(str, _python(checkout)), "-c", _ANSWERING, str(index.resolve())]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Version(process, before)
        finally:
            process.terminate()


def _python(checkout: Path) -> list[Path | str]:
    own = checkout / ".venv" / "bin" / "python"
    return [own if own.is_file() else sys.executable]


def _commit(checkout: Path) -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603
    return found.stdout.strip()


def _figures(
    versions: Mapping[str, Version], mode: str, texts: Sequence[str], rounds: int
) -> dict[str, float]:
    taken: dict[str, list[list[float]]] = {name: [] for name in versions}
    for number in range(rounds):
        turns = list(versions.items())
        for name, version in turns if number % 2 else reversed(turns):
            taken[name].append(version.times(mode, texts))
    least = {name: [min(each) for each in zip(*some, strict=True)] for name, some in taken.items()}
    medians = {name: quantile(times, 0.5) for name, times in least.items()}
    return {
        **{f"{name}_p50_ms": round(median, 3) for name, median in medians.items()},
        "ratio": round(medians["ours"] / medians["other"], 3),
        "mean": round(sum(least["ours"]) / sum(least["other"]), 3),
    }


def table(result: Mapping[str, Any]) -> str:
    """The figures as a text table."""
    lines = [
        f"{result['articles']:,} articles; ms of CPU, p50, ours / {result['other'] or 'other'}"
    ]
    for kind, modes in result["kinds"].items():
        cells = [
            f"{mode} {each['ours_p50_ms']:.2f}/{each['other_p50_ms']:.2f}"
            f" × {each['ratio']:.2f} ({each['mean']:.2f})"
            for mode, each in modes.items()
        ]
        lines.append(f"{kind:8}" + "   ".join(cells))
    return "\n".join(lines)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.versions", description=__doc__)
    parser.add_argument("checkout", type=Path, metavar="CHECKOUT")
    add_arguments(parser, ARTICLES)
    parser.add_argument("--queries", type=int, default=QUERIES, help="of each kind")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--kinds", default=",".join(ASKED), help="which kinds of queries")
    options = parser.parse_args(None if arguments is None else list(arguments))
    kinds = options.kinds.split(",")
    if unknown := set(kinds) - set(ASKED):
        parser.error(f"no such kind of queries: {', '.join(sorted(unknown))}")
    with place(options.indexes) as directory:
        result = measure(
            options.checkout,
            material_of(options),
            options.articles,
            directory,
            options.queries,
            options.rounds,
            kinds,
        )
    print(json.dumps(result) if options.json else table(result))


if __name__ == "__main__":
    main()
