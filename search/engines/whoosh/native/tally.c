/* How many documents have each value of a facet, as answers/tallies.py has it. */
#include "segment.h"

#include <stdlib.h>

/* Count the codes of ``documents``, of which each has a row of ``width`` in ``rows``, filled up with
 * the number of values, ``size``; 0 or an error. ``counts`` has room for one more than the values.
 */
int64_t tally(const int32_t *rows, int64_t width, const int64_t *documents, int64_t document_count,
              int64_t size, int64_t *counts)
{
    /* Places of a row are counted apart: what is counted next never waits for what was just now. */
    int64_t own = size + 1;
    int64_t *by_place = calloc((size_t)(width * own), sizeof *by_place);
    if (!by_place)
        return NO_MEMORY;
    for (int64_t i = 0; i < document_count; i++) {
        const int32_t *row = rows + documents[i] * width;
        for (int64_t j = 0; j < width; j++)
            by_place[j * own + row[j]]++;
    }
    for (int64_t code = 0; code < own; code++) {
        counts[code] = 0;
        for (int64_t j = 0; j < width; j++)
            counts[code] += by_place[j * own + code];
    }
    free(by_place);
    return 0;
}
