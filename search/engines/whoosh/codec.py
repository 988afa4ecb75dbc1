"""Whoosh codec and schema, by which Whoosh's own readers read terms and documents of an index.

``open_dir(directory).reader()`` of a generation goes through here. Our own reader does not: it
reads arrays, and never Whoosh's table of contents, which is a pickle. Nothing is written through
the codec; :mod:`search.engines.whoosh.writer` writes.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import columns, fields, formats
from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.matching.mcore import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from search.engines.contract import TEXT_FIELDS
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.segment.doc_values import FACET_FIELDS, NUMBERS, DocValues
from search.engines.whoosh.segment.inverted_run import PostingLists
from search.engines.whoosh.segment.term_dictionary import TermDictionary
from search.engines.whoosh.snapshot.incremental import LiveDocs

#: Fields whose terms are values of a facet.
FACET_NAMES = {
    "focus_area": "focus",
    "year": "year",
    "organisation": "org",
    "source": "source",
    "language": "language",
}
_INDEX = "MAIN"
Term = tuple[str, bytes]


class PositionsFormat(formats.Format):  # type: ignore[misc]
    """A posting's value is its positions as native 32-bit integers."""

    posting_size = -1

    def decode_positions(self, value: bytes) -> list[int]:
        """Positions of one posting; Whoosh's own matchers call it."""
        return array("I", value).tolist()

    def decode_frequency(self, value: bytes) -> int:
        return len(value) // array("I").itemsize


class TermsField(fields.FieldType):  # type: ignore[misc]
    """A text field of analysed terms, of which several may share a position."""

    def __init__(self) -> None:
        super().__init__(format=PositionsFormat(), analyzer=None)


class ValuesField(fields.FieldType):  # type: ignore[misc]
    """A facet field: any number of values, each a whole term."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None)


def schema() -> fields.Schema:
    """The Whoosh schema of every index."""
    return fields.Schema(
        id=fields.ID(sortable=True),
        digest=fields.COLUMN(columns.VarBytesColumn()),
        headline=fields.COLUMN(columns.VarBytesColumn()),
        text=fields.COLUMN(columns.VarBytesColumn()),
        published=fields.COLUMN(columns.NumericColumn("i")),
        added=fields.COLUMN(columns.NumericColumn("q")),
        title_length=fields.COLUMN(columns.NumericColumn("I")),
        body_length=fields.COLUMN(columns.NumericColumn("I")),
        article=fields.STORED(),
        **{name: TermsField() for name in TEXT_FIELDS},
        **{name: ValuesField() for name in FACET_NAMES},
    )


def write_toc(directory: Path, segments: Iterable[LiveDocs]) -> None:
    """Write the table of contents by which Whoosh opens a generation."""
    stored = [StoredSegment(each) for each in segments]
    TOC(schema(), stored, 1).write(FileStorage(str(directory)), _INDEX)


def _refused(*_: Any, **__: Any) -> Any:
    raise NotImplementedError("segments are written by WhooshWriter, not through Whoosh")


class StoredSegment(base.Segment):  # type: ignore[misc]
    """A segment in Whoosh's table of contents."""

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

    set_doc_count = delete_document = _refused


class SegmentCodec(base.Codec):  # type: ignore[misc]
    """Reads the segments of a generation for Whoosh."""

    def terms_reader(self, storage: Any, segment: StoredSegment) -> "SegmentTerms":
        return SegmentTerms(_opened(storage, segment))

    def per_document_reader(self, storage: Any, segment: StoredSegment) -> "SegmentDocuments":
        return SegmentDocuments(_opened(storage, segment), segment)

    per_document_writer = field_writer = postings_writer = new_segment = _refused


class Lexicon:
    """The terms of one field in order, and their postings.

    ``lists`` gives those of the term at a place; without counts and positions in a field that has
    none.
    """

    def __init__(self, terms: Sequence[bytes], lists: Callable[[int], PostingLists]) -> None:
        self.terms = terms
        self.lists = lists

    @classmethod
    def of_text(cls, terms: TermDictionary, number: int) -> "Lexicon":
        """The terms of title or body."""
        field, raws = terms.fields[TEXT_FIELDS[number]], terms.terms.raws()
        ordinals = field.ordinals.read(0, len(field)).tolist()
        return cls([raws[each] for each in ordinals], lambda at: field.read(at, at + 1))

    @classmethod
    def of_values(cls, terms: Sequence[bytes], codes: Array, owners: Array) -> "Lexicon":
        """The document ``owners[i]`` has the value ``terms[codes[i]]``."""
        order = np.argsort(codes, kind="stable")
        documents = np.split(owners[order], np.searchsorted(codes[order], range(1, len(terms))))
        none = np.empty(0, dtype=np.uint32)

        def lists(at: int) -> PostingLists:
            return PostingLists(np.array([len(documents[at])]), documents[at], none, none)

        return cls(terms, lists)

    @classmethod
    def of_ids(cls, doc_values: DocValues) -> "Lexicon":
        terms, codes = np.unique(np.array(doc_values.ids.raws(), object), return_inverse=True)
        return cls.of_values(terms.tolist(), codes, np.arange(len(codes)))

    @classmethod
    def of_facet(cls, doc_values: DocValues, facet: str) -> "Lexicon":
        """A facet without the last value, which is that of documents without any."""
        column = doc_values.facet(facet)
        terms, missing = column.values.raws(), FACET_FIELDS[facet]
        if missing is not None and terms[-1:] == [missing.encode()]:
            terms.pop()
        owners = np.repeat(np.arange(len(doc_values)), np.diff(column.starts))
        has_value = column.codes < len(terms)
        return cls.of_values(terms, column.codes[has_value], owners[has_value])

    def place(self, term: bytes) -> int:
        """The place of ``term``, or where it would be inserted."""
        return bisect_left(self.terms, term)

    def find(self, term: bytes) -> PostingLists | None:
        """The postings of ``term``, None if there is none."""
        at = self.place(term)
        return self.lists(at) if self.terms[at : at + 1] == [term] else None


class SegmentTerms(base.TermsReader):  # type: ignore[misc]
    """The terms of a segment, for Whoosh."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    @cached_property
    def _lexicons(self) -> Mapping[str, Lexicon]:
        """Fields in the order of their names."""
        values = self._segment.doc_values
        found = {"id": Lexicon.of_ids(values)}
        found |= {name: Lexicon.of_facet(values, each) for name, each in FACET_NAMES.items()}
        for number, name in enumerate(TEXT_FIELDS):
            found[name] = Lexicon.of_text(self._segment.terms, number)
        return dict(sorted(found.items()))

    def __contains__(self, term: Term) -> bool:
        return self._find(*term) is not None

    def cursor(self, fieldname: str, fieldobj: Any) -> "TermCursor":
        return TermCursor(self._lexicons[fieldname], fieldobj)

    def terms(self) -> Iterator[Term]:
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        for name, each in self._lexicons.items():
            if name >= fieldname:
                start = each.place(prefix) if name == fieldname else 0
                yield from ((name, term) for term in each.terms[start:])

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Raises KeyError."""
        found = self._find(fieldname, text)
        if found is None:
            raise KeyError(f"{fieldname}:{text!r}")
        return _info(found)

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
        return self._lexicons[name].find(text) if name in self._lexicons else None


class TermCursor(base.FieldCursor):  # type: ignore[misc]
    """Iterates over the terms of a field, for Whoosh's own spelling and ranges."""

    def __init__(self, lexicon: Lexicon, field: Any) -> None:
        self._lexicon = lexicon
        self._field = field
        self._at = 0

    def first(self) -> str | None:
        return self._to(0)

    def find(self, term: str | bytes) -> str | None:
        wanted = term if isinstance(term, bytes) else self._field.to_bytes(term)
        return self._to(self._lexicon.place(wanted))

    def next(self) -> str | None:
        return self._to(self._at + 1)

    def text(self) -> str | None:
        return self._field.from_bytes(self._lexicon.terms[self._at]) if self.is_valid() else None

    def term_info(self) -> TermInfo | None:
        return _info(self._lexicon.lists(self._at)) if self.is_valid() else None

    def is_valid(self) -> bool:
        return self._at < len(self._lexicon.terms)

    def _to(self, at: int) -> str | None:
        self._at = at
        return self.text()


class SegmentDocuments(base.PerDocumentReader):  # type: ignore[misc]
    """The documents of a segment, for Whoosh."""

    def __init__(self, segment: Segment, stored: StoredSegment) -> None:
        self._segment = segment
        self.doc_count, self.doc_count_all = stored.doc_count, stored.doc_count_all
        self.has_deletions, self.is_deleted = stored.has_deletions, stored.is_deleted
        self.deleted_docs = stored.deleted_docs

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
            ordered = values.texts("titles").raws()
            places = np.argsort(values.title_documents)
            return ValuesColumn([ordered[place] for place in places.tolist()])
        return ValuesColumn(values.texts(f"{fieldname}s").raws())

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {"article": self._segment.stored.value("article", docnum)}

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:  # noqa: ARG002
        """Always the default: lengths are in columns of their own."""
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
