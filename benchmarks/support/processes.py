"""Runs commands and measures the cost of all their processes."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_EVERY_SECONDS = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall time, CPU time of all processes, and their peak memory.

    Memory is the sum of resident sets: pages that processes share are counted in each.
    """

    seconds: float
    cpu_seconds: float
    peak_rss_mb: float
    output: str


def run(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> Cost:
    """Runs ``command`` in the project's directory. Raises SystemExit if it fails."""
    before = os.times()
    began = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own modules
        [str(each) for each in command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    ) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            # Short commands are polled more often, so that their time is not rounded.
            time.sleep(min(_EVERY_SECONDS, 0.01 + (time.perf_counter() - began) / 20))
        seconds = time.perf_counter() - began
        output = process.stdout.read() if process.stdout else ""
    after = os.times()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    cpu = sum(getattr(after, name) - getattr(before, name) for name in _CHILDREN)
    return Cost(seconds, cpu, peak / 1e6, output)


@contextmanager
def serving(index: Path) -> Iterator[int]:
    """Context manager: ``klastriotsing serve`` over ``index``, on a free local port."""
    command = [sys.executable, "-m", "indexer", "--index", index, "serve", "--port", "0"]
    server = subprocess.Popen(  # noqa: S603 - our own program
        [str(each) for each in command],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = server.stdout.readline() if server.stdout else ""
        yield int(re.findall(r"127\.0\.0\.1:(\d+)", line)[0])
    finally:
        server.terminate()
        server.communicate()


_CHILDREN = ("children_user", "children_system")


def _resident(session: int) -> int:
    """Resident bytes of the processes of a session."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # After the name, which may contain anything: state, parent, group, session.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += int((entry / "statm").read_text().split()[1]) * _PAGE
        except (OSError, IndexError):
            continue  # it has just ended
    return total
