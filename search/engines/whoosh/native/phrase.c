/* How often documents hold a phrase, as postings/phrases.py has it. */
#include "word.h"

#include <stdlib.h>
#include <string.h>

/* No text has so many times BITS positions: a file that says so is not believed. */
enum { BITS = 64, MOST_NUMBERS = 1 << 19 };

/* The positions of a word in one document, as bits of the first ``used`` numbers. */
typedef struct {
    uint64_t *numbers;
    int64_t used, room;
} Places;

static int make_room(Places *places, int64_t numbers)
{
    if (numbers > MOST_NUMBERS)
        return BROKEN;
    if (numbers > places->room) {
        int64_t room = 2 * numbers + 16;
        uint64_t *larger = realloc(places->numbers, (size_t)room * sizeof *larger);
        if (!larger)
            return NO_MEMORY;
        memset(larger + places->room, 0, (size_t)(room - places->room) * sizeof *larger);
        places->numbers = larger;
        places->room = room;
    }
    if (numbers > places->used)
        places->used = numbers;
    return 0;
}

/* Set the bits of ``count`` positions from ``data`` on; inlined for each width. */
static inline __attribute__((always_inline)) int set(Places *places, const uint8_t *data,
                                                     int64_t count, int width)
{
    for (int64_t i = 0; i < count; i++) {
        uint32_t position = number(data, width, i);
        int64_t at = position / BITS;
        if (at >= places->used) {
            int error = make_room(places, at + 1);
            if (error)
                return error;
        }
        places->numbers[at] |= (uint64_t)1 << position % BITS;
    }
    return 0;
}

/* Set the bits of the positions of the posting that ``cursor`` stands on. */
static int mark(void *into, const Cursor *cursor)
{
    int64_t count = number(cursor->counts, cursor->count_width, cursor->at);
    const uint8_t *data = cursor->positions;
    if (cursor->place + count > cursor->position_count)
        return BROKEN;
    switch (cursor->position_width) {
    case 1:
        return set(into, data + cursor->place, count, 1);
    case 2:
        return set(into, data + 2 * cursor->place, count, 2);
    case 4:
        return set(into, data + 4 * cursor->place, count, 4);
    }
    for (int64_t i = 0; i < count; i++) {
        uint32_t position = position_of(cursor, cursor->place + i);
        int error = make_room(into, position / BITS + 1);
        if (error)
            return error;
        ((Places *)into)->numbers[position / BITS] |= (uint64_t)1 << position % BITS;
    }
    return 0;
}

static void forget(Places *places)
{
    if (places->used)
        memset(places->numbers, 0, (size_t)places->used * sizeof *places->numbers);
    places->used = 0;
}

/* The bits of ``places`` that stand ``far`` before those of number ``at``. */
static inline uint64_t before(const Places *places, int64_t at, int64_t far)
{
    int64_t whole = at - far / BITS;
    int rest = (int)(far % BITS);
    uint64_t found = whole >= 0 && whole < places->used ? places->numbers[whole] << rest : 0;
    if (rest && whole > 0 && whole <= places->used)
        found |= places->numbers[whole - 1] >> (BITS - rest);
    return found;
}

/* Leave of a word's ``own`` places those at most ``most`` after one of ``others``. */
static void follow(Places *own, const Places *others, int64_t most)
{
    for (int64_t at = 0; at < own->used; at++) {
        uint64_t reached = 0;
        if (!own->numbers[at])
            continue;
        for (int64_t far = 1; far <= most && own->numbers[at] & ~reached; far++) {
            if (far / BITS > at)
                break; /* nothing stands so far before */
            reached |= before(others, at, far);
        }
        own->numbers[at] &= reached;
    }
}

/* How many of the places there are, and how many stand at the beginning. */
static int64_t count_of(const Places *places, int64_t *early)
{
    int64_t count = 0;
    for (int64_t at = 0; at < places->used; at++)
        if (places->numbers[at])
            count += __builtin_popcountll(places->numbers[at]);
    *early = 0;
    if (!count)
        return 0;
    for (int64_t at = 0; at < places->used && at * BITS < EARLY_POSITIONS; at++) {
        int64_t left = EARLY_POSITIONS - at * BITS;
        uint64_t wanted = left < BITS ? ((uint64_t)1 << left) - 1 : UINT64_MAX;
        *early += __builtin_popcountll(places->numbers[at] & wanted);
    }
    return count;
}

/* Go on to a document that all words may stand on, or behind the last one; 0 or an error. */
static int meet(Word *words, int64_t word_count, int64_t *document)
{
    for (int64_t i = 0, agreed = 0; agreed < word_count && *document != NO_DOCUMENT;
         i = (i + 1) % word_count) {
        int error = words[i].document < *document ? seek(&words[i], *document) : 0;
        if (error)
            return error;
        agreed = words[i].document == *document ? agreed + 1 : 1;
        *document = words[i].document;
    }
    return 0;
}

/* Documents of ``size`` in which words stand one after the other, with at most ``slop`` positions
 * between two; how many, or an error.
 *
 * ``counts`` become at how many places such a phrase ends, and ``early`` how many of these are at
 * the beginning. ``postings`` become how many each term has; the other arrays have room for all
 * documents. Terms are given as in impact(), with the number of their word as the claim.
 */
int64_t phrase(const Segment *segments, int64_t segment_count, int64_t size, const uint8_t *texts,
               const Asked *asked, int64_t asked_count, int64_t word_count, int64_t field,
               int64_t slop, int64_t *postings, int64_t *documents, int64_t *counts,
               int64_t *early)
{
    Word *words = calloc((size_t)word_count + 1, sizeof *words);
    Places *places = calloc((size_t)word_count + 1, sizeof *places);
    int64_t result = words && places ? 0 : NO_MEMORY, found = 0, document = 0;
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    for (int64_t i = 0; i < word_count && !result; i++)
        result = open_word(&words[i], segments, segment_count, (int)field, texts, asked,
                           asked_count, i, postings);
    while (word_count && !result && !(result = meet(words, word_count, &document))) {
        if (document == NO_DOCUMENT)
            break;
        if (document >= size)
            result = BROKEN;
        for (int64_t i = 0; i < word_count && !result; i++) {
            forget(&places[i]);
            result = pass(&words[i], mark, &places[i]);
            if (i)
                follow(&places[i], &places[i - 1], slop + 1);
        }
        if (result)
            break;
        documents[found] = document;
        counts[found] = count_of(&places[word_count - 1], &early[found]);
        found += counts[found] > 0;
    }
    for (int64_t i = 0; i < word_count; i++) {
        if (words)
            free(words[i].lists);
        if (places)
            free(places[i].numbers);
    }
    free(words);
    free(places);
    return result ? result : found;
}
