/* Where positions of a field stand in its text, as storage/spans.py has it. */
#ifndef SPANS_H
#define SPANS_H

#include "segment.h"

/* The spans of a segment's documents, of which ``base`` is the first of ``count``: of each field all
 * bytes, one document behind the other, and where those of each end. */
typedef struct {
    const uint8_t *data[FIELDS];
    const int64_t *ends[FIELDS];
    int64_t sizes[FIELDS];
    int64_t base, count;
} Spans;

/* A position, and where it begins in the text and how long it is there. */
typedef struct {
    int64_t document, field, position, start, length;
} Spot;

/* Find ``spots``; 0 or an error. */
int locate(const Spans *segments, int64_t segment_count, Spot *spots, int64_t spot_count);

#endif
