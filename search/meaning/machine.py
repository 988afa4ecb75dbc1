"""Detects what this machine offers a model: processor instructions, cores, free memory.

A service in a sandbox of systemd often sees nothing of ``/proc`` but its own processes; then the
processor itself is asked, and memory is guessed with care.
"""

import importlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

# More would only wait for each other over so small a model, and services may start few threads.
_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine as its kernel tells it below ``root``."""

    root: Path = Path("/")

    def instructions(self) -> frozenset[str]:
        """Sets of instructions of an x86-64 processor by the kernel's names; empty if unknown."""
        flags = re.search(r"(?m)^flags\s*:(.*)$", self._text("proc/cpuinfo"))
        return frozenset(flags[1].split()) if flags else _told_by_numpy()

    def free_memory(self) -> int:
        """Bytes that this process may still take without others being put out."""
        available = re.search(r"(?m)^MemAvailable:\s*(\d+) kB", self._text("proc/meminfo"))
        if available:
            free = int(available[1]) * 1024
        else:
            # Hidden; half of what is built in is a guess on which no machine runs full.
            free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
        return min(free, *self._below_limits())

    def _below_limits(self) -> list[int]:
        """What the groups of processes (cgroup 2) that this one is in may still take."""
        group = re.search(r"(?m)^0::(/.*)$", self._text("proc/self/cgroup"))
        place = Path("sys/fs/cgroup") / (group[1].lstrip("/") if group else "")
        found = [1 << 62]
        for each in (place, *place.parents):
            limit, used = (self._text(each / f"memory.{name}") for name in ("max", "current"))
            if limit.strip().isdigit() and used.strip().isdigit():
                found.append(int(limit) - int(used))
        return found

    def _text(self, path: str | Path) -> str:
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


def thread_count() -> int:
    """How many threads a model should have."""
    return min(len(os.sched_getaffinity(0)), _MOST_THREADS)


def _told_by_numpy() -> frozenset[str]:
    # What numpy has asked the processor for its own sake; it has no other name for it.
    module = importlib.import_module("numpy._core._multiarray_umath")
    known = getattr(module, "__cpu_features__", {})
    names = {"AVX2": "avx2", "FMA3": "fma"}
    return frozenset(name for key, name in names.items() if known.get(key))
