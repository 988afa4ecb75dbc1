"""Where the positions of a field begin and end in its text, in two bytes each as a rule.

A byte says of which type the numbers are. They are how far each position begins behind the one
before, and how long it is.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from search.engines.contract import IndexedField

#: Unsigned types, the smallest first; steps back are large numbers that overflow to what they are.
_TYPES = ("<u1", "<u2", "<u4")
Offsets = npt.NDArray[np.uint32]
Lengths = npt.NDArray[np.unsignedinteger[Any]]


def pack_spans(field: IndexedField) -> bytes:
    """Starts and ends of all positions of ``field``."""
    starts = np.array(field.starts, dtype=np.uint32)
    lengths = np.array(field.ends, dtype=np.uint32) - starts
    steps: npt.NDArray[Any] = np.diff(starts, prepend=np.uint32(0))
    greatest = max(int(steps.max(initial=0)), int(lengths.max(initial=0)))
    kind = next(i for i, each in enumerate(_TYPES) if greatest <= np.iinfo(each).max)
    return bytes([kind]) + np.concatenate((steps, lengths)).astype(_TYPES[kind]).tobytes()


def unpack_spans(packed: bytes) -> tuple[Offsets, Offsets]:
    """Undo :func:`pack_spans`: the starts and the ends."""
    starts, lengths = starts_and_lengths(packed)
    return starts, starts + lengths


def starts_and_lengths(packed: bytes) -> tuple[Offsets, Lengths]:
    """Where all positions begin, and how long they are: for who wants to know it of a few."""
    numbers = np.frombuffer(packed, dtype=_TYPES[packed[0]], offset=1)
    count = len(numbers) // 2
    return np.add.accumulate(numbers[:count], dtype=np.uint32), numbers[count:]
