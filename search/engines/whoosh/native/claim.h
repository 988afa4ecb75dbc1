/* A claim: one of the ways in which a document can hold a word, as answers/scoring.py has it, with
 * the same numbers of the same widths.
 *
 * All lists of a claim are gone through side by side and a window of documents at a time, so that
 * what is being added up stays in the processor's nearest memory.
 */
#ifndef CLAIM_H
#define CLAIM_H

#include "segment.h"

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

/* A claim as it is asked for: what it counts, of which step it is, and in how many fields its terms
 * are looked for, of which the title is the first. */
typedef struct {
    double weight;
    int64_t step, field_count;
} Wanted;

typedef struct {
    Cursor cursor;
    const float *gain;
    float early_boost;
    int is_matching;
} List;

/* The lists of a claim, which have so many ``postings``, and what they come to: how many documents
 * hold any of its terms, and of those asked about, ascending, how often each does. That becomes
 * what is lost of the claim's worth.
 *
 * A document is MATCHING if it has a term by which it matches. */
typedef struct {
    List *lists;
    int64_t list_count, postings, held, count;
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

/* The documents asked about, a byte for each of ``size``; NULL if all are. ``are_few`` where most
 * of the postings are of others. */
typedef struct {
    const uint8_t *marks;
    int64_t size;
    int are_few;
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

/* Open the lists of claim ``number``, which become ``lists``; 0 or an error. ``postings`` of its
 * terms become how many there are. */
int open_claim(Claim *claim, List *lists, int64_t number, const Wanted *wanted,
               const Segment *segments, int64_t segment_count, const Scoring *scoring,
               const uint8_t *texts, const Asked *asked, int64_t asked_count, int64_t *postings);

/* Add up the lists of a claim, and work out what it is worth; 0 or an error. Its arrays are to be
 * freed by who calls. */
int gather(Claim *claim, Window *window, const Scoring *scoring, const Among *among,
           double weight);

#endif
