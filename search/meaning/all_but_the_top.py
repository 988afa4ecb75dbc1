"""Removes the mean and principal directions from embeddings, so that cosines discriminate.

All vectors of a model share a large component, and those of a collection its common subjects, so
that all cosines are nearly equal. Without the mean and the directions of the largest variance, the
rest shows what distinguishes a text from the others: "all-but-the-top" (Mu and Viswanath, 2018).
"""

from dataclasses import dataclass

import numpy as np

from search.meaning.embedder import Vectors

#: Passages per removed direction, and maximum of directions: among few passages the largest
#: variance is that of their subjects.
PASSAGES_A_DIRECTION, MOST_DIRECTIONS = 500, 3
#: Mean and directions are computed from about this number of passages, evenly spread.
SAMPLED = 5_000
_LEAST = np.float32(1e-6)


@dataclass(frozen=True, slots=True)
class CommonDirections:
    """The ``mean`` (dimensions,) of vectors, and unit ``directions`` (some, dimensions)."""

    mean: Vectors
    directions: Vectors

    @classmethod
    def of(cls, vectors: Vectors, passages: int) -> "CommonDirections":
        """Computes them of ``vectors``, a sample (some, dimensions) of those of ``passages``."""
        count = min(passages // PASSAGES_A_DIRECTION, MOST_DIRECTIONS)
        mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
        directions = np.empty((0, len(mean)))
        if count:
            differences = vectors - mean
            # Eigenvalues ascend.
            directions = np.linalg.eigh(differences.T @ differences).eigenvectors.T[
                : -count - 1 : -1
            ]
        return cls(mean, directions.astype(np.float32))

    def without(self, vectors: Vectors) -> Vectors:
        """``vectors`` (dimensions,) or (some, dimensions) without the mean and the directions."""
        return self.without_directions(vectors - self.mean)

    def without_directions(self, vectors: Vectors) -> Vectors:
        """Centred ``vectors`` without the directions."""
        own = vectors - (vectors @ self.directions.T) @ self.directions
        return np.asarray(own, dtype=np.float32)


def of_length_one(vectors: Vectors) -> Vectors:
    """Normalises ``vectors`` to length 1; zeros stay as they are."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, _LEAST), dtype=np.float32)
