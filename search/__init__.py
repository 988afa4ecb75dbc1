"""What an article and an index are, and how Estonian is matched: the ground floor.

This package knows neither the indexer nor the web.
"""
