"""The Whoosh schema of an index: what Whoosh's own readers see of it.

Whoosh's analysis is not used: terms and positions arrive ready
(:class:`search.engines.contract.IndexedField`), several terms may share a position, and the length
of a field is the number of its words, not of its terms.
"""

from array import array

from whoosh import columns, fields, formats

#: Fields with posting lists, and those whose terms are values of a facet.
TEXT_NAMES = ("title", "body")
FACET_NAMES = {"focus_area": "focus", "year": "year", "organisation": "org", "language": "language"}


class PositionsFormat(formats.Format):  # type: ignore[misc]
    """A posting's value is its positions as native 32-bit integers."""

    posting_size = -1

    def decode_positions(self, value: bytes) -> list[int]:
        """Positions of one posting; Whoosh's own matchers call it."""
        return array("I", value).tolist()

    def decode_frequency(self, value: bytes) -> int:
        return len(value) // array("I").itemsize


class TermsField(fields.FieldType):  # type: ignore[misc]
    """A text field whose terms stand at positions."""

    def __init__(self) -> None:
        super().__init__(format=PositionsFormat(), analyzer=None)


class ValuesField(fields.FieldType):  # type: ignore[misc]
    """A facet: a document has none, one or several values, each a term as it is."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None)


def schema() -> fields.Schema:
    """The schema of every index."""
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
        **{name: TermsField() for name in TEXT_NAMES},
        **{name: ValuesField() for name in FACET_NAMES},
    )
