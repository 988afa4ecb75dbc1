"""Posting lists over all segments as numpy arrays, and what is made of them for ranking."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from whoosh.codec.whoosh3 import W3TermsReader
from whoosh.reading import TermNotFound

from search.engines.contract import TextField
from search.engines.whoosh.native.functions import Library
from search.engines.whoosh.native.lists import NativeLists
from search.engines.whoosh.postings.cache import Cache
from search.engines.whoosh.postings.decoding import stepped
from search.engines.whoosh.postings.dictionary import Dictionary, Entry
from search.engines.whoosh.postings.postings import (
    EMPTY,
    DocumentArray,
    Postings,
    end_to_end,
    joined,
)
from search.engines.whoosh.storage.runs import Numbers

#: A field and a term looked up in it.
Looked = tuple[TextField, str]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What begins so in one field: the first ``terms``, in order, and all their ``documents``.

    ``looked`` are the terms as they are counted, ``postings`` all their entries together;
    ``cut`` says whether there are more terms.
    """

    terms: tuple[str, ...]
    documents: DocumentArray
    looked: tuple[Looked, ...]
    postings: int
    cut: bool

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return self.documents.nbytes + 200 * len(self.terms)


class PostingLists(Protocol):
    """What a query reads: all lists of a generation, counted or not."""

    def postings(self, field: TextField, term: str) -> Postings:
        """The postings of ``term`` (with channel prefix), empty if it is nowhere."""
        ...

    def count(self, field: TextField, term: str) -> int:
        """How many postings ``term`` has; deleted documents are among them."""
        ...

    def beginning(self, field: TextField, prefix: str, limit: int) -> Beginning:
        """The first ``limit`` terms that begin with ``prefix`` (with channel prefix)."""
        ...

    def note(self, looked: Sequence[Looked], postings: int) -> None:
        """Count what was looked up before and is known now: terms, and their entries."""
        ...


class PostingsReader:
    """Reads posting lists over all segments of an index, and keeps the last ones in ``cache``.

    Whoosh reads files by seek and read, which threads must not share: ``lock`` guards every
    access to the Whoosh reader, also by others. Mapped files need no lock. ``native`` goes through
    the same lists, if there is a ``library`` for it.
    """

    def __init__(
        self, reader: Any, lock: threading.Lock, cache_bytes: int, library: Library | None = None
    ) -> None:
        self._reader = reader
        self._lock = lock
        self._segments = [_Segment(leaf, base, lock) for leaf, base in reader.leaf_readers()]
        self.cache = Cache(cache_bytes)
        self.size = sum(leaf.doc_count_all() for leaf, _ in reader.leaf_readers())
        files = [each.files for each in self._segments if each.files is not None]
        self.native: NativeLists | None = None
        if library is not None and len(files) == len(self._segments):
            self.native = NativeLists(library, files, self.size)

    def postings(self, field: TextField, term: str) -> Postings:
        """The postings of ``term`` (with channel prefix), empty if it is nowhere."""
        key = (field, term)
        found = self.cache.get(key, Postings)
        return self.cache.put(key, self._read(field, term)) if found is None else found

    def count(self, field: TextField, term: str) -> int:
        """How many postings ``term`` has; deleted documents are among them."""
        found = self.cache.get((field, term), Postings)
        if found is not None:
            return len(found.documents)
        return sum(each.count(field, term.encode()) for each in self._segments)

    def documents(self, field: str, value: str) -> DocumentArray:
        """Documents that have ``value`` in a facet field."""
        text = value.encode()
        found = [block for segment in self._segments for block in segment.blocks(field, text)]
        return joined([each.documents for each in found]) if found else EMPTY.documents

    def beginning(self, field: TextField, prefix: str, limit: int) -> Beginning:
        """The first ``limit`` terms that begin with ``prefix`` (with channel prefix)."""
        key = (field, prefix, limit)
        found = self.cache.get(key, Beginning)
        return self.cache.put(key, self._unite(field, prefix, limit)) if found is None else found

    def note(self, looked: Sequence[Looked], postings: int) -> None:
        """Nobody counts."""

    def values(self, field: str) -> list[str]:
        """Every value of a facet field, in order."""
        with self._lock:
            return [each.decode() for each in self._reader.lexicon(field)]

    def _read(self, field: TextField, term: str) -> Postings:
        text = term.encode()
        found = [block for segment in self._segments for block in segment.blocks(field, text)]
        return end_to_end(found) if found else EMPTY

    def _unite(self, field: TextField, prefix: str, limit: int) -> Beginning:
        found = [each.beginning(field, prefix.encode(), limit + 1) for each in self._segments]
        terms = sorted(set().union(*found))
        is_cut = len(terms) > limit
        count = 0
        mask = np.zeros(self.size, dtype=bool)
        for segment, entries in zip(self._segments, found, strict=True):
            # Not term by term: there may be many small segments, which have few of them.
            wanted = [e for text, e in entries.items() if not is_cut or text < terms[limit]]
            count += sum(each.documents for each in wanted)
            mask[segment.documents(field, wanted)] = True
        texts = tuple(each.decode() for each in terms[:limit])
        looked: tuple[Looked, ...] = tuple((field, each) for each in texts)
        return Beginning(texts, np.flatnonzero(mask), looked, count, is_cut)


class _Segment:
    """The lists of one segment, whose first document has the number ``base``."""

    def __init__(self, leaf: Any, base: int, lock: threading.Lock) -> None:
        self.base = base
        self._leaf = leaf
        self._lock = lock
        terms = getattr(leaf, "_terms", None)
        self._dictionary = Dictionary(terms) if isinstance(terms, W3TermsReader) else None
        self.files = self._dictionary.files(base) if self._dictionary is not None else None

    def blocks(self, field: str, term: bytes) -> Iterable[Postings]:
        """The postings of a term, in parts as they are in the files."""
        if self._dictionary is not None:
            entry = self._dictionary.find(field, term)
            return self._dictionary.postings(entry, self.base) if entry is not None else ()
        with self._lock:
            try:
                return (stepped(self._leaf.postings(field, term), self.base),)
            except TermNotFound:
                return ()

    def count(self, field: str, term: bytes) -> int:
        if self._dictionary is not None:
            entry = self._dictionary.find(field, term)
            return entry.documents if entry is not None else 0
        with self._lock:
            return int(self._leaf.doc_frequency(field, term))

    def beginning(self, field: str, prefix: bytes, limit: int) -> dict[bytes, Entry]:
        """At most ``limit`` terms that begin so, in order."""
        found: dict[bytes, Entry] = {}
        if self._dictionary is not None:
            for entry in self._dictionary.beginning(field, prefix):
                found[entry.text] = entry
                if len(found) == limit:
                    break
            return found
        with self._lock:
            for text in self._leaf.expand_prefix(field, prefix):
                count = self._leaf.doc_frequency(field, text)
                found[text] = Entry(text, count)
                if len(found) == limit:
                    break
        return found

    def documents(self, field: str, entries: Sequence[Entry]) -> Numbers:
        """The documents that hold any of several terms, in no order."""
        if self._dictionary is not None:
            return self._dictionary.documents(entries) + self.base
        parts = [block.documents for each in entries for block in self.blocks(field, each.text)]
        return np.concatenate((EMPTY.documents, *parts))
