"""Indexing of Klastriotsing: reads sources, extracts facets and fills an index.

Depends on :mod:`search` alone.
"""
