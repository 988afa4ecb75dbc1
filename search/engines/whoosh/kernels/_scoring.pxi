# BM25F scores, summed over lists for a window of documents at a time; positions as bit sets.

cdef enum:
    WINDOW = 4096  # documents scored together, so that they stay in the nearest cache
    GROUP = 64  # marks of documents that are examined together
    FEW = 16  # requested documents are few if less than one in this number
    EARLY = 50  # number of positions at the beginning of a text
    BITS = 64
    MOST_WORDS = 1 << 19  # no text has this number times BITS positions

cdef uint32_t MATCHING = <uint32_t>1 << 31

ctypedef struct ScoredList:
    Cursor cursor
    const float *gain
    float early_boost
    uint8_t is_matching

# A term group: its lists, and the documents with any of its terms, with the part of the group's
# weight that each lacks; that is ``nothing_held`` for all others.
ctypedef struct Group:
    ScoredList *lists
    int64_t list_count, postings, held, count
    int64_t known  # document frequency of a group of one term; 0 for others
    uint32_t *documents  # with the bit MATCHING
    float *lacking
    double weight, nothing_held
    int64_t first_term, term_count, matching, field_count

ctypedef struct Step:
    int64_t first, last, postings

# Data for scoring a step. Without ``asked`` all documents are requested; in steps after the first
# a mark is 1 for documents that matched before, and 2 for those that match now.
ctypedef struct Scoring:
    int64_t size, alive
    const float *gains[2]
    double k1
    float early_boost
    const uint8_t *asked
    const int64_t *few  # the requested documents, if these are few
    int64_t few_count
    int64_t start  # of the window
    float taken[4096]
    uint8_t seen[4096]
    uint8_t matching[4096]

# Documents with any of some terms: is at the first that has not been passed.
ctypedef struct Union:
    Cursor *lists
    int64_t list_count, document

ctypedef struct BitSet:  # positions of one document, in the first ``used`` words
    uint64_t *words
    int64_t used, room


cdef class Memory:
    """Memory of one call, which goes with it."""

    cdef void *last

    def __dealloc__(self):
        cdef void *block
        while self.last:
            block, self.last = self.last, (<void **>self.last)[0]
            free(block)

    cdef void *take(self, int64_t size) except NULL nogil:
        """So many bytes, all zero."""
        cdef void **block = <void **>calloc(1, size + 16)
        if not block:
            with gil:
                raise MemoryError
        block[0], self.last = self.last, block
        return block + 2


cdef inline uint64_t bits_of(const uint8_t *marks) noexcept nogil:
    """The marks of a group of documents, each 0 or 1, as bits."""
    cdef uint64_t bits = 0, word
    cdef int i
    for i in range(GROUP // 8):
        memcpy(&word, marks + 8 * i, 8)
        bits |= (word & 0x0101010101010101ULL) * 0x0102040810204080ULL >> 56 << 8 * i
    return bits


cdef inline uint64_t bits_from(const uint8_t *marks, int64_t first, int64_t size) noexcept nogil:
    """The same of the group from document ``first`` on, which may not be whole."""
    cdef uint8_t last[64]
    if first + GROUP <= size:
        return bits_of(marks + first)
    memset(last, 0, GROUP)
    memcpy(last, marks + first, size - first)
    return bits_of(last)


cdef int64_t marked(const uint8_t *marks, int64_t size) noexcept nogil:
    """How many documents are marked."""
    cdef int64_t count = 0, i
    for i in range(size):
        count += marks[i]
    return count


cdef inline void accumulate(
    ScoredList *list, int64_t end, bint is_only, Group *group, Scoring *scoring, Width tag
) noexcept nogil:
    """Add up a list up to document ``end``.

    Into the window or, where a list is the only one of its group, straight to that.
    """
    # All in variables: bytes that are written might be any of these, for all the compiler knows.
    cdef Cursor *cursor = &list.cursor
    cdef const uint8_t *counts = cursor.counts
    cdef const uint8_t *early = cursor.early
    cdef const uint8_t *deltas = cursor.deltas
    cdef const uint8_t *asked = scoring.asked
    cdef const uint8_t *only = scoring.asked if scoring.few else NULL
    cdef const float *gain = list.gain
    cdef float early_boost = list.early_boost, held
    cdef uint8_t is_matching = list.is_matching
    cdef uint32_t mark = MATCHING if is_matching else 0
    cdef uint32_t *documents = group.documents
    cdef float *lacking = group.lacking
    cdef int64_t document = cursor.document, first = cursor.at, i = cursor.at
    cdef int64_t count = cursor.count, found = group.count, start = scoring.start
    cdef int delta_width = cursor.delta_width, count_width = cursor.count_width
    if Width is uint8_t:
        delta_width = count_width = 1
    while True:
        if not is_only:
            scoring.seen[document - start] = 1
        if not only or only[document]:
            held = <float>number(counts, count_width, i)
            held += <float>early[i] * early_boost
            held *= gain[document]
            if is_only:
                documents[found] = <uint32_t>document | mark
                lacking[found] = held
                found += asked[document] if asked else 1
            else:
                scoring.taken[document - start] += held
                scoring.matching[document - start] |= is_matching
        i += 1
        if i == count:
            document = NO_DOCUMENT
            break
        document += number(deltas, delta_width, i)
        if document >= end:
            break
    cursor.at = i
    cursor.document = document
    if is_only:
        group.count = found
        group.held += i - first


cdef int accumulate_to(
    ScoredList *list, int64_t end, bint is_only, Group *group, Scoring *scoring
) except -1 nogil:
    """As :func:`accumulate`, if there is anything before ``end``."""
    cdef Cursor *cursor = &list.cursor
    end = min(end, cursor.limit)
    if cursor.document >= end:
        return 0
    if cursor.delta_width == 1 and cursor.count_width == 1:
        accumulate(list, end, is_only, group, scoring, <uint8_t>0)
    else:
        accumulate(list, end, is_only, group, scoring, <uint32_t>0)
    if cursor.limit <= cursor.document != NO_DOCUMENT:
        corrupt()
    return 0


cdef void sweep(Group *group, Scoring *scoring) noexcept nogil:
    """Move what is in the window to the group, and leave the window empty."""
    cdef int64_t first, at
    cdef uint64_t seen, asked, left
    for first in range(0, WINDOW, 64):
        seen = bits_of(scoring.seen + first)
        if not seen:
            continue
        if scoring.asked:
            group.held += __builtin_popcountll(seen)
            asked = bits_from(scoring.asked, scoring.start + first, scoring.size)
            left = seen & ~asked
            while left:
                scoring.taken[first + __builtin_ctzll(left)] = 0
                left &= left - 1
            seen &= asked
        while seen:
            at = first + __builtin_ctzll(seen)
            seen &= seen - 1
            group.documents[group.count] = (
                <uint32_t>(scoring.start + at) | <uint32_t>scoring.matching[at] << 31
            )
            group.lacking[group.count] = scoring.taken[at]
            group.count += 1
            scoring.taken[at] = 0
        memset(scoring.seen + first, 0, GROUP)
        memset(scoring.matching + first, 0, GROUP)


cdef int list_few(Scoring *scoring, Memory memory) except -1 nogil:
    """List the documents asked about."""
    cdef int64_t *documents = <int64_t *>memory.take(scoring.few_count * sizeof(int64_t))
    cdef int64_t first, count = 0
    cdef uint64_t left
    for first in range(0, scoring.size, 64):
        left = bits_from(scoring.asked, first, scoring.size)
        while left:
            documents[count] = first + __builtin_ctzll(left)
            count += 1
            left &= left - 1
    scoring.few = documents
    return 0


cdef int look_into(Group *group, const Scoring *scoring, Memory memory) except -1 nogil:
    """Add up the lists of a group in few documents, without going through all of them."""
    cdef float *taken = <float *>memory.take(scoring.few_count * sizeof(float))
    cdef uint8_t *seen = <uint8_t *>memory.take(scoring.few_count)
    cdef int64_t i, j, document
    cdef Cursor *cursor
    cdef float held
    for j in range(group.list_count):
        cursor = &group.lists[j].cursor
        for i in range(scoring.few_count):
            document = scoring.few[i]
            seek(cursor, document)
            if cursor.document == NO_DOCUMENT:
                break
            if cursor.document == document:
                held = <float>number(cursor.counts, cursor.count_width, cursor.at)
                held += <float>cursor.early[cursor.at] * group.lists[j].early_boost
                taken[i] += held * group.lists[j].gain[document]
                seen[i] |= 1 | group.lists[j].is_matching << 1
    for i in range(scoring.few_count):
        if seen[i]:
            group.documents[group.count] = (
                <uint32_t>scoring.few[i] | <uint32_t>(seen[i] >> 1) << 31
            )
            group.lacking[group.count] = taken[i]
            group.count += 1
    group.held = group.known
    return 0


cdef int add_windows(Group *group, Scoring *scoring) except -1 nogil:
    """Add up several lists a window at a time."""
    cdef int64_t first, i
    while True:
        first = NO_DOCUMENT
        for i in range(group.list_count):
            first = min(first, group.lists[i].cursor.document)
        if first == NO_DOCUMENT:
            return 0
        scoring.start = first - first % WINDOW
        for i in range(group.list_count):
            accumulate_to(&group.lists[i], scoring.start + WINDOW, False, group, scoring)
        sweep(group, scoring)


cdef int gather(Group *group, Scoring *scoring, Memory memory) except -1 nogil:
    """Add up the lists of a group, and work out what it is worth.

    Of BM25F's f / (f + k1), which is 1 - k1 / (f + k1), the latter is kept for each document.
    """
    # Of the documents of a window, each is moved once.
    cdef int64_t room = min(group.postings, scoring.size) + 1, i
    cdef float k1 = <float>scoring.k1, worth
    cdef double frequency
    group.documents = <uint32_t *>memory.take(room * sizeof(uint32_t))
    group.lacking = <float *>memory.take(room * sizeof(float))
    if group.known and scoring.few:
        look_into(group, scoring, memory)
    elif group.list_count == 1:
        accumulate_to(group.lists, NO_DOCUMENT, True, group, scoring)
    else:
        add_windows(group, scoring)
    frequency = <double>min(group.held if scoring.asked else group.count, scoring.alive)
    worth = k1 * <float>(
        group.weight
        * (scoring.k1 + 1)
        * log1p((<double>scoring.alive - frequency + 0.5) / (frequency + 0.5))
    )
    for i in range(group.count):
        group.lacking[i] = 1 / (group.lacking[i] + k1) * worth
    group.nothing_held = <double>(1 / k1 * worth)
    return 0


cdef int score_step(
    Group *groups, const Step *step, uint8_t mark, Scoring *scoring, double *scores,
    uint8_t *marks, Memory memory,
) except -1 nogil:
    """Add the groups of a step to scores, and ``mark`` what matches."""
    cdef int64_t i, j
    cdef uint32_t document
    for i in range(step.first, step.last):
        gather(&groups[i], scoring, memory)
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


cdef int seek_union(Union *union, int64_t target) except -1 nogil:
    """Go on to the first document that is ``target`` or behind it."""
    cdef int64_t i
    union.document = NO_DOCUMENT
    for i in range(union.list_count):
        seek(&union.lists[i], target)
        union.document = min(union.document, union.lists[i].document)
    return 0


cdef int64_t intersect(Union *unions, int64_t count, int64_t document) except -1 nogil:
    """The first document from one on that all unions have, on which they stand then."""
    cdef int64_t i = 0, agreed = 0
    while agreed < count and document != NO_DOCUMENT:
        if unions[i].document < document:
            seek_union(&unions[i], document)
        agreed = agreed + 1 if unions[i].document == document else 1
        document = unions[i].document
        i = (i + 1) % count
    return document


cdef int make_room(BitSet *bits, int64_t words, Memory memory) except -1 nogil:
    """Use so many words."""
    cdef uint64_t *larger
    if words > MOST_WORDS:
        corrupt()
    if words > bits.room:
        larger = <uint64_t *>memory.take((2 * words + 16) * sizeof(uint64_t))
        if bits.used:
            memcpy(larger, bits.words, bits.used * sizeof(uint64_t))
        bits.words, bits.room = larger, 2 * words + 16
    bits.used = max(bits.used, words)
    return 0


cdef int pass_union(Union *union, BitSet *bits, Memory memory) except -1 nogil:
    """Pass the document that a union stands on, whose positions ``bits`` become."""
    cdef int64_t document = union.document, i, j
    cdef uint32_t position
    cdef Cursor *cursor
    if bits.used:
        memset(bits.words, 0, bits.used * sizeof(uint64_t))
    bits.used = 0
    union.document = NO_DOCUMENT
    for i in range(union.list_count):
        cursor = &union.lists[i]
        if cursor.document == document:
            for j in range(cursor.place, cursor.place + positions_here(cursor)):
                position = number(cursor.positions, cursor.position_width, j)
                if position // BITS >= bits.used:
                    make_room(bits, position // BITS + 1, memory)
                bits.words[position // BITS] |= <uint64_t>1 << position % BITS
            step(cursor)
        union.document = min(union.document, cursor.document)
    return 0


cdef inline uint64_t shifted(const BitSet *bits, int64_t at, int64_t far) noexcept nogil:
    """Word ``at`` of the bits moved so far on, or back where that is negative."""
    cdef int64_t first = at * BITS - far, whole = first >> 6
    cdef int rest = first & 63
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
        # Until all are reached, or no position is that far before.
        while far <= most and own.words[at] & ~reached and far // BITS <= at:
            reached |= shifted(others, at, far)
            far += 1
        own.words[at] &= reached


cdef bint are_near(const BitSet *own, const BitSet *others, int64_t most) noexcept nogil:
    """Is one of ``others`` at most so many places before or after any of the ``own``?"""
    cdef int64_t at, far
    for at in range(own.used):
        if own.words[at]:
            for far in range(1, most + 1):
                if own.words[at] & (shifted(others, at, far) | shifted(others, at, -far)):
                    return True
    return False


cdef int64_t count_common(const BitSet *one, const BitSet *other) noexcept nogil:
    """How many bits both have."""
    cdef int64_t count = 0, at
    for at in range(min(one.used, other.used)):
        count += __builtin_popcountll(one.words[at] & other.words[at])
    return count
