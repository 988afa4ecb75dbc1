/* What words add to the scores of documents, and which match: BM25F over title and body.
 *
 * It is worked out in steps: the documents that match one are those that are asked about in the
 * next.
 */
#include "claim.h"

#include <stdlib.h>
#include <string.h>

/* What matches are few, if they are less than one document in so many. */
enum { FEW = 16 };
/* How a document is marked that matched the steps so far, and the one that is being taken. */
enum { MATCHED = 1, MATCHES_NEXT = 2 };

/* A step: its claims, which stand one behind the other, and how many postings they have. */
typedef struct {
    int64_t first, last, postings;
} Step;

/* Take the claims of a step, and mark with ``mark`` what matches; 0 or an error. */
static int take_step(Claim *claims, const Wanted *wanted, const Step *step, Window *window,
                     const Scoring *scoring, const Among *among, double *sums, uint8_t *marks,
                     uint8_t mark)
{
    for (int64_t i = step->first; i < step->last; i++) {
        int error = gather(&claims[i], window, scoring, among, wanted[i].weight);
        if (error)
            return error;
    }
    for (int64_t i = step->first; i < step->last; i++) {
        const uint32_t *held = claims[i].documents;
        const float *lost = claims[i].taken;
        const double whole = claims[i].whole;
        for (int64_t j = 0; j < claims[i].count; j++) {
            uint32_t document = held[j] & ~MATCHING;
            sums[document] += whole - (double)lost[j];
            marks[document] |= held[j] & MATCHING ? mark : 0;
        }
    }
    return 0;
}

/* Leave only those documents marked that match the next step as well. */
static void go_on(uint8_t *marks, int64_t size)
{
    for (int64_t i = 0; i < size; i++)
        marks[i] = marks[i] / MATCHES_NEXT;
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
 * is not 0, and set ``marks`` of those that match; 0 or an error.
 *
 * The terms asked for stand end to end in ``texts``; ``wanted`` are their claims in the order of the
 * steps. A document must match each of the first ``joint_count`` steps; a last one behind these
 * matches nothing by itself. ``postings`` becomes how many each term has.
 */
int impact(const Segment *segments, int64_t segment_count, const Scoring *scoring,
           const uint8_t *texts, const Asked *asked, int64_t asked_count, const Wanted *wanted,
           int64_t claim_count, int64_t joint_count, const uint8_t *among, int64_t *postings,
           double *sums, uint8_t *marks)
{
    int result = NO_MEMORY;
    int64_t most = asked_count * segment_count * FIELDS, step_count = 0;
    Window *window = calloc(1, sizeof *window);
    Claim *claims = calloc((size_t)claim_count + 1, sizeof *claims);
    Step *steps = calloc((size_t)claim_count + 1, sizeof *steps);
    List *lists = malloc((size_t)(most + 1) * sizeof *lists), *next = lists;
    memset(postings, 0, (size_t)asked_count * sizeof *postings);
    if (!window || !claims || !steps || !lists || scoring->size >= MATCHING)
        goto done;
    for (int64_t i = 0; i < claim_count; i++) {
        result = open_claim(&claims[i], next, i, &wanted[i], segments, segment_count, scoring,
                            texts, asked, asked_count, postings);
        if (result)
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
        int is_next = i && i < joint_count;
        result = take_step(claims, wanted, &steps[i], window, scoring, &asked_about, sums, marks,
                           is_next ? MATCHES_NEXT : MATCHED);
        if (result)
            goto done;
        if (is_next)
            go_on(marks, scoring->size);
    }
done:
    for (int64_t i = 0; claims && i < claim_count; i++) {
        free(claims[i].documents);
        free(claims[i].taken);
    }
    free(lists);
    free(steps);
    free(claims);
    free(window);
    return result;
}
