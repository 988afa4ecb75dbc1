"""The query language: a small tree, a parser of what people type, a sentence that explains it."""

from search.query.explain import explain
from search.query.parser import QueryParser

__all__ = ["QueryParser", "explain"]
