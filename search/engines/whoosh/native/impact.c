/* What a word adds to the scores of documents: BM25F over title and body, as answers/scoring.py has
 * it, and with the same order of the same operations.
 *
 * All lists are gone through side by side, a window of documents at a time, so that what is being
 * added up stays in the processor's nearest memory.
 */
#include "segment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 4096, BITS = 64 };

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
    int64_t claim;
    int is_matching;
} List;

/* Documents from ``start`` on: how often each claim has them hold its terms, and who holds any. */
typedef struct {
    int64_t start;
    float *taken;
    uint64_t seen[WINDOW / BITS], matching[WINDOW / BITS];
} Window;

/* The documents found, ascending; ``taken`` has a column for each claim. */
typedef struct {
    int64_t count, room;
    int64_t *documents;
    uint8_t *matching;
    float *taken;
} Found;

/* Open the lists of all terms asked for; how many there are, or an error. */
static int64_t open_lists(List *lists, const Segment *segments, int64_t segment_count,
                          const Scoring *scoring, const uint8_t *texts, const Asked *asked,
                          int64_t asked_count, int64_t field_count, int64_t *postings)
{
    int64_t opened = 0;
    /* Bodies first: sums of few bits depend on the order. */
    for (int field = (int)field_count - 1; field >= TITLE; field--) {
        const uint8_t *text = texts;
        for (int64_t i = 0; i < asked_count; text += asked[i++].length) {
            for (int64_t j = 0; j < segment_count; j++) {
                List *list = &lists[opened];
                int64_t documents =
                    open_list(&list->cursor, &segments[j], field, text, asked[i].length);
                if (documents < 0)
                    return documents;
                if (!documents)
                    continue;
                list->gain = scoring->gains[field];
                list->early_boost = field == BODY ? scoring->early_boost : 0;
                list->claim = asked[i].claim;
                list->is_matching = asked[i].is_matching != 0;
                postings[i] += documents;
                opened++;
            }
        }
    }
    return opened;
}

/* Add the postings of a list that are in the window. */
static int add(List *list, Window *window, int64_t end)
{
    Cursor *cursor = &list->cursor;
    float *taken = window->taken + list->claim * WINDOW;
    while (cursor->document < end) {
        int64_t document = cursor->document, at = document - window->start;
        float count = (float)number(cursor->counts, cursor->count_width, cursor->at);
        count += (float)cursor->early[cursor->at] * list->early_boost;
        taken[at] += count * list->gain[document];
        uint64_t bit = (uint64_t)1 << at % BITS;
        window->seen[at / BITS] |= bit;
        if (list->is_matching)
            window->matching[at / BITS] |= bit;
        int error = step(cursor);
        if (error)
            return error;
    }
    return 0;
}

/* Move what is in the window to what is found, and leave the window empty. */
static int sweep(Window *window, Found *found, int64_t claim_count)
{
    for (int64_t i = 0; i < WINDOW / BITS; i++) {
        for (uint64_t left = window->seen[i]; left; left &= left - 1) {
            int bit = __builtin_ctzll(left);
            int64_t at = i * BITS + bit, n = found->count;
            if (n == found->room)
                return BROKEN;
            found->documents[n] = window->start + at;
            found->matching[n] = window->matching[i] >> bit & 1;
            for (int64_t claim = 0; claim < claim_count; claim++) {
                found->taken[claim * found->room + n] = window->taken[claim * WINDOW + at];
                window->taken[claim * WINDOW + at] = 0;
            }
            found->count++;
        }
        window->seen[i] = window->matching[i] = 0;
    }
    return 0;
}

static int gather(List *lists, int64_t list_count, const Scoring *scoring, Window *window,
                  Found *found, int64_t claim_count)
{
    for (;;) {
        int64_t first = NO_DOCUMENT;
        for (int64_t i = 0; i < list_count; i++)
            if (lists[i].cursor.document < first)
                first = lists[i].cursor.document;
        if (first == NO_DOCUMENT)
            return 0;
        if (first >= scoring->size)
            return BROKEN;
        window->start = first - first % WINDOW;
        int64_t end = window->start + WINDOW;
        if (end > scoring->size)
            end = scoring->size;
        for (int64_t i = 0; i < list_count; i++) {
            int error = add(&lists[i], window, end);
            if (error)
                return error;
        }
        int error = sweep(window, found, claim_count);
        if (error)
            return error;
    }
}

/* Scores of BM25F: f / (f + k1) is 1 - k1 / (f + k1). */
static void score(const Found *found, const Scoring *scoring, const double *weights,
                  int64_t claim_count, double *scores)
{
    float k1 = (float)scoring->k1;
    double total = 0;
    memset(scores, 0, (size_t)found->count * sizeof *scores);
    for (int64_t claim = 0; claim < claim_count; claim++) {
        const float *taken = found->taken + claim * found->room;
        int64_t held = 0;
        for (int64_t i = 0; i < found->count; i++)
            held += taken[i] > 0;
        double df = (double)(held < scoring->alive ? held : scoring->alive);
        double idf = log1p(((double)scoring->alive - df + 0.5) / (df + 0.5));
        double worth = weights[claim] * (scoring->k1 + 1) * idf;
        float lost = k1 * (float)worth;
        for (int64_t i = 0; i < found->count; i++)
            scores[i] += (double)(1 / (taken[i] + k1) * lost);
        total += worth;
    }
    for (int64_t i = 0; i < found->count; i++)
        scores[i] = total - scores[i];
}

/* The documents that hold any of some terms, with scores and whether they match; how many they
 * are, or an error.
 *
 * The terms asked for stand end to end in ``texts``; ``weights`` are those of the claims. The first
 * of ``field_count`` fields is the title. ``postings`` becomes how many each term has; ``documents``,
 * ``scores`` and ``matching`` have room for all documents.
 */
int64_t impact(const Segment *segments, int64_t segment_count, const Scoring *scoring,
               const uint8_t *texts, const Asked *asked, int64_t asked_count,
               const double *weights, int64_t claim_count, int64_t field_count,
               int64_t *postings, int64_t *documents, double *scores, uint8_t *matching)
{
    Window window = {0};
    Found found = {.documents = documents, .matching = matching};
    int64_t result = NO_MEMORY;
    List *lists = malloc((size_t)(asked_count * segment_count * field_count + 1) * sizeof *lists);
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    window.taken = calloc((size_t)claim_count * WINDOW + 1, sizeof *window.taken);
    if (!lists || !window.taken)
        goto done;
    int64_t list_count = open_lists(lists, segments, segment_count, scoring, texts, asked,
                                    asked_count, field_count, postings);
    if (list_count < 0) {
        result = list_count;
        goto done;
    }
    for (int64_t i = 0; i < asked_count; i++)
        found.room += postings[i];
    if (found.room > scoring->size)
        found.room = scoring->size;
    found.taken = malloc((size_t)(claim_count * found.room + 1) * sizeof *found.taken);
    if (!found.taken)
        goto done;
    result = gather(lists, list_count, scoring, &window, &found, claim_count);
    if (!result) {
        score(&found, scoring, weights, claim_count, scores);
        result = found.count;
    }
done:
    free(found.taken);
    free(window.taken);
    free(lists);
    return result;
}
