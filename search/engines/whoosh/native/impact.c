/* What a word adds to the scores of documents: BM25F over title and body, as answers/scoring.py has
 * it, with the same numbers of the same widths.
 *
 * Each claim is gone through by itself, all its lists side by side and a window of documents at a
 * time, so that what is being added up stays in the processor's nearest memory. Then, window by
 * window again, the claims come together.
 */
#include "segment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Of documents that are marked, so many are looked at together. */
enum { WINDOW = 4096, GROUP = 64 };

/* Of an open generation: how many documents, of them alive, what a count is worth in each. */
typedef struct {
    int64_t size, alive;
    const float *gains[FIELDS];
    double k1;
    float early_boost;
} Scoring;

typedef struct {
    Cursor cursor;
    const float *gain;
    float early_boost;
    int is_matching;
} List;

/* A claim: its lists, and what they come to: how many documents hold any of its terms, and of those
 * asked about, ascending, how often each does. That becomes what is lost of the claim's worth.
 *
 * A document is MATCHING if it has a term by which it matches. */
typedef struct {
    List *lists;
    int64_t list_count, held, count, next;
    uint32_t *documents;
    float *taken;
    double whole; /* what is lost where nothing is held */
} Claim;

#define MATCHING ((uint32_t)1 << 31)

/* Documents from ``start`` on: how often they hold the terms of a claim, who holds any, and who any
 * by which it matches. */
typedef struct {
    int64_t start;
    float taken[WINDOW];
    uint8_t seen[WINDOW], matching[WINDOW];
} Window;

/* The documents asked about, a byte for each of ``size``; NULL if all are. */
typedef struct {
    const uint8_t *marks;
    int64_t size;
} Among;

/* The marks of a group of documents, each 0 or 1, as bits. */
static inline uint64_t bits_of(const uint8_t *marks)
{
    uint64_t bits = 0;
#ifdef __SSE2__
    for (int i = 0; i < GROUP / 16; i++) {
        __m128i some = _mm_loadu_si128((const __m128i *)(marks + 16 * i));
        uint64_t found = (uint64_t)_mm_movemask_epi8(_mm_cmpgt_epi8(some, _mm_setzero_si128()));
        bits |= found << 16 * i;
    }
#else
    for (int i = 0; i < GROUP; i++)
        bits |= (uint64_t)marks[i] << i;
#endif
    return bits;
}

/* Which of a group of documents are asked about, as bits. */
static inline uint64_t asked_about(const Among *among, int64_t first)
{
    uint8_t last[GROUP] = {0};
    if (first + GROUP <= among->size)
        return bits_of(among->marks + first);
    memcpy(last, among->marks + first, (size_t)(among->size - first));
    return bits_of(last);
}

/* Open the lists of a claim, bodies first: sums of few bits depend on the order. How many postings
 * they have, or an error. */
static int64_t open_claim(Claim *claim, int64_t number, const Segment *segments,
                          int64_t segment_count, const Scoring *scoring, const uint8_t *texts,
                          const Asked *asked, int64_t asked_count, int64_t field_count,
                          int64_t *postings)
{
    int64_t total = 0;
    for (int field = (int)field_count - 1; field >= TITLE; field--) {
        const uint8_t *text = texts;
        for (int64_t i = 0; i < asked_count; text += asked[i++].length) {
            if (asked[i].claim != number)
                continue;
            for (int64_t j = 0; j < segment_count; j++) {
                List *list = &claim->lists[claim->list_count];
                int64_t held =
                    open_list(&list->cursor, &segments[j], field, text, asked[i].length);
                if (held < 0)
                    return held;
                if (!held)
                    continue;
                list->gain = scoring->gains[field];
                list->early_boost = field == BODY ? scoring->early_boost : 0;
                list->is_matching = asked[i].is_matching != 0;
                postings[i] += held;
                total += held;
                claim->list_count++;
            }
        }
    }
    return total;
}

/* Go through the rest of a block, up to document ``end``; inlined for numbers of each width.
 *
 * What is held goes into a window or, where a list is the only one of its claim, straight to that.
 */
static inline __attribute__((always_inline)) void
take(List *list, int64_t end, Window *window, Claim *claim, const Among *among, int delta_width,
     int count_width)
{
    /* All in variables: bytes that are written might be any of these, for all the compiler knows. */
    Cursor *cursor = &list->cursor;
    const uint8_t *counts = cursor->counts, *early = cursor->early, *deltas = cursor->deltas;
    const uint8_t *marks = among->marks, is_matching = (uint8_t)list->is_matching;
    const uint32_t mark = is_matching ? MATCHING : 0;
    const float *gain = list->gain, early_boost = list->early_boost;
    uint32_t *documents = claim->documents;
    float *taken = claim->taken;
    int64_t document = cursor->document, first = cursor->at, i = first, count = cursor->count;
    int64_t found = claim->count, start = window ? window->start : 0;
    do {
        float held = (float)number(counts, count_width, i);
        held += (float)early[i] * early_boost;
        held *= gain[document];
        if (window) {
            window->taken[document - start] += held;
            window->seen[document - start] = 1;
            if (is_matching)
                window->matching[document - start] = 1;
        } else {
            documents[found] = (uint32_t)document | mark;
            taken[found] = held;
            found += marks ? marks[document] : 1;
        }
        if (++i == count)
            break;
        document += number(deltas, delta_width, i);
    } while (document < end);
    cursor->at = i;
    cursor->document = document;
    if (!window) {
        claim->count = found;
        claim->held += i - first;
    }
}

/* Go through a list up to document ``end``, to the window if there is one. */
static int take_all(List *list, int64_t end, Window *window, Claim *claim, int64_t room,
                    const Among *among)
{
    Cursor *cursor = &list->cursor;
    while (cursor->document < end) {
        if (!window && claim->count + cursor->count - cursor->at > room)
            return BROKEN;
        if (cursor->delta_width == 1 && cursor->count_width == 1)
            take(list, end, window, claim, among, 1, 1);
        else
            take(list, end, window, claim, among, cursor->delta_width, cursor->count_width);
        int error = cursor->at == cursor->count ? next_block(cursor) : 0;
        if (error)
            return error;
    }
    return 0;
}

/* Move what is in the window to the claim, and leave the window empty. */
static int sweep(Window *window, Claim *claim, int64_t room, const Among *among)
{
    for (int64_t first = 0; first < WINDOW; first += GROUP) {
        uint64_t seen = bits_of(&window->seen[first]);
        if (!seen)
            continue;
        if (among->marks) {
            claim->held += __builtin_popcountll(seen);
            uint64_t asked = asked_about(among, window->start + first);
            for (uint64_t left = seen & ~asked; left; left &= left - 1)
                window->taken[first + __builtin_ctzll(left)] = 0;
            seen &= asked;
        }
        for (; seen; seen &= seen - 1) {
            int64_t at = first + __builtin_ctzll(seen);
            if (claim->count == room)
                return BROKEN;
            claim->documents[claim->count] =
                (uint32_t)(window->start + at) | (uint32_t)window->matching[at] << 31;
            claim->taken[claim->count++] = window->taken[at];
            window->taken[at] = 0;
        }
        memset(&window->seen[first], 0, GROUP);
        memset(&window->matching[first], 0, GROUP);
    }
    return 0;
}

/* Add up the lists of a claim, which have at most so many documents that there is ``room``. */
static int gather(Claim *claim, Window *window, int64_t room, const Among *among)
{
    for (;;) {
        int64_t first = NO_DOCUMENT;
        for (int64_t i = 0; i < claim->list_count; i++)
            if (claim->lists[i].cursor.document < first)
                first = claim->lists[i].cursor.document;
        if (first == NO_DOCUMENT) {
            if (!among->marks)
                claim->held = claim->count;
            return 0;
        }
        if (first >= among->size)
            return BROKEN;
        int64_t end = among->size;
        if (claim->list_count == 1) {
            int error = take_all(claim->lists, end, NULL, claim, room, among);
            if (error)
                return error;
            continue; /* there is nothing more, or what no document can be */
        }
        window->start = first - first % WINDOW;
        if (end > window->start + WINDOW)
            end = window->start + WINDOW;
        for (int64_t i = 0; i < claim->list_count; i++) {
            int error = take_all(&claim->lists[i], end, window, claim, room, among);
            if (error)
                return error;
        }
        int error = sweep(window, claim, room, among);
        if (error)
            return error;
    }
}

/* How often documents hold a claim becomes what they lose of its worth, which is returned: of
 * BM25F's f / (f + k1), which is 1 - k1 / (f + k1), the latter. */
static double weigh(Claim *claim, const Scoring *scoring, double weight)
{
    float k1 = (float)scoring->k1;
    double df = (double)(claim->held < scoring->alive ? claim->held : scoring->alive);
    double idf = log1p(((double)scoring->alive - df + 0.5) / (df + 0.5));
    double worth = weight * (scoring->k1 + 1) * idf;
    float lost = k1 * (float)worth;
    for (int64_t i = 0; i < claim->count; i++)
        claim->taken[i] = 1 / (claim->taken[i] + k1) * lost;
    claim->whole = (double)(1 / k1 * lost);
    return worth;
}

/* Where results go: the documents found, ascending, with scores, and those that match; and, unless
 * they are NULL, what of all documents scores are added to, and where those that match are marked. */
typedef struct {
    int64_t *documents, *matching;
    double *scores, *sums;
    uint8_t *marks;
    int64_t count, matching_count;
} Results;

/* Documents from the start of a window on: their scores, who has any, and who matches. */
typedef struct {
    double sums[WINDOW];
    uint8_t seen[WINDOW], matching[WINDOW];
} Union;

/* Bring the claims together, whose worth adds up to ``base`` where nothing is held. */
static void unite(Claim *claims, int64_t claim_count, double base, Union *together,
                  Results *results)
{
    int64_t *documents = results->documents, *matching = results->matching;
    double *scores = results->scores, *sums = results->sums;
    uint8_t *marks = results->marks;
    int64_t count = 0, matching_count = 0;
    for (;;) {
        int64_t start = NO_DOCUMENT;
        for (int64_t i = 0; i < claim_count; i++) {
            if (claims[i].next == claims[i].count)
                continue;
            int64_t next = claims[i].documents[claims[i].next] & ~MATCHING;
            if (next < start)
                start = next;
        }
        if (start == NO_DOCUMENT)
            break;
        start -= start % WINDOW;
        for (int64_t i = 0; i < claim_count; i++) {
            const uint32_t *held = claims[i].documents;
            const float *taken = claims[i].taken;
            const double whole = claims[i].whole;
            int64_t next = claims[i].next, end = claims[i].count;
            for (; next < end; next++) {
                int64_t at = (int64_t)(held[next] & ~MATCHING) - start;
                if (at >= WINDOW)
                    break;
                together->sums[at] += whole - (double)taken[next];
                together->seen[at] = 1;
                together->matching[at] |= held[next] >> 31;
            }
            claims[i].next = next;
        }
        for (int64_t first = 0; first < WINDOW; first += GROUP) {
            uint64_t seen = bits_of(&together->seen[first]);
            if (!seen)
                continue;
            for (; seen; seen &= seen - 1) {
                int64_t at = first + __builtin_ctzll(seen), document = start + at;
                double score = base + together->sums[at];
                together->sums[at] = 0;
                documents[count] = document;
                scores[count++] = score;
                matching[matching_count] = document;
                matching_count += together->matching[at];
                if (sums)
                    sums[document] += score;
                if (marks)
                    marks[document] |= together->matching[at];
            }
            memset(&together->seen[first], 0, GROUP);
            memset(&together->matching[first], 0, GROUP);
        }
    }
    results->count = count;
    results->matching_count = matching_count;
}

/* The documents of ``among`` that hold any of some terms, with scores, and those that match; how
 * many they are, or an error.
 *
 * The terms asked for stand end to end in ``texts``; ``weights`` are those of the claims. The first
 * of ``field_count`` fields is the title. ``postings`` becomes how many each term has; arrays of
 * documents and scores have room for all documents and one more.
 */
int64_t impact(const Segment *segments, int64_t segment_count, const Scoring *scoring,
               const uint8_t *texts, const Asked *asked, int64_t asked_count,
               const double *weights, int64_t claim_count, int64_t field_count,
               const uint8_t *among_marks, int64_t *postings, Results *results)
{
    int64_t result = NO_MEMORY;
    int64_t most = asked_count * segment_count * field_count;
    double base = 0;
    Among among = {.marks = among_marks, .size = scoring->size};
    Window *window = calloc(1, sizeof *window);
    Union *together = calloc(1, sizeof *together);
    Claim *claims = calloc((size_t)claim_count + 1, sizeof *claims);
    List *lists = malloc((size_t)(most + 1) * sizeof *lists), *next = lists;
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    if (!window || !together || !claims || !lists || scoring->size >= MATCHING)
        goto done;
    for (int64_t i = 0; i < claim_count; i++) {
        Claim *claim = &claims[i];
        claim->lists = next;
        int64_t room = open_claim(claim, i, segments, segment_count, scoring, texts, asked,
                                  asked_count, field_count, postings);
        next += claim->list_count;
        if (room > scoring->size)
            room = scoring->size;
        if ((result = room) < 0)
            goto done;
        claim->documents = malloc((size_t)(room + 1) * sizeof *claim->documents);
        claim->taken = malloc((size_t)(room + 1) * sizeof *claim->taken);
        result = NO_MEMORY;
        if (!claim->documents || !claim->taken)
            goto done;
        if ((result = gather(claim, window, room, &among)) < 0)
            goto done;
        base += weigh(claim, scoring, weights[i]) - claim->whole;
    }
    unite(claims, claim_count, base, together, results);
    result = results->count;
done:
    for (int64_t i = 0; claims && i < claim_count; i++) {
        free(claims[i].documents);
        free(claims[i].taken);
    }
    free(lists);
    free(claims);
    free(together);
    free(window);
    return result;
}
