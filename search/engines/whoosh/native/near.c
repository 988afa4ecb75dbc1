/* How often two words stand near each other, in either order, as postings/phrases.py has it. */
#include "segment.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 2 };

/* The positions of a word in one document, ascending and all different. */
typedef struct {
    uint32_t *positions, *merged;
    int64_t count, room;
} Places;

typedef struct {
    Cursor *lists;
    int64_t list_count;
    int64_t document; /* the first that has not been passed */
    Places places;
} Word;

static int make_room(Places *places, int64_t count)
{
    if (count <= places->room)
        return 0;
    int64_t room = 2 * count;
    uint32_t *positions = realloc(places->positions, (size_t)room * sizeof *positions);
    if (!positions)
        return NO_MEMORY;
    places->positions = positions;
    uint32_t *merged = realloc(places->merged, (size_t)room * sizeof *merged);
    if (!merged)
        return NO_MEMORY;
    places->merged = merged;
    places->room = room;
    return 0;
}

/* Merge the positions of the posting that ``cursor`` stands on into ``places``. */
static int merge(Places *places, const Cursor *cursor)
{
    int64_t count = number(cursor->counts, cursor->count_width, cursor->at);
    if (cursor->place + count > cursor->position_count)
        return BROKEN;
    int error = make_room(places, places->count + count);
    if (error)
        return error;
    int64_t i = 0, j = 0, n = 0;
    while (i < places->count || j < count) {
        uint32_t other = j < count ? position_of(cursor, cursor->place + j) : 0;
        uint32_t position;
        if (j == count || (i < places->count && places->positions[i] <= other))
            position = places->positions[i++];
        else
            position = other, j++;
        if (!n || position != places->merged[n - 1])
            places->merged[n++] = position;
    }
    uint32_t *swapped = places->positions;
    places->positions = places->merged;
    places->merged = swapped;
    places->count = n;
    return 0;
}

/* Pass the document that a word stands on, and note its places if they are ``wanted``. */
static int pass(Word *word, int wanted)
{
    int64_t document = word->document;
    word->document = NO_DOCUMENT;
    word->places.count = 0;
    for (int64_t i = 0; i < word->list_count; i++) {
        Cursor *cursor = &word->lists[i];
        while (cursor->document == document) {
            int error = wanted ? merge(&word->places, cursor) : 0;
            if (error || (error = step(cursor)))
                return error;
        }
        if (cursor->document < word->document)
            word->document = cursor->document;
    }
    return 0;
}

/* How many of the ``own`` places stand at most ``most`` before or after one of ``others``. */
static int64_t close_ones(const Places *own, const Places *others, int64_t most)
{
    int64_t count = 0, at = 0;
    for (int64_t i = 0; i < own->count; i++) {
        int64_t position = own->positions[i];
        while (at < others->count && others->positions[at] < position)
            at++;
        int64_t after = at < others->count ? others->positions[at] - position : 0;
        int64_t before = at ? position - others->positions[at - 1] : 0;
        count += (after > 0 && after <= most) || (before > 0 && before <= most);
    }
    return count;
}

static int open_word(Word *word, const Segment *segments, int64_t segment_count,
                     const uint8_t *texts, const Asked *asked, int64_t asked_count, int64_t own,
                     int64_t *postings)
{
    word->document = NO_DOCUMENT;
    word->lists = malloc((size_t)(asked_count * segment_count + 1) * sizeof *word->lists);
    if (!word->lists)
        return NO_MEMORY;
    for (int64_t i = 0; i < asked_count; texts += asked[i++].length) {
        if (asked[i].claim != own)
            continue;
        for (int64_t j = 0; j < segment_count; j++) {
            Cursor *cursor = &word->lists[word->list_count];
            int64_t documents = open_list(cursor, &segments[j], BODY, texts, asked[i].length);
            if (documents < 0)
                return (int)documents;
            if (!documents)
                continue;
            postings[i] += documents;
            word->list_count++;
            if (cursor->document < word->document)
                word->document = cursor->document;
        }
    }
    return 0;
}

/* Documents of ``among``, which says it for each of ``size``, in whose bodies two words stand at
 * most ``most`` positions apart; how many, or an error.
 *
 * ``counts`` become how often: at how many places of a word the other is near, of the word that has
 * fewer such places. ``postings`` become how many each term has; ``documents`` and ``counts`` have
 * room for all documents. Terms are given as in impact(), with the number of their word as the claim.
 */
int64_t near(const Segment *segments, int64_t segment_count, int64_t size, const uint8_t *texts,
             const Asked *asked, int64_t asked_count, int64_t most, const uint8_t *among,
             int64_t *postings, int64_t *documents, int64_t *counts)
{
    Word words[WORDS] = {{0}};
    int64_t result = 0, found = 0;
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    for (int i = 0; i < WORDS && !result; i++)
        result = open_word(&words[i], segments, segment_count, texts, asked, asked_count, i,
                           postings);
    while (!result && words[0].document != NO_DOCUMENT && words[1].document != NO_DOCUMENT) {
        int64_t first = words[0].document, second = words[1].document;
        if (first >= size || second >= size) {
            result = BROKEN;
        } else if (first < second) {
            result = pass(&words[0], 0);
        } else if (second < first) {
            result = pass(&words[1], 0);
        } else {
            for (int i = 0; i < WORDS && !result; i++)
                result = pass(&words[i], among[first]);
            if (result || !among[first])
                continue;
            int64_t own = close_ones(&words[0].places, &words[1].places, most);
            int64_t other = close_ones(&words[1].places, &words[0].places, most);
            documents[found] = first;
            counts[found] = own < other ? own : other;
            found += counts[found] > 0;
        }
    }
    for (int i = 0; i < WORDS; i++) {
        free(words[i].lists);
        free(words[i].places.positions);
        free(words[i].places.merged);
    }
    return result ? result : found;
}
