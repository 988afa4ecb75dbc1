/* Where some documents hold each of some terms, as postings/postings.py has it for one. */
#include "spans.h"

#include <string.h>

/* A place, and which of the terms asked for stands there. */
typedef struct {
    Spot spot;
    int64_t term;
} Place;

typedef struct {
    Place *places;
    int64_t count, room;
} Found;

/* Note the places of the posting that ``cursor`` stands on; ``place`` says all but the position. */
static int note(Found *found, const Cursor *cursor, Place place)
{
    int64_t count = number(cursor->counts, cursor->count_width, cursor->at);
    if (cursor->place + count > cursor->position_count)
        return BROKEN;
    for (int64_t i = 0; i < count; i++, found->count++) {
        place.spot.position = position_of(cursor, cursor->place + i);
        if (found->count < found->room)
            found->places[found->count] = place;
    }
    return 0;
}

/* Find the ``documents``, which ascend, in a list. */
static int meet(Found *found, Cursor *cursor, const int64_t *documents, int64_t document_count,
                Place place)
{
    for (int64_t i = 0; i < document_count; i++) {
        int error = seek_posting(cursor, place.spot.document = documents[i]);
        if (!error && cursor->document == documents[i])
            error = note(found, cursor, place);
        if (error)
            return error;
    }
    return 0;
}

/* All places at which any of ``documents`` (ascending) holds a term; how many, or an error.
 *
 * Terms are given as in impact(); bit 0 of a claim asks for the title, bit 1 for the body.
 * ``places`` has ``room`` for so many: what is more is only counted. They stand in the order of
 * terms, and of these by field and document. ``postings`` become how many each term has. Where in
 * the texts the places are is found if there are ``spans``.
 */
int64_t places(const Segment *segments, int64_t segment_count, const uint8_t *texts,
               const Asked *asked, int64_t asked_count, const int64_t *documents,
               int64_t document_count, const Spans *spans, int64_t span_count, int64_t room,
               int64_t *postings, Place *places)
{
    Found found = {.places = places, .room = room};
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    for (int64_t i = 0; i < asked_count; texts += asked[i++].length) {
        for (int field = TITLE; field < FIELDS; field++) {
            if (!(asked[i].claim >> field & 1))
                continue;
            for (int64_t j = 0; j < segment_count; j++) {
                Cursor cursor;
                int64_t held = open_list(&cursor, &segments[j], field, texts, asked[i].length);
                if (held < 0)
                    return held;
                if (!held)
                    continue;
                postings[i] += held;
                int error = meet(&found, &cursor, documents, document_count,
                                 (Place){.spot.field = field, .term = i});
                if (error)
                    return error;
            }
        }
    }
    for (int64_t i = 0; spans && i < found.count && i < room; i++) {
        int error = locate(spans, span_count, &places[i].spot, 1);
        if (error)
            return error;
    }
    return found.count;
}
