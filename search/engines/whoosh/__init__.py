"""The embedded engine: a Whoosh index of array files, searched with numpy or compiled code."""

from search.engines.whoosh.index import WhooshIndex
from search.engines.whoosh.manifest import Manifest
from search.engines.whoosh.segment.builder import pack_batch

__all__ = ["Manifest", "WhooshIndex", "pack_batch"]
