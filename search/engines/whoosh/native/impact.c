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
 * asked about, ascending, how often each does. That becomes what is lost of the claim's worth. */
typedef struct {
    List *lists;
    int64_t list_count, held, count, next;
    uint32_t *documents;
    float *taken;
    double whole; /* what is lost where nothing is held */
} Claim;

/* Documents from ``start`` on: how often they hold the terms of a claim, and who holds any. */
typedef struct {
    int64_t start;
    float taken[WINDOW];
    uint8_t seen[WINDOW];
} Window;

/* For each document: does it hold any term, one that makes it match, and is it asked about? */
typedef struct {
    uint8_t *seen, *matching;
    const uint8_t *among; /* NULL if all are */
    int64_t size;
} Masks;

/* The marks of a group of documents, each 0 or 1, as bits. */
static inline uint64_t bits_of(const uint8_t *marks)
{
    uint64_t bits = 0;
    for (int i = 0; i < GROUP / 8; i++) {
        uint64_t eight;
        memcpy(&eight, marks + 8 * i, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        eight = __builtin_bswap64(eight);
#endif
        /* The lowest bit of byte k goes to bit 56 + k of the product. */
        bits |= (eight * 0x0102040810204080) >> 56 << 8 * i;
    }
    return bits;
}

/* Which of a group of documents are asked about, as bits. */
static inline uint64_t among(const Masks *masks, int64_t first)
{
    uint8_t last[GROUP] = {0};
    if (!masks->among)
        return UINT64_MAX;
    if (first + GROUP <= masks->size)
        return bits_of(masks->among + first);
    memcpy(last, masks->among + first, (size_t)(masks->size - first));
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
take(List *list, int64_t end, Window *window, Claim *claim, Masks *masks, int delta_width,
     int count_width)
{
    Cursor *cursor = &list->cursor;
    int64_t document = cursor->document, i = cursor->at;
    do {
        float count = (float)number(cursor->counts, count_width, i);
        count += (float)cursor->early[i] * list->early_boost;
        count *= list->gain[document];
        if (window) {
            window->taken[document - window->start] += count;
            window->seen[document - window->start] = 1;
        } else {
            claim->documents[claim->count] = (uint32_t)document;
            claim->taken[claim->count] = count;
            claim->count += masks->among ? masks->among[document] : 1;
            claim->held++;
        }
        masks->seen[document] = 1;
        if (list->is_matching)
            masks->matching[document] = 1;
        if (++i == cursor->count)
            break;
        document += number(cursor->deltas, delta_width, i);
    } while (document < end);
    cursor->at = i;
    cursor->document = document;
}

/* Go through a list up to document ``end``, to the window if there is one. */
static int take_all(List *list, int64_t end, Window *window, Claim *claim, int64_t room,
                    Masks *masks)
{
    Cursor *cursor = &list->cursor;
    while (cursor->document < end) {
        if (!window && claim->count + cursor->count - cursor->at > room)
            return BROKEN;
        if (cursor->delta_width == 1 && cursor->count_width == 1)
            take(list, end, window, claim, masks, 1, 1);
        else
            take(list, end, window, claim, masks, cursor->delta_width, cursor->count_width);
        int error = cursor->at == cursor->count ? next_block(cursor) : 0;
        if (error)
            return error;
    }
    return 0;
}

/* Move what is in the window to the claim, and leave the window empty. */
static int sweep(Window *window, Claim *claim, int64_t room, const Masks *masks)
{
    for (int64_t first = 0; first < WINDOW; first += GROUP) {
        uint64_t seen = bits_of(&window->seen[first]);
        if (!seen)
            continue;
        claim->held += __builtin_popcountll(seen);
        seen &= among(masks, window->start + first);
        for (uint64_t left = seen; left; left &= left - 1) {
            int64_t at = first + __builtin_ctzll(left);
            if (claim->count == room)
                return BROKEN;
            claim->documents[claim->count] = (uint32_t)(window->start + at);
            claim->taken[claim->count++] = window->taken[at];
        }
        memset(&window->seen[first], 0, GROUP * sizeof *window->seen);
        memset(&window->taken[first], 0, GROUP * sizeof *window->taken);
    }
    return 0;
}

/* Add up the lists of a claim, which have at most so many documents that there is ``room``. */
static int gather(Claim *claim, const Scoring *scoring, Window *window, int64_t room, Masks *masks)
{
    for (;;) {
        int64_t first = NO_DOCUMENT;
        for (int64_t i = 0; i < claim->list_count; i++)
            if (claim->lists[i].cursor.document < first)
                first = claim->lists[i].cursor.document;
        if (first == NO_DOCUMENT)
            return 0;
        if (first >= scoring->size)
            return BROKEN;
        int64_t end = scoring->size;
        if (claim->list_count == 1) {
            int error = take_all(claim->lists, end, NULL, claim, room, masks);
            if (error)
                return error;
            continue; /* there is nothing more, or what no document can be */
        }
        window->start = first - first % WINDOW;
        if (end > window->start + WINDOW)
            end = window->start + WINDOW;
        for (int64_t i = 0; i < claim->list_count; i++) {
            int error = take_all(&claim->lists[i], end, window, claim, room, masks);
            if (error)
                return error;
        }
        int error = sweep(window, claim, room, masks);
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

/* The scores of all documents seen, ascending, and those that match; how many they are. */
static int64_t unite(Claim *claims, int64_t claim_count, const Scoring *scoring, double base,
                     const Masks *masks, int64_t *documents, double *scores, int64_t *matching,
                     int64_t *matching_count)
{
    double sums[WINDOW] = {0};
    int64_t found = 0, matched = 0;
    for (int64_t start = 0; start < scoring->size; start += WINDOW) {
        for (int64_t i = 0; i < claim_count; i++) {
            Claim *claim = &claims[i];
            int64_t at = claim->next;
            for (; at < claim->count && claim->documents[at] < start + WINDOW; at++)
                sums[claim->documents[at] - start] += claim->whole - (double)claim->taken[at];
            claim->next = at;
        }
        for (int64_t first = start; first < start + WINDOW && first < scoring->size;
             first += GROUP) {
            uint64_t seen = bits_of(&masks->seen[first]);
            if (seen)
                seen &= among(masks, first);
            for (; seen; seen &= seen - 1) {
                int64_t document = first + __builtin_ctzll(seen);
                documents[found] = document;
                scores[found] = base + sums[document - start];
                found++;
                matching[matched] = document;
                matched += masks->matching[document];
                sums[document - start] = 0;
            }
        }
    }
    *matching_count = matched;
    return found;
}

/* The documents of ``among`` (of all, if that is NULL) that hold any of some terms, with scores, and
 * those that match; how many they are, or an error.
 *
 * The terms asked for stand end to end in ``texts``; ``weights`` are those of the claims. The first
 * of ``field_count`` fields is the title. ``postings`` becomes how many each term has; ``documents``,
 * ``scores`` and ``matching`` have room for all documents and one more.
 */
int64_t impact(const Segment *segments, int64_t segment_count, const Scoring *scoring,
               const uint8_t *texts, const Asked *asked, int64_t asked_count,
               const double *weights, int64_t claim_count, int64_t field_count,
               const uint8_t *among, int64_t *postings, int64_t *documents, double *scores,
               int64_t *matching, int64_t *matching_count)
{
    int64_t result = NO_MEMORY, marks = scoring->size + GROUP;
    int64_t most = asked_count * segment_count * field_count;
    double base = 0;
    Window *window = calloc(1, sizeof *window);
    Claim *claims = calloc((size_t)claim_count + 1, sizeof *claims);
    List *lists = malloc((size_t)(most + 1) * sizeof *lists), *next = lists;
    Masks masks = {.seen = calloc((size_t)marks, 1), .matching = calloc((size_t)marks, 1),
                   .among = among, .size = scoring->size};
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    if (!window || !claims || !lists || !masks.seen || !masks.matching)
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
        if ((result = gather(claim, scoring, window, room, &masks)) < 0)
            goto done;
        base += weigh(claim, scoring, weights[i]) - claim->whole;
    }
    result = unite(claims, claim_count, scoring, base, &masks, documents, scores, matching,
                   matching_count);
done:
    for (int64_t i = 0; claims && i < claim_count; i++) {
        free(claims[i].documents);
        free(claims[i].taken);
    }
    free(masks.seen);
    free(masks.matching);
    free(lists);
    free(claims);
    free(window);
    return result;
}
