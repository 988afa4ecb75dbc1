"""Flips bits in the files of an index, and queries it in a process that may crash.

    python tests/support/damage.py INDEX

is that process. It reads flips as lines of JSON (path below INDEX, byte, bit), prints a line with
the answers that differ after each, and then undoes it. Its exit status shows the parent process
whether it crashed, hung or used too much memory.
"""

import json
import random
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golden import as_json, differences

from search.analysis import Analyzer, Vabamorf
from search.configuration import Configuration
from search.engines.registry import open_index
from search.errors import IndexDamaged
from search.request import FacetFilter, SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

#: Limits for a flip: seconds on a busy machine, and additional bytes of memory.
SECONDS = 30
MEMORY = 512 << 20

QUERIES = (
    "klaster",
    "puit klaster jäätmed",
    '"Eesti Klastrikoda"',
    '"klastri juhatus"~5',
    "digi*",
    "ka* robot",
    "title:klaster",
    "puit OR jäätmed -film",
    "=klastrit",
    "jaatmekaitlus",
    "klsater",
    "rohe-ringmajandus ettevote",
    "language:en machine",
    'org:"Eesti Klastrikoda" year:2010-2026',
)
#: Answers as JSON, or the errors raised instead.
Answers = list[Any]


@dataclass(frozen=True, slots=True)
class Flip:
    """A bit of a byte of a file below the index."""

    path: str
    at: int
    bit: int

    def change(self, index: Path) -> None:
        """Flips the bit, or flips it back."""
        with (index / self.path).open("r+b") as file:
            file.seek(self.at)
            (byte,) = file.read(1)
            file.seek(self.at)
            file.write(bytes((byte ^ 1 << self.bit,)))


def generation_files(index: Path) -> list[Path]:
    """The files of the live generation that are not empty."""
    live = index / (index / "CURRENT").read_text().strip()
    return sorted(each for each in live.iterdir() if each.stat().st_size)


def draw_flips(paths: Sequence[Path], count: int, seed: str) -> list[Flip]:
    """Draws flips in ``paths``, evenly over the files, and over the arrays of each."""
    draw = random.Random(seed)
    parts = {path: _parts(path) for path in paths}
    flips = []
    for _ in range(count):
        path = draw.choice(paths)
        start, end = draw.choice(parts[path])
        name = f"{path.parent.name}/{path.name}"
        flips.append(Flip(name, draw.randrange(start, end), draw.randrange(8)))
    return flips


def is_array_file(path: Path) -> bool:
    """True if it is neither text nor Whoosh's table of contents."""
    return path.suffix not in (".json", ".toc")


def failures(index: Path, flips: Sequence[Flip]) -> Iterator[str]:
    """Yields the flips that lead to anything but the right answers or IndexDamaged."""
    done = 0
    while done < len(flips):
        sent = "".join(f"{json.dumps([f.path, f.at, f.bit])}\n" for f in flips[done:])
        process = subprocess.run(
            [sys.executable, __file__, str(index)],
            input=sent,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = process.stdout.splitlines()
        for line in lines:
            if wrong := json.loads(line):
                more = f" … and {len(wrong) - 1} more" if wrong[1:] else ""
                yield f"{flips[done]}: {wrong[0]}{more}"
            done += 1
        if process.returncode == 0:
            assert len(lines) == len(sent.splitlines()), process.stderr
            return
        if not lines and done == 0 and process.returncode > 0:
            raise AssertionError(f"the sound index does not answer:\n{process.stderr}")
        yield f"{flips[done]}: {_end(process)}"
        flips[done].change(index)  # it was not undone
        done += 1


def _end(process: subprocess.CompletedProcess[str]) -> str:
    if process.returncode == -signal.SIGALRM:
        return f"hangs, or takes more than {SECONDS} s"
    if process.returncode < 0:
        return f"crashes by signal {signal.Signals(-process.returncode).name}"
    return f"ends with status {process.returncode}: {process.stderr.strip()[-300:]}"


def _parts(path: Path) -> list[tuple[int, int]]:
    """Ranges of the arrays, head and checksums of an array file; else the whole file."""
    data = path.read_bytes()
    whole = [(0, len(data))]
    if not data.startswith(b"KLARR"):
        return whole
    _, at, length, _ = struct.unpack_from("<8sQQI", data)
    arrays = json.loads(data[at : at + length])["arrays"]
    begins = sorted({4096 + place for _, _, place in arrays.values()})
    ends = [*begins[1:], at]
    each = [pair for pair in zip(begins, ends, strict=True) if pair[0] < pair[1]]
    return [*whole, (0, 28), (at, at + length), *each]


def questions(service: SearchService, index: Path) -> Iterator[Callable[[], Any]]:
    """Yields the questions, one call each."""
    for query in QUERIES:
        yield lambda query=query: service.search(SearchRequest(query))
    focus = FacetFilter(("rohe-ringmajandus",))
    years = FacetFilter(("2016-2026",), ("2021",))
    names = FacetFilter(exclude=("Eesti Klastrikoda",))
    yield lambda: service.search(SearchRequest("klaster", focus=focus, sort="newest"))
    yield lambda: service.search(SearchRequest("", year=years, org=names, page=2))
    yield lambda: service.facet("org", SearchRequest("klaster"))
    yield lambda: service.overview("focus", "rohe-ringmajandus")
    for article_id in ("klastrikoda-valis-uue-juhatuse", "2009-10-06-saepuru-ei-ole-prugi"):
        yield lambda article_id=article_id: service.article(article_id, "klaster juhatus")
    for typed in ("kla", "eesti k", "klastrid a"):
        yield lambda typed=typed: service.suggest(typed)
    yield service.statistics
    yield lambda: sorted(service.article_ids())
    yield lambda: _stored(index)


def _stored(index: Path) -> Any:
    """Reads the index as an update does."""
    reader = open_index(index).open_stored()
    digests = dict(reader.digests())
    keys = [reader.find(each) for each in sorted(digests)[::13]]
    documents = [repr(reader.document(key)) for key in keys if key is not None]
    reader.close()
    return [digests, documents]


def _answers(index: Path, analyzer: Analyzer) -> Answers:
    """Answers of a newly opened service to every question."""
    service = SearchService(index, Configuration(), analyzer, load_taxonomy(None))
    answers: Answers = []
    for ask in questions(service, index):
        try:
            answer = as_json(ask())
            if isinstance(answer, dict):
                answer.pop("took_ms", None)
        except IndexDamaged:
            answer = IndexDamaged.code
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        answers.append(answer)
    service.index_status()
    service.close()
    return answers


def _serve(index: Path) -> None:
    analyzer = Analyzer(Vabamorf())
    right = _answers(index, analyzer)
    bad = [each for each in right if isinstance(each, str)]
    assert not bad, bad
    with open("/proc/self/statm") as file:
        most = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for line in sys.stdin:
        flip = Flip(*json.loads(line))
        flip.change(index)
        signal.alarm(SECONDS)  # not handled, so that it always ends the process
        answers = _answers(index, analyzer)
        signal.alarm(0)
        flip.change(index)
        sys.stdout.write(json.dumps(_wrong(right, answers)) + "\n")
        sys.stdout.flush()


def _wrong(right: Answers, answers: Answers) -> list[str]:
    return [
        f"question {number}: {next(differences(expected, given, tolerance=0.0))}"
        for number, (expected, given) in enumerate(zip(right, answers, strict=True))
        if given not in (expected, IndexDamaged.code)
    ]


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
