"""Posting lists as numpy arrays, decoded block by block.

Whoosh's matchers step through postings one at a time in Python. Its blocks hold the same data as
tuples, which decode in bulk; a posting list without blocks is read by the public matcher.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.reading import TermNotFound

TextField = Literal["title", "body"]
DocumentArray = npt.NDArray[np.int64]
PositionArray = npt.NDArray[np.uint32]
#: News says in its first lines what it is about: so many positions are a body's beginning.
EARLY_POSITIONS = 50


@dataclass(frozen=True, slots=True)
class Postings:
    """All postings of a term in one field.

    ``documents`` ascending; ``frequencies`` of equal length, and of these ``early`` among the
    first positions of the field; ``positions`` flat, those of ``documents[i]`` at
    ``offsets[i]:offsets[i + 1]``. Deleted documents are still among them.
    """

    documents: DocumentArray
    frequencies: DocumentArray
    early: DocumentArray
    positions: PositionArray
    offsets: DocumentArray

    @classmethod
    def of(
        cls, documents: DocumentArray, frequencies: DocumentArray, positions: PositionArray
    ) -> "Postings":
        """Postings with what follows from the others worked out."""
        offsets = np.concatenate(([0], np.cumsum(frequencies)))
        early = np.empty(0, dtype=np.int64)
        if len(documents):
            early = np.add.reduceat(positions < EARLY_POSITIONS, offsets[:-1], dtype=np.int64)
        return cls(documents, frequencies, early, positions, offsets)

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        arrays = (self.documents, self.frequencies, self.early, self.positions, self.offsets)
        return sum(each.nbytes for each in arrays)

    def of_documents(self, numbers: Sequence[int]) -> Iterator[tuple[int, PositionArray]]:
        """Those of the documents that hold the term, each with its positions there."""
        places = np.searchsorted(self.documents, np.asarray(numbers, dtype=np.int64))
        for number, i in zip(numbers, places.tolist(), strict=True):
            if i < len(self.documents) and self.documents[i] == number:
                yield number, self.positions[self.offsets[i] : self.offsets[i + 1]]

    def only(self, numbers: Sequence[int]) -> "Postings":
        """These postings cut down to some documents, whose numbers ascend."""
        held = list(self.of_documents(numbers))
        positions = [each for _, each in held] or [self.positions[:0]]
        return Postings.of(
            np.array([number for number, _ in held], dtype=np.int64),
            np.array([len(each) for _, each in held], dtype=np.int64),
            np.concatenate(positions),
        )


class PostingLists(Protocol):
    """What a query reads: all lists of a generation, counted or not."""

    def postings(self, field: TextField, term: str) -> Postings:
        """The postings of ``term`` (with channel prefix), empty if it is nowhere."""
        ...

    def expand(self, field: TextField, prefix: str, limit: int) -> list[str]:
        """At most ``limit`` terms that begin with ``prefix`` (with channel prefix), in order."""
        ...


class PostingsReader:
    """Reads and caches posting lists over all segments of an index.

    Whoosh reads files by seek and read, which threads must not share: ``lock`` guards every
    access to the Whoosh reader, also by others.
    """

    def __init__(self, reader: Any, lock: threading.Lock, cache_bytes: int) -> None:
        self._leaves = [(leaf, base) for leaf, base in reader.leaf_readers()]
        self._reader = reader
        self._lock = lock
        self._cache: OrderedDict[tuple[str, str], Postings] = OrderedDict()
        self._cached_bytes = 0
        self._cache_bytes = cache_bytes

    def postings(self, field: TextField, term: str) -> Postings:
        """The postings of ``term`` (with channel prefix), empty if it is nowhere."""
        key = (field, term)
        with self._lock:
            known = self._cache.get(key)
            if known is None:
                known = self._read(field, term)
                self._remember(key, known)
            else:
                self._cache.move_to_end(key)
        return known

    def documents(self, field: str, value: str) -> DocumentArray:
        """Documents that have ``value`` in a facet field."""
        parts = []
        with self._lock:
            for leaf, base in self._leaves:
                for ids, _, _ in _blocks(leaf, field, value.encode()):
                    parts.append(ids + base)
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def expand(self, field: TextField, prefix: str, limit: int) -> list[str]:
        """At most ``limit`` terms that begin with ``prefix`` (with channel prefix), in order."""
        terms: list[str] = []
        with self._lock:
            for each in self._reader.expand_prefix(field, prefix):
                terms.append(each.decode())
                if len(terms) >= limit:
                    break
        return terms

    def values(self, field: str) -> list[str]:
        """Every value of a facet field, in order."""
        with self._lock:
            return [each.decode() for each in self._reader.lexicon(field)]

    def _read(self, field: TextField, term: str) -> Postings:
        documents, frequencies = [], []
        values: list[bytes] = []
        for leaf, base in self._leaves:
            for ids, weights, block in _blocks(leaf, field, term.encode()):
                documents.append(ids + base)
                frequencies.append(weights)
                values.extend(block)
        if not documents:
            empty = np.empty(0, dtype=np.int64)
            return Postings.of(empty, empty, np.empty(0, dtype=np.uint32))
        counts = np.concatenate(frequencies)
        positions = np.frombuffer(b"".join(values), dtype=np.uint32)
        return Postings.of(np.concatenate(documents), counts, positions)

    def _remember(self, key: tuple[str, str], postings: Postings) -> None:
        self._cache[key] = postings
        self._cached_bytes += postings.size
        while self._cached_bytes > self._cache_bytes and len(self._cache) > 1:
            _, oldest = self._cache.popitem(last=False)
            self._cached_bytes -= oldest.size


def _blocks(
    leaf: Any, field: str, term: bytes
) -> Iterator[tuple[DocumentArray, DocumentArray, tuple[bytes, ...]]]:
    """Document ids, frequencies and raw values of a term, one block of a segment at a time."""
    try:
        matcher = leaf.postings(field, term)
    except TermNotFound:
        return
    inner = getattr(matcher, "child", matcher)  # a segment with deletions wraps its matcher
    if not isinstance(inner, W3LeafMatcher):
        yield _by_public_path(matcher)
        return
    while True:
        inner._read_data()
        deltas, weights, values = inner._data
        ids = np.cumsum(np.array(deltas, dtype=np.int64))
        if weights is None:
            counts = np.ones(len(ids), dtype=np.int64)
        else:
            counts = np.broadcast_to(np.asarray(weights, dtype=np.int64), ids.shape)
        yield ids, counts, values or ()
        if inner._lastblock:
            return
        inner._next_block()


def _by_public_path(matcher: Any) -> tuple[DocumentArray, DocumentArray, tuple[bytes, ...]]:
    """The same through Whoosh's public interface: slower, for posting lists without blocks."""
    ids, weights, values = [], [], []
    while matcher.is_active():
        ids.append(matcher.id())
        weights.append(matcher.weight())
        values.append(matcher.value() or b"")
        matcher.next()
    return np.array(ids, dtype=np.int64), np.array(weights, dtype=np.int64), tuple(values)
