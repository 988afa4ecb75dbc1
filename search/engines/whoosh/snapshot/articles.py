"""The articles of a generation as they were added: what an update needs of the live one."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from search.article import Article, Listing
from search.engines.contract import DocumentKey, IndexedDocument, TextField
from search.engines.whoosh.segment.stored import Lengths, Offsets
from search.engines.whoosh.snapshot.snapshot import Snapshot
from search.errors import IndexDamaged
from search.near_duplicates.boilerplate import value_hash


@contextlib.contextmanager
def reading(directory: Path) -> Iterator[None]:
    """Raises IndexDamaged for a file of the generation in ``directory`` that is not as written."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = f"{directory.name}: {error}"
        raise IndexDamaged(index=directory.parent, reason=reason) from error


class StoredArticles:
    """Keeps the :class:`~search.engines.contract.StoredReader` contract over a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._directory = snapshot.directory

    @property
    def document_count(self) -> int:
        with reading(self._directory):
            return int(np.count_nonzero(self._snapshot.alive))

    def find(self, article_id: str) -> DocumentKey | None:
        with reading(self._directory):
            return self._number(article_id)

    def article(self, key: DocumentKey) -> Article:
        """The article of a document, without the organisations that are hidden."""
        number = int(key)
        with reading(self._directory):
            segment, place = self._snapshot.segments.locate(number)
            article = segment.stored.article(place)
            hidden = self._snapshot.hidden.get(number)
        if not hidden:
            return article
        shown = (each for each in article.organisations if value_hash(each.value) not in hidden)
        return replace(article, organisations=tuple(shown))

    def listings(self, keys: Iterable[DocumentKey]) -> tuple[Listing, ...]:
        """What lists show of the articles of documents, without the organisations hidden."""
        with reading(self._directory):
            return tuple(self._listing(int(key)) for key in keys)

    def _listing(self, number: int) -> Listing:
        segment, place = self._snapshot.segments.locate(number)
        listing = segment.stored.listing(place)
        hidden = self._snapshot.hidden.get(number)
        if not hidden:
            return listing
        shown = (each for each in listing.organisations if value_hash(each) not in hidden)
        return replace(listing, organisations=tuple(shown))

    def offsets(self, number: int, field: TextField) -> tuple[Offsets, Lengths]:
        """Where each position of a field begins in its text, and how long it is."""
        with reading(self._directory):
            segment, place = self._snapshot.segments.locate(number)
            return segment.stored.offsets(place, field)

    def document(self, key: DocumentKey) -> IndexedDocument:
        with reading(self._directory):
            segment, place = self._snapshot.segments.locate(int(key))
            return segment.stored.document(place)

    def digest(self, article_id: str) -> str | None:
        with reading(self._directory):
            number = self._number(article_id)
            if number is None:
                return None
            segment, place = self._snapshot.segments.locate(number)
            return segment.doc_values.texts("digests")[place]

    def digests(self) -> Mapping[str, str]:
        with reading(self._directory):
            segments = self._snapshot.segments
            digests = chain.from_iterable(each.doc_values.texts("digests") for each in segments)
            rows = zip(self._snapshot.ids, digests, self._snapshot.alive.tolist(), strict=True)
            return {article_id: digest for article_id, digest, is_there in rows if is_there}

    def article_ids(self) -> Iterable[str]:
        with reading(self._directory):
            rows = zip(self._snapshot.ids, self._snapshot.alive.tolist(), strict=True)
            return [each for each, is_there in rows if is_there]

    def close(self) -> None:
        """Nothing is open but files mapped into memory, which go with this."""

    def _number(self, article_id: str) -> int | None:
        alive = self._snapshot.alive
        found = self._snapshot.segments.numbers_of(article_id)
        return next((number for number in found if alive[number]), None)
