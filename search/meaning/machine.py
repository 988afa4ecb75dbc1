"""Detects what this machine offers a model: processor instructions, cores, free memory.

A service in a sandbox of systemd often sees only its own processes in ``/proc``; then instructions
are those that numpy has detected, and memory is estimated.
"""

import importlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

# More do not help so small a model, and services may have limits.
_MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine, by the files of its kernel below ``root``."""

    root: Path = Path("/")

    def instructions(self) -> frozenset[str]:
        """Instruction sets of an x86-64 processor by the kernel's names; empty if unknown."""
        flags = re.search(r"(?m)^flags\s*:(.*)$", self._text("proc/cpuinfo"))
        return frozenset(flags[1].split()) if flags else _detected_by_numpy()

    def free_memory(self) -> int:
        """Bytes of memory that this process may still allocate."""
        available = re.search(r"(?m)^MemAvailable:\s*(\d+) kB", self._text("proc/meminfo"))
        if available:
            free = int(available[1]) * 1024
        else:
            # Hidden: half of the physical memory is a safe estimate.
            free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
        return min(free, *self._below_limits())

    def _below_limits(self) -> list[int]:
        """What the cgroups (version 2) of this process may still allocate."""
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
    """Number of threads for a model."""
    return min(len(os.sched_getaffinity(0)), _MOST_THREADS)


def _detected_by_numpy() -> frozenset[str]:
    # A private module of numpy, which has no public name for it.
    module = importlib.import_module("numpy._core._multiarray_umath")
    known = getattr(module, "__cpu_features__", {})
    names = {"AVX2": "avx2", "FMA3": "fma"}
    return frozenset(name for key, name in names.items() if known.get(key))
