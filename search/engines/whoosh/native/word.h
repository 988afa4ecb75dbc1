/* A word as several terms say it: the documents that hold any of them, and where in these they stand.
 */
#ifndef WORD_H
#define WORD_H

#include "segment.h"

/* The positions of a word in one document, ascending and all different. */
typedef struct {
    uint32_t *positions, *merged;
    int64_t count, room;
} Places;

/* Stands on the first document that has not been passed, NO_DOCUMENT behind the last. */
typedef struct {
    Cursor *lists;
    int64_t list_count;
    int64_t document;
    Places places;
} Word;

/* Stand on the first document of those terms whose claim is ``own``; 0 or an error. ``postings``
 * become how many each of them has. */
int open_word(Word *word, const Segment *segments, int64_t segment_count, int field,
              const uint8_t *texts, const Asked *asked, int64_t asked_count, int64_t own,
              int64_t *postings);

/* Pass the document that a word stands on, and note its places if they are ``wanted``; 0 or an
 * error. */
int pass(Word *word, int wanted);

/* Let go of what a word holds, also after an error. */
void close_word(Word *word);

#endif
