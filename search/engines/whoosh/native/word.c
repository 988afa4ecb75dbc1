#include "word.h"

#include <stdlib.h>

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
