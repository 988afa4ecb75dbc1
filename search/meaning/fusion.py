"""Hybrid ranking: fuses lexical scores and vector similarity by a convex combination.

All engines rank by this function and these constants; docs/scoring.md specifies the rest.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: The share of nearness in a fused score that long queries approach (see `meaning_weight`).
MOST_WEIGHT = 0.45
#: The share if the query is in another language: matches by words then mean little.
FOREIGN_WEIGHT = 0.65
#: The query is moved towards this number of top documents, and all is fused again …
FEEDBACK_DOCUMENTS = 4
#: … if there are at least this number of documents: of few hardly two answer a question.
FEWEST_FOR_FEEDBACK = 100
#: Documents found by meaning alone have at least this nearness, a cosine …
FLOOR = 0.13
#: … and at least this share of the greatest nearness …
SHARE_OF_NEAREST = 0.6
#: … and are at most this number.
MOST_NEAR = 50

#: Decimals to which nearness is rounded, so that all engines have the same.
NEARNESS_DECIMALS = 6

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]


def meaning_weight(query: str, *, is_foreign: bool = False) -> float:
    """The share of nearness in fused scores (0 to 1), greater for longer queries.

    One word hardly has a meaning of its own; of a whole question, few words occur in the answer.
    """
    words = len(query.split())
    return FOREIGN_WEIGHT if is_foreign else MOST_WEIGHT * words / (words + 1)


def fuse(
    words: Floats, covered: float, nearness: Floats, floor: float, weight: float
) -> npt.NDArray[np.float64]:
    """Fused scores (0 to 1) of the found documents; both arguments are in the same order.

    ``words`` are scaled by the best of them to ``covered``, the share of the query that any
    document holds; ``nearness`` from ``floor`` (0) to the best (1).
    ``weight`` is the share of nearness.
    """
    best, nearest = float(words.max(initial=0.0)), float(nearness.max(initial=floor))
    return FusedScore.scaled(best, covered, nearest, floor, weight).of(words, nearness)


def feedback_documents(documents: int) -> int:
    """Number of first documents for relevance feedback (Rocchio), of ``documents`` in all."""
    return FEEDBACK_DOCUMENTS if documents >= FEWEST_FOR_FEEDBACK else 0


@dataclass(frozen=True, slots=True)
class FusedScore:
    """Coefficients of a fused score: of the score by words, and of nearness above ``floor``."""

    words: float
    meaning: float
    floor: float

    @classmethod
    def scaled(
        cls, best_words: float, covered: float, nearest: float, floor: float, weight: float
    ) -> "FusedScore":
        """Scales fused scores to 0…1; ``best_words`` and ``nearest`` are the greatest found.

        ``covered`` is the share of the query that any document holds, ``weight`` that of nearness.
        """
        words, meaning = (1.0 - weight) * covered, nearest - floor
        return cls(
            words / best_words if best_words > 0 else 0.0,
            weight / meaning if meaning > 0 else 0.0,
            floor,
        )

    def of(self, words: Floats, nearness: Floats) -> npt.NDArray[np.float64]:
        """Fused scores of documents; both arguments are in the same order."""
        above = np.clip(np.asarray(nearness, dtype=np.float64) - self.floor, 0.0, None)
        fused: npt.NDArray[np.float64] = (
            self.words * np.asarray(words, dtype=np.float64) + self.meaning * above
        )
        return fused
