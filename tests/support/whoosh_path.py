"""Whoosh's own writer, and its public reader over any index, to compare ours with."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from whoosh import fields
from whoosh.index import FileIndex, create_in, open_dir

from search.engines.contract import TEXT_FIELDS, IndexedDocument, IndexedField
from search.engines.whoosh.codec import FACET_NAMES, TermsField, ValuesField, schema
from search.engines.whoosh.segment.doc_values import date_key
from search.engines.whoosh.segment.stored import pack_article

FIELDS = (*TEXT_FIELDS, "id", *FACET_NAMES)
COLUMNS = (
    *("id", "digest", "headline", "text", "published", "added", "title_length", "body_length"),
)
Posting = tuple[bytes, int, float, bytes]


class WritingTermsField(TermsField):
    """A field whose value is an :class:`IndexedField`."""

    def index(self, value: IndexedField, **_: Any) -> Iterator[Posting]:
        for term, positions in value.postings.items():
            count = len(positions)
            yield term.encode(), count, float(count), array("I", positions).tobytes()


class WritingValuesField(ValuesField):
    """A facet whose value is the sequence of a document's values."""

    def index(self, value: Sequence[str], **_: Any) -> Iterator[Posting]:
        for each in dict.fromkeys(value):
            yield each.encode(), 1, 1.0, b""


def writing_schema() -> fields.Schema:
    """The schema of our indexes with fields that Whoosh's own writer can fill."""
    writing = {name: WritingTermsField() for name in TEXT_FIELDS}
    writing |= {name: WritingValuesField() for name in FACET_NAMES}
    return fields.Schema(**{**dict(schema().items()), **writing})


def add_document(writer: Any, document: IndexedDocument) -> None:
    """Adds a document to a Whoosh writer."""
    article = document.article
    writer.add_document(
        id=article.id,
        digest=document.digest.encode(),
        headline=article.title.encode(),
        text=article.body_text.encode(),
        title=document.title,
        body=document.body,
        focus_area=tuple(each.value for each in article.focus_areas),
        year=(str(article.year.value),) if article.year else (),
        organisation=tuple(each.value for each in article.organisations),
        language=(article.language,),
        published=date_key(article),
        added=int(article.added.timestamp()) if article.added else 0,
        title_length=document.title.length,
        body_length=document.body.length,
        article=pack_article(article),
    )


def written_by_whoosh(directory: Path, documents: Iterable[IndexedDocument]) -> FileIndex:
    directory.mkdir()
    index = create_in(directory, writing_schema())
    writer = index.writer()
    for each in documents:
        add_document(writer, each)
    writer.commit()
    return index


def contents(directory: Path) -> dict[str, Any]:
    """Content of an index by Whoosh's public API, without deleted documents.

    Documents are identified by ids, because numbers may differ.
    """
    with open_dir(directory).reader() as reader:
        ids: dict[int, str] = {}
        documents: dict[str, Any] = {}
        for leaf, base in reader.leaf_readers():
            if not leaf.doc_count():
                continue
            columns = {name: leaf.column_reader(name) for name in COLUMNS}
            for number in leaf.all_doc_ids():
                ids[base + number] = columns["id"][number]
                values = {name: column[number] for name, column in columns.items()}
                documents[ids[base + number]] = (values, leaf.stored_fields(number))
        return {
            "documents": documents,
            "count": reader.doc_count(),
            "postings": {name: _postings(reader, name, ids) for name in FIELDS},
        }


def _postings(reader: Any, name: str, ids: dict[int, str]) -> dict[bytes, dict[str, Any]]:
    found: dict[bytes, dict[str, Any]] = {}
    for text in reader.lexicon(name):
        matcher, postings = reader.postings(name, text), {}
        while matcher.is_active():
            value = matcher.value_as("positions") if name in TEXT_FIELDS else bool(matcher.value())
            postings[ids[matcher.id()]] = (float(matcher.weight()), value)
            matcher.next()
        if postings:
            found[text] = postings
    return found


def statistics(directory: Path) -> dict[tuple[str, bytes], tuple[float, ...]]:
    """Statistics of each term of an index without deletions."""
    with open_dir(directory).reader() as reader:
        return {
            key: (
                *(info.doc_frequency(), info.weight(), info.max_weight()),
                *(info.min_id(), info.max_id(), info.min_length(), info.max_length()),
            )
            for key, info in reader
        }
