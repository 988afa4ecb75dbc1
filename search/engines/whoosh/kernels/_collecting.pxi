# Collects documents from marks: facet counts and the top documents.

ctypedef struct Ranked:
    double score
    int64_t tie, document


def collect(mask):
    cdef const uint8_t[::1] marks = mask.view(np.uint8)
    cdef int64_t size = marks.shape[0], count = 0, first
    cdef uint64_t left
    cdef int64_t[::1] found
    with nogil:
        for first in range(0, size, 64):
            count += __builtin_popcountll(bits_from(&marks[0], first, size))
    documents = np.empty(count, dtype=np.int64)
    found = documents
    count = 0
    with nogil:
        for first in range(0, size, 64):
            left = bits_from(&marks[0], first, size)
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
    # Places of a row are counted separately, so that no count waits for the previous one.
    places = np.zeros((width, own), dtype=np.int64)
    cdef int64_t[:, ::1] by_place = places
    summed = np.empty(own - 1, dtype=np.int64)
    cdef int64_t[::1] counts = summed
    if len(asked) and not 0 <= asked[0] <= asked[len(asked) - 1] < len(rows):
        raise IndexError("there are no such documents")
    with nogil:
        for i in range(asked.shape[0]):
            for j in range(width):
                by_place[j, rows[asked[i], j]] += 1
        for i in range(own - 1):
            counts[i] = by_place[0, i]
        for j in range(1, width):
            for i in range(own - 1):
                counts[i] += by_place[j, i]
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
        # A radix sort: stable passes from the last byte of the counts to the first.
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
    cdef double bound = -INFINITY, unit = 10.0**decimals  # lower scores are not in the top
    cdef Ranked ranked
    most = max(min(most, size), 0)
    firsts = np.empty(most, dtype=np.int64)
    if not most:
        return firsts
    if not 0 <= asked[0] <= asked[size - 1] < min(len(held), len(rank)):
        raise IndexError("there are no such documents")
    cdef int64_t[::1] ordered = firsts
    cdef Memory memory = Memory.__new__(Memory)
    cdef Ranked *heap = <Ranked *>memory.take(most * sizeof(Ranked))
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
    return firsts
