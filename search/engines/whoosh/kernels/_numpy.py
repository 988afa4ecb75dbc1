"""The kernels in numpy: whole arrays at a time, for where nothing could be compiled.

See :mod:`search.engines.whoosh.kernels.interface` for what all this does.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from search.engines.whoosh.kernels.interface import (
    Bm25f,
    CorruptList,
    Documents,
    FacetRows,
    Mask,
    NearMatches,
    Numbers,
    PhraseMatches,
    Postings,
    PrefixTerms,
    Scores,
    TermGroup,
)

NAME = "numpy"

_BLOCK = 1 << 14
_SKIP, _SKIP_BYTES = 512, 8
_INDEX_STEP = 64
_EARLY = 50
_TITLE, _BODY = 0, 1
_FIELDS = (_TITLE, _BODY)
# A position and its document in one integer; positions stay far below this.
_SHIFT = 32
#: So many keys are looked at together for the least of them.
_TOGETHER = 64
_NONE: Documents = np.empty(0, dtype=np.int64)
_FEW = np.empty(0, dtype=np.uint8)
_EMPTY = Postings(_NONE, _FEW, _FEW, _FEW)
_Keys = npt.NDArray[np.float64] | Documents


class TermLists:
    """The posting lists of an open generation."""

    def __init__(self, tables: Sequence[Any], size: int) -> None:
        self._segments = [_Segment(each) for each in tables]
        self._size = size
        if any(each.base + each.size > size for each in self._segments):
            raise CorruptList("the tables of a segment do not fit each other")

    def document_frequencies(
        self, terms: Sequence[str], alive: Mask | None
    ) -> tuple[Documents, Documents]:
        counts = np.zeros(len(terms), dtype=np.int64)
        postings = np.zeros((len(terms), len(_FIELDS)), dtype=np.int64)
        for segment in self._segments:
            living = None if alive is None else alive[segment.base : segment.base + segment.size]
            if living is not None and living.all():
                living = None
            for i, term in enumerate(terms):
                ordinal = segment.find(term.encode())
                if ordinal is None:
                    continue
                rows = [(field, segment.row(field, ordinal)) for field in _FIELDS]
                held = [(field, row) for field, row in rows if row is not None]
                for field, row in held:
                    postings[i, field] += segment.frequency(field, row)
                if living is None:
                    counts[i] += segment.document_frequency(ordinal)
                    continue
                mask = np.zeros(segment.size, dtype=bool)
                for field, row in held:
                    mask[segment.postings(field, row).documents - segment.base] = True
                counts[i] += np.count_nonzero(mask & living)
        return counts, postings

    def read(self, field: int, term: str) -> Postings:
        found = self._read(field, term)
        if int(found.counts.sum(dtype=np.int64)) != len(found.positions):
            raise CorruptList("a posting list counts other positions than it has")
        return found

    def prefix(self, field: int, prefix: str, limit: int) -> PrefixTerms:
        begin = prefix.encode()
        found = [each.beginning(field, begin, limit + 1) for each in self._segments]
        ordered = sorted({text for held in found for text, _ in held})
        is_cut = len(ordered) > limit
        postings, mask = 0, np.zeros(self._size, dtype=bool)
        for segment, held in zip(self._segments, found, strict=True):
            # All at once: there may be many small segments, which have few of them.
            rows = [row for text, row in held if not is_cut or text < ordered[limit]]
            lists = [segment.postings(field, row).documents for row in rows]
            postings += sum(map(len, lists))
            mask[np.concatenate((_NONE, *lists))] = True
        terms = tuple(each.decode() for each in ordered[:limit])
        return PrefixTerms(terms, np.flatnonzero(mask), postings, is_cut)

    def score(
        self,
        bm25f: Bm25f,
        steps: Sequence[Sequence[TermGroup]],
        scores: Scores,
        matches: Mask,
        *,
        joint: int = 1,
        among: Mask | None = None,
    ) -> list[int]:
        del among  # which documents may be left out, but need not
        terms = [(term, each.title_only) for step in steps for each in step for term in each.terms]
        lists = {each: self._both(*each) for each in dict.fromkeys(terms)}
        for number, step in enumerate(steps):
            documents, added, is_match = _scored(bm25f, step, lists, self._size)
            scores[documents] += added
            if number < joint:
                mask = np.zeros(self._size, dtype=bool)
                mask[documents[is_match]] = True
                matches[:] = mask & matches if number else mask | matches
        return [sum(len(each.documents) for each in lists[term]) for term in terms]

    def phrase(self, words: Sequence[Sequence[str]], field: int, slop: int) -> PhraseMatches:
        slots = [[self.read(field, term) for term in terms] for terms in words]
        ends = _NONE
        for number, keys in enumerate(map(_position_keys, _in_common(slots, None))):
            ends = _within_reach(keys, ends, slop + 1) if number else keys
        documents, counts = np.unique(ends >> _SHIFT, return_counts=True)
        is_early = (ends & ((1 << _SHIFT) - 1)) < _EARLY
        early = np.bincount(np.searchsorted(documents, ends >> _SHIFT)[is_early], None, len(counts))
        return PhraseMatches(_lengths(slots), documents, counts, early)

    def proximity(
        self, words: tuple[Sequence[str], Sequence[str]], distance: int, among: Mask
    ) -> NearMatches:
        slots = [[self.read(_BODY, term) for term in terms] for terms in words]
        first, second = map(_position_keys, _in_common(slots, among))
        if not len(first) or not len(second):
            return NearMatches(_lengths(slots), _NONE, _NONE)
        own = np.bincount(_near(first, second, distance) >> _SHIFT, minlength=self._size)
        others = np.bincount(_near(second, first, distance) >> _SHIFT, minlength=self._size)
        counts = np.minimum(own, others)
        documents = np.flatnonzero(counts)
        return NearMatches(_lengths(slots), documents, counts[documents])

    def shared_positions(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[list[list[int]], list[int]]:
        counts: list[list[int]] = []
        postings: list[int] = []
        for term, others in readings:
            held = [[self.read(field, each) for field in _FIELDS] for each in (term, *others)]
            postings += [sum(len(each.documents) for each in both) for both in held]
            places = [_position_keys([each]) for each in held[0]]
            found = []
            for both in held[1:]:
                pairs = zip(places, both, held[0], strict=True)
                keys = [
                    (own, _position_keys([_only(each, first.documents)]))
                    for own, each, first in pairs
                ]
                found.append(sum(len(np.intersect1d(*each, assume_unique=True)) for each in keys))
            counts.append(found)
        return counts, postings

    def positions(
        self, terms: Sequence[tuple[str, Sequence[int]]], documents: Documents
    ) -> tuple[list[int], Documents]:
        postings = [0] * len(terms)
        parts = [np.empty((0, 6), dtype=np.int64)]
        for i, (term, fields) in enumerate(terms):
            for field in sorted(fields):
                held = self.read(field, term)
                postings[i] += len(held.documents)
                held = _only(held, documents)
                rows = np.zeros((len(held.positions), 6), dtype=np.int64)
                rows[:, 0] = np.repeat(held.documents, held.counts)
                rows[:, 1], rows[:, 2], rows[:, 5] = field, held.positions, i
                parts.append(rows)
        found = np.concatenate(parts)
        found[:, 3:5] = self.offsets(found[:, :3])
        return postings, found

    def offsets(self, places: Documents) -> Documents:
        found = np.zeros((len(places), 2), dtype=np.int64)
        known: dict[tuple[int, int], tuple[Numbers, Numbers]] = {}
        for i, (document, field, position) in enumerate(places.tolist()):
            if (document, field) not in known:
                known[document, field] = self._segment_of(document).offsets(field, document)
            starts, lengths = known[document, field]
            if not 0 <= position < len(starts):
                raise CorruptList("a position is not in the text")
            found[i] = starts[position], lengths[position]
        return found

    def _segment_of(self, document: int) -> "_Segment":
        for each in self._segments:
            if 0 <= document - each.base < each.size:
                return each
        raise CorruptList("there is no such document")

    def _both(self, term: str, title_only: bool) -> tuple[Postings, Postings]:
        return self._read(_TITLE, term), _EMPTY if title_only else self._read(_BODY, term)

    def _read(self, field: int, term: str) -> Postings:
        """The postings of a term, whose positions nobody has counted."""
        text = term.encode()
        found = []
        for segment in self._segments:
            ordinal = segment.find(text)
            row = None if ordinal is None else segment.row(field, ordinal)
            if row is not None:
                found.append(segment.postings(field, row))
        if len(found) < 2:
            return found[0] if found else _EMPTY
        return Postings(*map(np.concatenate, zip(*found, strict=True)))


class _Segment:
    """The terms and lists of one segment."""

    def __init__(self, table: Any) -> None:
        self.base, self.size = int(table.base), int(table.size)
        area = table.file[table.data :]
        blocks = len(table.sums)
        if blocks * _BLOCK > len(area) or len(table.flags) != blocks:
            raise CorruptList("a file has fewer blocks than sums of them")
        self._words = area[: blocks * _BLOCK].view(np.uint64).reshape(blocks, -1)
        self._sums, self._flags = table.sums, table.flags
        self._area = area.__array_interface__["data"][0]
        data = table.index_texts.tobytes()
        self._index = [
            data[start : end - 1] for start, end in pairwise(table.index_starts.tolist())
        ]
        self._texts, self._starts = table.texts, table.texts_starts
        self._count = len(self._starts) - 1
        self._frequencies = table.document_frequencies
        self._fields = table.fields
        self._postings = table.postings
        self._offsets = (
            (table.title_offsets, table.title_offset_starts),
            (table.body_offsets, table.body_offset_starts),
        )
        fits = len(self._index) == -(-self._count // _INDEX_STEP)
        fits = fits and len(self._frequencies) == self._count
        for terms, frequencies, starts, widths in self._fields:
            fits = fits and len(terms) == len(frequencies) == len(starts) - 1 == len(widths)
        fits = fits and all(len(starts) == self.size + 1 for _, starts in self._offsets)
        if not fits:
            raise CorruptList("the tables of a segment do not fit each other")

    def find(self, term: bytes) -> int | None:
        """The ordinal of a term."""
        low, texts = self._around(term)
        at = bisect_left(texts, term)
        return low + at if at < len(texts) and texts[at] == term else None

    def row(self, field: int, ordinal: int) -> int | None:
        """The row of a term in a field."""
        row = self._row(field, ordinal)
        terms = self._fields[field].terms
        return row if row < len(terms) and terms[row] == ordinal else None

    def frequency(self, field: int, row: int) -> int:
        """How many documents hold the term of a row."""
        found = int(self._part(self._fields[field].frequencies, row, row + 1)[0])
        if not 0 < found <= self.size:
            raise CorruptList("a posting list is longer than there are documents")
        return found

    def document_frequency(self, ordinal: int) -> int:
        """How many documents hold a term in title or body."""
        return min(int(self._part(self._frequencies, ordinal, ordinal + 1)[0]), self.size)

    def beginning(self, field: int, begin: bytes, limit: int) -> list[tuple[bytes, int]]:
        """At most ``limit`` terms of a field that begin so, in order, with their rows."""
        # No text in UTF-8 is behind the last and begins so.
        start, end = (self._row(field, self._place(each)) for each in (begin, begin + b"\xff"))
        rows = range(start, min(end, start + limit))
        return [(self._text(int(self._fields[field].terms[row])), row) for row in rows]

    def postings(self, field: int, row: int) -> Postings:
        """The postings of a row, documents numbered as in the generation."""
        count = self.frequency(field, row)
        held = self._fields[field]
        start, end = self._part(held.starts, row, row + 2).tolist()
        widths = int(self._part(held.widths, row, row + 1)[0])
        bits = (widths & 3, widths >> 2 & 3, widths >> 4)
        data = self._part(self._postings, start, end)
        sizes = [_SKIP_BYTES * ((count - 1) // _SKIP), count << bits[0], count << bits[1], count]
        deltas, counts, early, positions = np.cumsum(sizes).tolist()
        if max(bits) > 2 or positions > len(data) or (len(data) - positions) % (1 << bits[2]):
            raise CorruptList("a posting list has another length than it should")
        steps = data[deltas:counts].view(f"<u{1 << bits[0]}")
        documents = steps.cumsum(dtype=np.int64)
        documents += self.base
        if documents[-1] >= self.base + self.size or not steps[1:].all():
            raise CorruptList("a posting list has documents that there are not")
        return Postings(
            documents,
            data[counts:early].view(f"<u{1 << bits[1]}"),
            data[early:positions],
            data[positions:].view(f"<u{1 << bits[2]}"),
        )

    def offsets(self, field: int, document: int) -> tuple[Numbers, Numbers]:
        """Where each position of a field begins in its text, and how long it is."""
        data, starts = self._offsets[field]
        at = document - self.base
        start, end = self._part(starts, at, at + 2).tolist()
        packed = self._part(data, start, end)
        if not len(packed) or packed[0] > 2:
            raise CorruptList("offsets have no such width")
        width = 1 << int(packed[0])
        count = (len(packed) - 1) // width // 2
        numbers = packed[1 : 1 + 2 * count * width].view(f"<u{width}")
        # Steps back are large numbers, which overflow to what they are.
        return np.add.accumulate(numbers[:count], dtype=np.uint32), numbers[count:]

    def _part(self, array: Numbers, start: int, end: int) -> Numbers:
        """Some of the numbers of an array, whose blocks have their sums."""
        if not 0 <= start <= end <= len(array):
            raise CorruptList("a place is outside of its array")
        if start == end:
            return array[start:end]
        begin = array.__array_interface__["data"][0] - self._area
        first = (begin + start * array.itemsize) // _BLOCK
        last = (begin + end * array.itemsize - 1) // _BLOCK + 1
        if not 0 <= first < last <= len(self._words):
            raise CorruptList("an array is not inside of its file")
        if not self._flags[first:last].all():
            found = self._words[first:last].sum(axis=1, dtype=np.uint64)
            if not np.array_equal(found, self._sums[first:last]):
                raise CorruptList("a file has changed since it was written")
            self._flags[first:last] = 1
        return array[start:end]

    def _around(self, term: bytes) -> tuple[int, list[bytes]]:
        """The terms among which a term would stand, and the ordinal of the first of them."""
        low = max(bisect_right(self._index, term) - 1, 0) * _INDEX_STEP
        high = min(low + _INDEX_STEP, self._count)
        starts = self._part(self._starts, low, high + 1).tolist()
        data = self._part(self._texts, starts[0], max(starts)).tobytes()
        return low, [data[a - starts[0] : b - starts[0] - 1] for a, b in pairwise(starts)]

    def _place(self, term: bytes) -> int:
        """Where a term stands or would stand."""
        low, texts = self._around(term)
        return low + bisect_left(texts, term)

    def _row(self, field: int, ordinal: int) -> int:
        terms = self._fields[field].terms
        return int(np.searchsorted(self._part(terms, 0, len(terms)), np.int32(ordinal)))

    def _text(self, ordinal: int) -> bytes:
        if not 0 <= ordinal < self._count:
            raise CorruptList("there is no such term")
        start, end = self._part(self._starts, ordinal, ordinal + 2).tolist()
        return self._part(self._texts, start, max(end - 1, start)).tobytes()


def _scored(
    bm25f: Bm25f,
    groups: Sequence[TermGroup],
    lists: dict[tuple[str, bool], tuple[Postings, Postings]],
    size: int,
) -> tuple[Documents, Scores, Mask]:
    """The documents that hold any term of some groups, their scores, and which of them match."""
    documents, taken, places = _frequencies(bm25f, groups, lists, size)
    k1 = bm25f.k1
    worth = [
        each.weight * (k1 + 1) * _idf(bm25f.alive, int(np.count_nonzero(row)))
        for each, row in zip(groups, taken, strict=True)
    ]
    # f / (f + k1) is 1 - k1 / (f + k1), which takes no other array.
    lacking = k1 * np.array(worth, dtype=np.float32)
    taken += k1
    np.reciprocal(taken, out=taken)
    taken *= lacking[:, None]
    nothing_held = np.reciprocal(np.float32(k1)) * lacking
    scores = nothing_held.sum(dtype=np.float64) - taken.sum(axis=0, dtype=np.float64)
    is_match = np.zeros(len(documents), dtype=bool)
    for at in places:
        is_match[at] = True
    return documents, scores, is_match


def _idf(alive: int, frequency: int) -> float:
    frequency = min(frequency, alive)
    return float(np.log1p((alive - frequency + 0.5) / (frequency + 0.5)))


def _frequencies(
    bm25f: Bm25f,
    groups: Sequence[TermGroup],
    lists: dict[tuple[str, bool], tuple[Postings, Postings]],
    size: int,
) -> tuple[Documents, npt.NDArray[np.float32], list[Documents]]:
    """Documents, how often each group has them hold its terms, and places of those that match.

    Title and body are weighed and normalised: an array of groups by documents.
    """
    bodies: list[tuple[int, bool, Postings]] = []
    titles: list[tuple[int, bool, Postings]] = []
    for row, group in enumerate(groups):
        for i, term in enumerate(group.terms):
            title, body = lists[term, group.title_only]
            for held, each in ((titles, title), (bodies, body)):
                if len(each.documents):
                    held.append((row, i < group.matching, each))
    every = [*bodies, *titles]
    if not every:
        return _NONE, np.zeros((len(groups), 0), dtype=np.float32), []
    documents = _joined([each.documents for _, _, each in every])
    counts = _joined([each.counts for _, _, each in every]).astype(np.float32)
    end = sum([len(each.documents) for _, _, each in bodies])
    if bodies:
        early = _joined([each.early for _, _, each in bodies])
        counts[:end] += np.multiply(early, bm25f.early_boost, dtype=np.float32)
        counts[:end] *= bm25f.body_gain[documents[:end]]
    if titles:
        counts[end:] *= bm25f.title_gain[documents[end:]]
    mask = np.zeros(size, dtype=bool)
    mask[documents] = True
    united = np.flatnonzero(mask)
    place_of = np.empty(size, dtype=np.int64)
    place_of[united] = np.arange(len(united))
    places = place_of[documents]
    taken = np.zeros((len(groups), len(united)), dtype=np.float32)
    matching, at = [], 0
    for row, is_matching, each in every:
        start, at = at, at + len(each.documents)
        taken[row][places[start:at]] += counts[start:at]  # no document is twice in a list
        if is_matching:
            matching.append(places[start:at])
    return united, taken, matching


def _joined(parts: Sequence[Numbers]) -> Numbers:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _lengths(slots: Sequence[Sequence[Postings]]) -> list[int]:
    return [len(each.documents) for slot in slots for each in slot]


def _only(postings: Postings, numbers: Documents) -> Postings:
    """Postings cut down to some documents, whose numbers ascend."""
    documents, counts = postings.documents, postings.counts.astype(np.int64)
    if not len(numbers) or not len(documents):
        return _EMPTY
    places = np.searchsorted(documents, numbers)
    places[places == len(documents)] = 0
    places = places[documents[places] == numbers]
    starts = (np.cumsum(counts) - counts)[places]
    counts = counts[places]
    # The first of each document's positions, less how many were taken before it.
    shifts = starts - (np.cumsum(counts) - counts)
    positions = postings.positions[np.repeat(shifts, counts) + np.arange(counts.sum())]
    return Postings(documents[places], counts, postings.early[places], positions)


def _in_common(
    slots: Sequence[Sequence[Postings]], among: Mask | None
) -> Iterator[Sequence[Postings]]:
    """``slots`` with only those documents of ``among`` that have a posting in each."""
    unions = [np.unique(np.concatenate((_NONE, *(e.documents for e in slot)))) for slot in slots]
    documents: Documents | None = None
    for each in sorted(unions, key=len):
        documents = each if documents is None else documents[np.isin(documents, each)]
    if documents is not None and among is not None:
        documents = documents[among[documents]]
    for slot in slots:
        yield [_only(each, _NONE if documents is None else documents) for each in slot]


def _position_keys(alternatives: Sequence[Postings]) -> Documents:
    """Every place of any of ``alternatives``, ascending: document and position in a number."""
    parts = [
        (np.repeat(each.documents, each.counts) << _SHIFT) + each.positions
        for each in alternatives
        if len(each.documents)
    ]
    if len(parts) < 2:
        return parts[0] if parts else _NONE
    keys = np.concatenate(parts)
    keys.sort(kind="stable")  # they are runs in order, which are quickly merged
    return np.asarray(keys[np.append(True, keys[1:] != keys[:-1])], dtype=np.int64)


def _within_reach(keys: Documents, starts: Documents, most: int) -> Documents:
    """Those of ``keys`` that stand at most ``most`` positions after one of ``starts``."""
    if not len(starts):
        return _NONE
    last = np.searchsorted(starts, keys) - 1  # the last start before each key
    return keys[(last >= 0) & (keys - starts[np.maximum(last, 0)] <= most)]


def _near(own: Documents, others: Documents, distance: int) -> Documents:
    """Those of a word's ``own`` places before or after which the next of ``others`` is near."""
    at = np.searchsorted(others, own)
    after = others[np.minimum(at, len(others) - 1)] - own
    before = own - others[np.maximum(at - 1, 0)]
    near = ((after > 0) & (after <= distance)) | ((before > 0) & (before <= distance))
    return np.asarray(own[near], dtype=np.int64)


def collect(mask: Mask) -> Documents:
    return np.flatnonzero(mask)


def facet_counts(facet: FacetRows, documents: Documents) -> Documents:
    size = len(facet.by_name)
    is_whole = len(documents) == len(facet.rows)
    codes = (facet.rows if is_whole else facet.rows.take(documents, axis=0)).ravel()
    counts = np.bincount(codes, minlength=size + 1)[:size]
    if len(facet.more):
        wanted = np.zeros(len(facet.rows), dtype=bool)
        wanted[documents] = True
        counts += np.bincount(facet.more_codes[wanted[facet.more]], minlength=size)
    return counts


def facet_order(facet: FacetRows, counts: Documents) -> tuple[Documents, Documents]:
    codes = facet.by_name[counts[facet.by_name] > 0]
    codes = codes[np.argsort(-counts[codes], kind="stable")]
    return codes, counts[codes]


def top(
    documents: Documents, scores: Scores, ties: Documents, decimals: int, most: int
) -> Documents:
    # Equal sums may differ in the last bit by the order of addition.
    documents = least(documents, -scores[documents], most, 10.0**-decimals)
    rounded = np.round(scores[documents], decimals)
    if len(documents) > max(2 * most, _TOGETHER):
        # Many have the score of the last one: only those with the least tie can follow.
        last = np.partition(rounded, len(rounded) - most)[len(rounded) - most]
        above, equal = documents[rounded > last], documents[rounded == last]
        documents = np.concatenate((above, least(equal, ties[equal], most - len(above), 0)))
        rounded = np.round(scores[documents], decimals)
    return documents[np.lexsort((ties[documents], -rounded))[:most]]


def least(documents: Documents, keys: _Keys, count: int, slack: float) -> Documents:
    """Those of ``documents`` whose key is one of the ``count`` least, or equal to one of them."""
    if len(documents) <= count or count <= 0:
        return documents[: max(count, 0)] if count <= 0 else documents
    whole = len(keys) - len(keys) % _TOGETHER
    if whole >= 4 * _TOGETHER * count:
        # The least of every block are some keys: the last of the least of them is a bound.
        blocks = keys[:whole].reshape(-1, _TOGETHER).min(axis=1)
        bound = np.partition(blocks, count - 1)[count - 1]
        few = keys <= bound + slack
        documents, keys = documents[few], keys[few]
    last = np.partition(keys, count - 1)[count - 1]
    return np.asarray(documents[keys <= last + slack], dtype=np.int64)
