#include "spans.h"

/* Find a spot of document ``at`` of a segment; 0 or an error. */
static int find(const Spans *spans, int64_t at, Spot *spot)
{
    const int64_t *ends = spans->ends[spot->field];
    int64_t first = at ? ends[at - 1] : 0, size = ends[at] - first - 1;
    if (first < 0 || size < 0 || ends[at] > spans->sizes[spot->field])
        return BROKEN;
    const uint8_t *data = spans->data[spot->field] + first;
    int width = data[0] < 3 ? 1 << data[0] : 0;
    if (!width || spot->position >= size / width / 2)
        return BROKEN;
    uint32_t start = 0; /* steps back are large numbers, and overflow */
    data++;
    if (width == 1)
        for (int64_t i = 0; i <= spot->position; i++)
            start += data[i];
    else
        for (int64_t i = 0; i <= spot->position; i++)
            start += number(data, width, i);
    spot->start = start;
    spot->length = number(data + size / width / 2 * width, width, spot->position);
    return 0;
}

int locate(const Spans *segments, int64_t segment_count, Spot *spots, int64_t spot_count)
{
    for (int64_t i = 0; i < spot_count; i++) {
        Spot *spot = &spots[i];
        int error = BROKEN;
        if (spot->field < 0 || spot->field >= FIELDS || spot->position < 0)
            return BROKEN;
        for (int64_t j = 0; j < segment_count && error; j++) {
            int64_t at = spot->document - segments[j].base;
            if (at >= 0 && at < segments[j].count && (error = find(&segments[j], at, spot)))
                return error;
        }
        if (error)
            return error;
    }
    return 0;
}
