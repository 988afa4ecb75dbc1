"""A reindex that is killed, at whatever moment, leaves a sound index that answers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from corpus import NOW, document, models

from search.engines.contract import Index
from search.engines.registry import open_index

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "uudised"
MOMENTS = 20
NEW = 20
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
KILLED = ("adding", *STEPS)


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


@pytest.mark.slow
def test_killed_at_moments_spread_over_a_run(tmp_path: Path) -> None:
    index = tmp_path / "index"
    old, new = old_and_new(tmp_path)
    assert run("reindex", str(old), index=index).returncode == 0
    # What the run takes here and now decides when to kill.
    started = time.monotonic()
    assert run("reindex", str(new), index=tmp_path / "measured").returncode == 0
    duration = time.monotonic() - started
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
        assert_sound(index, (3, NEW))
    assert killed >= MOMENTS // 2, "most runs were still going when they were killed"
    assert run("reindex", str(new), index=index).returncode == 0
    assert_sound(index, (NEW,))
    found = run("search", "klastrid", index=index)
    assert found.returncode == 0
    assert not [each for each in index.glob("gen-*") if not (each / "manifest.json").is_file()]


#: Builds an index below a directory for each step, killed there; one process is copied for all.
KILLED_AT_STEPS = """
import os, signal, sys
from pathlib import Path
from corpus import NOW, document, models
from search.engines.registry import open_index

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def build(index, last):
    step = lambda name: die() if name == last else None
    with open_index(index, step=step).build(["new"], "f", NOW) as writer:
        for model in models(8, seed=2):
            writer.add(document(model))
            step("adding")

for step in sys.argv[2:]:
    child = os.fork()
    if not child:
        build(Path(sys.argv[1], step), step)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, step
"""


@pytest.fixture(scope="module")
def killed_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index by the name of each step, at which the second build of it was killed."""
    folder = tmp_path_factory.mktemp("killed")
    for step in KILLED:
        write(open_index(folder / step), 5, seed=1)
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests/support")))
    command = [sys.executable, "-c", KILLED_AT_STEPS, str(folder), *KILLED]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True)
    return folder


def write(index: Index, count: int, seed: int) -> None:
    with index.build(["made up"], "f", NOW) as writer:
        for model in models(count, seed):
            writer.add(document(model))


@pytest.mark.parametrize("step", KILLED)
def test_killed_at_every_step(killed_at: Path, step: str) -> None:
    path = killed_at / step
    index = open_index(path)
    switched = step in ("switch done", "pruned")
    assert index.current() == ("gen-000002" if switched else "gen-000001")
    assert_sound(path, (8,) if switched else (5,))
    write(index, 4, seed=3)
    assert_sound(path, (4,))
    assert all((each / "manifest.json").is_file() for each in path.glob("gen-*"))


def test_the_steps_are_all_there_are(tmp_path: Path) -> None:
    seen: list[str] = []
    with open_index(tmp_path, step=seen.append).build([], "f", NOW):
        pass
    assert tuple(seen) == STEPS
