"""The kernels in numpy: whole arrays at a time, for where nothing could be compiled.

See :mod:`search.engines.whoosh.kernels.interface` for the specification.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from search.engines.scoring_parameters import EARLY
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
    decoded_terms,
)

NAME = "numpy"

_BLOCK = 1 << 12
_SKIP, _SKIP_BYTES, _INDEX_STEP = 512, 8, 64
_CACHE_BYTES = 32 * 1024 * 1024
_FIELDS = _TITLE, _BODY = 0, 1
# A position and its document in one integer; positions stay far below this.
_SHIFT = 32
#: Size of the blocks of keys of which the least is taken.
_TOGETHER = 64
_NONE: Documents = np.empty(0, dtype=np.int64)
_EMPTY = Postings(_NONE, *(np.empty(0, dtype=np.uint8) for _ in range(3)))
_Keys = npt.NDArray[np.float64] | Documents


class TermLists:
    """The posting lists of an open generation."""

    def __init__(self, tables: Sequence[Any], size: int) -> None:
        self._segments = [_Segment(each) for each in tables]
        self._size = size
        # Lists that were decoded before; decoding is most of what reading one costs.
        self._known: dict[tuple[int, str], Postings] = {}
        self._bytes = 0
        if any(each.base + each.size > size for each in self._segments):
            raise CorruptList("the tables of a segment do not fit each other")

    def document_frequencies(
        self, terms: Sequence[str], alive: Mask | None
    ) -> tuple[Documents, Documents]:
        counts = np.zeros(len(terms), dtype=np.int64)
        postings = np.zeros((len(terms), len(_FIELDS)), dtype=np.int64)
        for i, term in enumerate(terms):
            if alive is not None and not alive.all():
                title, body = (self.read(field, term).documents for field in _FIELDS)
                postings[i] = len(title), len(body)
                documents = np.union1d(title, body) if len(title) and len(body) else title
                counts[i] = np.count_nonzero(alive[documents if len(documents) else body])
                continue
            for segment in self._segments:
                ordinal = segment.find(term.encode())
                if ordinal is not None:
                    counts[i] += segment.document_frequency(ordinal)
                    for field in _FIELDS:
                        row = segment.row(field, ordinal)
                        if row is not None:
                            postings[i, field] += segment.frequency(field, row)
        return counts, postings

    def read(self, field: int, term: str) -> Postings:
        key = field, term
        found = self._known.get(key)
        if found is None:
            found = self._decoded(field, term.encode())
            size = sum(each.nbytes for each in found)
            self._bytes += size
            if self._bytes > _CACHE_BYTES:
                self._known.clear()
                self._bytes = size
            self._known[key] = found
        return found

    def prefix(self, field: int, prefix: str, limit: int) -> PrefixTerms:
        begin = prefix.encode()
        found = [each.beginning(field, begin, limit + 1) for each in self._segments]
        ordered = sorted({text for terms in found for text, _ in terms})
        is_cut = len(ordered) > limit
        postings, mask = 0, np.zeros(self._size, dtype=bool)
        for segment, terms in zip(self._segments, found, strict=True):
            rows = [row for text, row in terms if not is_cut or text < ordered[limit]]
            if rows:
                documents = segment.documents(field, rows[0], rows[-1] + 1)
                postings += len(documents)
                mask[documents] = True
        return PrefixTerms(decoded_terms(ordered[:limit]), np.flatnonzero(mask), postings, is_cut)

    def has_prefixes(self, prefixes: Sequence[str]) -> list[bool]:
        fields = [(each, field) for each in self._segments for field in _FIELDS]
        return [any(e.beginning(field, p.encode(), 1) for e, field in fields) for p in prefixes]

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
        del among  # other documents may be left out, but need not be
        asked = [
            (term, 1 if g.title_only else 2) for step in steps for g in step for term in g.terms
        ]
        lists = {
            term: [self.read(field, term) for field in _FIELDS]
            for term in dict.fromkeys(term for term, _ in asked)
        }
        for number, step in enumerate(steps):
            documents, added, is_match = _scored(bm25f, step, lists, self._size)
            scores[documents] += added
            if number < joint:
                mask = np.zeros(self._size, dtype=bool)
                mask[documents[is_match]] = True
                matches[:] = mask & matches if number else mask | matches
        return [sum(len(each.documents) for each in lists[t][:fields]) for t, fields in asked]

    def phrase(self, words: Sequence[Sequence[str]], field: int, slop: int) -> PhraseMatches:
        slots = [[self.read(field, term) for term in terms] for terms in words]
        ends = _NONE
        for number, keys in enumerate(map(_position_keys, _in_common(slots))):
            ends = _within_reach(keys, ends, slop + 1) if number else keys
        documents, counts = np.unique(ends >> _SHIFT, return_counts=True)
        is_early = (ends & ((1 << _SHIFT) - 1)) < EARLY
        early = np.bincount(np.searchsorted(documents, ends >> _SHIFT)[is_early], None, len(counts))
        return PhraseMatches(_lengths(slots), documents, counts, early)

    def proximity(
        self, words: tuple[Sequence[str], Sequence[str]], distance: int, among: Mask
    ) -> NearMatches:
        slots = [[self.read(_BODY, term) for term in terms] for terms in words]
        first, second = (keys[among[keys >> _SHIFT]] for keys in map(_position_keys, slots))
        near = _near(first, second, distance), _near(second, first, distance)
        return NearMatches(_lengths(slots), np.union1d(near[0] >> _SHIFT, near[1] >> _SHIFT))

    def shared_positions(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[list[list[int]], list[int]]:
        counts: list[list[int]] = []
        postings: list[int] = []
        for term, others in readings:
            lists = [[self.read(field, each) for field in _FIELDS] for each in (term, *others)]
            postings += [sum(len(each.documents) for each in both) for both in lists]
            found = [0] * len(others)
            for own, *rest in zip(*lists, strict=True):
                places = _position_keys([own])
                for i, each in enumerate(rest):
                    keys = _position_keys([_only(each, own.documents)])
                    found[i] += len(np.intersect1d(places, keys, assume_unique=True))
            counts.append(found)
        return counts, postings

    def positions(
        self, terms: Sequence[tuple[str, Sequence[int]]], documents: Documents
    ) -> tuple[list[int], Documents]:
        postings = [0] * len(terms)
        parts = [np.empty((0, 6), dtype=np.int64)]
        for i, (term, fields) in enumerate(terms):
            for field in sorted(fields):
                every = self.read(field, term)
                postings[i] += len(every.documents)
                own = _only(every, documents)
                if not len(own.documents):
                    continue
                rows = np.zeros((len(own.positions), 6), dtype=np.int64)
                rows[:, 0] = np.repeat(own.documents, own.counts)
                rows[:, 1], rows[:, 2], rows[:, 5] = field, own.positions, i
                parts.append(rows)
        found = np.concatenate(parts)
        keys = found[:, 0] << 1 | found[:, 1]
        for key in np.unique(keys).tolist():
            here = np.flatnonzero(keys == key)
            document, field = divmod(key, 2)
            segment = next(e for e in self._segments if 0 <= document - e.base < e.size)
            starts, lengths = segment.offsets(field, document)
            places = found[here, 2]
            if places.max() >= len(starts):
                raise CorruptList("a position is not in the text")
            found[here, 3], found[here, 4] = starts[places], lengths[places]
        return postings, found

    def _decoded(self, field: int, term: bytes) -> Postings:
        found = []
        for segment in self._segments:
            ordinal = segment.find(term)
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
        at = self._place(term)
        return at if at < self._count and self._text(at) == term else None

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
        # No UTF-8 text with this prefix sorts after it.
        start, end = (self._row(field, self._place(each)) for each in (begin, begin + b"\xff"))
        rows = range(start, min(end, start + limit))
        if not rows:
            return []
        ordinals = self._fields[field].terms[start : rows.stop].tolist()
        first, last = ordinals[0], ordinals[-1]
        if not 0 <= first <= min(ordinals) <= max(ordinals) <= last < self._count:
            raise CorruptList("a field has no such terms")
        starts = self._part(self._starts, first, last + 2).tolist()
        data = self._part(self._texts, starts[0], max(starts)).tobytes()
        places = [(starts[at - first], starts[at - first + 1]) for at in ordinals]
        texts = [data[begin - starts[0] : end - starts[0] - 1] for begin, end in places]
        return list(zip(texts, rows, strict=True))

    def postings(self, field: int, row: int) -> Postings:
        """The postings of a row, documents numbered as in the generation."""
        count = self.frequency(field, row)
        tables = self._fields[field]
        start, end = self._part(tables.starts, row, row + 2).tolist()
        widths = int(self._part(tables.widths, row, row + 1)[0])
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
        own_counts = data[counts:early].view(f"<u{1 << bits[1]}")
        own_positions = data[positions:].view(f"<u{1 << bits[2]}")
        if int(own_counts.sum(dtype=np.int64)) != len(own_positions):
            raise CorruptList("a posting list counts other positions than it has")
        return Postings(documents, own_counts, data[early:positions], own_positions)

    def documents(self, field: int, start: int, end: int) -> Documents:
        """The documents of the postings of some rows, row by row."""
        tables = self._fields[field]
        counts = self._part(tables.frequencies, start, end).astype(np.int64)
        bits = self._part(tables.widths, start, end) & 3
        starts = self._part(tables.starts, start, end + 1).astype(np.int64)
        data = self._part(self._postings, int(starts[0]), int(starts[-1]))
        begins = starts[:-1] - starts[0] + _SKIP_BYTES * ((counts - 1) // _SKIP)
        is_inside = begins + (counts << bits) <= starts[1:] - starts[0]
        fits = counts.min() > 0 and counts.max() <= self.size and bits.max() <= 2
        if not fits or not is_inside.all() or (np.diff(starts) < 0).any():
            raise CorruptList("a posting list has another length than it should")
        deltas = np.empty(int(counts.sum()), dtype=np.int64)
        for bit in np.unique(bits).tolist():
            chosen = np.repeat(bits == bit, counts)
            own = counts[bits == bit]
            shifts = begins[bits == bit] - ((np.cumsum(own) - own) << bit)
            at = np.repeat(shifts, own) + (np.arange(int(own.sum())) << bit)
            numbers = data[at].astype(np.int64)
            for byte in range(1, 1 << bit):
                numbers |= data[at + byte].astype(np.int64) << 8 * byte
            deltas[chosen] = numbers
        sums = np.cumsum(deltas)
        firsts = np.cumsum(counts) - counts
        documents = sums - np.repeat(sums[firsts] - deltas[firsts], counts)
        if documents.max() >= self.size:
            raise CorruptList("a posting list has documents that there are not")
        return np.asarray(documents + self.base, dtype=np.int64)

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
        # Negative steps are large unsigned numbers, which wrap around.
        return np.add.accumulate(numbers[:count], dtype=np.uint32), numbers[count:]

    def _part(self, array: Numbers, start: int, end: int) -> Numbers:
        """A slice of an array, whose block sums are checked."""
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
            found = np.add.reduce(self._words[first:last], axis=1)
            if found.tobytes() != self._sums[first:last].tobytes():
                raise CorruptList("a file has changed since it was written")
            self._flags[first:last] = 1
        return array[start:end]

    def _place(self, term: bytes) -> int:
        """The ordinal of a term, or where it would be inserted."""
        low = max(bisect_right(self._index, term) - 1, 0) * _INDEX_STEP
        high = min(low + _INDEX_STEP, self._count)
        starts = self._part(self._starts, low, high + 1).tolist()
        data = self._part(self._texts, starts[0], max(starts)).tobytes()

        def text(at: int) -> bytes:
            return data[starts[at] - starts[0] : starts[at + 1] - starts[0] - 1]

        return low + bisect_left(range(high - low), term, key=text)

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
    lists: Mapping[str, Sequence[Postings]],
    size: int,
) -> tuple[Documents, Scores, Mask]:
    """The documents with any term of some groups, their scores, and which of them match."""
    documents, tf, places = _frequencies(bm25f, groups, lists, size)
    k1 = bm25f.k1
    weights = [
        each.weight * (k1 + 1) * _idf(bm25f.alive, int(np.count_nonzero(row)))
        for each, row in zip(groups, tf, strict=True)
    ]
    # tf / (tf + k1) is 1 - k1 / (tf + k1), which needs no second array.
    lacking = k1 * np.array(weights, dtype=np.float32)
    tf += k1
    np.reciprocal(tf, out=tf)
    tf *= lacking[:, None]
    full = np.reciprocal(np.float32(k1)) * lacking
    scores = full.sum(dtype=np.float64) - tf.sum(axis=0, dtype=np.float64)
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
    lists: Mapping[str, Sequence[Postings]],
    size: int,
) -> tuple[Documents, npt.NDArray[np.float32], list[Documents]]:
    """Documents, the weighted and normalised term frequencies (groups, documents), and matches.

    Matches are places among the documents, an array for each list of a matching term.
    """
    bodies: list[tuple[int, bool, Postings]] = []
    titles: list[tuple[int, bool, Postings]] = []
    for row, group in enumerate(groups):
        for i, term in enumerate(group.terms):
            for field, each in zip((titles, bodies), lists[term], strict=True):
                if len(each.documents) and not (group.title_only and field is bodies):
                    field.append((row, i < group.matching, each))
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
    tf = np.zeros((len(groups), len(united)), dtype=np.float32)
    matching, at = [], 0
    for row, is_matching, each in every:
        start, at = at, at + len(each.documents)
        tf[row][places[start:at]] += counts[start:at]  # no document is twice in a list
        if is_matching:
            matching.append(places[start:at])
    return united, tf, matching


def _joined(parts: Sequence[Numbers]) -> Numbers:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _lengths(slots: Sequence[Sequence[Postings]]) -> list[int]:
    return [len(each.documents) for slot in slots for each in slot]


def _only(postings: Postings, numbers: Documents) -> Postings:
    """The postings of some documents, whose numbers ascend."""
    documents = postings.documents
    if not len(numbers) or not len(documents):
        return _EMPTY
    if len(numbers) < len(documents):
        places = np.searchsorted(documents, numbers)
        places[places == len(documents)] = 0
        places = places[documents[places] == numbers]
    else:
        found = np.searchsorted(numbers, documents)
        found[found == len(numbers)] = 0
        places = np.flatnonzero(numbers[found] == documents)
    if not len(places):
        return _EMPTY
    ends = np.cumsum(postings.counts, dtype=np.int64)
    counts = postings.counts[places].astype(np.int64)
    # The start of each document's positions, less how many were kept before it.
    shifts = ends[places] - np.cumsum(counts)
    positions = postings.positions[np.repeat(shifts, counts) + np.arange(counts.sum())]
    return Postings(documents[places], counts, postings.early[places], positions)


def _in_common(slots: Sequence[Sequence[Postings]]) -> Iterator[Sequence[Postings]]:
    """``slots`` with only those documents that have a posting in each."""
    documents: Documents | None = None
    for slot in sorted(slots, key=lambda slot: sum(len(each.documents) for each in slot)):
        parts = [each.documents for each in slot]
        union = parts[0] if len(parts) == 1 else np.unique(np.concatenate((_NONE, *parts)))
        if documents is not None and len(documents) and len(union):
            places = np.searchsorted(union, documents)
            places[places == len(union)] = 0
            union = documents[union[places] == documents]
        documents = union if documents is None or len(documents) else documents
    for slot in slots:
        yield [_only(each, _NONE if documents is None else documents) for each in slot]


def _position_keys(alternatives: Sequence[Postings]) -> Documents:
    """The positions of any of ``alternatives``, ascending: document and position in one number."""
    parts = [
        (np.repeat(each.documents, each.counts) << _SHIFT) + each.positions
        for each in alternatives
        if len(each.documents)
    ]
    if len(parts) < 2:
        return parts[0] if parts else _NONE
    keys = np.concatenate(parts)
    keys.sort(kind="stable")  # Timsort merges sorted runs quickly
    return np.asarray(keys[np.append(True, keys[1:] != keys[:-1])], dtype=np.int64)


def _within_reach(keys: Documents, starts: Documents, most: int) -> Documents:
    """Those of ``keys`` that are at most ``most`` positions after one of ``starts``."""
    if not len(starts):
        return _NONE
    last = np.searchsorted(starts, keys) - 1  # the last start before each key
    return keys[(last >= 0) & (keys - starts[np.maximum(last, 0)] <= most)]


def _near(own: Documents, others: Documents, distance: int) -> Documents:
    """Those of ``own`` positions with one of ``others`` at most ``distance`` after them."""
    if not len(others):
        return _NONE
    behind = np.searchsorted(others, own, side="right")
    ahead = others[np.minimum(behind, len(others) - 1)] - own
    return np.asarray(own[(ahead > 0) & (ahead <= distance)], dtype=np.int64)


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
    documents = _least(documents, -scores[documents], most, 10.0**-decimals)
    rounded = np.round(scores[documents], decimals)
    if len(documents) > max(2 * most, _TOGETHER):
        # Many have the score of the last one: only those with the least tie can follow.
        last = np.partition(rounded, len(rounded) - most)[len(rounded) - most]
        above, equal = documents[rounded > last], documents[rounded == last]
        documents = np.concatenate((above, _least(equal, ties[equal], most - len(above), 0)))
        rounded = np.round(scores[documents], decimals)
    return documents[np.lexsort((ties[documents], -rounded))[:most]]


def _least(documents: Documents, keys: _Keys, count: int, slack: float) -> Documents:
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
