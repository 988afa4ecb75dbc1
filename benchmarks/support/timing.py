"""Timing, quantiles and machine description."""

import gc
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def times_of(run: Callable[[T], object], items: Iterable[T]) -> list[float]:
    """CPU milliseconds of this process for ``run`` on each item.

    On an idle machine that equals wall time; on a busy one it does not change.
    """
    gc.collect()
    found = []
    for each in items:
        started = time.process_time_ns()
        run(each)
        found.append((time.process_time_ns() - started) / 1e6)
    return found


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of ``values`` do not exceed; 0 for none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[min(round(share * (len(ordered) - 1)), len(ordered) - 1)]


def megabytes(directory: Path) -> float:
    """Size of all files below ``directory``, hard links counted once."""
    files = [each.stat() for each in directory.rglob("*") if each.is_file()]
    return round(sum({each.st_ino: each.st_size for each in files}.values()) / 1e6, 1)


def machine() -> dict[str, str | int]:
    """Hardware and software that figures depend on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [each.partition(":")[2].strip() for each in lines if each.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }
