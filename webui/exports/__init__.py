"""Exports: files, feeds, citations, chosen articles, and discovery for other programs."""
