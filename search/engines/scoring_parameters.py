"""Parameters of scoring that all engines share: BM25F, proximity, readings, prefixes, freshness.

What each does is in docs/scoring.md; how they were chosen, in docs/estonian.md.
"""

#: BM25F: saturation of frequencies, and how much the length of a field counts.
K1 = 1.8
B_TITLE = 0.5
B_BODY = 0.6
#: A word of the title counts as so many of the body.
TITLE_BOOST = 8.0
#: Behind these positions of the body a word is no longer early; one before them counts twice.
EARLY = 50
#: Words of a query so far apart at most, and at most so far apart in a text, are near each other.
NEAR_IN_QUERY = 2
NEAR = 8
#: What a document gets that holds a beginning, times its idf.
PREFIX_WEIGHT = 0.5
#: How much of a word is covered by what its form can mean as well.
OTHER_READING = 0.3
#: What the ways of saying a thing that are not the best one in an article add to its score.
OTHER_WAYS = 0.1
#: What the parts of a compound score that stand in an article instead of it.
PARTS_ALONE = 0.2
#: After so many years the boost of a new article is half of what it was.
HALF_LIFE_YEARS = 5.0
