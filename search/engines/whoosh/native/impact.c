/* What words add to the scores of documents, and which match: BM25F over title and body.
 *
 * It is worked out in steps: of each, the claims are gone through one by one, and then, a window of
 * documents at a time, they come together.
 */
#include "claim.h"

#include <stdlib.h>
#include <string.h>

/* What matches are few, if they are less than one document in so many. */
enum { FEW = 16 };

/* Where results go: what the scores of all documents are added to, where those that match are
 * marked, and these themselves, ascending. */
typedef struct {
    double *sums;
    uint8_t *marks;
    uint32_t *matching;
    int64_t matching_count;
} Results;

/* Documents from the start of a window on: their scores, who has any, and who matches. */
typedef struct {
    double sums[WINDOW];
    uint8_t seen[WINDOW], matching[WINDOW];
} Union;

/* A step: its claims, which stand one behind the other, and how many postings they have. */
typedef struct {
    int64_t first, last, postings;
} Step;

/* Bring the claims of a step together. */
static void unite(Claim *claims, const Step *step, Union *together, Results *results)
{
    double *sums = results->sums;
    uint8_t *marks = results->marks;
    uint32_t *matching = results->matching;
    int64_t matching_count = results->matching_count;
    for (;;) {
        int64_t start = NO_DOCUMENT;
        for (int64_t i = step->first; i < step->last; i++) {
            if (claims[i].next == claims[i].count)
                continue;
            int64_t next = claims[i].documents[claims[i].next] & ~MATCHING;
            if (next < start)
                start = next;
        }
        if (start == NO_DOCUMENT)
            break;
        start -= start % WINDOW;
        for (int64_t i = step->first; i < step->last; i++) {
            const uint32_t *held = claims[i].documents;
            const float *taken = claims[i].taken;
            const double whole = claims[i].whole;
            int64_t next = claims[i].next, end = claims[i].count;
            for (; next < end; next++) {
                int64_t at = (int64_t)(held[next] & ~MATCHING) - start;
                if (at >= WINDOW)
                    break;
                together->sums[at] += whole - (double)taken[next];
                together->seen[at] = 1;
                together->matching[at] |= (uint8_t)(held[next] >> 31);
            }
            claims[i].next = next;
        }
        for (int64_t first = 0; first < WINDOW; first += GROUP) {
            uint64_t seen = bits_of(&together->seen[first]);
            if (!seen)
                continue;
            for (; seen; seen &= seen - 1) {
                int64_t at = first + __builtin_ctzll(seen), document = start + at;
                sums[document] += together->sums[at];
                together->sums[at] = 0;
                matching[matching_count] = (uint32_t)document;
                matching_count += together->matching[at];
                marks[document] |= together->matching[at];
            }
            memset(&together->seen[first], 0, GROUP);
            memset(&together->matching[first], 0, GROUP);
        }
    }
    results->matching_count = matching_count;
}

/* Take the ``next`` step, of the documents that match so far if it is not the first; 0 or an error.
 *
 * If it is joint, what matches is from now on what matches it as well. */
static int take_step(Claim *claims, const Wanted *wanted, const Step *next, int is_joint,
                     Window *window, Union *together, const Scoring *scoring,
                     const Among *among, Results *results)
{
    for (int64_t i = next->first; i < next->last; i++) {
        int error = gather(&claims[i], window, scoring, among, wanted[i].weight);
        if (error)
            return error;
    }
    if (is_joint) {
        for (int64_t i = 0; i < results->matching_count; i++)
            results->marks[results->matching[i]] = 0;
        results->matching_count = 0;
    }
    unite(claims, next, together, results);
    return 0;
}

/* How many documents are marked. */
static int64_t marked(const uint8_t *marks, int64_t size)
{
    int64_t count = 0;
    for (int64_t i = 0; i < size; i++)
        count += marks[i];
    return count;
}

/* Put the steps with the fewest postings first: what comes after is asked about fewer documents. */
static void order(Step *steps, int64_t count)
{
    for (int64_t i = 1; i < count; i++)
        for (int64_t j = i; j > 0 && steps[j].postings < steps[j - 1].postings; j--) {
            Step moved = steps[j];
            steps[j] = steps[j - 1];
            steps[j - 1] = moved;
        }
}

/* Add what some terms are worth to ``sums``, the scores of all documents, at least where ``among``
 * is not 0, and set ``marks`` of those that match; how many these are, or an error.
 *
 * The terms asked for stand end to end in ``texts``; ``wanted`` are their claims in the order of the
 * steps. A document must match each of the first ``joint_count`` steps; a last one behind these
 * matches nothing by itself. ``postings`` becomes how many each term has.
 */
int64_t impact(const Segment *segments, int64_t segment_count, const Scoring *scoring,
               const uint8_t *texts, const Asked *asked, int64_t asked_count,
               const Wanted *wanted, int64_t claim_count, int64_t joint_count,
               const uint8_t *among, int64_t *postings, double *sums, uint8_t *marks)
{
    int64_t result = NO_MEMORY, most = asked_count * segment_count * FIELDS, step_count = 0;
    Results results = {.sums = sums, .marks = marks};
    Window *window = calloc(1, sizeof *window);
    Union *together = calloc(1, sizeof *together);
    Claim *claims = calloc((size_t)claim_count + 1, sizeof *claims);
    Step *steps = calloc((size_t)claim_count + 1, sizeof *steps);
    List *lists = malloc((size_t)(most + 1) * sizeof *lists), *next = lists;
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    results.matching = malloc((size_t)(scoring->size + 1) * sizeof *results.matching);
    if (!window || !together || !claims || !steps || !lists || !results.matching ||
        scoring->size >= MATCHING)
        goto done;
    for (int64_t i = 0; i < claim_count; i++) {
        result = open_claim(&claims[i], next, i, &wanted[i], segments, segment_count, scoring,
                            texts, asked, asked_count, postings);
        if (result < 0)
            goto done;
        next += claims[i].list_count;
        if (!i || wanted[i].step != wanted[i - 1].step)
            steps[step_count++].first = i;
        steps[step_count - 1].last = i + 1;
        steps[step_count - 1].postings += claims[i].postings;
    }
    order(steps, joint_count);
    for (int64_t i = 0; i < step_count; i++) {
        Among asked_about = {.marks = i ? marks : among, .size = scoring->size};
        if (asked_about.marks)
            asked_about.are_few = FEW * marked(asked_about.marks, scoring->size) < scoring->size;
        result = take_step(claims, wanted, &steps[i], i && i < joint_count, window, together,
                           scoring, &asked_about, &results);
        if (result < 0)
            goto done;
    }
    result = results.matching_count;
done:
    for (int64_t i = 0; claims && i < claim_count; i++) {
        free(claims[i].documents);
        free(claims[i].taken);
    }
    free(results.matching);
    free(lists);
    free(steps);
    free(claims);
    free(together);
    free(window);
    return result;
}
