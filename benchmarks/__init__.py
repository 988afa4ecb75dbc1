"""Benchmarks of quality and speed. Each runs as ``python -m benchmarks.NAME``."""

from pathlib import Path

# The commands stand in two rooms, and are called without naming these.
__path__ += [str(Path(__file__).parent / room) for room in ("quality", "speed")]
