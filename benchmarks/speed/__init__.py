"""What indexing and searching cost: each module is a command, ``python -m benchmarks.NAME``."""
