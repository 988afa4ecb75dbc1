"""Beginnings that stand for more words than are searched: the answer says so."""

from dataclasses import replace
from typing import Protocol

from search.query.ast import And, Node, Not, Or, Prefix


class Beginnings(Protocol):
    """What an engine's reader knows of how words begin."""

    def is_cut(self, prefix: Prefix) -> bool: ...


def with_cuts(node: Node, index: Beginnings) -> Node:
    """``node`` with those prefixes marked that are searched only in part."""
    if isinstance(node, Prefix):
        return replace(node, cut=index.is_cut(node))
    if isinstance(node, And | Or):
        return type(node)(tuple(with_cuts(each, index) for each in node.children))
    if isinstance(node, Not):
        return Not(with_cuts(node.child, index))
    return node
