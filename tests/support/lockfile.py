"""Writes the lock files: a hash for each wheel of constraints.txt, for all supported platforms.

    python tests/support/lockfile.py

pip resolves the wheels once for each Python and processor, without installing anything. A file has
names, versions and hashes, and no URLs. Pure Python wheels are resolved once.
"""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
#: Debian 12 has 3.11.2.
PYTHONS = ("3.11.2", "3.12", "3.13")
PROCESSORS = ("x86_64", "aarch64")
#: glibc versions of wheels, newest first: Debian 12 has 2.36.
MANYLINUX = ("2_36", "2_35", "2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17", "2014", "2_5")
HEAD = """\
# What make {target}: wheels of constraints.txt by their
# hashes, for Python 3.11 to 3.13 on x86-64 and ARM. Written by make lock, not by hand.
"""
#: Lock files, the ``make`` targets that install them, and their purposes.
TARGETS = {
    "requirements.lock": "setup installs to run and build the program",
    "development.lock": "setup installs to test and measure it",
    "meaning.lock": "meaning installs to find by meaning",
    "opensearch.lock": "opensearch installs to search on OpenSearch",
    "dask.lock": "dask installs to spread analysis over machines",
    "wheels.lock": "wheels installs to build wheels for others",
}


def pinned() -> dict[str, list[str]]:
    """Lines of constraints.txt by lock file, which is given in a comment above them."""
    found: dict[str, list[str]] = {each: [] for each in TARGETS}
    for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            lock = next((each for each in TARGETS if each in line), None)
        elif line.strip():
            assert lock, f"constraints.txt: no comment above {line} names its lock file"
            found[lock].append(line.strip())
    return found


def wheels(requirements: Iterable[str], python: str, processor: str) -> Iterator[tuple[str, str]]:
    """Pairs of file name and SHA-256 of the wheels that pip would install there."""
    platforms = [f"manylinux{'_' if '_' in each else ''}{each}_{processor}" for each in MANYLINUX]
    with tempfile.TemporaryDirectory() as folder:
        asked, report = Path(folder, "asked.txt"), Path(folder, "report.json")
        asked.write_text("\n".join(requirements), encoding="utf-8")
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps"),
                *("--ignore-installed", "--only-binary", ":all:", "--target", folder),
                *("--python-version", python, "--implementation", "cp"),
                *(word for each in platforms for word in ("--platform", each)),
                *("--report", str(report), "--requirement", str(asked)),
            ],
            check=True,
        )
        for each in json.loads(report.read_text(encoding="utf-8"))["install"]:
            told = each["download_info"]
            yield told["url"].rpartition("/")[2], told["archive_info"]["hashes"]["sha256"]


def canonical(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def locked(lines: Iterable[str]) -> Iterator[str]:
    """Adds its hashes to each of ``lines``."""
    requirements = {canonical(each.partition("==")[0]): each for each in lines}
    hashes: dict[str, set[str]] = defaultdict(set)
    compiled: set[str] = set()
    for processor in PROCESSORS:
        for python in PYTHONS:
            asked = [requirements[each] for each in sorted(compiled or requirements)]
            for file, digest in wheels(asked, python, processor):
                name = canonical(file.partition("-")[0])
                hashes[name].add(digest)
                if not file.endswith("-none-any.whl"):
                    compiled.add(name)
    for name, requirement in sorted(requirements.items()):
        options = "".join(f" \\\n    --hash=sha256:{each}" for each in sorted(hashes[name]))
        yield f"{requirement}{options}\n"


def main() -> None:
    for lock, lines in pinned().items():
        text = HEAD.format(target=TARGETS[lock]) + "".join(locked(lines))
        (ROOT / lock).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
