/* A segment as its files lie in memory: terms are found in it, and their posting lists gone
 * through one posting after the other. Nothing here is shared, so every thread may call it.
 *
 * storage/layout.py and postings/dictionary.py say what the bytes mean. They come from a file, so
 * nothing they say of lengths and places is believed: what does not fit is BROKEN.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include <stdint.h>

enum { BROKEN = -1, NO_MEMORY = -2 };
enum { TITLE, BODY, FIELDS };
/* A list in the entry of its term has no more postings. */
enum { MOST_INLINED = 4 };

/* The first positions of a text, as packed.py has it. */
enum { EARLY_POSITIONS = 50 };

/* Behind the last posting of a list. */
#define NO_DOCUMENT INT64_MAX

typedef struct {
    const uint8_t *terms, *lists; /* the two files */
    int64_t terms_size, lists_size;
    const int64_t *tables;  /* of 256 hash tables: where it begins, how many slots it has */
    int64_t base;           /* the number of its first document */
    int64_t fields[FIELDS]; /* numbers of the fields, -1 if no document has anything there */
    int64_t numbers;        /* where in a block its numbers begin */
} Segment;

/* A term that is asked for: so many bytes of text, and what for. */
typedef struct {
    int64_t length, claim, is_matching;
} Asked;

/* Stands on one posting of a list. */
typedef struct {
    const Segment *segment;
    int64_t document; /* NO_DOCUMENT behind the last */
    int64_t at, count;
    int64_t place;      /* of the first of its positions, among those of the block */
    int64_t next_block; /* where the next block begins, 0 after the last */
    int64_t last;       /* document of the block, -1 if nobody has asked for it */
    const uint8_t *deltas, *counts, *early, *positions;
    int delta_width, count_width, position_width;
    int64_t position_count;
    uint32_t own_deltas[MOST_INLINED]; /* of a list that stands in the entry of its term */
    uint8_t own_counts[MOST_INLINED], own_early[MOST_INLINED];
} Cursor;

/* Stand on the first posting of a term; how many documents hold it, 0 if none does, or an error. */
int64_t open_list(Cursor *cursor, const Segment *segment, int field, const uint8_t *text,
                  int64_t length);

/* Go on to the next block; 0 or an error. */
int next_block(Cursor *cursor);

/* Number i of an array whose numbers take so many bytes. */
static inline uint32_t number(const uint8_t *data, int width, int64_t i)
{
    if (width == 1)
        return data[i];
    if (width == 2)
        return (uint32_t)(data[2 * i] | data[2 * i + 1] << 8);
    data += 4 * i;
    return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

/* Position ``i`` of those of the block. */
static inline uint32_t position_of(const Cursor *cursor, int64_t i)
{
    if (cursor->position_width)
        return number(cursor->positions, cursor->position_width, i);
    /* In the entry of a term two bytes stand before the positions of each posting. */
    return number(cursor->positions + 4 * i + 2 * (i / cursor->own_counts[0]), 4, 0);
}

/* Go on to the next posting; 0 or an error. */
static inline int step(Cursor *cursor)
{
    cursor->place += number(cursor->counts, cursor->count_width, cursor->at);
    if (++cursor->at == cursor->count)
        return next_block(cursor);
    cursor->document += number(cursor->deltas, cursor->delta_width, cursor->at);
    return 0;
}

/* Go on to the first posting of ``target`` or a document behind it; 0 or an error. Blocks that end
 * before it are passed as a whole. */
int seek_posting(Cursor *cursor, int64_t target);

#endif
