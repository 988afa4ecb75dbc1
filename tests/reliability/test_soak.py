"""Soak: readers ask while the index is rebuilt, updated, rolled back and damaged.

``SOAK=600 pytest -s tests/reliability/test_soak.py`` (``make soak``) does it for ten minutes.

Every article of a version holds its number, and how many there are follows from it; so an answer
that mixes generations shows.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import pytest
from connections import Reply, ask, figures, memory_mb, open_files
from live import program

ROOT = Path(__file__).parent.parent.parent
SECONDS = float(os.environ.get("SOAK", "5"))
READERS = 4
#: Before this share of the time has gone, caches fill.
WARM_UP = 0.3
MOST_GROWTH_MB = 40
NAMES = ("Rohekobar", "Metsaliit", "Puidukoda", "Laevaklaster")


def count_of(version: int) -> int:
    """How many articles a version has."""
    return 6 + version % 4


def write_version(folder: Path, version: int) -> None:
    """Replaces all articles by those of ``version``."""
    for number in range(10):
        path = folder / f"uudis-{number}.txt"
        if number < count_of(version):
            who = NAMES[(version + number) % len(NAMES)]
            path.write_text(
                f"Koostöökohtumine number{number} versioon{version}\n\n{who} pidas 3. mail 2016"
                f" koosoleku, kus arutati ringmajandust ja jäätmeid. Versioon{version}.\n",
                encoding="utf-8",
            )
        else:
            path.unlink(missing_ok=True)


@dataclass
class Reader:
    """Asks pages and the API in turns, and keeps what was wrong."""

    address: str
    done: threading.Event
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    tagged: dict[str, set[str]] = field(default_factory=dict)

    def run(self) -> None:
        pages = cycle(("/?q=koosolek", "/", "/?q=ringmajandus&org=Rohekobar", "/valdkonnad"))
        tags: dict[str, str] = {}
        while not self.done.is_set():
            try:
                self.ask_api()
                page = next(pages)
                headers = {"Accept-Encoding": "gzip", "If-None-Match": tags.get(page, "")}
                answer = self.get(page, headers)
                tags[page] = answer.headers.get("etag", "") if answer else tags.get(page, "")
            except OSError as error:
                self.wrong.append(repr(error))

    def get(self, path: str, headers: dict[str, str]) -> Reply | None:
        answer = ask(self.address, path, headers)
        self.statuses[answer.status] += 1
        if answer.status not in (200, 304):
            self.wrong.append(f"{path}: {answer.status} {answer.body[:300]!r}")
        return answer if answer.status == 200 else None

    def ask_api(self) -> None:
        """All hits are of one version, and all its articles are there."""
        answer = self.get("/api/search?q=koosolek", {})
        if answer is None:
            return
        found = json.loads(answer.body)
        versions = {re.findall(r"versioon\d+", each["title"])[0] for each in found["hits"]}
        self.seen |= versions
        tag = answer.headers.get("etag", "")
        if tag and self.tagged.setdefault(tag, versions) != versions:
            self.wrong.append(f"one tag for {sorted(versions)} and {sorted(self.tagged[tag])}")
        total = found["total"]
        if len(versions) != 1 or total != count_of(int(min(versions).removeprefix("versioon"))):
            self.wrong.append(f"mixed: {sorted(versions)}, {total} articles")


class Writer:
    """Changes the index in every way there is, by the command line."""

    def __init__(self, folder: Path, index: Path) -> None:
        self.folder = folder
        self.index = index
        self.version = 0
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []

    def command(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "indexer", "--index", str(self.index), *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.done[arguments[0]] += 1
        if done.returncode:
            self.wrong.append(f"{arguments}: {done.returncode} {done.stderr}")

    def reindex(self) -> None:
        self.version += 1
        write_version(self.folder, self.version)
        self.command("reindex", str(self.folder), "--jobs", "1")

    def update(self) -> None:
        self.version += 1
        write_version(self.folder, self.version)
        self.command("index", str(self.folder), "--prune", "--yes", "--jobs", "1")

    def rollback(self) -> None:
        self.command("rollback")

    def damage(self) -> None:
        """Makes a next generation of which half of each file is missing live, for a moment.

        The one before goes on answering.
        """
        current = self.index / "CURRENT"
        name = current.read_text(encoding="utf-8")
        number = int(name.strip().removeprefix("gen-"))
        following = self.index / f"gen-{number + 1000:06d}"
        shutil.copytree(self.index / name.strip(), following)
        for file in following.iterdir():
            os.truncate(file, file.stat().st_size // 2)
        replaced(current, f"{following.name}\n" if name.endswith("\n") else following.name)
        time.sleep(0.5)
        replaced(current, name)
        time.sleep(0.2)
        shutil.rmtree(following)
        self.done["damage"] += 1


def replaced(file: Path, text: str) -> None:
    """Replaces ``file`` in one step."""
    beside = file.with_name("CURRENT.next")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


@pytest.mark.slow
def test_soak(tmp_path: Path) -> None:
    folder, index = tmp_path / "uudised", tmp_path / "index"
    folder.mkdir()
    done = threading.Event()
    writer = Writer(folder, index)
    writer.reindex()
    with program(index) as (address, process):
        readers = [Reader(address, done) for _ in range(READERS)]
        threads = [threading.Thread(target=each.run) for each in readers]
        for each in threads:
            each.start()
        began = time.monotonic()
        steps: cycle[Callable[[], None]] = cycle(
            (writer.update, writer.rollback, writer.reindex, writer.damage)
        )
        warm: tuple[float, int] | None = None
        while (passed := time.monotonic() - began) < SECONDS or writer.done["damage"] < 1:
            next(steps)()
            if warm is None and passed > WARM_UP * SECONDS:
                warm = memory_mb(process), open_files(process)
        done.set()
        for each in threads:
            each.join()
        warm = warm or (memory_mb(process), open_files(process))
        growth, files = memory_mb(process) - warm[0], open_files(process) - warm[1]
    statuses = sum((each.statuses for each in readers), Counter())
    versions = set().union(*(each.seen for each in readers))
    figures(
        f"{SECONDS:.0f} s: {statuses.total()} requests {dict(statuses)}, {len(versions)} versions"
        f" seen, {dict(writer.done)}, memory {growth:+.1f} MB, files {files:+d}"
    )
    assert writer.wrong == []
    assert [each.wrong[:3] for each in readers] == [[]] * READERS
    assert len(versions) > 1
    assert growth < MOST_GROWTH_MB
    assert files < 10
