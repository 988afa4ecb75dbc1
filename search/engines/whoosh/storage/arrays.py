"""Named arrays in one file, mapped into memory when read: nothing is copied or parsed."""

import json
import math
import mmap
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

_MAGIC = b"arrays 1"
_ALIGNMENT = 64
Array = npt.NDArray[Any]
#: What stands between two texts, so that many can be decoded at once.
_BETWEEN = b"\x00"


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write ``arrays`` by name."""
    described: dict[str, tuple[str, list[int], int]] = {}
    at = 0
    flat = {name: np.ascontiguousarray(each) for name, each in arrays.items()}
    for name, each in flat.items():
        described[name] = each.dtype.str, list(each.shape), at
        at += _aligned(each.nbytes)
    head = json.dumps(described).encode()
    begin = _aligned(len(_MAGIC) + 8 + len(head))
    with path.open("wb") as file:
        file.write((_MAGIC + len(head).to_bytes(8, "little") + head).ljust(begin, b"\x00"))
        for each in flat.values():
            file.write(each.data if each.size else b"")
            file.write(bytes(_aligned(each.nbytes) - each.nbytes))


class Arrays(Mapping[str, Array]):
    """The arrays of a file, not to be written to."""

    def __init__(self, path: Path) -> None:
        """Map the file into memory. Raises OSError or ValueError."""
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._data[: len(_MAGIC)] != _MAGIC:
            raise ValueError(f"{path.name} holds no arrays")
        head = len(_MAGIC) + 8
        size = int.from_bytes(self._data[len(_MAGIC) : head], "little")
        self._described: dict[str, tuple[str, list[int], int]] = json.loads(
            self._data[head : head + size]
        )
        self._begin = _aligned(head + size)

    def __getitem__(self, name: str) -> Array:
        dtype, shape, at = self._described[name]
        count = math.prod(shape)
        if not count:
            return np.empty(shape, dtype)
        return np.frombuffer(self._data, dtype, count, self._begin + at).reshape(shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._described)

    def __len__(self) -> int:
        return len(self._described)


@dataclass(frozen=True, slots=True)
class Texts(Sequence[str]):
    """Texts end to end, each followed by a zero, decoded when asked for.

    ``data`` are their bytes; text ``i`` stands at ``starts[i]`` up to the zero before
    ``starts[i + 1]``.
    """

    data: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        encoded = [each.encode() + _BETWEEN for each in texts]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), _starts(lengths))

    @classmethod
    def read(cls, arrays: Mapping[str, Array], name: str) -> "Texts":
        """Those that were written as ``name``, see :meth:`arrays`."""
        return cls(arrays[name], arrays[name + "_starts"])

    def arrays(self, name: str) -> dict[str, Array]:
        """What to write, by names that begin with ``name``."""
        return {name: self.data, name + "_starts": self.starts}

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            start, end, step = at.indices(len(self))
            return self.between(start, max(start, end))[::step]
        return self.raw(at).decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self.between(0, len(self)))

    def between(self, start: int, end: int) -> list[str]:
        """The texts from ``start`` to ``end``, all at once."""
        data = self.data[self.starts[start] : self.starts[end]].tobytes()
        texts = data.decode().split(_BETWEEN.decode())[:-1]
        if len(texts) != end - start:  # one of them holds a zero itself
            texts = [self[i] for i in range(start, end)]
        return texts

    def raw(self, at: int) -> bytes:
        """Text ``at`` as bytes; like the texts themselves, they sort by code points."""
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError(at)
        return self.data[self.starts[at] : self.starts[at + 1] - 1].tobytes()

    def place(self, text: str) -> int:
        """Where ``text`` stands, or would stand; the texts are in order."""
        return bisect_left(range(len(self)), text.encode(), key=self.raw)

    def inserted(self, places: Sequence[int], texts: Sequence[str]) -> "Texts":
        """These with ``texts`` before those at ``places``, which ascend."""
        encoded = [each.encode() + _BETWEEN for each in texts]
        cuts = [0, *(int(self.starts[at]) for at in places), len(self.data)]
        pieces = [self.data[cuts[0] : cuts[1]]]
        for text, start, end in zip(encoded, cuts[1:], cuts[2:], strict=False):
            pieces += [np.frombuffer(text, dtype=np.uint8), self.data[start:end]]
        lengths = np.insert(np.diff(self.starts), places, [len(each) for each in encoded])
        return Texts(np.concatenate(pieces), _starts(lengths))

    def only(self, keep: npt.NDArray[np.bool_]) -> "Texts":
        """Those of these that ``keep`` marks."""
        lengths = np.diff(self.starts)
        return Texts(self.data[np.repeat(keep, lengths)], _starts(lengths[keep]))


def _starts(lengths: Array) -> Array:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    wide = np.uint64 if starts[-1] > np.iinfo(np.uint32).max else np.uint32
    return starts.astype(wide)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
