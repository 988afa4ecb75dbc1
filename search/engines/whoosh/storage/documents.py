"""Whole documents as they were added, read back from the columns of a generation."""

import threading
from typing import Any

from search.article_json import article_from_bytes
from search.duplicates import NO_SIGNATURE
from search.engines.contract import IndexedDocument
from search.engines.whoosh.storage.passages import unpack_passages
from search.engines.whoosh.storage.stored_terms import unpack_field

_COLUMNS = ("digest", "signature", "passages", "title_terms", "body_terms", "findings")


class Documents:
    """Reads documents of an open Whoosh reader, under the lock that guards it."""

    def __init__(self, reader: Any, lock: threading.Lock) -> None:
        self._reader = reader
        self._lock = lock
        self._leaves: list[tuple[Any, int]] = []
        self._columns: dict[int, dict[str, Any]] = {}

    def read(self, number: int) -> IndexedDocument:
        """The document with this number."""
        with self._lock:
            stored = self._reader.stored_fields(number)
            facts = self._facts(number)
        article = article_from_bytes(stored["article"])
        names = tuple(each.value for each in article.organisations)
        return IndexedDocument(
            article=article,
            title=unpack_field(facts["title_terms"], stored["title_spans"]),
            body=unpack_field(facts["body_terms"], stored["body_spans"]),
            digest=facts["digest"].decode(),
            signature=b"" if facts["signature"] == NO_SIGNATURE else facts["signature"],
            findings=facts["findings"],
            passages=unpack_passages(facts["passages"], names),
        )

    def close(self) -> None:
        """Let go of the columns. Called under the lock."""
        self._columns.clear()
        self._leaves.clear()

    def _facts(self, number: int) -> dict[str, bytes]:
        """What the columns hold of a document. Called under the lock."""
        self._leaves = self._leaves or list(self._reader.leaf_readers())
        leaf, base = next(each for each in reversed(self._leaves) if each[1] <= number)
        if base not in self._columns:
            self._columns[base] = {each: leaf.column_reader(each) for each in _COLUMNS}
        return {name: column[number - base] for name, column in self._columns[base].items()}
