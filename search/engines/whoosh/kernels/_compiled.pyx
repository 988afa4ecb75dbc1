# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The kernels in machine code: posting lists gone through as they lie in the mapped files.

Same answers as the numpy module. Nothing here holds the interpreter's lock while it works. All
lengths and places that a file gives are checked where a list is opened, blocks of bytes compared
with their sums, and documents checked before they are used as a place.
"""

from libc.math cimport INFINITY, log1p, rint
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memset

import numpy as np

from search.engines.whoosh.kernels.interface import (
    CorruptList,
    NearMatches,
    PhraseMatches,
    Postings,
    PrefixTerms,
    decoded_terms,
)

NAME = "compiled"

cdef extern from *:
    int __builtin_ctzll(unsigned long long) noexcept nogil
    int __builtin_popcountll(unsigned long long) noexcept nogil

include "_postings.pxi"
include "_scoring.pxi"
include "_collecting.pxi"

ctypedef struct Rows:  # of places: document, field, position, start, length, term
    int64_t *data
    int64_t count, room


cdef const void *address(object array, str dtype, list kept) except? NULL:
    """Where an array of a type begins in memory; it is ``kept`` from now on."""
    if array.dtype.str != dtype or array.ndim != 1 or not array.flags.c_contiguous:
        raise CorruptList(f"an array of {array.ndim} x {array.dtype} is not one of {dtype}")
    kept.append(array)
    return <const void *><size_t>array.__array_interface__["data"][0]


cdef class Terms(Memory):
    """The terms of a call, looked up in every segment."""

    cdef list texts
    cdef const Segment *segments
    cdef int64_t count, segment_count
    cdef int64_t *ordinals  # of each term in each segment
    cdef int64_t *postings  # of each term, in the lists that were opened

    cdef int look_up(self) except -1:
        cdef int64_t i, j, length
        cdef const uint8_t *text
        self.count = len(self.texts)
        self.ordinals = <int64_t *>self.take(self.count * self.segment_count * sizeof(int64_t))
        self.postings = <int64_t *>self.take(self.count * sizeof(int64_t))
        for i in range(self.count):
            term = (<str>self.texts[i]).encode()
            text, length = <bytes>term, len(term)
            with nogil:
                for j in range(self.segment_count):
                    self.ordinals[i * self.segment_count + j] = find_term(
                        &self.segments[j], text, length
                    )
        return 0

    cdef int64_t open(
        self, Cursor *cursor, int field, int64_t i, int64_t j, bint placed
    ) except -1 nogil:
        """Open the list of term ``i`` in segment ``j``; how many postings, 0 if it has none.

        Only what is ``placed`` gives positions.
        """
        cdef int64_t row = self.ordinals[i * self.segment_count + j], count
        if row != NO_DOCUMENT:
            row = find_row(&self.segments[j], field, row)
        if row == NO_DOCUMENT:
            return 0
        count = open_row(cursor, &self.segments[j], field, row)
        if placed:
            ensure_positions(cursor, &self.segments[j])
        self.postings[i] += count
        return count

    cdef int open_union(self, Union *union, int field, int64_t first, int64_t last) except -1 nogil:
        """Stand on the first document that holds any of some terms."""
        cdef int64_t i, j
        union.document, union.list_count = NO_DOCUMENT, 0
        union.lists = <Cursor *>self.take((last - first) * self.segment_count * sizeof(Cursor))
        for i in range(first, last):
            for j in range(self.segment_count):
                if self.open(&union.lists[union.list_count], field, i, j, True):
                    union.document = min(union.document, union.lists[union.list_count].document)
                    union.list_count += 1
        return 0

    cdef int open_group(self, Group *group, const Scoring *scoring) except -1 nogil:
        """Open the lists of a group, bodies first: sums of few bits depend on the order."""
        cdef int64_t i, j, held
        cdef int field
        cdef ScoredList *list
        group.lists = <ScoredList *>self.take(
            group.term_count * self.segment_count * FIELDS * sizeof(ScoredList)
        )
        for field in range(group.field_count - 1, TITLE - 1, -1):
            for i in range(group.term_count):
                for j in range(self.segment_count):
                    list = &group.lists[group.list_count]
                    held = self.open(&list.cursor, field, group.first_term + i, j, False)
                    if held:
                        list.gain = scoring.gains[field]
                        list.early_boost = scoring.early_boost if field == BODY else 0
                        list.is_matching = i < group.matching
                        group.postings += held
                        group.list_count += 1
        if group.term_count == 1 and group.field_count == 1:
            group.known = group.postings
        elif group.term_count == 1:
            for j in range(self.segment_count):
                i = self.ordinals[group.first_term * self.segment_count + j]
                if i != NO_DOCUMENT:
                    group.known += frequency_anywhere(&self.segments[j], i)
        return 0

    cdef list counted(self):
        """How many postings each term has in the lists that were opened."""
        return [self.postings[i] for i in range(self.count)]


cdef class TermLists:
    """The posting lists of an open generation, see the interface; safe for threads."""

    cdef Segment *segments
    cdef int64_t count, size
    cdef list kept

    def __cinit__(self, tables, int64_t size):
        cdef int64_t i
        tables = list(tables)
        self.kept = []
        self.count, self.size = len(tables), size
        self.segments = <Segment *>calloc(self.count + 1, sizeof(Segment))
        if not self.segments:
            raise MemoryError
        for i in range(self.count):
            self._open(&self.segments[i], tables[i])
        if size >= MATCHING:
            raise CorruptList("there are too many documents")

    def __dealloc__(self):
        free(self.segments)

    cdef int _open(self, Segment *segment, object table) except -1:
        """Check that the arrays of a segment fit each other and lie inside of its file."""
        cdef int64_t count = len(table.texts_starts) - 1, area = len(table.file) - table.data, i
        cdef list kept = self.kept
        segment.base, segment.size, segment.blocks = table.base, table.size, len(table.sums)
        segment.area = <const uint8_t *>address(table.file, "|u1", kept) + <int64_t>table.data
        segment.sums = <const uint64_t *>address(table.sums, "<u8", kept)
        segment.flags = <uint8_t *>address(table.flags, "|u1", kept)
        segment.index.data = <const uint8_t *>address(table.index_texts, "|u1", kept)
        segment.index.starts = <const uint32_t *>address(table.index_starts, "<u4", kept)
        segment.index.size = len(table.index_texts)
        segment.index.count = len(table.index_starts) - 1
        segment.terms.data = <const uint8_t *>self._inside(segment, table.texts, "|u1")
        segment.terms.starts = <const uint32_t *>self._inside(segment, table.texts_starts, "<u4")
        segment.terms.size, segment.terms.count = len(table.texts), count
        frequencies = table.document_frequencies
        segment.frequencies = <const uint32_t *>self._inside(segment, frequencies, "<u4")
        segment.postings = <const uint8_t *>self._inside(segment, table.postings, "|u1")
        segment.postings_size = len(table.postings)
        fits = (
            segment.base >= 0 <= segment.size
            and segment.base + segment.size <= self.size
            and segment.blocks << BLOCK_BITS <= area
            and len(table.flags) == segment.blocks
            and not <size_t>segment.area % 8
            and segment.index.count == (count + INDEX_STEP - 1) // INDEX_STEP
            and len(frequencies) == count
        )
        values = (
            (table.title_offsets, table.title_offset_starts),
            (table.body_offsets, table.body_offset_starts),
        )
        for i in range(FIELDS):
            terms, frequencies, starts, widths = table.fields[i]
            segment.fields[i].count = len(terms)
            segment.fields[i].terms = <const int32_t *>self._inside(segment, terms, "<i4")
            segment.fields[i].frequencies = <const uint32_t *>self._inside(
                segment, frequencies, "<u4"
            )
            segment.fields[i].starts = <const uint64_t *>self._inside(segment, starts, "<u8")
            segment.fields[i].widths = <const uint8_t *>self._inside(segment, widths, "|u1")
            lengths = {len(terms), len(frequencies), len(starts) - 1, len(widths)}
            data, starts = values[i]
            segment.offsets[i].data = <const uint8_t *>self._inside(segment, data, "|u1")
            segment.offsets[i].starts = <const uint64_t *>self._inside(segment, starts, "<u8")
            segment.offsets[i].size = len(data)
            fits = fits and len(lengths) == 1 and len(terms) <= count
            fits = fits and len(starts) == segment.size + 1
        if not fits:
            raise CorruptList("the tables of a segment do not fit each other")
        return 0

    cdef const void *_inside(self, Segment *segment, object array, str dtype) except? NULL:
        """Where an array begins, which must lie in the blocks of its segment."""
        cdef const uint8_t *begin = <const uint8_t *>address(array, dtype, self.kept)
        cdef int64_t start = begin - segment.area
        if len(array) and not 0 <= start <= (segment.blocks << BLOCK_BITS) - <int64_t>array.nbytes:
            raise CorruptList("an array is not inside of its file")
        return begin

    cdef Terms _look_up(self, texts):
        cdef Terms terms = Terms.__new__(Terms)
        terms.texts = list(texts)
        terms.segments, terms.segment_count = self.segments, self.count
        terms.look_up()
        return terms

    def document_frequencies(self, terms, alive):
        cdef Terms found = self._look_up(terms)
        counts = np.zeros(found.count, dtype=np.int64)
        postings = np.zeros((found.count, FIELDS), dtype=np.int64)
        cdef const uint8_t[::1] living = None if alive is None else alive.view(np.uint8)
        cdef int64_t[::1] documents = counts
        cdef int64_t[:, ::1] held = postings
        cdef int64_t i, j
        cdef const uint8_t *marks
        if living is not None and len(living) != self.size:
            raise ValueError("there are not so many documents")
        with nogil:
            for j in range(self.count):
                marks = NULL
                if living is not None and self.segments[j].size:
                    marks = &living[self.segments[j].base]
                    if marked(marks, self.segments[j].size) == self.segments[j].size:
                        marks = NULL
                for i in range(found.count):
                    documents[i] += self._frequency(found, i, j, &held[i, 0], marks)
        return counts, postings

    cdef int64_t _frequency(
        self, Terms terms, int64_t i, int64_t j, int64_t *postings, const uint8_t *alive
    ) except -1 nogil:
        """How many documents of a segment, ``alive`` if marked, hold a term; adds its postings."""
        cdef const Segment *segment = &self.segments[j]
        cdef int64_t ordinal = terms.ordinals[i * self.count + j], row, first, living = 0
        cdef Cursor cursors[2]
        cdef int field
        if ordinal == NO_DOCUMENT:
            return 0
        for field in range(FIELDS):
            cursors[field].document = NO_DOCUMENT
            row = find_row(segment, field, ordinal)
            if row != NO_DOCUMENT:
                postings[field] += frequency_of(segment, field, row)
                if alive:
                    open_row(&cursors[field], segment, field, row)
        if not alive:
            return frequency_anywhere(segment, ordinal)
        while True:
            first = min(cursors[TITLE].document, cursors[BODY].document)
            if first == NO_DOCUMENT:
                return living
            living += alive[first - segment.base]
            for field in range(FIELDS):
                if cursors[field].document == first:
                    step(&cursors[field])

    def read(self, int field, term):
        cdef Terms terms = self._look_up([term])
        cdef Cursor cursor
        cdef int64_t j, i, count, total
        cdef int64_t[::1] numbers
        parts = []
        for j in range(self.count):
            count = terms.open(&cursor, field, 0, j, True)
            if not count:
                continue
            documents = np.empty(count, dtype=np.int64)
            numbers = documents
            total = 0
            with nogil:
                for i in range(count):
                    numbers[i] = cursor.document
                    total += positions_here(&cursor)
                    step(&cursor)
            if total != cursor.position_count:
                corrupt()
            counts = _numbers(cursor.counts, cursor.count_width, count)
            positions = _numbers(cursor.positions, cursor.position_width, total)
            parts.append((documents, counts, _numbers(cursor.early, 1, count), positions))
        if not parts:
            few = np.empty(0, dtype=np.uint8)
            return Postings(np.empty(0, dtype=np.int64), few, few, few)
        if len(parts) == 1:
            return Postings(*parts[0])
        return Postings(*map(np.concatenate, zip(*parts)))

    def prefix(self, int field, prefix, int64_t limit):
        cdef bytes first = prefix.encode()
        cdef bytes last = first + b"\xff"  # no UTF-8 text with this prefix sorts after it
        cdef const uint8_t *low = first
        cdef const uint8_t *high = last
        cdef int64_t size = len(first), j, row, end, ordinal, count, postings = 0
        cdef const Segment *segment
        cdef Cursor cursor
        mask = np.zeros(self.size, dtype=bool)
        cdef uint8_t[::1] marks = mask.view(np.uint8)
        held = []
        for j in range(self.count):
            segment = &self.segments[j]
            row = row_of(segment, field, place_of(segment, low, size))
            end = row_of(segment, field, place_of(segment, high, size + 1))
            for row in range(row, min(end, row + limit + 1)):
                ensure(segment, segment.fields[field].terms + row, sizeof(int32_t))
                ordinal = segment.fields[field].terms[row]
                if not 0 <= ordinal < segment.terms.count:
                    corrupt()
                ensure_terms(segment, ordinal, ordinal + 1)
                count = span(&segment.terms, ordinal)
                text = segment.terms.data[segment.terms.starts[ordinal] :][:count]
                held.append((text, j, row))
        terms = sorted({text for text, _, _ in held})
        is_cut = len(terms) > limit
        for text, each, place in held:
            if is_cut and text >= terms[limit]:
                continue
            j, row = each, place
            with nogil:
                postings += open_row(&cursor, &self.segments[j], field, row)
                while cursor.document != NO_DOCUMENT:
                    marks[cursor.document] = 1
                    step(&cursor)
        return PrefixTerms(decoded_terms(terms[:limit]), collect(mask), postings, is_cut)

    def has_prefixes(self, prefixes):
        cdef const uint8_t *text
        cdef int64_t j, size
        cdef bint is_there
        found = []
        for prefix in prefixes:
            encoded = (<str>prefix).encode()
            text, size = <bytes>encoded, len(encoded)
            is_there = False
            with nogil:
                for j in range(self.count):
                    is_there = is_there or begins_so(&self.segments[j], text, size)
            found.append(is_there)
        return found

    def score(self, bm25f, steps, scores, matches, *, int64_t joint=1, among=None):
        cdef Terms terms = self._look_up(
            [term for step in steps for group in step for term in group.terms]
        )
        cdef int64_t i = 0, j = 0, first = 0, count = len(steps)
        cdef uint8_t mark
        cdef Group *groups = <Group *>terms.take(sum(map(len, steps)) * sizeof(Group))
        cdef Step *parts = <Step *>terms.take(count * sizeof(Step))
        cdef Scoring *scoring = <Scoring *>terms.take(sizeof(Scoring))
        cdef double[::1] sums = scores
        cdef uint8_t[::1] marks = matches.view(np.uint8)
        cdef const uint8_t[::1] asked = None if among is None else among.view(np.uint8)
        cdef const float[::1] title_gain = bm25f.title_gain, body_gain = bm25f.body_gain
        if {len(sums), len(marks), len(title_gain), len(body_gain)} != {self.size}:
            raise ValueError("there are not so many documents")
        if asked is not None and len(asked) != self.size:
            raise ValueError("there are not so many documents")
        for step in steps:
            parts[j].first, parts[j].last = i, i + len(step)
            j += 1
            for group in step:
                groups[i].weight, groups[i].matching = group.weight, group.matching
                groups[i].first_term, groups[i].term_count = first, len(group.terms)
                groups[i].field_count = 1 if group.title_only else FIELDS
                first += len(group.terms)
                i += 1
        if not self.size:
            return terms.counted()
        scoring.size, scoring.alive = self.size, bm25f.alive
        scoring.gains[TITLE], scoring.gains[BODY] = &title_gain[0], &body_gain[0]
        scoring.k1, scoring.early_boost = bm25f.k1, bm25f.early_boost
        if asked is not None:
            scoring.asked = &asked[0]
        with nogil:
            for j in range(count):
                for i in range(parts[j].first, parts[j].last):
                    terms.open_group(&groups[i], scoring)
                    parts[j].postings += groups[i].postings
            rarest_first(parts, min(joint, count))
            for j in range(count):
                if j:
                    scoring.asked = &marks[0]
                scoring.few = NULL
                if scoring.asked:
                    scoring.few_count = marked(scoring.asked, self.size)
                    if FEW * scoring.few_count < self.size:
                        list_few(scoring, terms)
                mark = 1 if not j else 2 if j < joint else 0
                score_step(groups, &parts[j], mark, scoring, &sums[0], &marks[0], terms)
        return terms.counted()

    def phrase(self, words, int field, int64_t slop):
        cdef Terms terms = self._look_up([term for word in words for term in word])
        cdef int64_t count = len(words), i, first = 0, found = 0, document = 0, ends
        cdef Union *unions = <Union *>terms.take(count * sizeof(Union))
        cdef BitSet *bits = <BitSet *>terms.take(count * sizeof(BitSet))
        cdef BitSet *last = &bits[count - 1]
        held = np.empty((3, self.size), dtype=np.int64)
        cdef int64_t[:, ::1] rows = held
        for i in range(count):
            terms.open_union(&unions[i], field, first, first + len(words[i]))
            first += len(words[i])
        with nogil:
            while count:
                document = intersect(unions, count, document)
                if document == NO_DOCUMENT:
                    break
                for i in range(count):
                    pass_union(&unions[i], &bits[i], terms)
                    if i:
                        follow(&bits[i], &bits[i - 1], slop + 1)
                ends = count_common(last, last)
                if ends:
                    rows[0, found], rows[1, found] = document, ends
                    ends = last.words[0] & (<uint64_t>1 << EARLY) - 1
                    rows[2, found] = __builtin_popcountll(ends)
                    found += 1
        return PhraseMatches(terms.counted(), *(each[:found].copy() for each in held))

    def proximity(self, words, int64_t distance, among):
        cdef Terms terms = self._look_up([term for word in words for term in word])
        cdef int64_t size = len(words[0]), found = 0, document = 0, i
        cdef Union unions[2]
        cdef BitSet bits[2]
        cdef const uint8_t[::1] asked = among.view(np.uint8)
        held = np.empty(self.size, dtype=np.int64)
        cdef int64_t[::1] documents = held
        if len(asked) != self.size:
            raise ValueError("there are not so many documents")
        memset(bits, 0, sizeof(bits))
        with nogil:
            terms.open_union(&unions[0], BODY, 0, size)
            terms.open_union(&unions[1], BODY, size, terms.count)
            while True:
                document = intersect(unions, 2, document)
                if document == NO_DOCUMENT:
                    break
                if not asked[document]:
                    document += 1
                    continue
                for i in range(2):
                    pass_union(&unions[i], &bits[i], terms)
                if are_near(&bits[0], &bits[1], distance):
                    documents[found] = document
                    found += 1
        return NearMatches(terms.counted(), held[:found].copy())

    def shared_positions(self, readings):
        cdef Terms terms = self._look_up(
            [each for term, others in readings for each in (term, *others)]
        )
        cdef int64_t first = 0, last, i, document
        cdef int field
        cdef Union *unions = <Union *>terms.take(terms.count * sizeof(Union))
        cdef int64_t *counts = <int64_t *>terms.take(terms.count * sizeof(int64_t))
        cdef BitSet bits[2]
        memset(bits, 0, sizeof(bits))
        found = []
        for _, others in readings:
            last = first + len(others) + 1
            with nogil:
                for field in range(FIELDS):
                    for i in range(first, last):
                        terms.open_union(&unions[i], field, i, i + 1)
                    while unions[first].document != NO_DOCUMENT:
                        document = unions[first].document
                        pass_union(&unions[first], &bits[0], terms)
                        for i in range(first + 1, last):
                            if unions[i].document < document:
                                seek_union(&unions[i], document)
                            if unions[i].document == document:
                                pass_union(&unions[i], &bits[1], terms)
                                counts[i] += count_common(&bits[0], &bits[1])
            found.append([counts[i] for i in range(first + 1, last)])
            first = last
        return found, terms.counted()

    def positions(self, terms, documents):
        cdef Terms found = self._look_up([text for text, _ in terms])
        cdef const int64_t[::1] asked = documents
        cdef int64_t i, j, at
        cdef int field
        cdef Rows rows
        cdef Cursor cursor
        memset(&rows, 0, sizeof(rows))
        for i in range(found.count):
            for number in sorted(terms[i][1]):
                field = number
                with nogil:
                    for j in range(self.count):
                        if not found.open(&cursor, field, i, j, True):
                            continue
                        for at in range(asked.shape[0]):
                            seek(&cursor, asked[at])
                            if cursor.document == asked[at]:
                                self._add_rows(found, &rows, j, &cursor, field, i)
        places = np.empty((rows.count, 6), dtype=np.int64)
        cdef int64_t[:, ::1] copied = places
        if rows.count:
            memcpy(&copied[0, 0], rows.data, rows.count * 6 * sizeof(int64_t))
        return found.counted(), places

    cdef int _add_rows(
        self, Terms terms, Rows *rows, int64_t j, const Cursor *cursor, int field, int64_t term
    ) except -1 nogil:
        """Add the places of the posting that ``cursor`` stands on."""
        cdef int64_t count = positions_here(cursor), i
        cdef int64_t *row
        if rows.count + count > rows.room:
            rows.room = 2 * (rows.count + count) + 100
            row = <int64_t *>terms.take(rows.room * 6 * sizeof(int64_t))
            if rows.count:
                memcpy(row, rows.data, rows.count * 6 * sizeof(int64_t))
            rows.data = row
        for i in range(cursor.place, cursor.place + count):
            row = rows.data + 6 * rows.count
            row[0], row[1], row[5] = cursor.document, field, term
            row[2] = number(cursor.positions, cursor.position_width, i)
            locate(&self.segments[j], row)
            rows.count += 1
        return 0


cdef object _numbers(const uint8_t *data, int width, int64_t count):
    """A copy of numbers of a file, in the width that they have there."""
    return np.frombuffer(data[: count * width], dtype=f"<u{width}")
