"""Hybrid ranking: fuses lexical scores and vector similarity by a convex combination.

All engines rank by this one function and these constants; docs/scoring.md says the rest.
"""

import numpy as np
import numpy.typing as npt

#: The share of nearness in a fused score; the rest is that of words.
FUSION_WEIGHT = 0.31
#: The same where the query is in another language: what words find then says little.
FOREIGN_WEIGHT = 0.65
#: The query is moved towards so many of what stands first, and all is fused again …
FEEDBACK_DOCUMENTS = 4
#: … where there are so many documents at least: of few hardly two answer a question.
FEWEST_FOR_FEEDBACK = 100
#: What is found by meaning alone is at least so near, a cosine …
FLOOR = 0.12
#: … and so near beside the nearest of all …
SHARE_OF_NEAREST = 0.6
#: … and at most so many documents are.
MOST_NEAR = 50

Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]


def fuse(
    words: Floats, covered: float, nearness: Floats, floor: float, weight: float = FUSION_WEIGHT
) -> npt.NDArray[np.float64]:
    """Fused scores (0 to 1) of the documents found, of which both are given in the same order.

    ``words`` are scaled by the best of them to ``covered``, the share of the query that any
    document holds; ``nearness`` from ``floor`` (0) to the best (1).
    ``weight`` is the share of nearness.
    """
    meaning = np.clip(np.asarray(nearness, dtype=np.float64) - floor, 0.0, None)
    scaled = (1.0 - weight) * covered * _by_best(np.asarray(words, dtype=np.float64))
    fused: npt.NDArray[np.float64] = scaled + weight * _by_best(meaning)
    return fused


def feedback_documents(documents: int) -> int:
    """Towards how many of what stands first a query is moved, where there are ``documents``."""
    return FEEDBACK_DOCUMENTS if documents >= FEWEST_FOR_FEEDBACK else 0


def _by_best(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    best = values.max(initial=0.0)
    return values / best if best > 0 else np.zeros_like(values)
