"""Sources of articles, and a reader for each file format."""

from indexer.sources.base import (
    Duplicate,
    Found,
    Input,
    Reader,
    ReadOptions,
    Remark,
    Skipped,
    Source,
    Traffic,
    content_digest,
    printable_path,
)
from indexer.sources.combining import CombinedSource, read_files, repeated
from indexer.sources.limits import Limits
from indexer.sources.readers import open_source

__all__ = [
    "CombinedSource",
    "Duplicate",
    "Found",
    "Input",
    "Limits",
    "ReadOptions",
    "Reader",
    "Remark",
    "Skipped",
    "Source",
    "Traffic",
    "content_digest",
    "open_source",
    "printable_path",
    "read_files",
    "repeated",
]
