"""What is known of the machine, also where a sandbox hides it."""

import os
import platform
from pathlib import Path

import pytest

from search.meaning.machine import Machine, thread_count

GROUP = "sys/fs/cgroup/system.slice/klastriotsing-watch.service"


def written(root: Path, files: dict[str, str]) -> Machine:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Machine(root)


def test_the_processor_is_asked_where_the_kernel_is_hidden(tmp_path: Path) -> None:
    told = Machine().instructions() & {"avx2", "fma"}
    if platform.machine() == "x86_64":
        assert Machine(tmp_path).instructions() == told
    assert written(tmp_path, {"proc/cpuinfo": "flags\t\t: fpu sse2\n"}).instructions() == {
        "fpu",
        "sse2",
    }


@pytest.mark.parametrize(
    ("limits", "free"),
    [
        ({}, 4_096_000),
        ({"memory.max": "max\n", "memory.current": "5\n"}, 4_096_000),
        ({"memory.max": "1000000\n", "memory.current": "400000\n"}, 600_000),
    ],
)
def test_free_memory_is_below_every_limit(
    tmp_path: Path, limits: dict[str, str], free: int
) -> None:
    files = {
        "proc/meminfo": "MemTotal:  9000 kB\nMemAvailable:    4000 kB\n",
        "proc/self/cgroup": "0::/system.slice/klastriotsing-watch.service\n",
        **{f"{GROUP}/{name}": text for name, text in limits.items()},
    }
    assert written(tmp_path, files).free_memory() == free


def test_hidden_memory_is_guessed_and_threads_are_few(tmp_path: Path) -> None:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert Machine(tmp_path).free_memory() == total // 2
    assert 1 <= thread_count() <= 8
