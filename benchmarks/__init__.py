"""Measurements that anyone can run on data of their own. Each is ``python -m benchmarks.NAME``."""
