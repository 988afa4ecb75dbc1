"""The embedded engine: Whoosh stores terms and articles, numpy matches, ranks and counts."""

from search.engines.whoosh.generations import Generations
from search.engines.whoosh.manifest import Manifest
from search.engines.whoosh.reader import WhooshReader
from search.engines.whoosh.storage.batches import pack_batch

__all__ = ["Generations", "Manifest", "WhooshReader", "pack_batch"]
