"""Domain model of Klastriotsing, Estonian analysis, query language, engines and the search service.

This package knows neither the indexer nor the web.
"""
