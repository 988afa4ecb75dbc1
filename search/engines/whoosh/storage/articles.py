"""The articles of a generation as they were added: what an update needs of the live one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain

import numpy as np

from search.article import Article, Listing
from search.engines.contract import DocumentKey, IndexedDocument, TextField
from search.engines.whoosh.storage.column_files import VaryingColumn
from search.engines.whoosh.storage.documents import Documents
from search.engines.whoosh.storage.hidden import Hidden, hidden_of
from search.engines.whoosh.storage.snapshot import Snapshot
from search.engines.whoosh.storage.spans import Lengths, Offsets
from search.near_duplicates.boilerplate import value_hash


class StoredArticles:
    """Keeps the :class:`~search.engines.contract.StoredReader` contract over a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._documents = Documents(snapshot.directory, snapshot.parts)

    @property
    def document_count(self) -> int:
        return int(np.count_nonzero(self._snapshot.alive))

    def find(self, article_id: str) -> DocumentKey | None:
        return self._number(article_id)

    def _number(self, article_id: str) -> int | None:
        found = self._snapshot.parts.numbers_of(article_id)
        return next((number for number in found if self._snapshot.alive[number]), None)

    def article(self, key: DocumentKey) -> Article:
        """The article of a document, without the organisations that are hidden."""
        number = int(key)
        article = self._documents.article(number)
        hidden = self._hidden.get(number)
        if not hidden:
            return article
        shown = (each for each in article.organisations if value_hash(each.value) not in hidden)
        return replace(article, organisations=tuple(shown))

    def listing(self, number: int) -> Listing:
        """What lists show of the article of a document, without the organisations hidden."""
        listing = self._documents.listing(number)
        hidden = self._hidden.get(number)
        if not hidden:
            return listing
        shown = (each for each in listing.organisations if value_hash(each) not in hidden)
        return replace(listing, organisations=tuple(shown))

    def spans(self, number: int, field: TextField) -> tuple[Offsets, Lengths]:
        """Where each position of a field begins in its text, and how long it is."""
        return self._documents.spans(number, field)

    def span_columns(self) -> Iterator[tuple[int, Mapping[TextField, VaryingColumn]]]:
        """What :meth:`spans` reads, with the number of the first document of each segment."""
        return self._documents.span_columns()

    def document(self, key: DocumentKey) -> IndexedDocument:
        return self._documents.read(int(key))

    def digest(self, article_id: str) -> str | None:
        number = self._number(article_id)
        return None if number is None else self._snapshot.parts.text("digests", number)

    def digests(self) -> Mapping[str, str]:
        segments = self._snapshot.parts.segments
        digests = chain.from_iterable(each.texts("digests") for each in segments)
        rows = zip(self._snapshot.ids, digests, self._snapshot.alive.tolist(), strict=True)
        return {article_id: digest for article_id, digest, is_there in rows if is_there}

    def article_ids(self) -> Iterable[str]:
        rows = zip(self._snapshot.ids, self._snapshot.alive.tolist(), strict=True)
        return [each for each, is_there in rows if is_there]

    def close(self) -> None:
        """Nothing is open but files mapped into memory, which go with this."""

    @cached_property
    def _hidden(self) -> Hidden:
        return hidden_of(self._snapshot)
