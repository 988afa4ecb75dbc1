"""Scaling of indexing: throughput of one and two processes, and of one and two Dask workers.

    python -m benchmarks.scaling SOURCE… [--articles N] [--opensearch URL] [--turns N] [--json]

The articles of SOURCE, as many as ``--articles`` evenly spread, are indexed anew by one and by two
processes and by one and by two workers of a Dask scheduler on this machine, which take turns; into
the embedded index, or with ``--opensearch`` into indexes of a server, which are removed after. For
each the best turn counts. ``articles_per_second`` is from the first results to the last: starting
is left out, and so is what is decided when all are there. ``first_ms`` is the CPU time that an
article costs the first process in that time: the reading, and the one writer. It is what does not
become less with more workers: 1000 / ``first_ms`` articles a second are the most that one writer
takes.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.support.corpus import write_files
from benchmarks.support.data import read_articles
from benchmarks.support.timing import machine
from indexer.factory import index_of, pipeline
from search.configuration import Configuration, OpenSearchSettings

ARTICLES, TURNS = 1_000, 3
#: Numbers of processes or workers.
COUNTS = (1, 2)


@dataclass
class Progress:
    """Number of articles done over time: wall time and CPU time of this process."""

    steps: list[tuple[int, float, float]] = field(default_factory=list)

    @contextlib.contextmanager
    def shown(self, total: int) -> Iterator[Callable[[int], None]]:  # noqa: ARG002
        yield lambda count: self.steps.append((count, time.monotonic(), time.process_time()))

    def figures(self) -> dict[str, float]:
        """Figures from the first results to the last."""
        _, began, cpu = self.steps[0]
        _, ended, cpu_ended = self.steps[-1]
        count = sum(each for each, _, _ in self.steps[1:])
        return {
            "articles_per_second": round(count / (ended - began), 1),
            "first_ms": round((cpu_ended - cpu) / count * 1000, 2),
        }


def measure(
    sources: Sequence[Path], articles: int, url: str | None = None, turns: int = TURNS
) -> dict[str, Any]:
    """The best turn of each way."""
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        folder = Path(directory)
        files = folder / "uudised"
        files.mkdir()
        read = list(read_articles(sources))
        chosen = read[:: max(len(read) // articles, 1)][:articles]
        count, _ = write_files(((each.title, each.body) for each in chosen), files)
        ways: dict[str, tuple[int, str | None]] = {}
        for number in COUNTS:
            ways[f"{number} processes"] = (number, None)
        for number in COUNTS:
            address = stack.enter_context(scheduler(folder / f"dask-{number}", number))
            ways[f"{number} workers"] = (number, address)
        name = f"benchmark-{uuid.uuid4().hex}"
        if url:
            stack.callback(_ask, "DELETE", f"{url}/{name}*")
        found: dict[str, list[dict[str, float]]] = {each: [] for each in ways}
        for turn in range(turns):
            for way, (jobs, at) in ways.items():
                configuration = _configuration(folder / f"{turn}-{way}", url, name, jobs)
                found[way].append(_indexed(configuration, files, at))
        best = {
            way: max(each, key=lambda row: row["articles_per_second"])
            for way, each in found.items()
        }
        return {"articles": count, "turns": turns, "machine": machine(), "ways": best}


def _configuration(index: Path, url: str | None, name: str, jobs: int) -> Configuration:
    if url is None:
        return Configuration(index=index, jobs=jobs)
    server = OpenSearchSettings((url,), name, replicas=0, timeout=60)
    return Configuration(
        index=index, jobs=jobs, engine="opensearch", opensearch=server, keep_generations=1
    )


def _indexed(configuration: Configuration, files: Path, address: str | None) -> dict[str, float]:
    progress = Progress()
    work = pipeline(configuration, progress.shown, lambda: datetime.now(UTC), scheduler=address)
    work.reindex(index_of(configuration), [files], fresh=True, yes=True)
    return progress.figures()


@contextlib.contextmanager
def scheduler(folder: Path, workers: int) -> Iterator[str]:
    """Runs a scheduler on loopback with ``workers`` workers of one thread; yields its address."""
    folder.mkdir()
    scheduler_file = folder / "scheduler.json"
    common = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
    with contextlib.ExitStack() as stack, (folder / "log").open("wb") as log:

        def begin(*command: str) -> None:
            program = [str(Path(sys.executable).with_name("dask")), *command, *common]
            process = subprocess.Popen(program, cwd=folder, stdout=log, stderr=log)  # noqa: S603
            stack.callback(process.wait)
            stack.callback(process.kill)

        begin("scheduler", "--port", "0", "--scheduler-file", str(scheduler_file))
        while not scheduler_file.exists():
            time.sleep(0.05)
        address: str = json.loads(scheduler_file.read_text(encoding="utf-8"))["address"]
        for _ in range(workers):
            begin("worker", address, "--no-nanny", "--nthreads", "1")
        while (folder / "log").read_text(encoding="utf-8").count("Registered to") < workers:
            time.sleep(0.05)
        yield address


def _ask(method: str, url: str) -> None:
    request = urllib.request.Request(url, method=method)  # noqa: S310 - as the user names it
    with urllib.request.urlopen(request):  # noqa: S310
        pass


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scaling", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--opensearch", metavar="URL")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    result = measure(options.sources, options.articles, options.opensearch, options.turns)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['articles']} articles, best of {result['turns']} turns")
    print(f"{'':14}{'articles/s':>12}{'first process, ms an article':>32}")
    for way, row in result["ways"].items():
        print(f"{way:14}{row['articles_per_second']:>12.1f}{row['first_ms']:>32.2f}")


if __name__ == "__main__":
    main()
