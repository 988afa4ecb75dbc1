"""Domain model of Klastriotsing, Estonian analysis, query language, engines and the search service.

This package imports neither the indexer nor the web application.
"""
