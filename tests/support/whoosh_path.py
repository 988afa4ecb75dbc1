"""Whoosh's own ways of writing and reading, slow and sure, to compare ours with."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from search.engines.whoosh.fields import schema
from search.engines.whoosh.storage.article_bytes import pack_article, pack_listing, pack_text
from search.engines.whoosh.storage.batches import _added, _date_key
from search.engines.whoosh.storage.passages import pack_passages
from search.engines.whoosh.storage.spans import pack_spans
from search.engines.whoosh.storage.stored_terms import pack_field
from whoosh.index import FileIndex, create_in, open_dir

from search.engines.contract import IndexedDocument
from search.near_duplicates.minhash import NO_SIGNATURE

TEXTS = ("title", "body")
FIELDS = (*TEXTS, "id", "focus_area", "year", "organisation", "language")
COLUMNS = (
    *("id", "digest", "signature", "headline", "passages", "title_terms", "body_terms"),
    *("title_spans", "body_spans", "findings", "published", "added", "title_length", "body_length"),
)


def add_document(writer: Any, document: IndexedDocument) -> None:
    """Add a document to a writer of Whoosh's."""
    article = document.article
    writer.add_document(
        id=article.id,
        digest=document.digest.encode(),
        signature=document.signature or NO_SIGNATURE,
        headline=article.title.encode(),
        passages=pack_passages(document.passages),
        title_terms=pack_field(document.title),
        body_terms=pack_field(document.body),
        title_spans=pack_spans(document.title),
        body_spans=pack_spans(document.body),
        listing=pack_listing(article),
        text=pack_text(article),
        findings=document.findings,
        title=document.title,
        body=document.body,
        focus_area=tuple(each.value for each in article.focus_areas),
        year=(str(article.year.value),) if article.year else (),
        organisation=tuple(each.value for each in article.organisations),
        language=(article.language,),
        published=_date_key(document),
        added=_added(document),
        title_length=document.title.length,
        body_length=document.body.length,
        article=pack_article(article),
    )


def written_by_whoosh(directory: Path, documents: Iterable[IndexedDocument]) -> FileIndex:
    directory.mkdir()
    index = create_in(directory, schema())
    writer = index.writer()
    for each in documents:
        add_document(writer, each)
    writer.commit()
    return index


def contents(directory: Path) -> dict[str, Any]:
    """All that Whoosh's public interface tells of an index; deleted documents are left out.

    Documents go by their ids, for numbers may differ.
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
            value = matcher.value_as("positions") if name in TEXTS else bool(matcher.value())
            postings[ids[matcher.id()]] = (float(matcher.weight()), value)
            matcher.next()
        if postings:
            found[text] = postings
    return found


def statistics(directory: Path) -> dict[tuple[str, bytes], tuple[float, ...]]:
    """What an index without deletions says of each term."""
    with open_dir(directory).reader() as reader:
        return {
            key: (
                *(info.doc_frequency(), info.weight(), info.max_weight()),
                *(info.min_id(), info.max_id(), info.min_length(), info.max_length()),
            )
            for key, info in reader
        }
