"""Named arrays in one file, mapped into memory when read: nothing is copied or parsed."""

import math
import mmap
import pickle
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, overload

import numpy as np
import numpy.typing as npt

_MAGIC = b"arrays 2"
_ALIGNMENT = 16
Array = npt.NDArray[Any]
#: Type, shape and place of an array.
_Described = tuple[str, tuple[int, ...], int]
#: What stands between two texts, so that many can be decoded at once.
_BETWEEN = b"\x00"


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write ``arrays`` by name."""
    with path.open("wb") as file:
        dump_arrays(file, arrays)


def dump_arrays(file: BinaryIO, arrays: Mapping[str, Array]) -> None:
    """Write ``arrays`` by name to where ``file`` stands."""
    described: dict[str, _Described] = {}
    at = 0
    flat = {name: np.ascontiguousarray(each) for name, each in arrays.items()}
    for name, each in flat.items():
        described[name] = each.dtype.str, each.shape, at
        at += _aligned(each.nbytes)
    head = pickle.dumps(described, 5)
    begin = _aligned(len(_MAGIC) + 8 + len(head))
    pieces: list[bytes | memoryview] = [_MAGIC, len(head).to_bytes(8, "little"), head]
    pieces.append(bytes(begin - sum(map(len, pieces))))
    for each in flat.values():
        pieces += (each.data.cast("B"), bytes(-each.nbytes % _ALIGNMENT)) if each.size else ()
    file.writelines(pieces)


class Arrays(Mapping[str, Array]):
    """The arrays of a file, not to be written to."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        """Map the file into memory; they begin at ``offset``. Raises OSError or ValueError."""
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = offset + len(_MAGIC) + 8
        if self._data[offset : head - 8] != _MAGIC:
            raise ValueError(f"{path.name} holds no arrays")
        size = int.from_bytes(self._data[head - 8 : head], "little")
        self._described = _described(self._data[head : head + size])
        self._begin = offset + _aligned(head - offset + size)
        self._made: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._made:
            dtype, shape, at = self._described[name]
            count = math.prod(shape)
            held = np.frombuffer(self._data, dtype, count, self._begin + at if count else 0)
            self._made[name] = held.reshape(shape)
        return self._made[name]

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
        return cls.encoded([each.encode() for each in texts])

    @classmethod
    def encoded(cls, texts: Sequence[bytes]) -> "Texts":
        """Those that ``texts`` are the bytes of."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        data = _BETWEEN.join((*texts, b""))
        return cls(np.frombuffer(data, dtype=np.uint8), _starts(lengths + len(_BETWEEN)))

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

    def followed_by(self, texts: Sequence[str]) -> "Texts":
        """These, and ``texts`` behind them."""
        if not texts:
            return self
        more = Texts.of(texts)
        lengths = np.concatenate((np.diff(self.starts), np.diff(more.starts)))
        return Texts(np.concatenate((self.data, more.data)), _starts(lengths.astype(np.int64)))


def _described(head: bytes) -> dict[str, _Described]:
    try:
        return dict(pickle.loads(head))  # noqa: S301, RUF100 - part of an index that is ours
    except Exception as error:
        raise ValueError(f"not arrays: {error}") from error  # whatever unpickling may raise


def _starts(lengths: Array) -> Array:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    wide = np.uint64 if starts[-1] > np.iinfo(np.uint32).max else np.uint32
    return starts.astype(wide)


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
