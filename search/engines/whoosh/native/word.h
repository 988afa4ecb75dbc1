/* A word as several terms say it: the documents that hold any of them. */
#ifndef WORD_H
#define WORD_H

#include "segment.h"

/* Stands on the first document that has not been passed, NO_DOCUMENT behind the last. */
typedef struct {
    Cursor *lists;
    int64_t list_count;
    int64_t document;
} Word;

/* Takes the positions of the posting that a cursor stands on; 0 or an error. */
typedef int Take(void *into, const Cursor *cursor);

/* Stand on the first document of those terms whose claim is ``own``; 0 or an error. ``postings``
 * become how many each of them has. */
int open_word(Word *word, const Segment *segments, int64_t segment_count, int field,
              const uint8_t *texts, const Asked *asked, int64_t asked_count, int64_t own,
              int64_t *postings);

/* Go on to the first document that is ``target`` or behind it; 0 or an error. */
static inline int seek(Word *word, int64_t target)
{
    word->document = NO_DOCUMENT;
    for (int64_t i = 0; i < word->list_count; i++) {
        Cursor *cursor = &word->lists[i];
        int error = seek_posting(cursor, target);
        if (error)
            return error;
        if (cursor->document < word->document)
            word->document = cursor->document;
    }
    return 0;
}

/* Pass the document that a word stands on and ``take`` its positions; 0 or an error. */
static inline int pass(Word *word, Take *take, void *into)
{
    int64_t document = word->document;
    word->document = NO_DOCUMENT;
    for (int64_t i = 0; i < word->list_count; i++) {
        Cursor *cursor = &word->lists[i];
        while (cursor->document == document) {
            int error = take(into, cursor);
            if (error || (error = step(cursor)))
                return error;
        }
        if (cursor->document < word->document)
            word->document = cursor->document;
    }
    return 0;
}

#endif
