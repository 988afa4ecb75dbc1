"""Snapshots: data about the documents of all segments of a generation."""
