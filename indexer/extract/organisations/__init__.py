"""Organisations mentioned in articles: candidates, a filter with one name for each, the facet."""
