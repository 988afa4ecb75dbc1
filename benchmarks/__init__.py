"""Benchmarks of quality and speed. Each runs as ``python -m benchmarks.NAME``."""

from pathlib import Path

# The commands are in two subpackages, and are called without the names of these.
__path__ += [str(Path(__file__).parent / room) for room in ("quality", "speed")]
