/* From what matches to an answer: which documents these are, how often they have each value of a
 * facet, and which of them stand first; as answers/ has it. */
#include "claim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Put the documents that are marked, of ``size``, into ``documents``, ascending; how many. */
int64_t collect(const uint8_t *marks, int64_t size, int64_t *documents)
{
    int64_t count = 0, first = 0;
    for (; first + GROUP <= size; first += GROUP)
        for (uint64_t left = bits_of(marks + first); left; left &= left - 1)
            documents[count++] = first + __builtin_ctzll(left);
    for (; first < size; first++)
        if (marks[first])
            documents[count++] = first;
    return count;
}

/* A facet with so many values, ``size``. Each document has a row of ``width`` codes in ``rows``,
 * filled up with ``size``; ``more`` are documents, ascending, that have one of ``more_codes`` beside.
 * ``named`` are all codes by the names of their values. */
typedef struct {
    const int32_t *rows;
    const int64_t *more, *more_codes, *named;
    int64_t width, size, more_count;
} Facet;

/* Count the codes of ``documents``, which ascend; 0 or an error. ``counts`` has room for one more
 * than the values. */
int tally(const Facet *facet, const int64_t *documents, int64_t document_count, int64_t *counts)
{
    /* Places of a row are counted apart: what is counted next never waits for what was just now. */
    int64_t width = facet->width, own = facet->size + 1;
    int64_t *by_place = calloc((size_t)(width * own), sizeof *by_place);
    if (!by_place)
        return NO_MEMORY;
    for (int64_t i = 0; i < document_count; i++) {
        const int32_t *row = facet->rows + documents[i] * width;
        for (int64_t j = 0; j < width; j++)
            by_place[j * own + row[j]]++;
    }
    for (int64_t code = 0; code < own; code++) {
        counts[code] = 0;
        for (int64_t j = 0; j < width; j++)
            counts[code] += by_place[j * own + code];
    }
    free(by_place);
    for (int64_t i = 0, at = 0; i < facet->more_count; i++) {
        while (at < document_count && documents[at] < facet->more[i])
            at++;
        if (at < document_count && documents[at] == facet->more[i])
            counts[facet->more_codes[i]]++;
    }
    return 0;
}

/* Sort ``codes`` by descending counts; equal ones stay as they stand. ``room`` is for as many. */
static void sort_down(int64_t *codes, int64_t *room, int64_t size, const int64_t *counts,
                      int64_t greatest)
{
    /* From the last byte of the counts to their first, what was sorted before stays in order. */
    int64_t *from = codes, *to = room;
    for (int shift = 0; greatest >> shift; shift += 8) {
        int64_t starts[257] = {0};
        for (int64_t i = 0; i < size; i++)
            starts[256 - (counts[from[i]] >> shift & 255)]++;
        for (int digit = 1; digit < 257; digit++)
            starts[digit] += starts[digit - 1];
        for (int64_t i = 0; i < size; i++)
            to[starts[255 - (counts[from[i]] >> shift & 255)]++] = from[i];
        int64_t *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != codes)
        memcpy(codes, from, (size_t)size * sizeof *codes);
}

/* Put the codes that occur into ``codes``, by their counts and then by names; how many they are.
 * ``ordered`` become their counts. */
int64_t order(const Facet *facet, const int64_t *counts, int64_t *codes, int64_t *ordered)
{
    int64_t found = 0, greatest = 0;
    for (int64_t i = 0; i < facet->size; i++) {
        int64_t count = counts[facet->named[i]];
        codes[found] = facet->named[i];
        found += count > 0;
        if (count > greatest)
            greatest = count;
    }
    sort_down(codes, ordered, found, counts, greatest);
    for (int64_t i = 0; i < found; i++)
        ordered[i] = counts[codes[i]];
    return found;
}

/* What ``tally`` counts as ``order`` puts it; how many codes, or an error. */
int64_t tally_in_order(const Facet *facet, const int64_t *documents, int64_t document_count,
                       int64_t *counts, int64_t *codes, int64_t *ordered)
{
    int error = tally(facet, documents, document_count, counts);
    return error ? error : order(facet, counts, codes, ordered);
}

/* A document, its score, and what decides between equals. */
typedef struct {
    double score;
    int64_t tie, document;
} Ranked;

static inline int stands_before(const Ranked *one, const Ranked *other)
{
    return one->score > other->score || (one->score == other->score && one->tie < other->tie);
}

/* Let what is at a place of a heap, whose last is on top, sink to where it belongs. */
static void sink(Ranked *heap, int64_t count, int64_t at)
{
    Ranked moved = heap[at];
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && stands_before(&heap[child], &heap[child + 1]))
            child++;
        if (!stands_before(&moved, &heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

/* Put the first ``most`` of ``documents`` into ``firsts``, by the scores that all documents have,
 * rounded to whole ``unit``-ths, and then by the least of ``ties``; how many, or an error. */
int64_t first(const int64_t *documents, int64_t document_count, const double *scores,
              const int64_t *ties, double unit, int64_t most, int64_t *firsts)
{
    if (most > document_count)
        most = document_count;
    if (most <= 0)
        return 0;
    Ranked *heap = malloc((size_t)most * sizeof *heap);
    if (!heap)
        return NO_MEMORY;
    int64_t count = 0;
    double bound = -INFINITY; /* what scores less is not among the first */
    for (int64_t i = 0; i < document_count; i++) {
        int64_t document = documents[i];
        if (scores[document] < bound)
            continue;
        double rounded = rint(scores[document] * unit) / unit;
        Ranked ranked = {rounded, ties[document], document};
        if (count < most) {
            heap[count++] = ranked;
            if (count < most)
                continue;
            for (int64_t at = most / 2; at-- > 0;)
                sink(heap, most, at);
        } else if (stands_before(&ranked, heap)) {
            heap[0] = ranked;
            sink(heap, most, 0);
        }
        bound = heap[0].score - 1 / unit;
    }
    for (int64_t left = most; left > 0; left--) {
        firsts[left - 1] = heap[0].document;
        heap[0] = heap[left - 1];
        sink(heap, left - 1, 0);
    }
    free(heap);
    return most;
}
