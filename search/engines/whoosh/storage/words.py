"""The words of a segment and how common they are, in arrays that are searched where they lie.

Beside the terms in their order stand two more orders: by the hash of what is left of a word without
its diacritics, and of the lemmas by what is left of them in small letters besides.
"""

from binascii import crc32
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from search.analysis.folding import fold
from search.analysis.terms import LEMMA, PREFIXES, Channel
from search.engines.contract import FacetCount
from search.engines.whoosh.storage.arrays import Array, Texts
from search.engines.whoosh.storage.names import key_of

#: No letter comes behind it.
_LAST = "\U0010ffff"
#: Many words are folded here at once, which for the letters of Estonian is a replacement.
_LETTERS = tuple((each.encode(), fold(each).encode()) for each in "äõüöšž")
_BETWEEN = b"\x00"
#: What comes behind every lemma.
_BEHIND_LEMMAS = chr(ord(LEMMA) + 1).encode()


def word_arrays(counts: Mapping[bytes, int]) -> dict[str, Array]:
    """The words of a segment as :class:`SegmentWords` takes them.

    ``counts`` gives for each term, with its channel, the documents of the field where most have it.
    """
    terms = sorted(counts)
    hashes, places = _foldings(terms)
    start = bisect_left(terms, LEMMA.encode())
    lemmas = [each[1:] for each in terms[start : bisect_left(terms, _BEHIND_LEMMAS)]]
    keys = _plain(lemmas, key_of, in_small_letters=True)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {
        **Texts.encoded(terms).arrays("terms"),
        "counts": np.fromiter(map(counts.__getitem__, terms), np.int32, len(terms)),
        "fold_hashes": hashes,
        "fold_places": places,
        "lemma_order": np.array(order, dtype=np.int32) + start,
    }


def _foldings(terms: Sequence[bytes]) -> tuple[Array, Array]:
    """Hashes of all words as folded, in order, and for each a term that is the word."""
    places = {text[1:]: at for at, text in enumerate(terms)}
    folded = _plain(list(places), fold)
    hashes = np.fromiter(map(crc32, folded), np.uint32, len(places))
    order = np.argsort(hashes, kind="stable")
    return hashes[order], np.fromiter(places.values(), np.int32, len(places))[order]


def _hash(text: str) -> int:
    return crc32(text.encode())


def _plain(
    words: list[bytes], fold_one: Callable[[str], str], *, in_small_letters: bool = False
) -> list[bytes]:
    """What ``fold_one`` makes of each word: it is called only where a word has rare letters."""
    text = _BETWEEN.join(words)
    for letter, folded in _LETTERS:
        text = text.replace(letter, folded)
    plain = (text.lower() if in_small_letters else text).split(_BETWEEN) if words else []
    if text.isascii() and len(plain) == len(words):
        return plain
    if len(plain) != len(words):  # one of them holds a zero itself
        plain = words
    pairs = zip(words, plain, strict=True)
    return [
        folded if folded.isascii() and plain is not words else fold_one(word.decode()).encode()
        for word, folded in pairs
    ]


class SegmentWords:
    """The words of one segment."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
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
