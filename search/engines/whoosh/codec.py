"""Whoosh codec over our segments: with it Whoosh's own readers read an index, terms and documents.

``open_dir(directory).reader()`` of a generation goes through here. Our own reader does not: it
reads arrays, and never Whoosh's table of contents, which is a pickle. Nothing is written through
the codec; :mod:`search.engines.whoosh.writer` writes.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from whoosh import columns
from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.matching.mcore import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from search.engines.contract import TEXT_FIELDS, TextField
from search.engines.whoosh.schema import FACET_NAMES, schema
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.segment.doc_values import FACET_FIELDS, NUMBERS, DocValues
from search.engines.whoosh.segment.inverted_run import PostingLists
from search.engines.whoosh.segment.term_dictionary import TermDictionary
from search.engines.whoosh.snapshot.incremental import LiveDocs

_INDEX = "MAIN"
_NO_WRITER = "segments are written by WhooshWriter, not through Whoosh"
Term = tuple[str, bytes]


def write_toc(directory: Path, segments: Iterable[LiveDocs]) -> None:
    """Write the table of contents by which Whoosh opens a generation."""
    held = [StoredSegment(each) for each in segments]
    TOC(schema(), held, 1).write(FileStorage(str(directory)), _INDEX)


class StoredSegment(base.Segment):  # type: ignore[misc]
    """What Whoosh's table of contents has of a segment."""

    def __init__(self, live: LiveDocs) -> None:
        self.indexname, self.segid = live.segment.split("_", 1)
        self.compound = False
        self._count = len(live.alive)
        self._deleted = frozenset(np.flatnonzero(~live.alive).tolist())

    def codec(self) -> "SegmentCodec":
        return SegmentCodec()

    def doc_count_all(self) -> int:
        return self._count

    def deleted_count(self) -> int:
        return len(self._deleted)

    def deleted_docs(self) -> frozenset[int]:
        return self._deleted

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self._deleted

    def set_doc_count(self, doccount: int) -> None:
        raise NotImplementedError(_NO_WRITER)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        raise NotImplementedError(_NO_WRITER)


class SegmentCodec(base.Codec):  # type: ignore[misc]
    """Reads the segments of a generation for Whoosh."""

    def terms_reader(self, storage: Any, segment: StoredSegment) -> "SegmentTerms":
        return SegmentTerms(_opened(storage, segment))

    def per_document_reader(self, storage: Any, segment: StoredSegment) -> "SegmentDocuments":
        return SegmentDocuments(_opened(storage, segment), segment)

    def per_document_writer(self, storage: Any, segment: StoredSegment) -> Any:
        raise NotImplementedError(_NO_WRITER)

    def field_writer(self, storage: Any, segment: StoredSegment) -> Any:
        raise NotImplementedError(_NO_WRITER)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:
        raise NotImplementedError(_NO_WRITER)

    def postings_reader(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("posting lists are read through the terms")

    def new_segment(self, storage: Any, indexname: str) -> Any:
        raise NotImplementedError(_NO_WRITER)


class Lexicon(Protocol):
    """The terms of one field, in order, and their postings."""

    def __len__(self) -> int: ...

    def raw(self, at: int) -> bytes:
        """Term ``at``."""
        ...

    def lists(self, at: int) -> PostingLists:
        """Its posting list; without counts and positions in a field that has none."""
        ...


class TextLexicon:
    """The terms of title or body."""

    def __init__(self, terms: TermDictionary, field: TextField) -> None:
        self._terms = terms
        self._field = terms.fields[field]

    def __len__(self) -> int:
        return len(self._field)

    def raw(self, at: int) -> bytes:
        return self._terms.terms.raw(int(self._field.ordinals.read(at, at + 1)[0]))

    def lists(self, at: int) -> PostingLists:
        return self._field.read(at, at + 1)


class ValueLexicon:
    """Values of a field without positions: ids, or those of a facet."""

    def __init__(self, values: Sequence[bytes], codes: Array, owners: Array) -> None:
        """Document ``owners[i]`` has ``values[codes[i]]``; values are in order."""
        self._values = values
        order = np.argsort(codes, kind="stable")
        self._documents = np.split(
            owners[order], np.searchsorted(codes[order], np.arange(1, len(values)))
        )

    @classmethod
    def of_ids(cls, doc_values: DocValues) -> "ValueLexicon":
        ids = doc_values.ids.raws(0, len(doc_values))
        values = sorted(set(ids))
        places = {value: at for at, value in enumerate(values)}
        codes = np.array([places[each] for each in ids], dtype=np.int64)
        return cls(values, codes, np.arange(len(ids)))

    @classmethod
    def of_facet(cls, doc_values: DocValues, facet: str) -> "ValueLexicon":
        """Without the value of documents that have none, which is the last one."""
        column = doc_values.facet(facet)
        values, missing = column.values.raws(0, len(column.values)), FACET_FIELDS[facet]
        if missing is not None and values[-1:] == [missing.encode()]:
            values.pop()
        owners = np.repeat(np.arange(len(doc_values)), column.starts[1:] - column.starts[:-1])
        has_value = column.codes < len(values)
        return cls(values, column.codes[has_value], owners[has_value])

    def __len__(self) -> int:
        return len(self._values)

    def raw(self, at: int) -> bytes:
        return self._values[at]

    def lists(self, at: int) -> PostingLists:
        documents, none = self._documents[at], np.empty(0, dtype=np.uint32)
        return PostingLists(np.array([len(documents)]), documents, none, none)


class SegmentTerms(base.TermsReader):  # type: ignore[misc]
    """The terms of a segment, for Whoosh."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    @cached_property
    def _lexicons(self) -> Mapping[str, Lexicon]:
        """Fields in the order of their names."""
        values = self._segment.doc_values
        found: dict[str, Lexicon] = {"id": ValueLexicon.of_ids(values)}
        found |= {name: ValueLexicon.of_facet(values, each) for name, each in FACET_NAMES.items()}
        found |= {name: TextLexicon(self._segment.terms, name) for name in TEXT_FIELDS}
        return dict(sorted(found.items()))

    def __contains__(self, term: Term) -> bool:
        return self._find(*term) is not None

    def cursor(self, fieldname: str, fieldobj: Any) -> "TermCursor":
        return TermCursor(self._lexicons[fieldname], fieldobj)

    def terms(self) -> Iterator[Term]:
        for name in self._lexicons:
            yield from self._from(name, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        names = [name for name in self._lexicons if name >= fieldname]
        for name in names:
            yield from self._from(name, prefix if name == fieldname else b"")

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Raises KeyError."""
        found = self._find(fieldname, text)
        if found is None:
            raise KeyError(f"{fieldname}:{text!r}")
        return _info(found)

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self.term_info(fieldname, text).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return int(self.term_info(fieldname, text).doc_frequency())

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        """Raises TermNotFound."""
        found = self._find(fieldname, text)
        if found is None:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        ends = np.cumsum(found.counts)[:-1]
        values = [each.astype(np.uintc).tobytes() for each in np.split(found.positions, ends)]
        return ListMatcher(
            found.documents.tolist(),
            weights=[float(each) for each in found.counts.tolist()] or None,
            values=values if len(found.counts) else [b""] * len(found.documents),
            format=format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=_info(found),
        )

    def indexed_field_names(self) -> list[str]:
        return list(self._lexicons)

    def _find(self, name: str, text: bytes) -> PostingLists | None:
        lexicon = self._lexicons.get(name)
        if lexicon is None:
            return None
        at = bisect_left(range(len(lexicon)), text, key=lexicon.raw)
        return lexicon.lists(at) if at < len(lexicon) and lexicon.raw(at) == text else None

    def _from(self, name: str, prefix: bytes) -> Iterator[Term]:
        lexicon = self._lexicons[name]
        every = range(len(lexicon))
        for at in every[bisect_left(every, prefix, key=lexicon.raw) :]:
            yield name, lexicon.raw(at)


class TermCursor(base.FieldCursor):  # type: ignore[misc]
    """Goes through the terms of a field, for Whoosh's own spelling and ranges."""

    def __init__(self, lexicon: Lexicon, field: Any) -> None:
        self._lexicon = lexicon
        self._field = field
        self._at = 0

    def first(self) -> str | None:
        self._at = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        wanted = term if isinstance(term, bytes) else self._field.to_bytes(term)
        self._at = bisect_left(range(len(self._lexicon)), wanted, key=self._lexicon.raw)
        return self.text()

    def next(self) -> str | None:
        self._at += 1
        return self.text()

    def text(self) -> str | None:
        if not self.is_valid():
            return None
        text: str = self._field.from_bytes(self._lexicon.raw(self._at))
        return text

    def term_info(self) -> TermInfo | None:
        return _info(self._lexicon.lists(self._at)) if self.is_valid() else None

    def is_valid(self) -> bool:
        return self._at < len(self._lexicon)


class SegmentDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """The documents of a segment, for Whoosh."""

    def __init__(self, segment: Segment, stored: StoredSegment) -> None:
        self._segment = segment
        self._stored = stored

    def doc_count(self) -> int:
        return self._stored.doc_count()  # type: ignore[no-any-return]

    def doc_count_all(self) -> int:
        return len(self._segment)

    def has_deletions(self) -> bool:
        return self._stored.has_deletions()  # type: ignore[no-any-return]

    def is_deleted(self, docnum: int) -> bool:
        return self._stored.is_deleted(docnum)

    def deleted_docs(self) -> frozenset[int]:
        return self._stored.deleted_docs()

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self.list_columns()

    def list_columns(self) -> list[str]:
        return ["id", "digest", "headline", "text", *NUMBERS]

    def column_reader(self, fieldname: str, column: Any) -> "ValuesColumn":  # noqa: ARG002
        values = self._segment.doc_values
        if fieldname in NUMBERS:
            return ValuesColumn(values.column(fieldname).tolist())
        if fieldname == "text":
            stored = self._segment.stored
            return ValuesColumn([stored.value("text", i) for i in range(len(values))])
        if fieldname == "headline":
            ordered = values.texts("titles").raws(0, len(values))
            places = np.argsort(values.title_documents)
            return ValuesColumn([ordered[place] for place in places.tolist()])
        return ValuesColumn(values.texts(f"{fieldname}s").raws(0, len(values)))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {"article": self._segment.stored.value("article", docnum)}

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:  # noqa: ARG002
        """Lengths are columns; in Whoosh's sense there are none."""
        return default

    def field_length(self, fieldname: str) -> int:  # noqa: ARG002
        return 0

    min_field_length = max_field_length = field_length


class ValuesColumn(columns.ColumnReader):  # type: ignore[misc]
    """A value for each document, for Whoosh."""

    def __init__(self, values: Sequence[Any]) -> None:
        super().__init__(None, 0, 0, len(values))
        self._values = values

    def __getitem__(self, docnum: int) -> Any:
        return self._values[docnum]


def _opened(storage: Any, segment: StoredSegment) -> Segment:
    return Segment(Path(storage.folder), segment.segment_id())


def _info(lists: PostingLists) -> TermInfo:
    documents, counts = lists.documents, lists.counts
    return TermInfo(
        weight=float(counts.sum()) if len(counts) else float(len(documents)),
        df=len(documents),
        minlength=0,
        maxlength=0,
        maxweight=float(counts.max()) if len(counts) else 1.0,
        minid=int(documents[0]),
        maxid=int(documents[-1]),
    )
