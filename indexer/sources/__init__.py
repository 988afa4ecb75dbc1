"""Sources of articles, and a reader for each file format."""

from indexer.sources.base import Limits, Reader, Source, SourceFile, content_digest, shown
from indexer.sources.readers import CombinedSource, open_source, read_files

__all__ = [
    "CombinedSource",
    "Limits",
    "Reader",
    "Source",
    "SourceFile",
    "content_digest",
    "open_source",
    "read_files",
    "shown",
]
