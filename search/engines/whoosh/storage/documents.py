"""Whole documents as they were added, read back from the files of a generation.

Whoosh's own reader goes through the lengths of all values before it reads the first one.
"""

import pickle
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from pathlib import Path

from search.article import Article, Listing
from search.engines.contract import TEXT_FIELDS, IndexedDocument, TextField
from search.engines.whoosh.storage.article_bytes import unpack_article, unpack_listing
from search.engines.whoosh.storage.batches import STORED
from search.engines.whoosh.storage.column_files import VaryingColumn, column_extension
from search.engines.whoosh.storage.parts import Parts
from search.engines.whoosh.storage.passages import unpack_passages
from search.engines.whoosh.storage.segment_columns import SegmentColumns
from search.engines.whoosh.storage.segment_files import MappedFiles
from search.engines.whoosh.storage.spans import Lengths, Offsets, starts_and_lengths
from search.engines.whoosh.storage.stored_terms import unpack_field


class Documents:
    """Reads documents of a generation; files are mapped when one of theirs is wanted."""

    def __init__(self, directory: Path, parts: Parts) -> None:
        self._parts = parts
        self._segments = tuple(_Segment(directory, each) for each in parts.segments)

    def article(self, number: int) -> Article:
        """The article of the document with this number, as it was added."""
        segment, place = self._place(number)
        return segment.article(place)

    def listing(self, number: int) -> Listing:
        """What lists show of the article with this number."""
        segment, place = self._place(number)
        return segment.listing(place)

    def spans(self, number: int, field: TextField) -> tuple[Offsets, Lengths]:
        """Where each position of a field begins in its text, and how long it is."""
        segment, place = self._place(number)
        return starts_and_lengths(segment.value(f"{field}_spans", place))

    def span_columns(self) -> Iterator[tuple[int, Mapping[TextField, VaryingColumn]]]:
        """What :meth:`spans` reads, with the number of the first document of each segment."""
        for base, segment in zip(self._parts.bases, self._segments, strict=True):
            yield base, {field: segment.column(f"{field}_spans") for field in TEXT_FIELDS}

    def read(self, number: int) -> IndexedDocument:
        """The document with this number."""
        segment, place = self._place(number)
        article, value = segment.article(place), segment.value
        names = tuple(each.value for each in article.organisations)
        return IndexedDocument(
            article=article,
            title=unpack_field(value("title_terms", place), value("title_spans", place)),
            body=unpack_field(value("body_terms", place), value("body_spans", place)),
            digest=segment.columns.texts("digests")[place],
            signature=segment.signature(place),
            findings=value("findings", place),
            passages=unpack_passages(value("passages", place), names),
        )

    def _place(self, number: int) -> tuple["_Segment", int]:
        """The segment that has a document, and its number there."""
        part = bisect_right(self._parts.bases, number) - 1
        return self._segments[part], number - self._parts.bases[part]


class _Segment:
    """A segment of which what belongs to single documents is read."""

    def __init__(self, directory: Path, columns: SegmentColumns) -> None:
        self.columns = columns
        self._files = MappedFiles(directory, columns.segment)
        self._open: dict[str, VaryingColumn] = {}

    def article(self, number: int) -> Article:
        data = zlib.decompress(self.value(STORED, number))
        stored = pickle.loads(data)  # noqa: S301, RUF100 - part of our index
        return unpack_article(stored["article"], self.value("text", number))

    def listing(self, number: int) -> Listing:
        return unpack_listing(self.value("listing", number), self.value("text", number))

    def value(self, name: str, number: int) -> bytes:
        """What a document has in a column."""
        return self.column(name)[number]

    def column(self, name: str) -> VaryingColumn:
        if name not in self._open:
            data = self._files.read(column_extension(name))
            self._open[name] = VaryingColumn(data, len(self.columns))
        return self._open[name]

    def signature(self, number: int) -> bytes:
        """The signature of a document, empty if it has none."""
        row = self.columns.signatures()[number]
        return row.tobytes() if row.any() else b""
