"""Reads the stored articles of a generation, as updates and result lists need them."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain, compress

import numpy as np

from search.article import Article, Listing
from search.bounded_cache import BoundedCache
from search.engines.contract import DocumentKey, IndexedDocument, VectorStatus
from search.engines.shown_names import with_shown_names
from search.engines.whoosh.segment.arrays import Array
from search.engines.whoosh.segment.damage_guard import DamageGuard
from search.engines.whoosh.snapshot.snapshot import Snapshot
from search.engines.whoosh.snapshot.vectors import Floats, StoredVectors
from search.near_duplicates.boilerplate import value_hash

#: Bytes of cached listings, and of one without its text.
_LISTED_BYTES = 16_000_000
_LISTING_BYTES = 2_000


class StoredArticles:
    """Keeps the :class:`~search.engines.contract.StoredReader` contract over a snapshot."""

    def __init__(self, snapshot: Snapshot, vectors: StoredVectors | None = None) -> None:
        self._snapshot = snapshot
        self._vectors = vectors or StoredVectors(snapshot)
        self._guard = DamageGuard(snapshot.directory)
        self._listed: BoundedCache[int, Listing] = BoundedCache(
            _LISTED_BYTES, lambda _, each: _LISTING_BYTES + sys.getsizeof(each.text)
        )

    @property
    def document_count(self) -> int:
        with self._guard:
            return int(np.count_nonzero(self._snapshot.alive))

    def find(self, article_id: str) -> DocumentKey | None:
        with self._guard:
            return self._number(article_id)

    def article(self, key: DocumentKey) -> Article:
        """The article of a document with its organisations as they are shown."""
        with self._guard:
            segment, place = self._snapshot.segments.locate(int(key))
            article = segment.stored.article(place)
            shown = self._shown(int(key))
            doubtful = segment.stored.naming(place).maybe
            every = self._snapshot.shown
            names = {value: every.name(code) for value, code in shown.items()}
            codes = {names[value]: code for value, code in shown.items()}
            return with_shown_names(
                article, doubtful, names, lambda name: every.other_names(codes[name])
            )

    def listings(self, keys: Iterable[DocumentKey]) -> tuple[Listing, ...]:
        """The fields that result lists show, with organisations as they are shown."""
        with self._guard:
            return tuple([self._cached_listing(int(key)) for key in keys])

    def _cached_listing(self, number: int) -> Listing:
        found = self._listed.get(number)
        if found is None:
            found = self._listed[number] = self._listing(number)
        return found

    def _listing(self, number: int) -> Listing:
        segment, place = self._snapshot.segments.locate(number)
        listing = segment.stored.listing(place)
        if self._as_written[number]:
            hidden = listing.organisations and self._snapshot.hidden.get(number)
            if not hidden:
                return listing
            kept = (each for each in listing.organisations if value_hash(each) not in hidden)
            return replace(listing, organisations=tuple(kept))
        shown = self._shown(number)
        first = (shown[each] for each in listing.organisations if each in shown)
        codes = dict.fromkeys((*first, *shown.values()))
        name = self._snapshot.shown.name
        names = tuple(map(name, codes))
        return listing if names == listing.organisations else replace(listing, organisations=names)

    @cached_property
    def _as_written(self) -> Array:
        """Mask of the documents whose names are shown as they are written, or hidden."""
        return self._snapshot.shown.as_written(self._snapshot.segments)

    def _shown(self, number: int) -> dict[str, int]:
        """The names of a document that are not hidden, with the codes of the names shown."""
        segment, place = self._snapshot.segments.locate(number)
        shown = self._snapshot.shown.of_document(segment, place)
        hidden = self._snapshot.hidden.get(number)
        if not hidden:
            return shown
        return {name: code for name, code in shown.items() if value_hash(name) not in hidden}

    def other_names(self) -> Mapping[str, str]:
        """Names of organisations that are not shown, each with the name that is shown.

        All articles list the same ones for an organisation, so one article is read for each.
        """
        with self._guard:
            every = self._snapshot.shown
            found = every.renamed()
            for number in self._naming_all():
                segment, place = self._snapshot.segments.locate(number)
                known_as = segment.stored.article(place).known_as
                shown = self._shown(number) if known_as else {}
                for each in known_as:
                    code = shown.get(each.name)
                    if code is not None:
                        name = every.name(code)
                        for other in (*each.aliases, *each.former):
                            if other != name:
                                found.setdefault(other, name)
            return found

    def _naming_all(self) -> list[int]:
        """The first document of each organisation."""
        pairs = self._snapshot.facet("org")
        alive = self._snapshot.alive[pairs.documents]
        _, first = np.unique(pairs.codes[alive], return_index=True)
        return [int(each) for each in np.unique(pairs.documents[alive][first])]

    def document(self, key: DocumentKey) -> IndexedDocument:
        with self._guard:
            segment, place = self._snapshot.segments.locate(int(key))
            return segment.stored.document(place)

    def digest(self, article_id: str) -> str | None:
        with self._guard:
            number = self._number(article_id)
            return None if number is None else self._snapshot.digest(number)

    def digests(self) -> Mapping[str, str]:
        with self._guard:
            segments = self._snapshot.segments
            digests = chain.from_iterable(each.doc_values.texts("digests") for each in segments)
            rows = zip(self._snapshot.ids, digests, strict=True)
            return dict(compress(rows, self._snapshot.alive.tolist()))

    def article_ids(self) -> Iterable[str]:
        with self._guard:
            return list(compress(self._snapshot.ids, self._snapshot.alive.tolist()))

    def without_vectors(self, model: str) -> Sequence[str]:
        with self._guard:
            return [self._snapshot.ids[number] for number in self._vectors.missing(model)]

    def known_vectors(self, model: str, digests: Sequence[bytes]) -> Mapping[bytes, Floats]:
        with self._guard:
            return self._vectors.known(model, digests)

    def vector_status(self, model: str) -> VectorStatus:
        with self._guard:
            return self._vectors.status(model)

    def close(self) -> None:
        """Does nothing: memory-mapped files are closed when nothing refers to them."""

    def _number(self, article_id: str) -> int | None:
        alive = self._snapshot.alive
        found = self._snapshot.segments.numbers_of(article_id)
        return next((number for number in found if alive[number]), None)
