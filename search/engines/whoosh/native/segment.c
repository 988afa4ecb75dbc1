#include "segment.h"

#include <string.h>

#ifndef DIGEST
#define DIGEST ""
#endif

/* A slot of a hash table: the hash of a key and where its entry stands. */
enum { SLOT = 12 };
/* Before the key of an entry: lengths of key and facts. */
enum { LENGTHS = 8 };
/* Facts: is the list here, weight, documents; lengths, greatest weight, least and last document. */
enum { DOCUMENTS_AT = 5, FACTS = 23 };
/* A list begins with four bytes, and a block with its length. */
enum { MAGIC = 4, LENGTH = 4 };
/* A list in an entry: three bytes, five for a document and two for a weight; two strings of two
 * bytes stand between documents, weights and positions, and two bytes before each positions. */
enum { INLINED_START = 3, INLINED_DOCUMENT = 5, INLINED_WEIGHT = 2, INLINED_BETWEEN = 4 };
enum { INLINED_HEAD = 2 };
/* What tells a library built from these sources from those built of others. */
const char *built_from(void)
{
    return DIGEST;
}

static uint32_t big32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static uint64_t big64(const uint8_t *data)
{
    return (uint64_t)big32(data) << 32 | big32(data + 4);
}

/* CRC-32 by half bytes, which takes a table of sixteen. */
static uint32_t crc32(uint32_t crc, const uint8_t *data, int64_t length)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    crc = ~crc;
    for (int64_t i = 0; i < length; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* The facts of a term (their length in ``size``), NULL if the segment does not have it. */
static const uint8_t *facts_of(const Segment *segment, int64_t field, const uint8_t *text,
                               int64_t length, int64_t *size, int *error)
{
    const uint8_t start[2] = {(uint8_t)(field >> 8), (uint8_t)field};
    uint32_t hash = crc32(crc32(0, start, 2), text, length);
    int64_t table = segment->tables[2 * (hash & 255)];
    int64_t slots = segment->tables[2 * (hash & 255) + 1];
    *error = 0;
    if (slots <= 0)
        return NULL;
    if (table < 0 || slots > segment->terms_size || table > segment->terms_size - slots * SLOT) {
        *error = BROKEN;
        return NULL;
    }
    int64_t slot = (hash >> 8) % slots;
    for (int64_t i = 0; i < slots; i++, slot = slot + 1 == slots ? 0 : slot + 1) {
        const uint8_t *found = segment->terms + table + slot * SLOT;
        uint64_t place = big64(found + 4);
        if (!place)
            return NULL;
        if (big32(found) != hash)
            continue;
        if (place > (uint64_t)(segment->terms_size - LENGTHS)) {
            *error = BROKEN;
            return NULL;
        }
        const uint8_t *entry = segment->terms + place;
        int64_t key = big32(entry);
        *size = big32(entry + 4);
        if (key + *size > segment->terms_size - LENGTHS - (int64_t)place) {
            *error = BROKEN;
            return NULL;
        }
        entry += LENGTHS;
        if (key == length + 2 && !memcmp(entry, start, 2) && !memcmp(entry + 2, text, (size_t)length))
            return entry + key;
    }
    return NULL;
}

/* The postings that stand in an entry, each with the same number of positions. */
static int open_inlined(Cursor *cursor, const uint8_t *data, int64_t size, int64_t documents)
{
    int64_t places = INLINED_START + documents * (INLINED_DOCUMENT + INLINED_WEIGHT);
    places += INLINED_BETWEEN;
    if (documents > MOST_INLINED || places + INLINED_HEAD > size)
        return BROKEN;
    int64_t count = data[places + 1] / 4;
    if (places + documents * (INLINED_HEAD + 4 * count) > size)
        return BROKEN;
    uint32_t before = 0;
    for (int64_t i = 0; i < documents; i++) {
        uint32_t document = number(data + INLINED_START + i * INLINED_DOCUMENT + 1, 4, 0);
        const uint8_t *positions = data + places + i * (INLINED_HEAD + 4 * count) + INLINED_HEAD;
        if (document < before)
            return BROKEN;
        cursor->own_deltas[i] = document - before;
        before = document;
        cursor->own_counts[i] = (uint8_t)(count ? count : 1);
        cursor->own_early[i] = 0;
        for (int64_t j = 0; j < count; j++)
            if (number(positions, 4, j) < EARLY_POSITIONS)
                cursor->own_early[i]++;
    }
    cursor->deltas = (const uint8_t *)cursor->own_deltas;
    cursor->delta_width = 4;
    cursor->counts = cursor->own_counts;
    cursor->count_width = 1;
    cursor->early = cursor->own_early;
    cursor->positions = data + places + INLINED_HEAD;
    cursor->position_width = 0; /* see position_of */
    cursor->position_count = documents * count;
    cursor->count = documents;
    cursor->document = cursor->segment->base + cursor->own_deltas[0];
    return 0;
}

/* The numbers at byte ``*at``, of which each takes ``width`` bytes; their bytes, or an error. */
static int64_t numbers_at(const Segment *segment, int64_t *at, int width, const uint8_t **numbers)
{
    if (*at > segment->lists_size - 5)
        return BROKEN;
    const uint8_t *data = segment->lists + *at;
    int is_short = data[0] == 'C';
    int64_t size = is_short ? data[1] : number(data + 1, 4, 0);
    *at += is_short ? 2 : 5;
    if (size > segment->lists_size - *at || size % width)
        return BROKEN;
    *numbers = segment->lists + *at;
    *at += size;
    return size / width;
}

static int width_of(uint8_t code)
{
    return code == 'B' ? 1 : code == 'H' ? 2 : code == 'I' ? 4 : 0;
}

int next_block(Cursor *cursor)
{
    const Segment *segment = cursor->segment;
    int64_t at = cursor->next_block, before = cursor->document;
    cursor->document = NO_DOCUMENT;
    if (!at)
        return 0;
    int64_t types = at + segment->numbers;
    if (at < 0 || types > segment->lists_size - 5)
        return BROKEN;
    int32_t length = (int32_t)big32(segment->lists + at);
    cursor->next_block = length < 0 ? 0 : at + LENGTH + length;
    if (segment->lists[types + 1] != 3)
        return BROKEN;
    cursor->delta_width = width_of(segment->lists[types + 2]);
    cursor->count_width = width_of(segment->lists[types + 3]);
    cursor->position_width = width_of(segment->lists[types + 4]);
    if (!cursor->delta_width || !cursor->count_width || !cursor->position_width)
        return BROKEN;
    at = types + 5;
    cursor->count = numbers_at(segment, &at, cursor->delta_width, &cursor->deltas);
    int64_t counts = numbers_at(segment, &at, cursor->count_width, &cursor->counts);
    int64_t early = numbers_at(segment, &at, 1, &cursor->early);
    cursor->position_count = numbers_at(segment, &at, cursor->position_width, &cursor->positions);
    if (cursor->count <= 0 || counts != cursor->count || early != counts ||
        cursor->position_count < 0)
        return BROKEN;
    cursor->at = cursor->place = 0;
    cursor->last = -1;
    cursor->document = segment->base + number(cursor->deltas, cursor->delta_width, 0);
    return cursor->document < before ? BROKEN : 0;
}

int64_t open_list(Cursor *cursor, const Segment *segment, int field, const uint8_t *text,
                  int64_t length)
{
    int64_t size;
    int error;
    if (segment->fields[field] < 0)
        return 0;
    const uint8_t *facts = facts_of(segment, segment->fields[field], text, length, &size, &error);
    if (!facts)
        return error;
    if (size < FACTS + 8)
        return BROKEN;
    int64_t documents = big32(facts + DOCUMENTS_AT);
    if (!documents)
        return BROKEN;
    memset(cursor, 0, sizeof *cursor);
    cursor->segment = segment;
    cursor->last = -1;
    if (facts[0]) {
        error = open_inlined(cursor, facts + FACTS, size - FACTS, documents);
    } else {
        cursor->next_block = (int64_t)big64(facts + FACTS) + MAGIC;
        error = next_block(cursor);
    }
    return error ? error : documents;
}

/* The last document of a block. */
static int64_t last_of_block(const Cursor *cursor)
{
    int64_t last = cursor->document;
    if (cursor->delta_width == 1) { /* which is most of them, and many are added at once */
        uint32_t sum = 0;
        for (int64_t i = cursor->at + 1; i < cursor->count; i++)
            sum += cursor->deltas[i];
        return last + sum;
    }
    for (int64_t i = cursor->at + 1; i < cursor->count; i++)
        last += number(cursor->deltas, cursor->delta_width, i);
    return last;
}

/* Go on within a block that has ``target``, or a document behind it. */
static inline __attribute__((always_inline)) void
seek_in_block(Cursor *cursor, int64_t target, int delta_width, int count_width)
{
    int64_t document = cursor->document, at = cursor->at, place = cursor->place;
    while (document < target) {
        place += number(cursor->counts, count_width, at);
        document += number(cursor->deltas, delta_width, ++at);
    }
    cursor->document = document;
    cursor->at = at;
    cursor->place = place;
}

int seek_posting(Cursor *cursor, int64_t target)
{
    while (cursor->document < target) {
        if (cursor->last < 0)
            cursor->last = last_of_block(cursor);
        if (cursor->last < target) {
            int error = next_block(cursor);
            if (error)
                return error;
        } else if (cursor->delta_width == 1 && cursor->count_width == 1) {
            seek_in_block(cursor, target, 1, 1);
        } else {
            seek_in_block(cursor, target, cursor->delta_width, cursor->count_width);
        }
    }
    return 0;
}
