/* Going through the lists of a claim, and what it comes to. */
#include "claim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Which of a group of documents are asked about, as bits. */
static inline uint64_t asked_about(const Among *among, int64_t first)
{
    uint8_t last[GROUP] = {0};
    if (first + GROUP <= among->size)
        return bits_of(among->marks + first);
    memcpy(last, among->marks + first, (size_t)(among->size - first));
    return bits_of(last);
}

int open_claim(Claim *claim, List *lists, int64_t number, const Wanted *wanted,
               const Segment *segments, int64_t segment_count, const Scoring *scoring,
               const uint8_t *texts, const Asked *asked, int64_t asked_count, int64_t *postings)
{
    claim->lists = lists;
    /* Bodies first: sums of few bits depend on the order. */
    for (int field = (int)wanted->field_count - 1; field >= TITLE; field--) {
        const uint8_t *text = texts;
        for (int64_t i = 0; i < asked_count; text += asked[i++].length) {
            if (asked[i].claim != number)
                continue;
            for (int64_t j = 0; j < segment_count; j++) {
                List *list = &lists[claim->list_count];
                int64_t held =
                    open_list(&list->cursor, &segments[j], field, text, asked[i].length);
                if (held < 0)
                    return (int)held;
                if (!held)
                    continue;
                list->gain = scoring->gains[field];
                list->early_boost = field == BODY ? scoring->early_boost : 0;
                list->is_matching = asked[i].is_matching != 0;
                postings[i] += held;
                claim->postings += held;
                claim->list_count++;
            }
        }
    }
    return 0;
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
    const uint8_t *marks = among->marks, *only = among->are_few ? marks : NULL;
    const uint8_t is_matching = (uint8_t)list->is_matching;
    const uint32_t mark = is_matching ? MATCHING : 0;
    const float *gain = list->gain, early_boost = list->early_boost;
    uint32_t *documents = claim->documents;
    float *taken = claim->taken;
    int64_t document = cursor->document, first = cursor->at, i = first, count = cursor->count;
    int64_t found = claim->count, start = window ? window->start : 0;
    do {
        if (window)
            window->seen[document - start] = 1;
        if (!only || only[document]) {
            float held = (float)number(counts, count_width, i);
            held += (float)early[i] * early_boost;
            held *= gain[document];
            if (window) {
                window->taken[document - start] += held;
                if (is_matching)
                    window->matching[document - start] = 1;
            } else {
                documents[found] = (uint32_t)document | mark;
                taken[found] = held;
                found += marks ? marks[document] : 1;
            }
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

/* Add up the lists of a claim, for whose documents there is ``room``; 0 or an error. */
static int add_up(Claim *claim, Window *window, int64_t room, const Among *among)
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

/* How often documents hold a claim becomes what they lose of its worth: of BM25F's f / (f + k1),
 * which is 1 - k1 / (f + k1), the latter. */
static void weigh(Claim *claim, const Scoring *scoring, double weight)
{
    float k1 = (float)scoring->k1;
    double df = (double)(claim->held < scoring->alive ? claim->held : scoring->alive);
    double idf = log1p(((double)scoring->alive - df + 0.5) / (df + 0.5));
    float lost = k1 * (float)(weight * (scoring->k1 + 1) * idf);
    for (int64_t i = 0; i < claim->count; i++)
        claim->taken[i] = 1 / (claim->taken[i] + k1) * lost;
    claim->whole = (double)(1 / k1 * lost);
}

int gather(Claim *claim, Window *window, const Scoring *scoring, const Among *among,
           double weight)
{
    int64_t room = claim->postings < scoring->size ? claim->postings : scoring->size;
    claim->documents = malloc((size_t)(room + 1) * sizeof *claim->documents);
    claim->taken = malloc((size_t)(room + 1) * sizeof *claim->taken);
    if (!claim->documents || !claim->taken)
        return NO_MEMORY;
    int error = add_up(claim, window, room, among);
    if (!error)
        weigh(claim, scoring, weight);
    return error;
}
