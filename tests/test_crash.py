"""A reindex that is killed, at whatever moment, leaves a sound index that answers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from corpus import NOW

from search.engines.registry import open_index

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "uudised"
MOMENTS = 20
STEPS = (
    "locked",
    "written",
    "synced",
    "manifest ready",
    "manifest done",
    "checked",
    "switch ready",
    "switch done",
    "pruned",
)


def run(*arguments: str, index: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "indexer", *arguments, "--index", str(index)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


def old_and_new(directory: Path) -> tuple[Path, Path]:
    """A source of three articles, indexed, and one of all examples."""
    old = directory / "old"
    old.mkdir()
    for each in sorted(EXAMPLES.glob("*.txt"))[:3]:
        (old / each.name).write_bytes(each.read_bytes())
    return old, EXAMPLES


def assert_sound(index: Path, counts: tuple[int, ...]) -> None:
    generations = open_index(index)
    assert generations.verify() == []
    reader = generations.open()
    assert reader.document_count in counts
    reader.close()


def test_killed_at_moments_spread_over_a_run(tmp_path: Path) -> None:
    index = tmp_path / "index"
    old, new = old_and_new(tmp_path)
    assert run("reindex", str(old), index=index).returncode == 0
    # What the run takes here and now decides when to kill.
    started = time.monotonic()
    assert run("reindex", str(new), index=tmp_path / "measured").returncode == 0
    duration = time.monotonic() - started
    whole = len(list(new.glob("*.txt")))
    killed = 0
    for moment in range(MOMENTS):
        command = [sys.executable, "-m", "indexer", "reindex", str(new), "--index", str(index)]
        begun = time.monotonic()
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                process.wait(duration * (moment + 0.5) / MOMENTS)
                # The machine has become faster since it was measured.
                duration = min(duration, time.monotonic() - begun)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
        assert_sound(index, (3, whole))
    assert killed >= MOMENTS // 2, "most runs were still going when they were killed"
    assert run("reindex", str(new), index=index).returncode == 0
    assert_sound(index, (whole,))
    found = run("search", "klastrid", index=index)
    assert found.returncode == 0
    assert not [each for each in index.glob("gen-*") if not (each / "manifest.json").is_file()]


KILLED_AT_STEP = """
import os, signal, sys
from pathlib import Path
from corpus import NOW, document, models
from search.engines.registry import open_index

def step(name):
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

with open_index(Path(sys.argv[1]), step=step).build(["new"], "f", NOW) as writer:
    for model in models(8, seed=2):
        writer.add(document(model))
        if sys.argv[2] == "adding":
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("step", ["adding", *STEPS])
def test_killed_at_every_step(tmp_path: Path, step: str) -> None:
    from corpus import document, models

    generations = open_index(tmp_path)
    with generations.build(["old"], "f", NOW) as writer:
        for model in models(5, seed=1):
            writer.add(document(model))
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests/support")))
    process = subprocess.run(
        [sys.executable, "-c", KILLED_AT_STEP, str(tmp_path), step],
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert process.returncode == -signal.SIGKILL
    switched = step in ("switch done", "pruned")
    assert generations.current() == ("gen-000002" if switched else "gen-000001")
    assert_sound(tmp_path, (8,) if switched else (5,))
    with generations.build(["again"], "f", NOW) as writer:
        for model in models(4, seed=3):
            writer.add(document(model))
    assert_sound(tmp_path, (4,))
    assert all((each / "manifest.json").is_file() for each in tmp_path.glob("gen-*"))


def test_the_steps_are_all_there_are(tmp_path: Path) -> None:
    seen: list[str] = []
    with open_index(tmp_path, step=seen.append).build([], "f", NOW):
        pass
    assert tuple(seen) == STEPS
