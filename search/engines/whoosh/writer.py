"""Writing documents into one Whoosh index directory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from whoosh.index import FileIndex

from search.article_json import article_to_bytes
from search.duplicates import NO_SIGNATURE
from search.engines.contract import IndexedDocument, IndexedField
from search.engines.whoosh.passages import pack_passages
from search.engines.whoosh.stored_terms import pack_field

_MEMORY_MEGABYTES = 256


class WhooshWriter:
    """Keeps the :class:`~search.engines.contract.EngineWriter` contract over one Whoosh writer.

    ``compound=False`` leaves segment files apart: they open without being copied into memory, and
    a later generation can share them by hard links.
    """

    def __init__(self, index: FileIndex) -> None:
        self._numbers = _document_numbers(index)
        self._writer: Any = index.writer(compound=False, limitmb=_MEMORY_MEGABYTES)
        self.changed = False

    def add(self, document: IndexedDocument) -> None:
        article = document.article
        self.changed = True
        self._writer.add_document(
            id=article.id,
            digest=document.digest.encode(),
            signature=document.signature or NO_SIGNATURE,
            headline=article.title.encode(),
            passages=pack_passages(document.passages),
            title_terms=pack_field(document.title),
            body_terms=pack_field(document.body),
            findings=document.findings,
            title=document.title,
            body=document.body,
            focus_area=tuple(each.value for each in article.focus_areas),
            year=(str(article.year.value),) if article.year else (),
            organisation=tuple(each.value for each in article.organisations),
            language=(article.language,),
            published=_date_key(document),
            added=int(article.added.timestamp()) if article.added else 0,
            title_length=document.title.length,
            body_length=document.body.length,
            article=article_to_bytes(article),
            title_spans=_spans(document.title),
            body_spans=_spans(document.body),
        )

    def delete(self, article_id: str) -> None:
        for number in self._numbers.pop(article_id, ()):
            self.changed = True
            self._writer.delete_document(number)

    def commit(self) -> None:
        self._writer.commit()

    def cancel(self) -> None:
        self._writer.cancel()


def _document_numbers(index: FileIndex) -> dict[str, tuple[int, ...]]:
    """Numbers of the documents that are already in the index, by article id."""
    numbers: dict[str, tuple[int, ...]] = {}
    with index.reader() as reader:
        for leaf, base in reader.leaf_readers():
            if not leaf.doc_count_all():
                continue
            ids = leaf.column_reader("id")
            for local in leaf.all_doc_ids():
                numbers[ids[local]] = (*numbers.get(ids[local], ()), base + local)
    return numbers


def _date_key(document: IndexedDocument) -> int:
    """``yyyymmdd`` to sort by; the year alone where there is no date; 0 where nothing is known."""
    article = document.article
    if article.published is not None:
        return article.published.value.sort_key
    return article.year.value * 10000 if article.year else 0


def _spans(field: IndexedField) -> bytes:
    """Starts and ends of all positions, one row each, as 32-bit integers."""
    spans: Sequence[Sequence[int]] = (field.starts, field.ends)
    return np.asarray(spans, dtype=np.uint32).tobytes()
