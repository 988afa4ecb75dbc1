"""Segments: files of some documents, with their terms, doc values and stored articles."""

from functools import cached_property
from pathlib import Path

from search.engines.whoosh.segment.arrays import ArrayFile
from search.engines.whoosh.segment.doc_values import DocValues
from search.engines.whoosh.segment.stored import StoredDocuments
from search.engines.whoosh.segment.term_dictionary import TermDictionary

#: What the name of a segment's file ends with.
SUFFIX = ".seg"


class Segment:
    """An open segment, whose file is mapped into memory; documents are numbered from 0.

    Its parts are checked when first used. Everything raises CorruptArray.
    """

    def __init__(self, directory: Path, name: str) -> None:
        """Open a segment of a generation. Raises OSError or CorruptArray."""
        self.name = name
        self.file = ArrayFile(directory / f"{name}{SUFFIX}")
        self.doc_values = DocValues(self.file)

    def __len__(self) -> int:
        return len(self.doc_values)

    @cached_property
    def terms(self) -> TermDictionary:
        return TermDictionary(self.file, len(self))

    @cached_property
    def stored(self) -> StoredDocuments:
        return StoredDocuments(self.file, self.doc_values)
