"""The words of a segment and how common they are, in a file that is searched where it lies.

Beside the terms in their order stand two more orders: by the hash of what is left of a word without
its diacritics, and of the lemmas by what is left of them in small letters besides.
"""

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from pathlib import Path
from typing import Any

import numpy as np

from search.analysis.channels import LEMMA, PREFIXES, Channel
from search.analysis.folding import fold
from search.engines.contract import FacetCount
from search.engines.whoosh.storage.arrays import Array, Arrays, Texts, write_arrays
from search.engines.whoosh.storage.names import key_of

_SUFFIX = "words"
#: No letter comes behind it.
_LAST = "\U0010ffff"


def words_path(directory: Path, segment: str) -> Path:
    """The file for a segment."""
    return directory / f"{segment}.{_SUFFIX}"


def write_words(path: Path, terms: Iterable[tuple[str, int]]) -> None:
    """Write the words of a segment.

    ``terms`` are in order, each with its channel and the documents of the field where most have it.
    """
    texts: list[str] = []
    counts: list[int] = []
    for text, count in terms:
        texts.append(text)
        counts.append(count)
    hashes, places = _foldings(texts)
    lemmas = range(bisect_left(texts, LEMMA), bisect_left(texts, chr(ord(LEMMA) + 1)))
    keys = [key_of(texts[at][1:]) for at in lemmas]
    order = sorted(range(len(keys)), key=lambda at: (keys[at], texts[lemmas[at]]))
    arrays = {
        **Texts.of(texts).arrays("terms"),
        "counts": np.array(counts, dtype=np.int32),
        "fold_hashes": hashes,
        "fold_places": places,
        "lemma_order": np.array(order, dtype=np.int32) + lemmas.start,
    }
    write_arrays(path, arrays)


def leaf_words(leaf: Any) -> Iterator[tuple[str, int]]:
    """The words of an open Whoosh reader of one segment, as :func:`write_words` takes them."""
    fields = (
        ((text.decode(), int(info.doc_frequency())) for text, info in each)
        for each in (leaf.iter_field(name) for name in ("title", "body"))
    )
    last: tuple[str, int] | None = None
    for text, count in merge(*fields):
        if last is not None and last[0] != text:
            yield last
        last = (text, count)  # of equal texts the one with the greater number comes last
    if last is not None:
        yield last


def _foldings(terms: Sequence[str]) -> tuple[Array, Array]:
    """Hashes of all words as folded, in order, and for each a term that is the word."""
    places = {text[1:]: at for at, text in enumerate(terms)}
    hashes = np.fromiter((_hash(fold(each)) for each in places), np.uint32, len(places))
    order = np.argsort(hashes, kind="stable")
    return hashes[order], np.fromiter(places.values(), np.int32, len(places))[order]


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())


class SegmentWords:
    """The words of one segment."""

    def __init__(self, path: Path) -> None:
        """Map the file into memory. Raises OSError or ValueError."""
        arrays = Arrays(path)
        self.terms = Texts.read(arrays, "terms")
        self.counts = arrays["counts"]
        self._hashes = arrays["fold_hashes"]
        self._places = arrays["fold_places"]
        self._lemmas = arrays["lemma_order"]

    def folded(self, hashes: Array) -> Iterator[tuple[int, str]]:
        """Words whose folding has one of ``hashes``, with the number of which."""
        starts = np.searchsorted(self._hashes, hashes, side="left")
        ends = np.searchsorted(self._hashes, hashes, side="right")
        for which in np.flatnonzero(starts < ends).tolist():
            for at in self._places[starts[which] : ends[which]].tolist():
                yield which, self.terms[at][1:]

    def count(self, term: str) -> int:
        """Documents that have ``term`` (with channel), in the field where most have it."""
        at = self.terms.place(term)
        return int(self.counts[at]) if at < len(self.terms) and self.terms[at] == term else 0

    def channel(self, channel: Channel) -> tuple[int, int]:
        """The places of the terms of a channel."""
        prefix = PREFIXES[channel]
        return self.terms.place(prefix), self.terms.place(chr(ord(prefix) + 1))

    def beginning(self, begin: str) -> Array:
        """The places of the lemmas whose key begins so, in the order of their keys."""

        def key(at: int) -> str:
            return key_of(self.terms[int(self._lemmas[at])][1:])

        every = range(len(self._lemmas))
        start = bisect_left(every, begin, key=key)
        return self._lemmas[start : bisect_right(every, begin + _LAST, start, key=key)]


class Words:
    """The words of all segments of a generation.

    Documents deleted since are counted until their segment is written anew.
    """

    def __init__(self, segments: Sequence[SegmentWords]) -> None:
        self._segments = tuple(segments)

    @classmethod
    def read(cls, directory: Path, segments: Iterable[str]) -> "Words":
        """Map the files of ``segments`` into memory. Raises OSError or ValueError."""
        return cls([SegmentWords(words_path(directory, each)) for each in segments])

    def by_folding(self, keys: Sequence[str]) -> list[list[str]]:
        """For each of ``keys`` the words that are it without their diacritics, in any channel.

        A word that is the key itself comes first, the others in order.
        """
        hashes = np.fromiter(map(_hash, keys), np.uint32, len(keys))
        found: list[set[str]] = [set() for _ in keys]
        for segment in self._segments:
            for which, word in segment.folded(hashes):
                if fold(word) == keys[which]:
                    found[which].add(word)
        return [
            sorted(words, key=lambda word: "" if word == key else word)
            for key, words in zip(keys, found, strict=True)
        ]

    def counts(self, channel: Channel, least: int) -> dict[str, int]:
        """Words of a channel that at least so many documents have, with their number."""
        counts: dict[str, int] = {}
        for each in self._segments:
            start, end = each.channel(channel)
            found = zip(
                each.terms.between(start, end), each.counts[start:end].tolist(), strict=True
            )
            for term, count in found:
                counts[term] = counts.get(term, 0) + count
        return {term[1:]: count for term, count in counts.items() if count >= least}

    def different(self) -> int:
        """How many different terms there are."""
        if len(self._segments) == 1:
            return len(self._segments[0].terms)
        return len(set[str]().union(*(each.terms for each in self._segments)))

    def beginnings(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` lemmas that begin with ``text``, the commonest first.

        Case and diacritics do not count.
        """
        ranges = [each.beginning(key_of(text)) for each in self._segments]
        looked, found = limit, dict[str, int]()
        while True:
            unseen = 0
            for segment, places in zip(self._segments, ranges, strict=True):
                counts = segment.counts[places]
                best = np.arange(len(places))
                if len(places) > looked:
                    best = np.argpartition(-counts, looked)
                    unseen += int(counts[best[looked]])
                for at in places[best[:looked]].tolist():
                    term = segment.terms[at]
                    if term not in found:
                        found[term] = self._count(term)
            order = sorted(found, key=lambda term: (-found[term], key_of(term[1:]), term))[:limit]
            # What no segment has among its commonest has at most so many documents altogether.
            if not unseen or (len(order) == limit and found[order[-1]] > unseen):
                return tuple(FacetCount(term[1:], found[term]) for term in order)
            looked *= 4

    def _count(self, term: str) -> int:
        if len(self._segments) == 1:
            return self._segments[0].count(term)
        return sum(each.count(term) for each in self._segments)
