"""Parameters of scoring that all engines share: BM25F, proximity, readings, prefixes, freshness.

What each does is in docs/scoring.md; how they were chosen, in docs/estonian.md.
"""

#: BM25F: saturation of frequencies, and how much the length of a field counts.
K1 = 1.8
B_TITLE = 0.5
B_BODY = 0.6
#: Weight of a word in the title relative to one in the body.
TITLE_BOOST = 8.0
#: Positions at the beginning of the body; words there count twice.
EARLY = 50
#: Most distance of two words in a query, and in a text, that counts as near.
NEAR_IN_QUERY = 2
NEAR = 8
#: Score of a prefix, times its idf.
PREFIX_WEIGHT = 0.5
#: Share of a word that its other readings cover.
OTHER_READING = 0.3
#: Share of the scores of alternative names but the best that is added.
OTHER_WAYS = 0.1
#: Factor of the score of parts that occur in an article instead of their compound.
PARTS_ALONE = 0.2
#: Years in which the boost of a new article halves.
HALF_LIFE_YEARS = 5.0
