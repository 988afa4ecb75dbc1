"""The articles of a generation as they were added: what an update needs of the live one."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, compress
from pathlib import Path

import numpy as np

from search.article import Article, Listing
from search.engines.contract import DocumentKey, IndexedDocument
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
        with reading(self._directory):
            segment, place = self._snapshot.segments.locate(int(key))
            article = segment.stored.article(place)
            hidden = self._snapshot.hidden.get(int(key))
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

    def document(self, key: DocumentKey) -> IndexedDocument:
        with reading(self._directory):
            segment, place = self._snapshot.segments.locate(int(key))
            return segment.stored.document(place)

    def digest(self, article_id: str) -> str | None:
        with reading(self._directory):
            number = self._number(article_id)
            return None if number is None else self._snapshot.digest(number)

    def digests(self) -> Mapping[str, str]:
        with reading(self._directory):
            segments = self._snapshot.segments
            digests = chain.from_iterable(each.doc_values.texts("digests") for each in segments)
            rows = zip(self._snapshot.ids, digests, strict=True)
            return dict(compress(rows, self._snapshot.alive.tolist()))

    def article_ids(self) -> Iterable[str]:
        with reading(self._directory):
            return list(compress(self._snapshot.ids, self._snapshot.alive.tolist()))

    def close(self) -> None:
        """Nothing is open but files mapped into memory, which go with this."""

    def _number(self, article_id: str) -> int | None:
        alive = self._snapshot.alive
        found = self._snapshot.segments.numbers_of(article_id)
        return next((number for number in found if alive[number]), None)
