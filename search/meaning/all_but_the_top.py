"""Removes the mean and principal directions from embeddings, so that cosines discriminate.

All vectors of a model share a large part, and those of a collection some more of its subjects, so
that everything is nearly equally near to everything. Without their mean and the directions in
which they differ most, what is left says what a text is about that others are not: "all-but-the-
top" (Mu and Viswanath, 2018).
"""

from dataclasses import dataclass

import numpy as np

from search.meaning.embedder import Vectors

#: A direction is removed for so many passages, and no more than so many directions: few passages
#: differ most in what they are about.
PASSAGES_A_DIRECTION, MOST_DIRECTIONS = 500, 3
#: Mean and directions are those of about so many passages, evenly spread.
SAMPLED = 5_000
_LEAST = np.float32(1e-6)


@dataclass(frozen=True, slots=True)
class CommonDirections:
    """The ``mean`` (dimensions,) of vectors, and unit ``directions`` (some, dimensions)."""

    mean: Vectors
    directions: Vectors

    @classmethod
    def of(cls, vectors: Vectors, passages: int) -> "CommonDirections":
        """Those of a sample (some, dimensions) of the vectors of ``passages`` passages."""
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
        """``vectors`` (dimensions,) or (some, dimensions) without what is common to all."""
        return self.without_directions(vectors - self.mean)

    def without_directions(self, vectors: Vectors) -> Vectors:
        """``vectors``, which are centred, without the directions in which all differ most."""
        own = vectors - (vectors @ self.directions.T) @ self.directions
        return np.asarray(own, dtype=np.float32)


def of_length_one(vectors: Vectors) -> Vectors:
    """``vectors``, each divided by its length; what has none stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, _LEAST), dtype=np.float32)
