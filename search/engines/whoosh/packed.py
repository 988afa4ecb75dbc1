"""What a block of postings unpickles to: its positions in few and cheap bytes.

Whoosh wants a value of bytes for every posting. Unpickling thousands of them costs more than all
else in a query; here they lie end to end, and each is cut out only if Whoosh itself asks for it.
The name of this module stands in the files of an index.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

#: News says in its first lines what it is about: so many positions are a body's beginning.
EARLY_POSITIONS = 50

_Numbers = npt.NDArray[Any]


class PackedPositions:
    """Stands where Whoosh expects the values of a block: one for each posting.

    ``counts`` positions belong to each posting, ``early`` of them to the beginning of the text;
    ``positions`` are those of all postings, flat.
    """

    __slots__ = ("counts", "early", "positions")

    def __init__(self, counts: bytes, early: bytes, positions: bytes, types: str) -> None:
        self.counts: _Numbers = np.frombuffer(counts, dtype=types[0])
        self.early: _Numbers = np.frombuffer(early, dtype=np.uint8)
        self.positions: _Numbers = np.frombuffer(positions, dtype=types[1])

    @classmethod
    def of(cls, counts: _Numbers, positions: _Numbers) -> "PackedPositions":
        """Pack the ``positions`` of postings that have ``counts`` of them, never none."""
        starts = np.cumsum(counts) - counts
        early = np.add.reduceat(positions < EARLY_POSITIONS, starts, dtype=np.uint8)
        types = _code(counts) + _code(positions)
        held = counts.astype(types[0]).tobytes(), early.tobytes()
        return cls(*held, positions.astype(types[1]).tobytes(), types)

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, at: int) -> bytes:
        """The positions of a posting as native 32-bit integers."""
        start = int(self.counts[:at].sum())
        return self.positions[start : start + int(self.counts[at])].astype(np.uint32).tobytes()

    def __reduce__(self) -> tuple[Callable[..., "PackedPositions"], tuple[Any, ...]]:
        types = self.counts.dtype.char + self.positions.dtype.char
        held = self.counts.tobytes(), self.early.tobytes(), self.positions.tobytes()
        return PackedPositions, (*held, types)


def _code(numbers: _Numbers) -> str:
    """The smallest unsigned type that holds ``numbers``."""
    greatest = int(numbers.max()) if len(numbers) else 0
    return "B" if greatest < 1 << 8 else "H" if greatest < 1 << 16 else "I"


Block = tuple[memoryview, memoryview | None, PackedPositions | None]


def read_block(
    types: str, deltas: bytes, counts: bytes = b"", early: bytes = b"", positions: bytes = b""
) -> Block:
    """What a block unpickles to; ``types`` are the array types of the numbers."""
    held = _cast(deltas, types[0])
    if not counts:
        return held, None, None
    packed = PackedPositions(counts, early, positions, types[1:])
    return held, _cast(counts, types[1]), packed


def _cast(data: bytes, code: str) -> memoryview:
    return memoryview(data).cast(code)  # type: ignore[call-overload, no-any-return]
