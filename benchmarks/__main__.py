"""All benchmarks, one after the other: what ``make bench`` runs."""

import argparse
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"


def run(title: str, name: str, *arguments: str | Path) -> None:
    """Print ``title`` and what the benchmark ``name`` says."""
    print(f"\n{title}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]
    subprocess.run(command, check=True)  # noqa: S603 - our own modules


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="evaluation data")
    parser.add_argument("--full", action="store_true", help="every drawing of queries")
    options = parser.parse_args()
    data = options.shared / "eval"
    run("Facets of the example news", "facets", EXAMPLES / "labels.yaml", EXAMPLES / "uudised")
    run("Near-duplicates of the example news", "duplicates", EXAMPLES / "uudised")
    if not data.is_dir():
        sys.exit(f"{data} is absent: the other benchmarks need it (make bench SHARED=DIR)")
    run("Lemma matching", "lemma", data / "lemmas" / "et_edt-ud-dev.conllu")
    files = [data / "headlines" / name for name in ("koond.jsonl", "ntrex.jsonl")]
    names = [data / "names" / f"EstNER_{each}_dev.json" for each in ("new", "v1")]
    run("Organisations", "organisations", *names)
    seeds = "20" if options.full else "3"
    run("Known-item search", "known_item", *files, "--seeds", seeds)


if __name__ == "__main__":
    main()
