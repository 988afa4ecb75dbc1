# Mapped files: verification of block sums, term lookup, iteration over posting lists.

cdef enum:
    BLOCK_BITS = 12  # bytes of a block, each with its own sum
    SKIP = 512  # postings from one skip to the next
    SKIP_BYTES = 8
    INDEX_STEP = 64  # terms from one entry of the term index to the next
    TITLE = 0
    BODY = 1
    FIELDS = 2

cdef int64_t NO_DOCUMENT = INT64_MAX

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

# Is at one posting of a list.
ctypedef struct Cursor:
    int64_t document  # NO_DOCUMENT after the last
    int64_t at, count
    int64_t place, position_count  # of the first of its positions, and how many the list has
    int64_t base, limit  # documents of the segment are below
    const uint8_t *skips
    const uint8_t *deltas
    const uint8_t *counts
    const uint8_t *early
    const uint8_t *positions
    int delta_width, count_width, position_width

ctypedef fused Width:  # a tag: are deltas and counts bytes?
    uint8_t
    uint32_t


cdef int corrupt() except -1 nogil:
    """Raise what damaged files are to raise."""
    with gil:
        raise CorruptList("a posting list in a file is not as it was written")


cdef inline uint32_t number(const uint8_t *data, int width, int64_t i) noexcept nogil:
    """Number ``i`` of those that take so many bytes each."""
    if width == 1:
        return data[i]
    data += width * i
    if width == 2:
        return data[0] | <uint32_t>data[1] << 8
    return data[0] | <uint32_t>data[1] << 8 | <uint32_t>data[2] << 16 | <uint32_t>data[3] << 24


cdef int verify(const Segment *segment, int64_t block) except -1 nogil:
    """Compare a block with its sum."""
    cdef const uint64_t *words = <const uint64_t *>(segment.area + (block << BLOCK_BITS))
    cdef uint64_t total = 0
    cdef int64_t i
    for i in range((1 << BLOCK_BITS) // 8):
        total += words[i]
    if total != segment.sums[block]:
        corrupt()
    segment.flags[block] = 1
    return 0


cdef inline int ensure(const Segment *segment, const void *begin, int64_t size) except -1 nogil:
    """Compare bytes with the sums of their blocks unless that was done."""
    cdef int64_t start = <const uint8_t *>begin - segment.area, block
    if size > 0:
        for block in range(start >> BLOCK_BITS, (start + size - 1 >> BLOCK_BITS) + 1):
            if segment.flags[block] != 1:
                verify(segment, block)
    return 0


cdef int64_t span(const Texts *texts, int64_t at) except -1 nogil:
    """The length of a text, which is inside of all texts."""
    cdef int64_t start = texts.starts[at], length = <int64_t>texts.starts[at + 1] - start - 1
    if length < 0 or start + length >= texts.size:
        corrupt()
    return length


cdef int64_t lower_bound(
    const Texts *texts, int64_t low, int64_t high, const uint8_t *text, int64_t length
) except -1 nogil:
    """The first text in a range that is not before another."""
    cdef int64_t middle, own
    cdef int order
    while low < high:
        middle = low + (high - low) // 2
        own = span(texts, middle)
        order = memcmp(texts.data + texts.starts[middle], text, min(own, length))
        if order < 0 or (order == 0 and own < length):
            low = middle + 1
        else:
            high = middle
    return low


cdef int ensure_terms(const Segment *segment, int64_t low, int64_t high) except -1 nogil:
    """Compare some terms with their sums."""
    cdef const Texts *terms = &segment.terms
    ensure(segment, terms.starts + low, (high - low + 1) * sizeof(uint32_t))
    if terms.starts[low] > terms.starts[high] or terms.starts[high] > terms.size:
        corrupt()
    return ensure(
        segment, terms.data + terms.starts[low], terms.starts[high] - terms.starts[low]
    )


cdef int64_t place_of(const Segment *segment, const uint8_t *text, int64_t length) except -1 nogil:
    """Where a term stands or would stand."""
    cdef int64_t low, high
    cdef int64_t entry = lower_bound(&segment.index, 0, segment.index.count, text, length)
    if entry == 0:
        return 0
    low = (entry - 1) * INDEX_STEP
    high = min(low + INDEX_STEP, segment.terms.count)
    ensure_terms(segment, low, high)
    return lower_bound(&segment.terms, low, high, text, length)


cdef int64_t find_term(
    const Segment *segment, const uint8_t *text, int64_t length
) except -1 nogil:
    """The ordinal of a term, NO_DOCUMENT if there is none."""
    cdef int64_t place = place_of(segment, text, length)
    if place == segment.terms.count:
        return NO_DOCUMENT
    ensure_terms(segment, place, place + 1)
    if span(&segment.terms, place) != length:
        return NO_DOCUMENT
    if memcmp(segment.terms.data + segment.terms.starts[place], text, length):
        return NO_DOCUMENT
    return place


cdef bint begins_so(
    const Segment *segment, const uint8_t *text, int64_t length
) except -1 nogil:
    """Does any term begin with a text?"""
    cdef int64_t place = place_of(segment, text, length)
    if place == segment.terms.count:
        return False
    ensure_terms(segment, place, place + 1)
    if span(&segment.terms, place) < length:
        return False
    return not memcmp(segment.terms.data + segment.terms.starts[place], text, length)


cdef int64_t row_of(const Segment *segment, int field, int64_t ordinal) except -1 nogil:
    """The first of a field's rows that is not of an earlier term."""
    cdef const Field *held = &segment.fields[field]
    # As many terms as are in the segment and not in the field may be missing before it.
    cdef int64_t low = max(ordinal - (segment.terms.count - held.count), 0), middle
    cdef int64_t high = min(ordinal, held.count)
    while low < high:
        middle = low + (high - low) // 2
        ensure(segment, held.terms + middle, sizeof(int32_t))
        if held.terms[middle] < ordinal:
            low = middle + 1
        else:
            high = middle
    return low


cdef int64_t find_row(const Segment *segment, int field, int64_t ordinal) except -1 nogil:
    """The row of a term in a field, NO_DOCUMENT if it has none there."""
    cdef const Field *held = &segment.fields[field]
    cdef int64_t row = row_of(segment, field, ordinal)
    if row >= held.count:
        return NO_DOCUMENT
    ensure(segment, held.terms + row, sizeof(int32_t))
    return row if held.terms[row] == ordinal else NO_DOCUMENT


cdef int64_t frequency_of(const Segment *segment, int field, int64_t row) except -1 nogil:
    """How many documents hold the term of a row."""
    cdef const uint32_t *frequency = segment.fields[field].frequencies + row
    ensure(segment, frequency, sizeof(uint32_t))
    if not 0 < frequency[0] <= segment.size:
        corrupt()
    return frequency[0]


cdef int64_t frequency_anywhere(const Segment *segment, int64_t ordinal) except -1 nogil:
    """How many documents hold a term in any field."""
    ensure(segment, segment.frequencies + ordinal, sizeof(uint32_t))
    return min(<int64_t>segment.frequencies[ordinal], segment.size)


cdef int64_t open_row(
    Cursor *cursor, const Segment *segment, int field, int64_t row
) except -1 nogil:
    """Stand on the first posting of a row; how many postings there are.

    Whoever reads positions calls :func:`ensure_positions` before.
    """
    cdef const Field *held = &segment.fields[field]
    cdef int64_t count = frequency_of(segment, field, row), rest
    cdef uint64_t start, end
    cdef int widths
    ensure(segment, held.starts + row, 2 * sizeof(uint64_t))
    ensure(segment, held.widths + row, 1)
    start, end, widths = held.starts[row], held.starts[row + 1], held.widths[row]
    if start > end or end > <uint64_t>segment.postings_size or widths >> 6:
        corrupt()
    if widths & 3 == 3 or widths >> 2 & 3 == 3 or widths >> 4 == 3:
        corrupt()
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
        corrupt()
    ensure(segment, cursor.skips, cursor.positions - cursor.skips)
    cursor.position_count = rest // cursor.position_width
    cursor.count = count
    cursor.at = cursor.place = 0
    cursor.base = segment.base
    cursor.limit = segment.base + segment.size
    cursor.document = segment.base + number(cursor.deltas, cursor.delta_width, 0)
    if cursor.document >= cursor.limit:
        corrupt()
    return count


cdef int ensure_positions(const Cursor *cursor, const Segment *segment) except -1 nogil:
    """Compare the positions of a list with the sums of their blocks."""
    return ensure(segment, cursor.positions, cursor.position_count * cursor.position_width)


cdef inline int step(Cursor *cursor) except -1 nogil:
    """Go on to the next posting."""
    cdef int64_t before = cursor.document
    cursor.place += number(cursor.counts, cursor.count_width, cursor.at)
    cursor.at += 1
    if cursor.at == cursor.count:
        cursor.document = NO_DOCUMENT
        return 0
    cursor.document += number(cursor.deltas, cursor.delta_width, cursor.at)
    if not before < cursor.document < cursor.limit:
        corrupt()
    return 0


cdef int skip_to(Cursor *cursor, int64_t target) except -1 nogil:
    """Go on to the last skip that is not behind ``target``, if one is before it."""
    cdef int64_t first = cursor.at // SKIP, low = first, high = (cursor.count - 1) // SKIP, middle
    cdef int64_t document, place
    while low < high:  # skip i - 1 is before posting SKIP * i
        middle = low + (high - low + 1) // 2
        if cursor.base + number(cursor.skips, 4, 2 * (middle - 1)) <= target:
            low = middle
        else:
            high = middle - 1
    if low == first:
        return 0
    document = cursor.base + number(cursor.skips, 4, 2 * (low - 1))
    place = number(cursor.skips, 4, 2 * (low - 1) + 1)
    if not cursor.document < document < cursor.limit or place > cursor.position_count:
        corrupt()
    cursor.at, cursor.document, cursor.place = low * SKIP, document, place
    return 0


cdef inline int seek_near(Cursor *cursor, int64_t target, Width tag) except -1 nogil:
    """Go on to ``target`` or the first document behind it, posting by posting."""
    cdef const uint8_t *deltas = cursor.deltas
    cdef const uint8_t *counts = cursor.counts
    cdef int64_t document = cursor.document, at = cursor.at, place = cursor.place
    cdef int delta_width = cursor.delta_width, count_width = cursor.count_width
    if Width is uint8_t:
        delta_width = count_width = 1
    while document < target:
        place += number(counts, count_width, at)
        at += 1
        if at == cursor.count:
            document = NO_DOCUMENT
            break
        document += number(deltas, delta_width, at)
    cursor.document, cursor.at, cursor.place = document, at, place
    if cursor.limit <= document != NO_DOCUMENT:
        corrupt()
    return 0


cdef inline int seek(Cursor *cursor, int64_t target) except -1 nogil:
    """Go on to the first posting of ``target`` or a document behind it."""
    if cursor.document >= target:
        return 0
    if cursor.count - cursor.at > SKIP:
        skip_to(cursor, target)
    if cursor.delta_width == 1 and cursor.count_width == 1:
        return seek_near(cursor, target, <uint8_t>0)
    return seek_near(cursor, target, <uint32_t>0)


cdef inline int64_t positions_here(const Cursor *cursor) except -1 nogil:
    """How many positions the posting has on which a cursor stands."""
    cdef int64_t count = number(cursor.counts, cursor.count_width, cursor.at)
    if count > cursor.position_count - cursor.place:
        corrupt()
    return count


cdef int locate(const Segment *segment, int64_t *row) except -1 nogil:
    """Fill in where the place of a row stands in the text.

    A byte says the width of the numbers: how far each position begins behind the one before, and
    then how long each is.
    """
    cdef const Values *offsets = &segment.offsets[row[1]]
    cdef int64_t at = row[0] - segment.base, position = row[2], count, i
    cdef const uint8_t *data
    cdef uint64_t first, end
    cdef uint32_t start = 0  # steps back are large numbers, and overflow
    cdef int width
    ensure(segment, offsets.starts + at, 2 * sizeof(uint64_t))
    first, end = offsets.starts[at], offsets.starts[at + 1]
    if first >= end or end > <uint64_t>offsets.size:
        corrupt()
    data = offsets.data + first
    ensure(segment, data, end - first)
    if data[0] > 2:
        corrupt()
    width = 1 << data[0]
    count = <int64_t>(end - first - 1) // width // 2
    if not 0 <= position < count:
        corrupt()
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
