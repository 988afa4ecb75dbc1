"""How good the answers are: each module is a command, ``python -m benchmarks.NAME``."""
