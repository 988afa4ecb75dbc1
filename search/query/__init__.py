"""Query language: tree, parser, interpretation and explanation of queries."""

from search.query.explain import explain
from search.query.parser import QueryParser

__all__ = ["QueryParser", "explain"]
