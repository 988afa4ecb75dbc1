"""Organisations named in articles: candidates, one name for each, and the facet."""
