#include "word.h"

#include <stdlib.h>
#include <string.h>

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

int pass(Word *word, int wanted)
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

int open_word(Word *word, const Segment *segments, int64_t segment_count, int field,
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
            int64_t documents = open_list(cursor, &segments[j], field, texts, asked[i].length);
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

void close_word(Word *word)
{
    free(word->lists);
    free(word->places.positions);
    free(word->places.merged);
}
