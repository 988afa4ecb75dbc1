"""The embedded engine: Whoosh stores terms and articles, numpy matches, ranks and counts."""

from search.engines.whoosh.generations import WhooshIndex
from search.engines.whoosh.manifest import Manifest
from search.engines.whoosh.reader import WhooshReader
from search.engines.whoosh.storage.batches import pack_batch

__all__ = ["Manifest", "WhooshIndex", "WhooshReader", "pack_batch"]
