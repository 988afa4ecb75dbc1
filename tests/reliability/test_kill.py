"""A reindex that is killed, at whatever moment, leaves a sound index that answers.

``ATTACK=full`` kills it at twenty moments. What each call that changes the disk leaves when it is
the last one, ``test_faults`` says.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search.engines.registry import open_index

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "uudised"
MOMENTS = 20 if os.environ.get("ATTACK") == "full" else 8
NEW = 20
#: So often a moment is tried at which the run has ended already.
TRIES = 3


def run(*arguments: str, index: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "indexer", *arguments, "--index", str(index)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


def old_and_new(directory: Path) -> tuple[Path, Path]:
    """A source of three articles, and one of so many that they are analysed in processes."""
    sources = directory / "old", directory / "new"
    for source, count in zip(sources, (3, NEW), strict=True):
        source.mkdir()
        for each in sorted(EXAMPLES.glob("*.txt"))[:count]:
            (source / each.name).write_bytes(each.read_bytes())
    return sources


def assert_sound(index: Path, counts: tuple[int, ...]) -> None:
    assert open_index(index).verify() == []
    reader = open_index(index).open()
    assert reader.document_count in counts
    reader.close()


def measured_run(source: Path, index: Path) -> tuple[float, float]:
    """Seconds until a run makes its index, and until it has ended."""
    begun = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "indexer", "reindex", str(source), "--index", str(index)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    ) as process:
        while not index.exists() and process.poll() is None:
            time.sleep(0.01)
        quiet = time.monotonic() - begun
    assert process.returncode == 0
    return quiet, time.monotonic() - begun


@pytest.mark.slow
def test_killed_at_moments_spread_over_a_run(tmp_path: Path) -> None:
    index = tmp_path / "index"
    old, new = old_and_new(tmp_path)
    assert run("reindex", str(old), index=index).returncode == 0
    # What the run takes here and now decides when to kill: from its first change of the disk on.
    quiet, duration = measured_run(new, tmp_path / "measured")
    killed = 0
    command = [sys.executable, "-m", "indexer", "reindex", str(new), "--index", str(index)]
    for moment in range(MOMENTS):
        for _ in range(TRIES):
            begun = time.monotonic()
            with subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as process:
                try:
                    process.wait(quiet + (duration - quiet) * (moment + 0.5) / MOMENTS)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
            passed = time.monotonic() - begun
            assert_sound(index, (3, NEW))
            if process.returncode == -signal.SIGKILL:
                killed += 1
                break
            # The machine has become faster since it was measured: once more, and earlier.
            duration = min(duration, passed)
            quiet = min(quiet, duration / 2)
    assert killed >= MOMENTS // 2, "most runs were still going when they were killed"
    assert run("reindex", str(new), index=index).returncode == 0
    assert_sound(index, (NEW,))
    found = run("search", "klastrid", index=index)
    assert found.returncode == 0
    assert not [each for each in index.glob("gen-*") if not (each / "manifest.json").is_file()]
