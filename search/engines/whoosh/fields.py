"""The Whoosh schema: fields that take analysed text as it is, and columns for numbers.

Whoosh's own analysis is not used: terms and positions arrive ready
(:class:`search.engines.contract.IndexedField`), several terms may share a position, and the length
of a field is the number of its words, not of its terms.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from whoosh import columns, fields, formats

from search.engines.contract import IndexedField
from search.near_duplicates.minhash import NO_SIGNATURE

#: Raised whenever an index of an earlier version can no longer be read.
SCHEMA_VERSION = 8
Posting = tuple[bytes, int, float, bytes]


class PositionsFormat(formats.Format):  # type: ignore[misc]
    """A posting's value is its positions as native 32-bit integers, so blocks decode in one go."""

    posting_size = -1

    def decode_positions(self, value: bytes) -> list[int]:
        """Positions of one posting; Whoosh's own matchers call it."""
        return array("I", value).tolist()

    def decode_frequency(self, value: bytes) -> int:
        return len(value) // array("I").itemsize


class TermsField(fields.FieldType):  # type: ignore[misc]
    """A text field whose value is an :class:`IndexedField`."""

    def __init__(self) -> None:
        super().__init__(format=PositionsFormat(), analyzer=None)

    def index(self, value: IndexedField, **_: Any) -> Iterator[Posting]:
        for term, positions in value.postings.items():
            count = len(positions)
            yield term.encode(), count, float(count), array("I", positions).tobytes()


class ValuesField(fields.FieldType):  # type: ignore[misc]
    """A facet: a document has none, one or several values, each a term as it is."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None)

    def index(self, value: Sequence[str], **_: Any) -> Iterator[Posting]:
        for each in dict.fromkeys(value):
            yield each.encode(), 1, 1.0, b""


def schema() -> fields.Schema:
    """The schema of a new index."""
    return fields.Schema(
        id=fields.ID(sortable=True),
        digest=fields.COLUMN(columns.VarBytesColumn()),
        signature=fields.COLUMN(columns.FixedBytesColumn(len(NO_SIGNATURE))),
        headline=fields.COLUMN(columns.VarBytesColumn()),
        passages=fields.COLUMN(columns.VarBytesColumn()),
        # Columns, not stored fields: who shows an article need not unpack them.
        title_terms=fields.COLUMN(columns.VarBytesColumn()),
        body_terms=fields.COLUMN(columns.VarBytesColumn()),
        title_spans=fields.COLUMN(columns.VarBytesColumn()),
        body_spans=fields.COLUMN(columns.VarBytesColumn()),
        listing=fields.COLUMN(columns.VarBytesColumn()),
        text=fields.COLUMN(columns.VarBytesColumn()),
        findings=fields.COLUMN(columns.VarBytesColumn()),
        title=TermsField(),
        body=TermsField(),
        focus_area=ValuesField(),
        year=ValuesField(),
        organisation=ValuesField(),
        language=ValuesField(),
        published=fields.COLUMN(columns.NumericColumn("i")),
        added=fields.COLUMN(columns.NumericColumn("q")),
        title_length=fields.COLUMN(columns.NumericColumn("I")),
        body_length=fields.COLUMN(columns.NumericColumn("I")),
        article=fields.STORED(),
    )
