/* How often documents hold a phrase, as postings/phrases.py has it. */
#include "word.h"

#include <stdlib.h>
#include <string.h>

/* Leave of a word's ``own`` places those at most ``most`` after one of ``before``. */
static void follow(Places *own, const Places *before, int64_t most)
{
    int64_t kept = 0, at = 0;
    for (int64_t i = 0; i < own->count; i++) {
        int64_t position = own->positions[i];
        while (at < before->count && before->positions[at] < position)
            at++;
        if (at && position - before->positions[at - 1] <= most)
            own->positions[kept++] = own->positions[i];
    }
    own->count = kept;
}

/* Go on to a document that all words may stand on, or behind the last one; 0 or an error. */
static int meet(Word *words, int64_t word_count, int64_t *document)
{
    for (int64_t i = 0, agreed = 0; agreed < word_count && *document != NO_DOCUMENT;
         i = (i + 1) % word_count) {
        while (words[i].document < *document) {
            int error = pass(&words[i], 0);
            if (error)
                return error;
        }
        agreed = words[i].document == *document ? agreed + 1 : 1;
        *document = words[i].document;
    }
    return 0;
}

/* Documents of ``size`` in which words stand one after the other, with at most ``slop`` positions
 * between two; how many, or an error.
 *
 * ``counts`` become at how many places such a phrase ends, and ``early`` how many of these are at
 * the beginning. ``postings`` become how many each term has; the other arrays have room for all
 * documents. Terms are given as in impact(), with the number of their word as the claim.
 */
int64_t phrase(const Segment *segments, int64_t segment_count, int64_t size, const uint8_t *texts,
               const Asked *asked, int64_t asked_count, int64_t word_count, int64_t field,
               int64_t slop, int64_t *postings, int64_t *documents, int64_t *counts,
               int64_t *early)
{
    Word *words = calloc((size_t)word_count + 1, sizeof *words);
    int64_t result = words ? 0 : NO_MEMORY, found = 0, document = 0;
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    for (int64_t i = 0; i < word_count && !result; i++)
        result = open_word(&words[i], segments, segment_count, (int)field, texts, asked,
                           asked_count, i, postings);
    while (word_count && !result && !(result = meet(words, word_count, &document)) && document != NO_DOCUMENT) {
        if (document >= size) {
            result = BROKEN;
            break;
        }
        for (int64_t i = 0; i < word_count && !result; i++) {
            result = pass(&words[i], 1);
            if (i && !result)
                follow(&words[i].places, &words[i - 1].places, slop + 1);
        }
        if (result)
            break;
        const Places *ends = &words[word_count - 1].places;
        documents[found] = document;
        counts[found] = ends->count;
        early[found] = 0;
        for (int64_t i = 0; i < ends->count && ends->positions[i] < EARLY_POSITIONS; i++)
            early[found]++;
        found += ends->count > 0;
    }
    for (int64_t i = 0; words && i < word_count; i++)
        close_word(&words[i]);
    free(words);
    return result ? result : found;
}
