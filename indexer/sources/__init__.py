"""Sources of articles, and a reader for each file format."""

from indexer.sources.base import (
    Found,
    Input,
    Reader,
    ReadOptions,
    Skipped,
    Source,
    content_digest,
    shown,
)
from indexer.sources.limits import Limits
from indexer.sources.readers import CombinedSource, open_source, read_files

__all__ = [
    "CombinedSource",
    "Found",
    "Input",
    "Limits",
    "ReadOptions",
    "Reader",
    "Skipped",
    "Source",
    "content_digest",
    "open_source",
    "read_files",
    "shown",
]
