"""The way in: reads sources, finds facets and fills an index. Knows :mod:`search` alone."""
