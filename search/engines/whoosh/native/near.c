/* How often two words stand near each other, in either order, as postings/phrases.py has it. */
#include "word.h"

#include <string.h>

enum { WORDS = 2 };

/* How many of the ``own`` places stand at most ``most`` before or after one of ``others``. */
static int64_t close_ones(const Places *own, const Places *others, int64_t most)
{
    int64_t count = 0, at = 0;
    for (int64_t i = 0; i < own->count; i++) {
        int64_t position = own->positions[i];
        while (at < others->count && others->positions[at] < position)
            at++;
        int64_t after = at < others->count ? others->positions[at] - position : 0;
        int64_t before = at ? position - others->positions[at - 1] : 0;
        count += (after > 0 && after <= most) || (before > 0 && before <= most);
    }
    return count;
}

/* Documents of ``among``, which says it for each of ``size``, in whose bodies two words stand at
 * most ``most`` positions apart; how many, or an error.
 *
 * ``counts`` become how often: at how many places of a word the other is near, of the word that has
 * fewer such places. ``postings`` become how many each term has; ``documents`` and ``counts`` have
 * room for all documents. Terms are given as in impact(), with the number of their word as the claim.
 */
int64_t near(const Segment *segments, int64_t segment_count, int64_t size, const uint8_t *texts,
             const Asked *asked, int64_t asked_count, int64_t most, const uint8_t *among,
             int64_t *postings, int64_t *documents, int64_t *counts)
{
    Word words[WORDS] = {{0}};
    int64_t result = 0, found = 0;
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    for (int i = 0; i < WORDS && !result; i++)
        result = open_word(&words[i], segments, segment_count, BODY, texts, asked, asked_count, i,
                           postings);
    while (!result && words[0].document != NO_DOCUMENT && words[1].document != NO_DOCUMENT) {
        int64_t first = words[0].document, second = words[1].document;
        if (first >= size || second >= size) {
            result = BROKEN;
        } else if (first < second) {
            result = pass(&words[0], 0);
        } else if (second < first) {
            result = pass(&words[1], 0);
        } else {
            for (int i = 0; i < WORDS && !result; i++)
                result = pass(&words[i], among[first]);
            if (result || !among[first])
                continue;
            int64_t own = close_ones(&words[0].places, &words[1].places, most);
            int64_t other = close_ones(&words[1].places, &words[0].places, most);
            documents[found] = first;
            counts[found] = own < other ? own : other;
            found += counts[found] > 0;
        }
    }
    for (int i = 0; i < WORDS; i++)
        close_word(&words[i]);
    return result ? result : found;
}
