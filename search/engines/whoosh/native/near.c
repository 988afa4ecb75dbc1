/* How often two words stand near each other, in either order, as postings/phrases.py has it. */
#include "word.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 2 };

/* The positions of a word in one document, ascending and all different. */
typedef struct {
    uint32_t *positions, *merged;
    int64_t count, room;
} Places;

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

/* Merge the positions of the posting that ``cursor`` stands on into places. */
static int merge(void *into, const Cursor *cursor)
{
    Places *places = into;
    int64_t count = number(cursor->counts, cursor->count_width, cursor->at);
    if (cursor->place + count > cursor->position_count)
        return BROKEN;
    int error = make_room(places, places->count + count);
    if (error)
        return error;
    if (!places->count) {
        for (int64_t j = 0; j < count; j++)
            places->positions[j] = position_of(cursor, cursor->place + j);
        places->count = count;
        return 0;
    }
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
    Places places[WORDS] = {{0}};
    int64_t result = 0, found = 0;
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    for (int i = 0; i < WORDS && !result; i++)
        result = open_word(&words[i], segments, segment_count, BODY, texts, asked, asked_count, i,
                           postings);
    while (!result && words[0].document != NO_DOCUMENT && words[1].document != NO_DOCUMENT) {
        int64_t first = words[0].document, second = words[1].document;
        if (first >= size || second >= size) {
            result = BROKEN;
        } else if (first < second) {
            result = seek(&words[0], second);
        } else if (second < first) {
            result = seek(&words[1], first);
        } else if (!among[first]) {
            result = seek(&words[0], first + 1);
        } else {
            for (int i = 0; i < WORDS && !result; i++) {
                places[i].count = 0;
                result = pass(&words[i], merge, &places[i]);
            }
            if (result)
                continue;
            int64_t own = close_ones(&places[0], &places[1], most);
            int64_t other = close_ones(&places[1], &places[0], most);
            documents[found] = first;
            counts[found] = own < other ? own : other;
            found += counts[found] > 0;
        }
    }
    for (int i = 0; i < WORDS; i++) {
        free(words[i].lists);
        free(places[i].positions);
        free(places[i].merged);
    }
    return result ? result : found;
}
