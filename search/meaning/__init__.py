"""Meaning: dense vectors of passages and queries, for search by meaning beside search by words."""
