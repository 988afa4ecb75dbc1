"""Shared by benchmarks: data, synthetic articles, query sets, timing."""
