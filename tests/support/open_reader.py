"""Opens readers of the live generation of an index with either kernels."""

from pathlib import Path

import pytest

from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.kernels import load
from search.engines.whoosh.reader import WhooshReader
from search.engines.whoosh.snapshot.snapshot import Snapshot

#: For parametrised tests.
KERNELS = ["numpy", pytest.param("compiled", marks=pytest.mark.compiled)]


def generation(index: Path) -> Path:
    """The directory of the live generation."""
    name = WhooshIndex(index).current()
    assert name is not None
    return index / name


def open_reader(index: Path, kernels: str, cache_bytes: int = 1 << 26) -> WhooshReader:
    """Opens the live generation with the kernels of this name."""
    found = load(kernels)
    assert found is not None
    snapshot = Snapshot(generation(index))
    return WhooshReader(snapshot, cache_bytes=cache_bytes, kernels=found)
