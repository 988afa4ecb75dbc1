"""Fuzzes the compiled kernels, built with sanitizers, with forged indexes.

    python tests/support/sanitize.py build/sanitize

builds the kernels with AddressSanitizer and UndefinedBehaviorSanitizer into that folder, indexes
the example news there, and asks questions of ``FUZZ_FILES`` indexes, each with an array file forged
(:mod:`forgery`). Right are an answer or a :class:`KlastriError`; a report, a crash, more time or
memory than there may be, and any other exception are failures, shown with their numbers, by which
``--only NUMBER`` makes them again. ``FUZZ_SEED`` draws others.
"""

import argparse
import importlib.util
import json
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import sysconfig
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SEED = os.environ.get("FUZZ_SEED") or "klaster"
COUNT = int(os.environ.get("FUZZ_FILES") or 2000)
MODULE = "search.engines.whoosh.kernels._compiled"
FLAGS = (
    *("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"),
    *("-O1", "-g", "-ffp-contract=off", "-fPIC", "-shared", "-w"),
)
#: Limits for a forged index: seconds on a busy machine, and megabytes of the process.
SECONDS = 60
MEMORY = 1500
#: Copies of every document, so that posting lists are long enough for skips.
COPIES = 9
#: Most failures shown, and most characters of the output of a process.
SHOWN, _MOST = 40, 6000
#: Prefix of output for the parent process.
_MARK = "\x01"


def build(folder: Path) -> Path:
    """Compiles the kernels with sanitizers, unless that is done."""
    source = ROOT.joinpath(*MODULE.split(".")).with_suffix(".pyx")
    library = folder / "_compiled.so"
    newest = max(each.stat().st_mtime for each in source.parent.glob("*.p[yx]*"))
    if library.exists() and library.stat().st_mtime > newest:
        return library
    compiler = os.environ.get("CC") or "cc"
    include = Path(sysconfig.get_paths()["include"])
    if not shutil.which(compiler):
        sys.exit(f"make sanitize needs a C compiler, and there is no {compiler}: apt install gcc")
    if not (include / "Python.h").exists():
        sys.exit(f"make sanitize needs {include}/Python.h: apt install python3-dev")
    if missing := [name for name in ("asan", "ubsan") if not _library(name)]:
        names = " and ".join(f"lib{each}" for each in missing)
        sys.exit(f"make sanitize needs {names} of gcc: apt install gcc")
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "_compiled.c"
    cython = (sys.executable, "-m", "cython", "-3", str(source), "-o", str(made))
    subprocess.run(cython, check=True, cwd=ROOT)
    compiling = (compiler, *FLAGS, f"-I{include}", str(made), "-o", str(library))
    subprocess.run(compiling, check=True)
    return library


def _library(name: str) -> str:
    """Path of a library of the compiler; empty if it has none."""
    command = (os.environ.get("CC") or "cc", f"-print-file-name=lib{name}.so")
    path = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return path if Path(path).is_absolute() else ""


def index_news(index: Path) -> None:
    """Indexes the example news many times in two segments, with some of them deleted."""
    from golden import INDEXED, index_examples

    from search.engines.whoosh import WhooshIndex

    plain = index.with_name("examples")
    index_examples(plain)
    stored = WhooshIndex(plain).open_stored()
    keys = [stored.find(each) for each in sorted(stored.article_ids())]
    documents = [stored.document(each) for each in keys if each is not None]
    written = WhooshIndex(index, keep=1)
    fingerprint = WhooshIndex(plain).generation().fingerprint
    with written.build([], fingerprint, INDEXED) as writer:
        for each in documents[:-5]:
            writer.add(each)
            for number in range(1, COPIES):
                copy = replace(each.article, id=f"{each.article.id}-{number}")
                writer.add(replace(each, article=copy, signature=b""))
    with written.extend([], fingerprint, INDEXED) as writer:
        for each in documents[:3]:
            writer.delete(each.article.id)
        for each in documents[-5:]:
            writer.add(each)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result for a forged index: failures as text, and the number of questions answered.

    The others were refused because the index is damaged.
    """

    wrong: str
    answered: int = 0
    asked: int = 0


def outcomes(folder: Path, numbers: Sequence[int]) -> Iterator[Outcome]:
    """Results for the forged indexes of these numbers."""
    process = subprocess.run(
        [sys.executable, __file__, str(folder), "--ask"],
        env={**os.environ, **_environment()},
        input="".join(f"{each}\n" for each in numbers),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = [each[1:] for each in process.stdout.splitlines() if each.startswith(_MARK)]
    sound, *done = [Outcome(**json.loads(each)) for each in lines] or [Outcome("no answer")]
    tail = process.stdout.rpartition(_MARK)[2]
    if sound.wrong:
        raise SystemExit(f"the sound index is not answered: {sound.wrong}\n{tail[:_MOST]}")
    yield from done
    if len(done) < len(numbers):
        yield Outcome(f"{numbers[len(done)]} ends with {process.returncode}\n{tail[:_MOST]}")
        if rest := numbers[len(done) + 1 :]:
            yield from outcomes(folder, rest)


def _environment() -> dict[str, str]:
    # Short stack traces of allocations, which are the most expensive part.
    speed = "malloc_context_size=4:quarantine_size_mb=32"
    limits = f"hard_rss_limit_mb={MEMORY}:max_allocation_size_mb={MEMORY}"
    return {
        # libstdc++ must be preloaded, because ASan looks up its exceptions at the start.
        "LD_PRELOAD": f"{_library('asan')} libstdc++.so.6",
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": f"detect_leaks=0:allocator_may_return_null=1:{speed}:{limits}",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "KLASTRIOTSING_KERNELS": "compiled",
    }


class _Finder:
    """Import finder for the kernels built here instead of the installed ones."""

    def __init__(self, library: Path) -> None:
        self._library = library

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != MODULE:
            return None
        return importlib.util.spec_from_file_location(name, self._library)


def _read_whole(fileno: int, _: int, access: int) -> bytes:
    """Reads a file into its own memory, so that access beyond its end is detected."""
    assert access == mmap.ACCESS_READ
    return os.pread(fileno, os.fstat(fileno).st_size, 0)


def ask(folder: Path) -> None:
    """Forges and queries the index for each number on stdin; prints failures."""
    sys.meta_path.insert(0, _Finder(folder / "_compiled.so"))
    from damage import generation_files
    from forgery import forge, is_array_file

    from search.analysis import Analyzer, Vabamorf
    from search.engines.whoosh.kernels import KERNELS
    from search.engines.whoosh.manifest import MANIFEST
    from search.engines.whoosh.segment import arrays

    assert KERNELS.NAME == "compiled"
    arrays.mmap = SimpleNamespace(mmap=_read_whole, ACCESS_READ=mmap.ACCESS_READ)
    analyzer = Analyzer(Vabamorf())
    index = Path(shutil.copytree(folder / "index", folder / f"asked-{os.getpid()}"))
    victims = [each for each in generation_files(index) if is_array_file(each)]
    try:
        _say(_outcome(index, analyzer))
        for number in map(int, sys.stdin):
            draw = random.Random(f"{SEED} {number}")
            victim = draw.choice(victims)
            held = {each: each.read_bytes() for each in (victim, victim.with_name(MANIFEST))}
            forged = f"{number}: {forge(victim, draw)}"
            print(forged)  # for the end of the output, which is shown
            signal.alarm(SECONDS)  # not handled, so that it always ends the process
            outcome = _outcome(index, analyzer)
            signal.alarm(0)
            for path, content in held.items():
                path.write_bytes(content)
            _say(replace(outcome, wrong=outcome.wrong and f"{forged}\n{outcome.wrong}"))
    finally:
        shutil.rmtree(index)


def _say(outcome: Outcome) -> None:
    print(f"\n{_MARK}{json.dumps(asdict(outcome))}", flush=True)


def _outcome(index: Path, analyzer: Any) -> Outcome:
    """Asks a newly opened service every question."""
    from damage import questions

    from search.configuration import Configuration
    from search.engines.registry import open_index
    from search.errors import KlastriError
    from search.service import SearchService
    from search.taxonomy import load_taxonomy

    service = SearchService(index, Configuration(), analyzer, load_taxonomy(None))
    wrong: dict[str, str] = {}
    asked = answered = 0
    for question in (*questions(service, index), open_index(index).verify):
        asked += 1
        try:
            question()
            answered += 1
        except KlastriError:
            pass
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            key = f"{type(error).__name__} {at.filename} {at.lineno}"
            wrong[key] = wrong.get(key) or traceback.format_exc(limit=-6)
    service.close()
    return Outcome("\n".join(wrong.values()), answered, asked)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ask", action="store_true")
    parser.add_argument("--only", type=int)
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    if arguments.ask:
        ask(folder)
        return
    build(folder)
    shutil.rmtree(folder / "index", ignore_errors=True)
    shutil.rmtree(folder / "examples", ignore_errors=True)
    index_news(folder / "index")
    numbers = range(COUNT) if arguments.only is None else [arguments.only]
    workers = max(min(os.cpu_count() or 1, 4, len(numbers) // 20), 1)
    shares = [numbers[first::workers] for first in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        parts = pool.map(lambda share: list(outcomes(folder, share)), shares)
        found = [each for part in parts for each in part]
    failed = [each.wrong for each in found if each.wrong]
    for each in failed[:SHOWN]:
        print(each, end="\n\n")
    answered, asked = sum(each.answered for each in found), sum(each.asked for each in found)
    print(
        f"{len(found)} forged files (seed {SEED!r}): {answered} of {asked} questions answered, "
        f"the others refused; {len(failed)} failures"
    )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
