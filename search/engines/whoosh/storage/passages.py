"""The passages that speak for a document's organisations, in few bytes."""

from collections.abc import Mapping

import numpy as np

from search.near_duplicates.boilerplate import value_hash


def pack_passages(passages: Mapping[str, tuple[int, ...]]) -> bytes:
    """Pairs of 32-bit hashes: of a value, and of a passage that speaks for it."""
    pairs = [(value_hash(value), each) for value, hashes in passages.items() for each in hashes]
    return np.asarray(pairs, dtype="<u4").tobytes()


def unpack_passages(packed: bytes, values: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Undo :func:`pack_passages` for a document that has ``values``."""
    names = {value_hash(value): value for value in values}
    passages: dict[str, tuple[int, ...]] = {}
    for value, each in np.frombuffer(packed, dtype="<u4").reshape(-1, 2).tolist():
        name = names[value]
        passages[name] = (*passages.get(name, ()), each)
    return passages
