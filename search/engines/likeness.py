"""Selects the terms of "more like this", with the constants of its scoring.

All engines choose terms by these functions and score by these constants; docs/scoring.md 10.
"""

from collections.abc import Callable, Mapping, Sequence

from search.analysis.terms import LEMMA
from search.engines.contract import IndexedDocument

#: Weight of a lemma in the title relative to one in the body.
TITLE = 3.0
K1 = 1.2
B = 0.75
#: Least share of an article's own score; below it others only happen to use the same words.
LEAST = 0.12
#: Weight of nearness; that of distinctive words is 1.
MEANING_WEIGHT = 0.5
_COMMONEST = 256
_COMPARED = 30


def common_lemmas(document: IndexedDocument) -> list[str]:
    """The commonest lemmas of a document, those of the title first."""
    weights: dict[str, float] = {}
    for field, weight in ((document.title, TITLE), (document.body, 1.0)):
        for each, positions in field.postings.items():
            if each.startswith(LEMMA):
                weights[each] = weights.get(each, 0.0) + weight * len(positions)
    return sorted(weights, key=lambda each: (-weights[each], each))[:_COMMONEST]


def distinctive(
    lemmas: Sequence[str], counts: Mapping[str, int], idf: Callable[[int], float]
) -> list[tuple[str, float]]:
    """The distinctive lemmas of a document with their weights, the greatest first.

    ``lemmas`` are its commonest, the commonest first; ``counts`` are their document frequencies.
    """
    # The rank of a lemma is used in place of its frequency in the document.
    weighed = [
        (each, idf(counts[each]) ** 2 / (1 + place / len(lemmas)))
        for place, each in enumerate(lemmas)
        if counts[each] > 1 and any(map(str.isalpha, each[1:]))
    ]
    return sorted(weighed, key=lambda pair: (-pair[1], pair[0]))[:_COMPARED]
