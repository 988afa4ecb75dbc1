# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The kernels in machine code: posting lists gone through as they lie in the mapped files.

Same answers as the numpy module. Nothing here holds the interpreter's lock while it works. All
lengths and places that a file gives are checked where a list is opened, blocks of bytes compared
with their sums, and documents checked before they are used as a place.
"""

from libc.math cimport INFINITY, log1p, rint
from libc.stdint cimport (
    INT64_MAX, UINT64_MAX, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t,
)
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy, memset

import numpy as np

from search.engines.whoosh.kernels.interface import (
    CorruptList,
    NearMatches,
    PhraseMatches,
    Postings,
    PrefixTerms,
)

NAME = "compiled"

cdef extern from *:
    int __builtin_ctzll(unsigned long long) noexcept nogil
    int __builtin_popcountll(unsigned long long) noexcept nogil

cdef enum:
    BLOCK_BITS = 14  # bytes of a block with a sum of its own
    SKIP = 512  # postings from one skip to the next
    SKIP_BYTES = 8
    INDEX_STEP = 64  # terms from one entry of the term index to the next
    EARLY = 50  # so many positions are the beginning of a text
    TITLE = 0
    BODY = 1
    FIELDS = 2
    CORRUPT = -1
    NO_MEMORY = -2
    WINDOW = 4096  # documents that are scored together, so that they stay in the nearest cache
    GROUP = 64  # marks of documents that are looked at together
    FEW = 16  # documents asked about are few if less than one in so many
    BITS = 64
    MOST_WORDS = 1 << 19  # no text has so many times BITS positions

cdef int64_t NO_DOCUMENT = INT64_MAX
cdef uint32_t MATCHING = <uint32_t>1 << 31

ctypedef struct Texts:
    const uint8_t *data
    const uint32_t *starts
    int64_t size, count

ctypedef struct Field:
    const int32_t *terms
    const uint32_t *frequencies
    const uint64_t *starts
    const uint8_t *widths
    int64_t count

ctypedef struct Values:  # of bytes, one for each document
    const uint8_t *data
    const uint64_t *starts
    int64_t size

ctypedef struct Segment:
    int64_t base, size, blocks
    const uint8_t *area  # where block 0 begins
    const uint64_t *sums
    uint8_t *flags
    Texts index, terms
    const uint32_t *frequencies
    Field fields[2]
    const uint8_t *postings
    int64_t postings_size
    Values offsets[2]

# Stands on one posting of a list.
ctypedef struct Cursor:
    int64_t document  # NO_DOCUMENT behind the last
    int64_t at, count
    int64_t place, position_count  # of the first of its positions, and how many the list has
    int64_t base, limit  # documents of the segment are below
    const uint8_t *skips
    const uint8_t *deltas
    const uint8_t *counts
    const uint8_t *early
    const uint8_t *positions
    int delta_width, count_width, position_width

ctypedef struct ScoredList:
    Cursor cursor
    const float *gain
    float early_boost
    uint8_t is_matching

# A term group: its lists, and the documents that hold any of its terms with how much of the
# group's weight each lacks, NOTHING_HELD being all of it.
ctypedef struct Group:
    ScoredList *lists
    int64_t list_count, postings, held, count
    uint32_t *documents  # with the bit MATCHING
    float *lacking
    double weight, nothing_held
    int64_t first_term, term_count, matching, field_count

ctypedef struct Step:
    int64_t first, last, postings

ctypedef struct Window:
    int64_t start
    float taken[4096]
    uint8_t seen[4096]
    uint8_t matching[4096]

ctypedef struct Scoring:
    int64_t size, alive
    const float *gains[2]
    double k1
    float early_boost

# The documents asked about, all if there are no marks.
ctypedef struct Among:
    const uint8_t *marks
    int64_t size
    bint are_few

# Documents that hold any of some terms: stands on the first that has not been passed.
ctypedef struct Union:
    Cursor *lists
    int64_t list_count, document

ctypedef struct BitSet:  # positions of one document, in the first ``used`` words
    uint64_t *words
    int64_t used, room

ctypedef struct Ranked:
    double score
    int64_t tie, document

ctypedef struct Rows:  # of places: document, field, position, start, length, term
    int64_t *data
    int64_t count, room

ctypedef fused Width:  # a tag: are deltas and counts bytes?
    uint8_t
    uint32_t


# --- bytes of files ------------------------------------------------------------------------------

cdef inline uint32_t number(const uint8_t *data, int width, int64_t i) noexcept nogil:
    """Number ``i`` of those that take so many bytes each."""
    if width == 1:
        return data[i]
    if width == 2:
        data += 2 * i
        return data[0] | <uint32_t>data[1] << 8
    data += 4 * i
    return (
        data[0] | <uint32_t>data[1] << 8 | <uint32_t>data[2] << 16 | <uint32_t>data[3] << 24
    )


cdef int verify(const Segment *segment, int64_t block) noexcept nogil:
    """Compare a block with its sum."""
    cdef const uint64_t *words = <const uint64_t *>(segment.area + (block << BLOCK_BITS))
    cdef uint64_t total = 0
    cdef int64_t i
    for i in range((1 << BLOCK_BITS) // 8):
        total += words[i]
    if total != segment.sums[block]:
        return CORRUPT
    segment.flags[block] = 1
    return 0


cdef inline int ensure(const Segment *segment, const void *begin, int64_t size) noexcept nogil:
    """Compare bytes with the sums of their blocks unless that was done; 0 or an error."""
    cdef int64_t start = <const uint8_t *>begin - segment.area
    cdef int64_t block, last
    if size <= 0:
        return 0
    last = (start + size - 1) >> BLOCK_BITS
    for block in range(start >> BLOCK_BITS, last + 1):
        if segment.flags[block] != 1 and verify(segment, block):
            return CORRUPT
    return 0


# --- terms ---------------------------------------------------------------------------------------

cdef int compare(
    const Texts *texts, int64_t at, const uint8_t *text, int64_t length, int *order
) noexcept nogil:
    """How text ``at`` stands to another, as memcmp has it; 0 or an error."""
    cdef int64_t start = texts.starts[at], own = <int64_t>texts.starts[at + 1] - start - 1
    if own < 0 or start + own >= texts.size:
        return CORRUPT
    order[0] = memcmp(texts.data + start, text, own if own < length else length)
    if not order[0]:
        order[0] = (own > length) - (own < length)
    return 0


cdef int64_t lower_bound(
    const Texts *texts, int64_t low, int64_t high, const uint8_t *text, int64_t length
) noexcept nogil:
    """The first text in a range that is not before another; or an error."""
    cdef int64_t middle
    cdef int order
    while low < high:
        middle = low + (high - low) // 2
        if compare(texts, middle, text, length, &order):
            return CORRUPT
        if order < 0:
            low = middle + 1
        else:
            high = middle
    return low


cdef int64_t place_of(const Segment *segment, const uint8_t *text, int64_t length) noexcept nogil:
    """Where a term stands or would stand; or an error."""
    cdef const Texts *terms = &segment.terms
    cdef int64_t low, high, start, end
    cdef int64_t entry = lower_bound(&segment.index, 0, segment.index.count, text, length)
    if entry <= 0:
        return entry
    low = (entry - 1) * INDEX_STEP
    high = low + INDEX_STEP if low + INDEX_STEP < terms.count else terms.count
    if ensure(segment, terms.starts + low, (high - low + 1) * sizeof(uint32_t)):
        return CORRUPT
    start, end = terms.starts[low], terms.starts[high]
    if start > end or end > terms.size or ensure(segment, terms.data + start, end - start):
        return CORRUPT
    return lower_bound(terms, low, high, text, length)


cdef int64_t find_term(const Segment *segment, const uint8_t *text, int64_t length) noexcept nogil:
    """The ordinal of a term, as :func:`place_of`; NO_DOCUMENT if there is none, or an error."""
    cdef int64_t place = place_of(segment, text, length)
    cdef int order
    if place < 0:
        return place
    if place == segment.terms.count:
        return NO_DOCUMENT
    if not place % INDEX_STEP:  # the first of the next block, which nobody has read
        if ensure(segment, segment.terms.starts + place, 2 * sizeof(uint32_t)):
            return CORRUPT
        if segment.terms.starts[place] >= segment.terms.starts[place + 1]:
            return CORRUPT
        if segment.terms.starts[place + 1] > segment.terms.size or ensure(
            segment,
            segment.terms.data + segment.terms.starts[place],
            segment.terms.starts[place + 1] - segment.terms.starts[place],
        ):
            return CORRUPT
    if compare(&segment.terms, place, text, length, &order):
        return CORRUPT
    return NO_DOCUMENT if order else place


cdef int64_t row_of(const Segment *segment, int field, int64_t ordinal) noexcept nogil:
    """The first of a field's rows that is not of an earlier term; or an error."""
    cdef const Field *held = &segment.fields[field]
    cdef int64_t low, high, middle
    # As many terms as are in the segment and not in the field may be missing before it.
    low = ordinal - (segment.terms.count - held.count)
    low = low if low > 0 else 0
    high = ordinal if ordinal < held.count else held.count
    while low < high:
        middle = low + (high - low) // 2
        if ensure(segment, held.terms + middle, sizeof(int32_t)):
            return CORRUPT
        if held.terms[middle] < ordinal:
            low = middle + 1
        else:
            high = middle
    return low


cdef int64_t find_row(const Segment *segment, int field, int64_t ordinal) noexcept nogil:
    """The row of a term in a field, NO_DOCUMENT if it has none there; or an error."""
    cdef const Field *held = &segment.fields[field]
    cdef int64_t row = row_of(segment, field, ordinal)
    if row < 0:
        return row
    if row >= held.count:
        return NO_DOCUMENT
    if ensure(segment, held.terms + row, sizeof(int32_t)):
        return CORRUPT
    return row if held.terms[row] == ordinal else NO_DOCUMENT


cdef int64_t frequency_of(const Segment *segment, int field, int64_t row) noexcept nogil:
    """How many documents hold the term of a row, or an error."""
    cdef const uint32_t *place = segment.fields[field].frequencies + row
    if ensure(segment, place, sizeof(uint32_t)):
        return CORRUPT
    return place[0] if 0 < place[0] <= segment.size else CORRUPT


# --- posting lists -------------------------------------------------------------------------------

cdef int64_t open_row(
    Cursor *cursor, const Segment *segment, int field, int64_t row
) noexcept nogil:
    """Stand on the first posting of a row; how many postings there are, or an error."""
    cdef const Field *held = &segment.fields[field]
    cdef int64_t count = frequency_of(segment, field, row), rest
    cdef uint64_t start, end
    cdef int widths
    if count < 0:
        return CORRUPT
    if ensure(segment, held.starts + row, 2 * sizeof(uint64_t)):
        return CORRUPT
    if ensure(segment, held.widths + row, 1):
        return CORRUPT
    start, end, widths = held.starts[row], held.starts[row + 1], held.widths[row]
    if start > end or end > <uint64_t>segment.postings_size or widths >> 6:
        return CORRUPT
    if widths & 3 == 3 or widths >> 2 & 3 == 3 or widths >> 4 == 3:
        return CORRUPT
    cursor.delta_width = 1 << (widths & 3)
    cursor.count_width = 1 << (widths >> 2 & 3)
    cursor.position_width = 1 << (widths >> 4)
    cursor.skips = segment.postings + start
    cursor.deltas = cursor.skips + (count - 1) // SKIP * SKIP_BYTES
    cursor.counts = cursor.deltas + count * cursor.delta_width
    cursor.early = cursor.counts + count * cursor.count_width
    cursor.positions = cursor.early + count
    rest = segment.postings + end - cursor.positions
    if rest < count * cursor.position_width or rest % cursor.position_width:
        return CORRUPT
    if ensure(segment, cursor.skips, end - start):
        return CORRUPT
    cursor.position_count = rest // cursor.position_width
    cursor.count = count
    cursor.at = cursor.place = 0
    cursor.base = segment.base
    cursor.limit = segment.base + segment.size
    cursor.document = segment.base + number(cursor.deltas, cursor.delta_width, 0)
    return count if cursor.document < cursor.limit else CORRUPT


cdef int64_t open_list(
    Cursor *cursor, const Segment *segment, int field, int64_t ordinal
) noexcept nogil:
    """As :func:`open_row` for a term, 0 if the field does not have it."""
    cdef int64_t row
    if ordinal == NO_DOCUMENT:
        return 0
    row = find_row(segment, field, ordinal)
    if row < 0 or row == NO_DOCUMENT:
        return row if row < 0 else 0
    return open_row(cursor, segment, field, row)


cdef inline int step(Cursor *cursor) noexcept nogil:
    """Go on to the next posting; 0 or an error."""
    cdef uint32_t delta
    cursor.place += number(cursor.counts, cursor.count_width, cursor.at)
    cursor.at += 1
    if cursor.at == cursor.count:
        cursor.document = NO_DOCUMENT
        return 0
    delta = number(cursor.deltas, cursor.delta_width, cursor.at)
    cursor.document += delta
    return 0 if delta and cursor.document < cursor.limit else CORRUPT


cdef int skip_to(Cursor *cursor, int64_t target) noexcept nogil:
    """Go on to the last skip that is not behind ``target``, if one is before it; 0 or an error."""
    cdef int64_t low = cursor.at // SKIP, high = (cursor.count - 1) // SKIP, middle, document
    cdef int64_t first = low
    while low < high:  # skip i - 1 stands before posting SKIP * i
        middle = low + (high - low + 1) // 2
        document = cursor.base + number(cursor.skips, 4, 2 * (middle - 1))
        if document <= target:
            low = middle
        else:
            high = middle - 1
    if low == first:
        return 0
    document = cursor.base + number(cursor.skips, 4, 2 * (low - 1))
    middle = number(cursor.skips, 4, 2 * (low - 1) + 1)
    if document <= cursor.document or middle > cursor.position_count or document >= cursor.limit:
        return CORRUPT
    cursor.at, cursor.document, cursor.place = low * SKIP, document, middle
    return 0


cdef inline int seek_near(Cursor *cursor, int64_t target, Width tag) noexcept nogil:
    """Go on to ``target`` or the first document behind it, posting by posting."""
    cdef const uint8_t *deltas = cursor.deltas
    cdef const uint8_t *counts = cursor.counts
    cdef int64_t document = cursor.document, at = cursor.at, place = cursor.place
    cdef int64_t count = cursor.count
    cdef int delta_width = cursor.delta_width, count_width = cursor.count_width
    if Width is uint8_t:
        delta_width = count_width = 1
    while document < target:
        place += number(counts, count_width, at)
        at += 1
        if at == count:
            document = NO_DOCUMENT
            break
        document += number(deltas, delta_width, at)
    cursor.document, cursor.at, cursor.place = document, at, place
    return 0 if document < cursor.limit or document == NO_DOCUMENT else CORRUPT


cdef inline int seek(Cursor *cursor, int64_t target) noexcept nogil:
    """Go on to the first posting of ``target`` or a document behind it; 0 or an error."""
    if cursor.document >= target:
        return 0
    if cursor.count - cursor.at > SKIP and skip_to(cursor, target):
        return CORRUPT
    if cursor.delta_width == 1 and cursor.count_width == 1:
        return seek_near(cursor, target, <uint8_t>0)
    return seek_near(cursor, target, <uint32_t>0)


cdef inline int64_t positions_here(const Cursor *cursor) noexcept nogil:
    """How many positions the posting has on which a cursor stands, or an error."""
    cdef int64_t count = number(cursor.counts, cursor.count_width, cursor.at)
    return count if count <= cursor.position_count - cursor.place else CORRUPT


# --- scoring -------------------------------------------------------------------------------------

cdef inline uint64_t bits_of(const uint8_t *marks) noexcept nogil:
    """The marks of a group of documents, each 0 or 1, as bits."""
    cdef uint64_t bits = 0, word
    cdef int i
    for i in range(GROUP // 8):
        memcpy(&word, marks + 8 * i, 8)
        bits |= (word & 0x0101010101010101ULL) * 0x0102040810204080ULL >> 56 << 8 * i
    return bits


cdef inline uint64_t bits_before(const uint8_t *marks, int64_t first, int64_t size) noexcept nogil:
    """The same of the group from document ``first`` on, which may not be whole."""
    cdef uint8_t last[64]
    if first + GROUP <= size:
        return bits_of(marks + first)
    memset(last, 0, GROUP)
    memcpy(last, marks + first, size - first)
    return bits_of(last)


cdef inline void accumulate(
    ScoredList *list, int64_t end, Window *window, Group *group, const Among *among, Width tag
) noexcept nogil:
    """Add up a list up to document ``end``.

    Into a window or, where a list is the only one of its group, straight to that.
    """
    # All in variables: bytes that are written might be any of these, for all the compiler knows.
    cdef Cursor *cursor = &list.cursor
    cdef const uint8_t *counts = cursor.counts
    cdef const uint8_t *early = cursor.early
    cdef const uint8_t *deltas = cursor.deltas
    cdef const uint8_t *marks = among.marks
    cdef const uint8_t *only = among.marks if among.are_few else NULL
    cdef const float *gain = list.gain
    cdef float early_boost = list.early_boost, held
    cdef uint8_t is_matching = list.is_matching
    cdef uint32_t mark = MATCHING if is_matching else 0
    cdef uint32_t *documents = group.documents
    cdef float *taken = group.lacking
    cdef int64_t document = cursor.document, first = cursor.at, i = cursor.at
    cdef int64_t count = cursor.count, found = group.count, start = window.start if window else 0
    cdef int delta_width = cursor.delta_width, count_width = cursor.count_width
    if Width is uint8_t:
        delta_width = count_width = 1
    while True:
        if window:
            window.seen[document - start] = 1
        if not only or only[document]:
            held = <float>number(counts, count_width, i)
            held += <float>early[i] * early_boost
            held *= gain[document]
            if window:
                window.taken[document - start] += held
                if is_matching:
                    window.matching[document - start] = 1
            else:
                documents[found] = <uint32_t>document | mark
                taken[found] = held
                found += marks[document] if marks else 1
        i += 1
        if i == count:
            document = NO_DOCUMENT
            break
        document += number(deltas, delta_width, i)
        if document >= end:
            break
    cursor.at = i
    cursor.document = document
    if not window:
        group.count = found
        group.held += i - first


cdef int accumulate_to(
    ScoredList *list, int64_t end, Window *window, Group *group, const Among *among
) noexcept nogil:
    """As :func:`accumulate`, if there is anything before ``end``; 0 or an error."""
    cdef Cursor *cursor = &list.cursor
    if end > cursor.limit:
        end = cursor.limit
    if cursor.document >= end:
        return 0
    if cursor.delta_width == 1 and cursor.count_width == 1:
        accumulate(list, end, window, group, among, <uint8_t>0)
    else:
        accumulate(list, end, window, group, among, <uint32_t>0)
    return 0 if cursor.document < cursor.limit or cursor.document == NO_DOCUMENT else CORRUPT


cdef int sweep(Window *window, Group *group, int64_t room, const Among *among) noexcept nogil:
    """Move what is in the window to the group, and leave the window empty; 0 or an error."""
    cdef int64_t first, at
    cdef uint64_t seen, asked, left
    for first in range(0, WINDOW, 64):
        seen = bits_of(window.seen + first)
        if not seen:
            continue
        if among.marks:
            group.held += __builtin_popcountll(seen)
            asked = bits_before(among.marks, window.start + first, among.size)
            left = seen & ~asked
            while left:
                window.taken[first + __builtin_ctzll(left)] = 0
                left &= left - 1
            seen &= asked
        while seen:
            at = first + __builtin_ctzll(seen)
            seen &= seen - 1
            if group.count == room:
                return CORRUPT
            group.documents[group.count] = (
                <uint32_t>(window.start + at) | <uint32_t>window.matching[at] << 31
            )
            group.lacking[group.count] = window.taken[at]
            group.count += 1
            window.taken[at] = 0
        memset(window.seen + first, 0, GROUP)
        memset(window.matching + first, 0, GROUP)
    return 0


cdef int add_up(Group *group, Window *window, int64_t room, const Among *among) noexcept nogil:
    """Add up the lists of a group, for whose documents there is ``room``; 0 or an error."""
    cdef int64_t i, first, end
    if group.list_count == 1:  # its postings ascend below its limit and are no more than room
        if accumulate_to(group.lists, NO_DOCUMENT, NULL, group, among):
            return CORRUPT
    else:
        while True:
            first = NO_DOCUMENT
            for i in range(group.list_count):
                if group.lists[i].cursor.document < first:
                    first = group.lists[i].cursor.document
            if first == NO_DOCUMENT:
                break
            window.start = first - first % WINDOW
            end = window.start + WINDOW
            for i in range(group.list_count):
                if accumulate_to(&group.lists[i], end, window, group, among):
                    return CORRUPT
            if sweep(window, group, room, among):
                return CORRUPT
    if not among.marks:
        group.held = group.count
    return 0


cdef int gather(
    Group *group, Window *window, const Scoring *scoring, const Among *among
) noexcept nogil:
    """Add up the lists of a group, and work out what it is worth; 0 or an error.

    Of BM25F's f / (f + k1), which is 1 - k1 / (f + k1), the latter is kept for each document.
    """
    cdef int64_t room = group.postings if group.postings < scoring.size else scoring.size, i
    cdef float k1 = <float>scoring.k1, worth
    cdef double frequency
    cdef int error
    group.documents = <uint32_t *>malloc((room + 1) * sizeof(uint32_t))
    group.lacking = <float *>malloc((room + 1) * sizeof(float))
    if not group.documents or not group.lacking:
        return NO_MEMORY
    error = add_up(group, window, room, among)
    if error:
        return error
    frequency = <double>(group.held if group.held < scoring.alive else scoring.alive)
    worth = k1 * <float>(
        group.weight
        * (scoring.k1 + 1)
        * log1p((<double>scoring.alive - frequency + 0.5) / (frequency + 0.5))
    )
    for i in range(group.count):
        group.lacking[i] = 1 / (group.lacking[i] + k1) * worth
    group.nothing_held = <double>(1 / k1 * worth)
    return 0


cdef int64_t marked(const uint8_t *marks, int64_t size) noexcept nogil:
    """How many documents are marked."""
    cdef int64_t count = 0, i
    for i in range(size):
        count += marks[i]
    return count


cdef int score_step(
    Group *groups, const Step *step, bint is_first, bint is_joint, Window *window,
    const Scoring *scoring, const Among *among, double *scores, uint8_t *marks,
) noexcept nogil:
    """Add the groups of a step to scores, and leave those marked that match it; 0 or an error.

    While a step behind the first is taken, 1 is the mark of who matched before, 2 of who does now.
    """
    cdef uint8_t mark = 2 if is_joint and not is_first else 1 if is_first else 0
    cdef int64_t i, j
    cdef uint32_t document
    cdef int error
    for i in range(step.first, step.last):
        error = gather(&groups[i], window, scoring, among)
        if error:
            return error
    for i in range(step.first, step.last):
        for j in range(groups[i].count):
            document = groups[i].documents[j] & ~MATCHING
            scores[document] += groups[i].nothing_held - <double>groups[i].lacking[j]
            if groups[i].documents[j] & MATCHING:
                marks[document] |= mark
    if mark == 2:
        for i in range(scoring.size):
            marks[i] >>= 1
    return 0


cdef void rarest_first(Step *steps, int64_t count) noexcept nogil:
    """What comes after is asked about fewer documents."""
    cdef int64_t i, j
    cdef Step moved
    for i in range(1, count):
        for j in range(i, 0, -1):
            if steps[j].postings >= steps[j - 1].postings:
                break
            moved, steps[j] = steps[j], steps[j - 1]
            steps[j - 1] = moved


# --- positions -----------------------------------------------------------------------------------

cdef int seek_union(Union *union, int64_t target) noexcept nogil:
    """Go on to the first document that is ``target`` or behind it; 0 or an error."""
    cdef int64_t i
    union.document = NO_DOCUMENT
    for i in range(union.list_count):
        if seek(&union.lists[i], target):
            return CORRUPT
        if union.lists[i].document < union.document:
            union.document = union.lists[i].document
    return 0


cdef int intersect(Union *unions, int64_t count, int64_t *document) noexcept nogil:
    """Go on to a document that all stand on, or behind the last one; 0 or an error."""
    cdef int64_t i = 0, agreed = 0
    while agreed < count and document[0] != NO_DOCUMENT:
        if unions[i].document < document[0] and seek_union(&unions[i], document[0]):
            return CORRUPT
        agreed = agreed + 1 if unions[i].document == document[0] else 1
        document[0] = unions[i].document
        i = (i + 1) % count
    return 0


cdef int make_room(BitSet *bits, int64_t words) noexcept nogil:
    """Use so many words; 0 or an error."""
    cdef int64_t room = 2 * words + 16
    cdef uint64_t *larger
    if words > MOST_WORDS:
        return CORRUPT
    if words > bits.room:
        larger = <uint64_t *>realloc(bits.words, room * sizeof(uint64_t))
        if not larger:
            return NO_MEMORY
        memset(larger + bits.room, 0, (room - bits.room) * sizeof(uint64_t))
        bits.words, bits.room = larger, room
    if words > bits.used:
        bits.used = words
    return 0


cdef inline int set_bits(BitSet *bits, const Cursor *cursor) noexcept nogil:
    """Set the bits of the positions of the posting that ``cursor`` stands on; 0 or an error."""
    cdef int64_t count = positions_here(cursor), i, at
    cdef uint32_t position
    cdef int error
    if count < 0:
        return CORRUPT
    for i in range(cursor.place, cursor.place + count):
        position = number(cursor.positions, cursor.position_width, i)
        at = position // BITS
        if at >= bits.used:
            error = make_room(bits, at + 1)
            if error:
                return error
        bits.words[at] |= <uint64_t>1 << position % BITS
    return 0


cdef int pass_union(Union *union, BitSet *bits) noexcept nogil:
    """Pass the document that a union stands on, whose positions ``bits`` become; 0 or an error."""
    cdef int64_t document = union.document, i
    cdef Cursor *cursor
    cdef int error
    if bits.used:
        memset(bits.words, 0, bits.used * sizeof(uint64_t))
    bits.used = 0
    union.document = NO_DOCUMENT
    for i in range(union.list_count):
        cursor = &union.lists[i]
        if cursor.document == document:
            error = set_bits(bits, cursor)
            if not error:
                error = step(cursor)
            if error:
                return error
        if cursor.document < union.document:
            union.document = cursor.document
    return 0


cdef inline uint64_t shifted(const BitSet *bits, int64_t at, int64_t far) noexcept nogil:
    """Word ``at`` of the bits moved so far on, or back where that is negative."""
    cdef int64_t from_bit = at * BITS - far, whole = from_bit >> 6
    cdef int rest = from_bit & 63
    cdef uint64_t found = bits.words[whole] >> rest if 0 <= whole < bits.used else 0
    if rest and 0 <= whole + 1 < bits.used:
        found |= bits.words[whole + 1] << (BITS - rest)
    return found


cdef void follow(BitSet *own, const BitSet *others, int64_t most) noexcept nogil:
    """Leave of a word's ``own`` places those at most ``most`` after one of ``others``."""
    cdef int64_t at, far
    cdef uint64_t reached
    for at in range(own.used):
        reached = 0
        far = 1
        # Until all are reached, or nothing stands so far before.
        while far <= most and own.words[at] & ~reached and far // BITS <= at:
            reached |= shifted(others, at, far)
            far += 1
        own.words[at] &= reached


cdef int64_t count_near(const BitSet *own, const BitSet *others, int64_t most) noexcept nogil:
    """How many of the ``own`` places have the next of ``others``, or the last before, near.

    What stands at the very same place is the next.
    """
    cdef int64_t count = 0, at, far
    cdef uint64_t before, after
    for at in range(own.used):
        before = after = 0
        if own.words[at]:
            for far in range(1, most + 1):
                before |= shifted(others, at, far)
                after |= shifted(others, at, -far)
            after &= ~shifted(others, at, 0)
            count += __builtin_popcountll(own.words[at] & (before | after))
    return count


cdef int count_shared(
    Union *unions, int64_t *counts, int64_t count, BitSet *bits
) noexcept nogil:
    """Add to counts how many positions of the first union are also of each other; or an error."""
    cdef int64_t i, at, document
    cdef int error
    while unions[0].document != NO_DOCUMENT:
        document = unions[0].document
        error = pass_union(&unions[0], &bits[0])
        for i in range(1, count):
            if not error and unions[i].document < document:
                error = seek_union(&unions[i], document)
            if error or unions[i].document != document:
                continue
            error = pass_union(&unions[i], &bits[1])
            for at in range(min(bits[0].used, bits[1].used)):
                counts[i] += __builtin_popcountll(bits[0].words[at] & bits[1].words[at])
        if error:
            return error
    return 0


cdef int64_t count_bits(const BitSet *bits, int64_t *early) noexcept nogil:
    """How many places there are, and how many at the beginning."""
    cdef int64_t count = 0, at
    for at in range(bits.used):
        count += __builtin_popcountll(bits.words[at])
    early[0] = 0
    if bits.used:
        early[0] = __builtin_popcountll(bits.words[0] & (<uint64_t>1 << EARLY) - 1)
    return count


cdef int locate(const Segment *segment, int64_t *row) noexcept nogil:
    """Fill in where the place of a row stands in the text; 0 or an error.

    A byte says the width of the numbers: how far each position begins behind the one before, and
    then how long each is.
    """
    cdef const Values *offsets = &segment.offsets[row[1]]
    cdef int64_t at = row[0] - segment.base, position = row[2], count, i
    cdef const uint8_t *data
    cdef uint64_t first, end
    cdef uint32_t start = 0  # steps back are large numbers, and overflow
    cdef int width
    if ensure(segment, offsets.starts + at, 2 * sizeof(uint64_t)):
        return CORRUPT
    first, end = offsets.starts[at], offsets.starts[at + 1]
    if first >= end or end > <uint64_t>offsets.size:
        return CORRUPT
    data = offsets.data + first
    if ensure(segment, data, end - first):
        return CORRUPT
    width = 1 << data[0] if data[0] < 3 else 0
    if not width:
        return CORRUPT
    count = <int64_t>(end - first - 1) // width // 2
    if not 0 <= position < count:
        return CORRUPT
    data += 1
    if width == 1:
        for i in range(position + 1):
            start += data[i]
    else:
        for i in range(position + 1):
            start += number(data, width, i)
    row[3] = start
    row[4] = number(data + count * width, width, position)
    return 0


cdef int add_rows(
    Rows *rows, const Segment *segment, const Cursor *cursor, int field, int64_t term
) noexcept nogil:
    """Add the places of the posting that ``cursor`` stands on; 0 or an error."""
    cdef int64_t count = positions_here(cursor), i
    cdef int64_t *row
    if count < 0:
        return CORRUPT
    if rows.count + count > rows.room:
        rows.room = 2 * (rows.count + count) + 1000
        row = <int64_t *>realloc(rows.data, rows.room * 6 * sizeof(int64_t))
        if not row:
            return NO_MEMORY
        rows.data = row
    for i in range(cursor.place, cursor.place + count):
        row = rows.data + 6 * rows.count
        row[0], row[1], row[5] = cursor.document, field, term
        row[2] = number(cursor.positions, cursor.position_width, i)
        if locate(segment, row):
            return CORRUPT
        rows.count += 1
    return 0


# --- what Python calls ---------------------------------------------------------------------------

cdef int check(int64_t result) except -1:
    """Raise what a negative result means."""
    if result == NO_MEMORY:
        raise MemoryError
    if result < 0:
        raise CorruptList("a posting list in a file is not as it was written")
    return 0


cdef const void *address(object array, str dtype, list kept) except? NULL:
    """Where an array of a type begins in memory; it is ``kept`` from now on."""
    if array.dtype.str != dtype or not array.flags.c_contiguous:
        raise CorruptList(f"an array of {array.dtype} is not {dtype}")
    kept.append(array)
    return <const void *><size_t>array.__array_interface__["data"][0]


cdef object owned(int64_t *data, int64_t count):
    """A copy of some numbers as an array."""
    found = np.empty(count, dtype=np.int64)
    if count:
        memcpy(<void *><size_t>found.__array_interface__["data"][0], data, count * sizeof(int64_t))
    return found


cdef class Terms:
    """Terms of a call, and their ordinals in every segment."""

    cdef list texts
    cdef const uint8_t **data
    cdef int64_t *lengths
    cdef int64_t *ordinals
    cdef int64_t *postings  # of each, to be counted by who opens lists
    cdef int64_t count, segment_count

    def __cinit__(self, list texts, int64_t segment_count):
        cdef int64_t i, count = len(texts)
        self.texts = texts
        self.count, self.segment_count = count, segment_count
        self.data = <const uint8_t **>malloc((count + 1) * sizeof(uint8_t *))
        self.lengths = <int64_t *>malloc((count + 1) * sizeof(int64_t))
        self.ordinals = <int64_t *>malloc((count * segment_count + 1) * sizeof(int64_t))
        self.postings = <int64_t *>calloc(count + 1, sizeof(int64_t))
        if not self.data or not self.lengths or not self.ordinals or not self.postings:
            raise MemoryError
        for i in range(count):
            text = <bytes>texts[i]
            self.data[i] = text
            self.lengths[i] = len(text)

    def __dealloc__(self):
        free(self.data)
        free(self.lengths)
        free(self.ordinals)
        free(self.postings)

    cdef int resolve(self, const Segment *segments) noexcept nogil:
        """Look all terms up in all segments; 0 or an error."""
        cdef int64_t i, j, found
        for j in range(self.segment_count):
            for i in range(self.count):
                found = find_term(&segments[j], self.data[i], self.lengths[i])
                if found < 0:
                    return CORRUPT
                self.ordinals[i * self.segment_count + j] = found
        return 0

    cdef int64_t open(
        self, Cursor *cursor, const Segment *segments, int field, int64_t i, int64_t j
    ) noexcept nogil:
        """Open the list of term ``i`` in segment ``j``, as :func:`open_list`."""
        cdef int64_t count = open_list(
            cursor, &segments[j], field, self.ordinals[i * self.segment_count + j]
        )
        if count > 0:
            self.postings[i] += count
        return count

    cdef int open_union(
        self, Union *union, const Segment *segments, int field, int64_t first, int64_t last
    ) noexcept nogil:
        """Stand on the first document that holds any of some terms; 0 or an error."""
        cdef int64_t i, j, count
        union.document = NO_DOCUMENT
        union.lists = <Cursor *>malloc(
            ((last - first) * self.segment_count + 1) * sizeof(Cursor)
        )
        if not union.lists:
            return NO_MEMORY
        for i in range(first, last):
            for j in range(self.segment_count):
                count = self.open(&union.lists[union.list_count], segments, field, i, j)
                if count < 0:
                    return CORRUPT
                if not count:
                    continue
                if union.lists[union.list_count].document < union.document:
                    union.document = union.lists[union.list_count].document
                union.list_count += 1
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
        if size >= MATCHING:
            raise CorruptList("there are too many documents")
        for i in range(self.count):
            self._open(&self.segments[i], tables[i])

    def __dealloc__(self):
        free(self.segments)

    cdef int _open(self, Segment *segment, object table) except -1:
        """Check that the arrays of a segment fit each other and lie inside of its file."""
        cdef int64_t count = len(table.texts_starts) - 1, area = len(table.file) - table.data
        cdef list kept = self.kept
        segment.base, segment.size, segment.blocks = table.base, table.size, len(table.sums)
        segment.area = <const uint8_t *>address(table.file, "|u1", kept) + <int64_t>table.data
        segment.sums = <const uint64_t *>address(table.sums, "<u8", kept)
        segment.flags = <uint8_t *>address(table.flags, "|u1", kept)
        segment.index.data = <const uint8_t *>address(table.index_texts, "|u1", kept)
        segment.index.starts = <const uint32_t *>address(table.index_starts, "<u4", kept)
        segment.index.size = len(table.index_texts)
        segment.index.count = len(table.index_starts) - 1
        fits = (
            segment.base >= 0 <= segment.size
            and segment.base + segment.size <= self.size
            and segment.blocks << BLOCK_BITS <= area
            and len(table.flags) == segment.blocks
            and not <size_t>segment.area % 8
            and segment.index.count == (count + INDEX_STEP - 1) // INDEX_STEP
            and len(table.document_frequencies) == count
        )
        segment.terms.data = <const uint8_t *>self._inside(segment, table.texts, "|u1")
        segment.terms.starts = <const uint32_t *>self._inside(segment, table.texts_starts, "<u4")
        segment.terms.size, segment.terms.count = len(table.texts), count
        segment.frequencies = <const uint32_t *>self._inside(
            segment, table.document_frequencies, "<u4"
        )
        segment.postings = <const uint8_t *>self._inside(segment, table.postings, "|u1")
        segment.postings_size = len(table.postings)
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
            data, starts = values[i][0], values[i][1]
            segment.offsets[i].data = <const uint8_t *>self._inside(segment, data, "|u1")
            segment.offsets[i].starts = <const uint64_t *>self._inside(segment, starts, "<u8")
            segment.offsets[i].size = len(data)
            lengths = {len(frequencies), len(table.fields[i].starts) - 1, len(widths)}
            fits = fits and lengths == {len(terms)} and len(starts) == segment.size + 1
            fits = fits and len(terms) <= count
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

    cdef Terms _resolved(self, list texts):
        """Terms with their ordinals."""
        cdef Terms terms = Terms(texts, self.count)
        cdef int error
        with nogil:
            error = terms.resolve(self.segments)
        check(error)
        return terms

    def document_frequencies(self, terms, alive):
        cdef Terms found = self._resolved([each.encode() for each in terms])
        counts = np.zeros(found.count, dtype=np.int64)
        postings = np.zeros((found.count, FIELDS), dtype=np.int64)
        cdef const uint8_t[::1] living = None if alive is None else alive.view(np.uint8)
        cdef int64_t[::1] documents = counts
        cdef int64_t[:, ::1] held = postings
        cdef int64_t i, j, result = 0
        with nogil:
            for i in range(found.count):
                for j in range(self.count):
                    result = self._frequency(
                        j, found.ordinals[i * self.count + j], &held[i, 0],
                        NULL if living is None else &living[0],
                    )
                    if result < 0:
                        break
                    documents[i] += result
                if result < 0:
                    break
        check(result)
        return counts, postings

    cdef int64_t _frequency(
        self, int64_t j, int64_t ordinal, int64_t *postings, const uint8_t *alive
    ) noexcept nogil:
        """How many living documents of a segment hold a term, or an error; adds its postings."""
        cdef const Segment *segment = &self.segments[j]
        cdef Cursor cursors[2]
        cdef int64_t first, count, living = 0
        cdef int field
        if ordinal == NO_DOCUMENT:
            return 0
        for field in range(FIELDS):
            cursors[field].document = NO_DOCUMENT
            first = find_row(segment, field, ordinal)
            if first == NO_DOCUMENT:
                continue
            count = first if first < 0 else frequency_of(segment, field, first)
            if count < 0:
                return CORRUPT
            postings[field] += count
            if alive and open_row(&cursors[field], segment, field, first) < 0:
                return CORRUPT
        if not alive or marked(alive + segment.base, segment.size) == segment.size:
            if ensure(segment, segment.frequencies + ordinal, sizeof(uint32_t)):
                return CORRUPT
            count = segment.frequencies[ordinal]
            return count if count <= segment.size else CORRUPT
        while True:
            first = min(cursors[TITLE].document, cursors[BODY].document)
            if first == NO_DOCUMENT:
                return living
            living += alive[first]
            for field in range(FIELDS):
                if cursors[field].document == first and step(&cursors[field]):
                    return CORRUPT

    def read(self, int field, term):
        cdef Terms terms = self._resolved([term.encode()])
        cdef Cursor cursor
        cdef int64_t j, i, count, total
        cdef int error = 0
        cdef int64_t[::1] numbers
        parts = []
        for j in range(self.count):
            count = terms.open(&cursor, self.segments, field, 0, j)
            check(count)
            if not count:
                continue
            documents = np.empty(count, dtype=np.int64)
            numbers = documents
            total = 0
            with nogil:
                for i in range(count):
                    numbers[i] = cursor.document
                    total += positions_here(&cursor)
                    if step(&cursor):
                        error = CORRUPT
                        break
            check(CORRUPT if total != cursor.position_count else error)
            parts.append(
                (
                    documents,
                    _numbers(cursor.counts, cursor.count_width, count),
                    _numbers(cursor.early, 1, count),
                    _numbers(cursor.positions, cursor.position_width, total),
                )
            )
        if not parts:
            few = np.empty(0, dtype=np.uint8)
            return Postings(np.empty(0, dtype=np.int64), few, few, few)
        if len(parts) == 1:
            return Postings(*parts[0])
        return Postings(*(np.concatenate(each) for each in zip(*parts)))

    def prefix(self, int field, prefix, int64_t limit):
        cdef bytes first = prefix.encode()
        cdef bytes last = first + b"\xff"  # no text in UTF-8 is behind it and begins like the first
        cdef const uint8_t *low = first
        cdef const uint8_t *high = last
        cdef int64_t low_size = len(first), high_size = len(last), j, row, start, end
        cdef const Segment *segment
        cdef const Texts *texts
        rows, terms = [], set()
        for j in range(self.count):
            segment, texts = &self.segments[j], &self.segments[j].terms
            start, end = place_of(segment, low, low_size), place_of(segment, high, high_size)
            check(min(start, end))
            start, end = row_of(segment, field, start), row_of(segment, field, end)
            check(min(start, end))
            held = []
            for row in range(start, min(end, start + limit + 1)):
                check(ensure(segment, segment.fields[field].terms + row, sizeof(int32_t)))
                text = self._text(segment, segment.fields[field].terms[row])
                held.append((text, row))
            rows.append(held)
            terms.update(text for text, _ in held)
        ordered = sorted(terms)
        is_cut = len(ordered) > limit
        postings, mask = 0, np.zeros(self.size, dtype=bool)
        cdef uint8_t[::1] marks = mask.view(np.uint8)
        cdef Cursor cursor
        cdef int64_t count
        cdef int error
        for j in range(self.count):
            for text, each in rows[j]:
                if is_cut and text >= ordered[limit]:
                    break
                row, error = each, 0
                with nogil:
                    count = open_row(&cursor, &self.segments[j], field, row)
                    while count > 0 and cursor.document != NO_DOCUMENT:
                        marks[cursor.document] = 1
                        if step(&cursor):
                            count = CORRUPT
                check(count)
                postings += count
        texts_found = tuple(each.decode() for each in ordered[:limit])
        return PrefixTerms(texts_found, collect(mask), postings, is_cut)

    cdef bytes _text(self, const Segment *segment, int64_t ordinal):
        cdef const Texts *terms = &segment.terms
        cdef int64_t start, size
        check(0 if 0 <= ordinal < terms.count else CORRUPT)
        check(ensure(segment, terms.starts + ordinal, 2 * sizeof(uint32_t)))
        start, size = terms.starts[ordinal], <int64_t>terms.starts[ordinal + 1] - 1
        size -= start
        check(0 if 0 <= size < terms.size - start else CORRUPT)
        check(ensure(segment, terms.data + start, size))
        return terms.data[start : start + size]

    def score(self, bm25f, steps, scores, matches, *, int64_t joint=1, among=None):
        cdef list texts = []
        cdef int64_t i, j, k, count = sum([len(step) for step in steps]), number = 0
        cdef Group *groups = <Group *>calloc(count + 1, sizeof(Group))
        cdef Step *parts = <Step *>calloc(len(steps) + 1, sizeof(Step))
        cdef Window *window = <Window *>calloc(1, sizeof(Window))
        cdef ScoredList *lists = NULL
        cdef Scoring scoring
        cdef double[::1] sums = scores
        cdef uint8_t[::1] marks = matches.view(np.uint8)
        cdef const uint8_t[::1] asked = None if among is None else among.view(np.uint8)
        cdef const float[::1] title_gain = bm25f.title_gain, body_gain = bm25f.body_gain
        cdef int64_t result = 0
        cdef Terms terms
        sized = {len(sums), len(marks), len(title_gain), len(body_gain), self.size}
        if asked is not None:
            sized.add(len(asked))
        try:
            if not groups or not parts or not window:
                raise MemoryError
            if len(sized) > 1:
                raise ValueError("there are arrays of other sizes than there are documents")
            i = 0
            for step in steps:
                parts[number].first, parts[number].last = i, i + len(step)
                for group in step:
                    groups[i].weight, groups[i].matching = group.weight, group.matching
                    groups[i].first_term, groups[i].term_count = len(texts), len(group.terms)
                    groups[i].field_count = 1 if group.title_only else FIELDS
                    texts += [each.encode() for each in group.terms]
                    i += 1
                number += 1
            terms = self._resolved(texts)
            lists = <ScoredList *>malloc(
                (terms.count * self.count * FIELDS + 1) * sizeof(ScoredList)
            )
            if not lists:
                raise MemoryError
            if not self.size:
                return terms.counted()
            scoring.size, scoring.alive = self.size, bm25f.alive
            scoring.gains[TITLE], scoring.gains[BODY] = &title_gain[0], &body_gain[0]
            scoring.k1, scoring.early_boost = bm25f.k1, bm25f.early_boost
            with nogil:
                result = self._score(
                    terms, groups, parts, number, joint, window, lists, &scoring,
                    NULL if asked is None else &asked[0], &sums[0], &marks[0],
                )
            check(result)
            return terms.counted()
        finally:
            if groups:
                for i in range(count):
                    free(groups[i].documents)
                    free(groups[i].lacking)
            free(groups)
            free(parts)
            free(window)
            free(lists)

    cdef int _score(
        self, Terms terms, Group *groups, Step *steps, int64_t step_count, int64_t joint,
        Window *window, ScoredList *lists, const Scoring *scoring, const uint8_t *among,
        double *scores, uint8_t *marks,
    ) noexcept nogil:
        """Open the lists of all groups, and take the steps; 0 or an error."""
        cdef int64_t i, j
        cdef Among asked
        cdef int error
        for j in range(step_count):
            for i in range(steps[j].first, steps[j].last):
                groups[i].lists = lists
                if self._open_group(terms, &groups[i], scoring):
                    return CORRUPT
                lists += groups[i].list_count
                steps[j].postings += groups[i].postings
        rarest_first(steps, joint if joint < step_count else step_count)
        for i in range(step_count):
            asked.marks = marks if i else among
            asked.size = scoring.size
            asked.are_few = (
                asked.marks != NULL and FEW * marked(asked.marks, asked.size) < asked.size
            )
            error = score_step(
                groups, &steps[i], not i, i < joint, window, scoring, &asked, scores, marks
            )
            if error:
                return error
        return 0

    cdef int _open_group(self, Terms terms, Group *group, const Scoring *scoring) noexcept nogil:
        """Open the lists of a group, bodies first: sums of few bits depend on the order."""
        cdef int64_t i, j, held
        cdef int field
        cdef ScoredList *list
        for field in range(group.field_count - 1, TITLE - 1, -1):
            for i in range(group.term_count):
                for j in range(self.count):
                    list = &group.lists[group.list_count]
                    held = terms.open(
                        &list.cursor, self.segments, field, group.first_term + i, j
                    )
                    if held < 0:
                        return CORRUPT
                    if not held:
                        continue
                    list.gain = scoring.gains[field]
                    list.early_boost = scoring.early_boost if field == BODY else 0
                    list.is_matching = i < group.matching
                    group.postings += held
                    group.list_count += 1
        return 0

    def phrase(self, words, int field, int64_t slop):
        cdef Terms terms = self._resolved([each.encode() for word in words for each in word])
        cdef int64_t count = len(words), i, first = 0, found = 0, document = 0, size
        cdef int64_t result = 0
        cdef Union *unions = <Union *>calloc(count + 1, sizeof(Union))
        cdef BitSet *bits = <BitSet *>calloc(count + 1, sizeof(BitSet))
        held = np.empty((3, self.size + 1), dtype=np.int64)
        cdef int64_t[:, ::1] rows = held
        try:
            if not unions or not bits:
                raise MemoryError
            for i in range(count):
                size = len(words[i])
                check(terms.open_union(&unions[i], self.segments, field, first, first + size))
                first += size
            with nogil:
                while count:
                    result = intersect(unions, count, &document)
                    if result or document == NO_DOCUMENT:
                        break
                    for i in range(count):
                        result = pass_union(&unions[i], &bits[i])
                        if result:
                            break
                        if i:
                            follow(&bits[i], &bits[i - 1], slop + 1)
                    if result:
                        break
                    rows[0, found] = document
                    rows[1, found] = count_bits(&bits[count - 1], &rows[2, found])
                    found += rows[1, found] > 0
            check(result)
        finally:
            for i in range(count):
                if unions:
                    free(unions[i].lists)
                if bits:
                    free(bits[i].words)
            free(unions)
            free(bits)
        return PhraseMatches(terms.counted(), *(each[:found].copy() for each in held))

    def proximity(self, words, int64_t distance, among):
        cdef Terms terms = self._resolved([each.encode() for word in words for each in word])
        cdef int64_t size = len(words[0]), found = 0, i, own, other
        cdef int64_t result = 0
        cdef Union unions[2]
        cdef BitSet bits[2]
        cdef const uint8_t[::1] asked = among.view(np.uint8)
        held = np.empty((2, self.size + 1), dtype=np.int64)
        cdef int64_t[:, ::1] rows = held
        if len(asked) != self.size:
            raise ValueError("there are arrays of other sizes than there are documents")
        memset(unions, 0, sizeof(unions))
        memset(bits, 0, sizeof(bits))
        try:
            check(terms.open_union(&unions[0], self.segments, BODY, 0, size))
            check(terms.open_union(&unions[1], self.segments, BODY, size, terms.count))
            with nogil:
                while unions[0].document != NO_DOCUMENT and unions[1].document != NO_DOCUMENT:
                    if unions[0].document < unions[1].document:
                        result = seek_union(&unions[0], unions[1].document)
                    elif unions[1].document < unions[0].document:
                        result = seek_union(&unions[1], unions[0].document)
                    elif not asked[unions[0].document]:
                        result = seek_union(&unions[0], unions[0].document + 1)
                    else:
                        rows[0, found] = unions[0].document
                        for i in range(2):
                            if not result:
                                result = pass_union(&unions[i], &bits[i])
                        own = count_near(&bits[0], &bits[1], distance)
                        other = count_near(&bits[1], &bits[0], distance)
                        rows[1, found] = own if own < other else other
                        found += rows[1, found] > 0
                    if result:
                        break
            check(result)
        finally:
            for i in range(2):
                free(unions[i].lists)
                free(bits[i].words)
        return NearMatches(terms.counted(), held[0, :found].copy(), held[1, :found].copy())

    def shared_positions(self, readings):
        cdef Terms terms = self._resolved(
            [each.encode() for term, others in readings for each in (term, *others)]
        )
        cdef int64_t first = 0, size, i
        cdef int field
        cdef int64_t result
        cdef Union *unions = <Union *>calloc(terms.count + 1, sizeof(Union))
        cdef int64_t *counts = <int64_t *>calloc(terms.count + 1, sizeof(int64_t))
        cdef BitSet bits[2]
        memset(bits, 0, sizeof(bits))
        found = []
        try:
            if not unions or not counts:
                raise MemoryError
            for _, others in readings:
                size = len(others) + 1
                for field in range(FIELDS):
                    for i in range(first, first + size):
                        free(unions[i].lists)
                        unions[i].lists, unions[i].list_count = NULL, 0
                        check(terms.open_union(&unions[i], self.segments, field, i, i + 1))
                    with nogil:
                        result = count_shared(unions + first, counts + first, size, bits)
                    check(result)
                found.append([counts[i] for i in range(first + 1, first + size)])
                first += size
        finally:
            for i in range(terms.count if unions else 0):
                free(unions[i].lists)
            for i in range(2):
                free(bits[i].words)
            free(unions)
            free(counts)
        return found, terms.counted()

    def positions(self, terms, documents):
        cdef Terms found = self._resolved([text.encode() for text, _ in terms])
        cdef const int64_t[::1] asked = documents
        cdef int64_t i
        cdef int64_t result = 0
        cdef int field
        cdef Rows rows
        memset(&rows, 0, sizeof(rows))
        try:
            for i in range(found.count):
                for number in sorted(terms[i][1]):
                    field = number
                    with nogil:
                        result = self._positions(found, i, field, asked, &rows)
                    check(result)
            return found.counted(), owned(rows.data, 6 * rows.count).reshape(-1, 6)
        finally:
            free(rows.data)

    cdef int _positions(
        self, Terms terms, int64_t i, int field, const int64_t[::1] documents, Rows *rows
    ) noexcept nogil:
        """Add the places of a term in one field of some documents; 0 or an error."""
        cdef int64_t j, at, held
        cdef int error
        cdef Cursor cursor
        for j in range(self.count):
            held = terms.open(&cursor, self.segments, field, i, j)
            if held < 0:
                return CORRUPT
            if not held:
                continue
            for at in range(documents.shape[0]):
                error = seek(&cursor, documents[at])
                if not error and cursor.document == documents[at]:
                    error = add_rows(rows, &self.segments[j], &cursor, field, i)
                if error:
                    return error
        return 0

    def offsets(self, places):
        cdef const int64_t[:, ::1] asked = places
        found = np.zeros((len(places), 2), dtype=np.int64)
        cdef int64_t[:, ::1] spans = found
        cdef int64_t row[6]
        cdef int64_t i, j
        for i in range(asked.shape[0]):
            row[0], row[1], row[2] = asked[i, 0], asked[i, 1], asked[i, 2]
            for j in range(self.count):
                if 0 <= row[0] - self.segments[j].base < self.segments[j].size:
                    check(locate(&self.segments[j], row) if 0 <= row[1] < FIELDS else CORRUPT)
                    spans[i, 0], spans[i, 1] = row[3], row[4]
        return found


cdef object _numbers(const uint8_t *data, int width, int64_t count):
    """A copy of numbers of a file, in the width that they have there."""
    return np.frombuffer(data[: count * width], dtype=f"<u{width}")


def collect(mask):
    cdef const uint8_t[::1] marks = mask.view(np.uint8)
    cdef int64_t size = marks.shape[0], count = 0, first
    cdef uint64_t left
    cdef int64_t[::1] found
    with nogil:
        for first in range(0, size, 64):
            count += __builtin_popcountll(bits_before(&marks[0], first, size))
    documents = np.empty(count, dtype=np.int64)
    found = documents
    count = 0
    with nogil:
        for first in range(0, size, 64):
            left = bits_before(&marks[0], first, size)
            while left:
                found[count] = first + __builtin_ctzll(left)
                count += 1
                left &= left - 1
    return documents


def facet_counts(facet, documents):
    cdef const int32_t[:, ::1] rows = facet.rows
    cdef const int64_t[::1] more = facet.more, more_codes = facet.more_codes
    cdef const int64_t[::1] asked = documents
    cdef int64_t own = len(facet.by_name) + 1, width = rows.shape[1], i, j, at = 0, code
    # Places of a row are counted apart: what is counted next never waits for what was just now.
    places = np.zeros((width, own), dtype=np.int64)
    cdef int64_t[:, ::1] by_place = places
    cdef int64_t[::1] counts
    if len(asked) and not 0 <= asked[0] <= asked[len(asked) - 1] < len(rows):
        raise IndexError("there are no such documents")
    with nogil:
        for i in range(asked.shape[0]):
            for j in range(width):
                by_place[j, rows[asked[i], j]] += 1
    summed = places.sum(axis=0)[: own - 1]
    counts = summed
    with nogil:
        for i in range(more.shape[0]):
            while at < asked.shape[0] and asked[at] < more[i]:
                at += 1
            if at < asked.shape[0] and asked[at] == more[i]:
                counts[more_codes[i]] += 1
    return summed


def facet_order(facet, counts):
    cdef const int64_t[::1] by_name = facet.by_name, held = counts
    cdef int64_t found = 0, greatest = 0, i, code, size = by_name.shape[0]
    pair = np.empty((2, size), dtype=np.int64)
    cdef int64_t[:, ::1] room = pair
    cdef int64_t starts[257]
    cdef int shift = 0, source = 0, digit
    if len(held) != size:
        raise ValueError("there are not so many codes")
    with nogil:
        for i in range(size):
            code = by_name[i]
            room[0, found] = code
            found += held[code] > 0
            greatest = max(greatest, held[code])
        # From the last byte of the counts to their first, what was sorted before stays in order.
        while shift < 64 and greatest >> shift:
            memset(starts, 0, sizeof(starts))
            for i in range(found):
                starts[256 - (held[room[source, i]] >> shift & 255)] += 1
            for digit in range(1, 257):
                starts[digit] += starts[digit - 1]
            for i in range(found):
                code = room[source, i]
                digit = 255 - (held[code] >> shift & 255)
                room[1 - source, starts[digit]] = code
                starts[digit] += 1
            source = 1 - source
            shift += 8
    codes = pair[source, :found]
    return codes, counts[codes]


cdef inline bint stands_before(const Ranked *one, const Ranked *other) noexcept nogil:
    return one.score > other.score or (one.score == other.score and one.tie < other.tie)


cdef void sink(Ranked *heap, int64_t count, int64_t at) noexcept nogil:
    """Let what is at a place of a heap, whose last is on top, sink to where it belongs."""
    cdef Ranked moved = heap[at]
    cdef int64_t child
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        if child + 1 < count and stands_before(&heap[child], &heap[child + 1]):
            child += 1
        if not stands_before(&moved, &heap[child]):
            break
        heap[at] = heap[child]
        at = child
    heap[at] = moved


def top(documents, scores, ties, int decimals, int64_t most):
    cdef const int64_t[::1] asked = documents, rank = ties
    cdef const double[::1] held = scores
    cdef int64_t size = asked.shape[0], count = 0, i, at, document
    cdef double bound = -INFINITY, unit = 10.0**decimals  # what scores below is not among the first
    cdef Ranked ranked
    most = max(min(most, size), 0)
    firsts = np.empty(most, dtype=np.int64)
    if not most:
        return firsts
    if not 0 <= asked[0] <= asked[size - 1] < min(len(held), len(rank)):
        raise IndexError("there are no such documents")
    cdef int64_t[::1] ordered = firsts
    cdef Ranked *heap = <Ranked *>malloc(most * sizeof(Ranked))
    if not heap:
        raise MemoryError
    with nogil:
        for i in range(size):
            document = asked[i]
            if held[document] < bound:
                continue
            ranked.score = rint(held[document] * unit) / unit
            ranked.tie, ranked.document = rank[document], document
            if count < most:
                heap[count] = ranked
                count += 1
                if count < most:
                    continue
                for at in range(most // 2 - 1, -1, -1):
                    sink(heap, most, at)
            elif stands_before(&ranked, heap):
                heap[0] = ranked
                sink(heap, most, 0)
            bound = heap[0].score - 1 / unit
        for i in range(most - 1, -1, -1):
            ordered[i] = heap[0].document
            heap[0] = heap[i]
            sink(heap, i, 0)
    free(heap)
    return firsts
