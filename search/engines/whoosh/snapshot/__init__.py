"""Snapshots: what a generation knows of the documents of all its segments together."""
