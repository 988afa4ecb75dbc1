"""Vocabulary of a generation: document frequencies, completions, foldings, similar spellings."""

import re
from binascii import crc32
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress, islice
from typing import NamedTuple

import numpy as np

from search.analysis.folding import fold, folded_key
from search.analysis.terms import PREFIXES, Channel
from search.engines.contract import TEXT_FIELDS, FacetCount
from search.engines.fuzzy_lookup import folding_order, similar_words
from search.engines.whoosh.execution.positions import Budget, CachedLists
from search.engines.whoosh.kernels.interface import Mask
from search.engines.whoosh.segment.arrays import Array, Texts, check_codes
from search.engines.whoosh.segment.term_dictionary import TermDictionary
from search.engines.whoosh.snapshot.ordinal_map import NamePrefixIndex
from search.engines.whoosh.snapshot.segment_set import SegmentSet
from search.engines.whoosh.snapshot.snapshot import Snapshot

#: Sorts after all letters.
_LAST = "\U0010ffff"
#: Maximum of a segment's titles examined for a word within them, and minimum of its typed letters.
_MOST_WITHIN = 200
_SHORTEST_WITHIN = len(" abc")
_WORD = re.compile(r"\w+")


class _TermCount(NamedTuple):
    """Document frequency of a term, and the number of its postings in title and body."""

    documents: int
    title: int
    body: int

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return 300


class DocumentFrequencies:
    """Counts the documents that hold terms; one per open generation, safe for threads."""

    def __init__(self, lists: CachedLists, alive: Mask) -> None:
        self._lists = lists
        self._alive = None if alive.all() else alive

    def of(self, terms: Sequence[str], budget: Budget) -> list[int]:
        """Number of living documents with each term (with channel) in title or body."""
        looked = [(field, each) for each in terms for field in TEXT_FIELDS]
        if self._alive is None:
            documents, postings = self._lists.lists.document_frequencies(terms, None)
            budget.spend(looked, int(np.add.reduce(postings, axis=None)))
            return list(documents.tolist())
        counts = self._known(terms)
        budget.spend(looked, sum(each.title + each.body for each in counts))
        return [each.documents for each in counts]

    def _known(self, terms: Sequence[str]) -> list[_TermCount]:
        """Cached :meth:`_counted`, which is slow where documents are deleted."""
        cache = self._lists.cache
        found = {each: cache.get(("count", each), _TermCount) for each in terms}
        missing = [each for each, count in found.items() if count is None]
        for term, counted in zip(missing, self._counted(missing), strict=True):
            found[term] = cache.put(("count", term), counted)
        return [count for each in terms if (count := found[each]) is not None]

    def _counted(self, terms: Sequence[str]) -> list[_TermCount]:
        counts, postings = self._lists.lists.document_frequencies(terms, self._alive)
        rows = zip(counts.tolist(), postings.tolist(), strict=True)
        return [_TermCount(count, *both) for count, both in rows]


class SegmentWords:
    """The words of one segment, found by their foldings."""

    def __init__(self, terms: TermDictionary) -> None:
        self.dictionary = terms
        self.terms: Texts = terms.terms
        self._hashes, self._places, self._lemmas = terms.vocabulary()

    @cached_property
    def counts(self) -> Array:
        """Document frequency of each term in the field where it is greatest."""
        counts = np.zeros(len(self.terms), dtype=np.int64)
        for field in self.dictionary.fields.values():
            ordinals = check_codes(field.ordinals.read(0, len(field)), len(counts))
            frequencies = field.frequencies.read(0, len(field))
            counts[ordinals] = np.maximum(counts[ordinals], frequencies)
        return counts

    def folded(self, hashes: Array) -> Iterator[tuple[int, str]]:
        """Words whose folding has one of ``hashes``, with the index of the hash."""
        starts = np.searchsorted(self._hashes, hashes, side="left")
        ends = np.searchsorted(self._hashes, hashes, side="right")
        for which in np.flatnonzero(starts < ends).tolist():
            for at in self._places[starts[which] : ends[which]].tolist():
                yield which, self.terms[at][1:]

    def count(self, term: str) -> int:
        """Document frequency of ``term`` (with channel) in the field where it is greatest."""
        at = self.dictionary.find(term.encode())
        return 0 if at is None else int(self.counts[at])

    def channel(self, channel: Channel) -> tuple[int, int]:
        """Ordinals of the first term of a channel and after the last."""
        prefix = PREFIXES[channel]
        ends = (prefix, chr(ord(prefix) + 1))
        start, end = (self.dictionary.place(each.encode()) for each in ends)
        return start, end

    def lemmas(self, begin: str) -> Array:
        """Ordinals of the lemmas whose key begins with ``begin``, in the order of their keys."""

        def key(at: int) -> str:
            return folded_key(self.terms[int(self._lemmas[at])][1:])

        every = range(len(self._lemmas))
        start = bisect_left(every, begin, key=key)
        return self._lemmas[start : bisect_right(every, begin + _LAST, start, key=key)]


class Vocabulary:
    """The words of all segments of a generation; safe for threads.

    Deleted documents are counted until their segment is merged.
    """

    def __init__(self, dictionaries: Iterable[TermDictionary]) -> None:
        self._dictionaries = tuple(dictionaries)

    @cached_property
    def _segments(self) -> tuple[SegmentWords, ...]:
        return tuple(map(SegmentWords, self._dictionaries))

    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """For each text the words that fold to it, but for itself."""
        found = self._by_folding(list(dict.fromkeys(texts)))
        return tuple(tuple(each for each in found[text] if each != text) for text in texts)

    def similar(self, text: str) -> tuple[str, ...]:
        """Words within one edit of ``text``; diacritics count only if ``text`` has some."""
        return similar_words(text, self._by_folding)

    def counts(self, channel: Channel, least: int) -> tuple[FacetCount, ...]:
        """Words of a channel in at least the given number of documents, commonest first."""
        counts: dict[str, int] = {}
        for each in self._segments:
            start, end = each.channel(channel)
            rows = zip(each.terms.between(start, end), each.counts[start:end].tolist(), strict=True)
            for term, count in rows:
                counts[term] = counts.get(term, 0) + count
        found = (FacetCount(term[1:], count) for term, count in counts.items() if count >= least)
        return tuple(sorted(found, key=lambda each: (-each.count, each.value)))

    def different(self) -> int:
        """Number of different terms."""
        if len(self._dictionaries) == 1:
            return len(self._dictionaries[0])
        return len(set[str]().union(*(each.terms for each in self._dictionaries)))

    def complete(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` lemmas that begin with ``text``, the commonest first.

        Case and diacritics do not count.
        """
        ranges = [each.lemmas(folded_key(text)) for each in self._segments]
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
                        found[term] = sum(each.count(term) for each in self._segments)
            order = sorted(found, key=lambda term: (-found[term], folded_key(term[1:]), term))
            order = order[:limit]
            # Upper bound for a lemma that is not among the commonest of any segment.
            if not unseen or (len(order) == limit and found[order[-1]] > unseen):
                return tuple(FacetCount(term[1:], found[term]) for term in order)
            looked *= 4

    def _by_folding(self, keys: Sequence[str]) -> dict[str, list[str]]:
        """The words of any channel that fold to each of ``keys``, see :func:`folding_order`."""
        hashes = np.fromiter((crc32(each.encode()) for each in keys), np.uint32, len(keys))
        found: dict[str, set[str]] = {each: set() for each in keys}
        for segment in self._segments:
            for which, word in segment.folded(hashes):
                if fold(word) == keys[which]:
                    found[keys[which]].add(word)
        return {key: folding_order(key, words) for key, words in found.items()}


class OrganisationNames:
    """Completes names of organisations by the beginnings of their words; safe for threads.

    ``counts`` gives the articles of each, by code.
    """

    def __init__(self, snapshot: Snapshot, counts: Callable[[], Array]) -> None:
        self._snapshot = snapshot
        self._count = counts

    def complete(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` names with a word that begins with ``text``, the commonest first.

        Case and diacritics do not count.
        """
        values, index, counts = self._known
        begin = folded_key(text)
        codes = index.codes[index.place(values, begin) : index.place(values, begin + _LAST)]
        # Several words of a name can begin alike, so a few more entries are read.
        best = np.argsort(-counts[codes], kind="stable")[: 4 * limit]
        found = {values[code]: int(counts[code]) for code in codes[best].tolist()}
        return tuple(islice((FacetCount(*each) for each in found.items() if each[1]), limit))

    @cached_property
    def _known(self) -> tuple[Texts, NamePrefixIndex, Array]:
        return self._snapshot.ordinals("org").values, self._snapshot.names(), self._count()


class TitleWords:
    """Completes titles by the beginnings of their words; safe for threads.

    ``shown`` are the documents whose titles count.
    """

    def __init__(self, segments: SegmentSet, shown: Mask) -> None:
        self._segments = segments
        self._shown = shown

    def complete(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` titles that begin with ``text``, then those with such a word within.

        Of either those of most documents come first. Case and diacritics do not count.
        """
        counts = self._beginning(folded_key(text), limit)
        found = _commonest(counts, limit)
        if len(found) < limit:
            found += _commonest(self._within(text) - counts, limit - len(found))
        return tuple(found)

    def _beginning(self, begin: str, limit: int) -> Counter[str]:
        counts: Counter[str] = Counter()
        first: set[str] = set()
        for base, segment in self._segments.based():
            ordered = segment.doc_values.texts("titles")
            start = bisect_left(ordered, begin, key=folded_key)
            end = bisect_right(ordered, begin + _LAST, start, key=folded_key)
            is_shown = self._shown[segment.doc_values.title_documents[start:end] + base]
            titles = list(compress(ordered.between(start, end), is_shown.tolist()))
            counts.update(titles)
            first.update(islice(dict.fromkeys(titles), limit))
        # Nearly all occur once: of those only the first in the alphabet matter.
        several = {title for title, count in counts.items() if count > 1}
        candidates = several if len(several) >= limit else several | first
        return Counter({title: counts[title] for title in candidates})

    def _within(self, text: str) -> Counter[str]:
        """Some titles with a word within that begins with ``text``."""
        needle = _title_words(text).rstrip()
        counts: Counter[str] = Counter()
        if len(needle) < _SHORTEST_WITHIN:
            return counts
        for (base, segment), words in zip(self._segments.based(), self._words, strict=True):
            lines = islice(_lines_with(words, needle), _MOST_WITHIN)
            titles = segment.doc_values.texts("titles")
            documents = segment.doc_values.title_documents
            places = check_codes(np.fromiter(lines, np.int64), len(documents))
            is_shown = self._shown[documents[places] + base]
            counts.update(titles[at] for at in places[is_shown].tolist())
        return counts

    @cached_property
    def _words(self) -> list[str]:
        """For each segment the words of its titles, a title a line."""
        return [
            "\n".join(_title_words(each) for each in segment.doc_values.texts("titles"))
            for _, segment in self._segments.based()
        ]


def _commonest(counts: Counter[str], limit: int) -> list[FacetCount]:
    best = sorted(counts, key=lambda title: (-counts[title], folded_key(title), title))
    return [FacetCount(title, counts[title]) for title in best[:limit]]


def _title_words(title: str) -> str:
    """The words of a title, a blank before each, without case and diacritics."""
    return "".join(f" {each}" for each in _WORD.findall(folded_key(title)))


def _lines_with(text: str, needle: str) -> Iterator[int]:
    """Numbers of the lines of ``text`` with ``needle``."""
    line = done = 0
    while (at := text.find(needle, done)) >= 0:
        line += text.count("\n", done, at)
        yield line
        end = text.find("\n", at)
        if end < 0:
            return
        line, done = line + 1, end + 1
