"""Segments: immutable parts of an index, one array file each."""
