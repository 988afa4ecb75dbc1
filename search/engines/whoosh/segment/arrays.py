"""Array files: named arrays in one memory-mapped file, checked against block sums before use.

``prefix · data area · block sums · head``. The prefix has the place of the head, the head (JSON)
the names and places of arrays. No part of a file is trusted: the head has a CRC-32, and every
block of the data area is compared with its sum before it is first used. That finds accidental
damage; codes and offsets are bounds-checked where they are used.
"""

import json
import math
import mmap
import os
import shutil
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any, BinaryIO, overload
from zlib import crc32

import numpy as np
import numpy.typing as npt

MAGIC = b"KLARR\x01\0\0"
#: Bytes of a block, each with a sum of its own.
BLOCK = 1 << 12
#: Where the data area begins.
DATA_START = 4096
_ALIGNMENT = 16
#: Magic, place and length of the head, and its CRC-32.
_PREFIX = struct.Struct("<8sQQI")
_WORDS = BLOCK // 8
_sum = np.add.reduce
#: Maximum of blocks verified one by one.
_FEW = 4
_DTYPES = frozenset(("|u1", "<u2", "<u4", "<u8", "<i4", "<i8"))
#: A longer stream goes to a temporary file until all is written.
_IN_MEMORY = 1 << 20
#: Ends each text, so that many can be decoded at once.
_TERMINATOR = b"\x00"

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


class CorruptArray(ValueError):
    """An array file is damaged, or its numbers are out of bounds."""


class ArrayFile(Mapping[str, Array]):
    """The arrays of a file, mapped into memory and read only.

    An array that is missing is damage, so :meth:`get` raises as well.

    ``raw`` is the whole file; block ``i`` begins at byte ``data_start + i * BLOCK`` of it, its
    little-endian 64-bit words add up to ``sums[i]`` (wrapping around), and ``flags[i]`` is 1 once
    that has been verified. Code that reads an array directly (:attr:`Bulk.array`) verifies and
    flags blocks itself.
    """

    def __init__(self, path: Path) -> None:
        """Open a file. Raises OSError, or CorruptArray for anything but an array file."""
        self.name = path.name
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < DATA_START:
                raise CorruptArray(f"{self.name} is no array file")
            self.raw: Bytes = np.frombuffer(
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8
            )
        self.data_start = DATA_START
        try:
            head, blocks = self._head()
            self._places = {name: self._place(each, blocks) for name, each in head.items()}
        except CorruptArray:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise CorruptArray(f"{self.name}: its head is damaged ({error})") from error
        end = DATA_START + blocks * BLOCK
        self.sums: npt.NDArray[np.uint64] = self.raw[end : end + 8 * blocks].view(np.uint64)
        self.flags: Bytes = np.zeros(blocks, dtype=np.uint8)
        self._seen = self.flags.data  # faster than the array for single numbers
        self._words = self.raw[DATA_START:end].view(np.uint64).reshape(blocks, _WORDS)
        self._texts: dict[str, Texts] = {}

    def __getitem__(self, name: str) -> Array:
        """Reads a whole array, checked. Raises CorruptArray."""
        dtype, shape, _ = self._found(name)
        return self.whole(name, dtype.str, *shape)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def bulk(self, name: str, code: str, *lengths: int | None) -> "Bulk":
        """An array that is read in parts.

        Raises CorruptArray if none has the type or kind ``code`` and these lengths (None for any).
        """
        dtype, shape, at = self._found(name)
        wanted = tuple(map(lambda own, each: own if each is None else each, shape, lengths))
        if code not in (dtype.str, dtype.kind) or len(lengths) != len(shape) or wanted != shape:
            raise CorruptArray(f"{self.name} has other {name} than it says")
        begin, size = DATA_START + at, math.prod(shape) * dtype.itemsize
        return Bulk(self, self.raw[begin : begin + size].view(dtype).reshape(shape), at)

    def whole(self, name: str, code: str, *lengths: int | None) -> Array:
        """Reads a whole array of the given type and lengths, checked. Raises CorruptArray."""
        bulk = self.bulk(name, code, *lengths)
        return bulk.read(0, len(bulk))

    def texts(self, name: str) -> "Texts":
        """Reads texts written as ``name``, checked. Raises CorruptArray."""
        if name not in self._texts:
            data = self.whole(name, "|u1", None)
            starts = self.whole(name + "_starts", "u", None)
            found = Texts(data, check_starts(starts, len(data), least=len(_TERMINATOR)))
            if data[starts[1:] - starts.dtype.type(1)].any():
                raise CorruptArray(f"{name} holds no texts")
            self._texts[name] = found
        return self._texts[name]

    def ensure(self, start: int, end: int) -> None:
        """Checks the block sums of some bytes of the data area, unless that was done.

        Raises CorruptArray.
        """
        if start >= end:
            return
        first, last = start // BLOCK, (end - 1) // BLOCK + 1
        if last - first > _FEW:
            if 0 not in self._seen[first:last].tobytes():
                return
            found = _sum(self._words[first:last], axis=1)
            is_sound = bool((found == self.sums[first:last]).all())
        else:  # three times as fast, which matters where documents are read one by one
            missing = (block for block in range(first, last) if not self._seen[block])
            is_sound = all(_sum(self._words[block]) == self.sums[block] for block in missing)
        if not is_sound:
            raise CorruptArray(f"{self.name} has changed since it was written")
        self.flags[first:last] = 1

    def _found(self, name: str) -> tuple[np.dtype[Any], tuple[int, ...], int]:
        try:
            return self._places[name]
        except KeyError:
            raise CorruptArray(f"{self.name} has no {name}") from None

    def _head(self) -> tuple[dict[str, Any], int]:
        """Reads the head: the arrays, and the number of blocks."""
        magic, at, length, crc = _PREFIX.unpack_from(self.raw.data)
        blocks, rest = divmod(at - DATA_START, BLOCK + 8)
        if magic != MAGIC or blocks < 0 or rest or at + length != len(self.raw):
            raise CorruptArray(f"{self.name} is no array file")
        data = self.raw[at:].tobytes()
        if crc32(data) != crc:
            raise CorruptArray(f"{self.name}: its head has changed")
        return json.loads(data)["arrays"], blocks

    def _place(
        self, described: Sequence[Any], blocks: int
    ) -> tuple[np.dtype[Any], tuple[int, ...], int]:
        """Type, shape and place of an array, which must lie inside of the data area."""
        code, shape, at = described
        numbers = (*shape, at)
        is_sound = shape and all(type(each) is int and each >= 0 for each in numbers)
        if code not in _DTYPES or not is_sound:
            raise CorruptArray(f"{self.name} describes no array")
        # An empty array fits anywhere.
        if max(shape) > max(blocks, 1) * BLOCK:
            raise CorruptArray(f"{self.name} has an array longer than itself")
        dtype = np.dtype(code)
        if at % _ALIGNMENT or at + math.prod(shape) * dtype.itemsize > blocks * BLOCK:
            raise CorruptArray(f"{self.name} has an array outside of itself")
        return dtype, tuple(shape), at


class Bulk:
    """An array of a file that is checked part by part, as it is read.

    ``array`` is all of it as it is in the file, for code that verifies blocks itself; ``view`` the
    same, which gives single numbers in less time.
    """

    __slots__ = ("_at", "_count", "_file", "_row", "_seen", "array", "view")

    def __init__(self, file: ArrayFile, array: Array, at: int) -> None:
        self.array = array
        self.view: memoryview = array.data
        self._file = file
        self._seen = file.flags.data
        self._at = at
        self._count = len(array)
        self._row = math.prod(array.shape[1:]) * array.itemsize

    def __len__(self) -> int:
        return self._count

    def read(self, start: int, end: int) -> Array:
        """The entries (rows) from ``start`` to ``end``. Raises CorruptArray, also out of bounds."""
        self.ensure(start, end)
        return self.array[start:end]

    def number(self, at: int) -> int:
        """One entry of an array of numbers."""
        self.ensure(at, at + 1)
        number: int = self.view[at]
        return number

    def ensure(self, start: int, end: int) -> None:
        """Checks these entries as :meth:`read` does, without reading them."""
        if not 0 <= start <= end <= self._count:
            raise CorruptArray(f"{self._file.name} points outside of itself")
        first, last = self._at + start * self._row, self._at + end * self._row
        # A hot path: nearly always it is one block that was checked before.
        block = first // BLOCK
        if block != (last - 1) // BLOCK or not self._seen[block]:
            self._file.ensure(first, last)


class ArrayWriter:
    """Writes an array file; long arrays are streamed through unnamed temporary files.

    The file is whole once :meth:`finish` returns, and no array file before.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._arrays: dict[str, Array] = {}
        self._streams: dict[str, list[IO[bytes]]] = {}

    def update(self, arrays: Mapping[str, Array]) -> None:
        """Add arrays by their names."""
        self._arrays.update(arrays)

    def stream(self, name: str) -> IO[bytes]:
        """A file for the bytes of an array that is written in parts.

        Later streams of the same name are appended to it.
        """
        directory = str(self._path.parent)
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=directory)  # noqa: SIM115 - see close
        self._streams.setdefault(name, []).append(file)
        return file

    def finish(self) -> None:
        with self._path.open("w+b") as file:
            head: dict[str, Any] = {}
            file.seek(DATA_START)
            for name, each in self._arrays.items():
                at = self._aligned(file)
                dtype = each.dtype.newbyteorder("<")
                if each.size:
                    file.write(np.ascontiguousarray(each, dtype).data.cast("B"))
                head[name] = dtype.str, each.shape, at
            for name, streams in self._streams.items():
                at = self._aligned(file)
                for stream in streams:
                    stream.seek(0)
                    shutil.copyfileobj(stream, file, BLOCK << 4)
                head[name] = "|u1", (file.tell() - DATA_START - at,), at
            end = file.tell() + (DATA_START - file.tell()) % BLOCK
            file.truncate(end)
            file.seek(end)
            file.write(_block_sums(file, end).data)
            at, data = file.tell(), json.dumps({"arrays": head}).encode()
            file.write(data)
            file.seek(0)
            file.write(_PREFIX.pack(MAGIC, at, len(data), crc32(data)))
        self.close()

    def close(self) -> None:
        """Closes the temporary files."""
        for each in chain.from_iterable(self._streams.values()):
            each.close()
        self._streams.clear()
        self._arrays.clear()

    def _aligned(self, file: BinaryIO) -> int:
        """Aligns the file for the next array; its place in the data area."""
        file.seek(-file.tell() % _ALIGNMENT, os.SEEK_CUR)
        return file.tell() - DATA_START


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write an array file."""
    writer = ArrayWriter(path)
    writer.update(arrays)
    writer.finish()


class Texts(Sequence[str]):
    """Concatenated texts, each followed by a zero, decoded when they are read.

    ``data`` are their bytes (UTF-8); text ``i`` is at ``starts[i]`` up to the zero before
    ``starts[i + 1]``.
    """

    __slots__ = ("data", "starts")

    def __init__(self, data: Bytes, starts: Array) -> None:
        self.data = data
        self.starts = starts

    @classmethod
    def of(cls, texts: Iterable[str | bytes]) -> "Texts":
        """Packs texts, or their bytes in UTF-8."""
        raws = [each.encode() if isinstance(each, str) else each for each in texts]
        starts = np.zeros(len(raws) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, raws), np.int64, len(raws)) + 1, out=starts[1:])
        wide = np.uint64 if starts[-1] > np.iinfo(np.uint32).max else np.uint32
        data = np.frombuffer(_TERMINATOR.join((*raws, b"")), dtype=np.uint8)
        return cls(data, starts.astype(wide))

    def arrays(self, name: str) -> dict[str, Array]:
        """The arrays to write, by names that begin with ``name``."""
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
        return decoded(self.raw(at))

    def __iter__(self) -> Iterator[str]:
        return iter(self.between(0, len(self)))

    def between(self, start: int, end: int) -> list[str]:
        """The texts from ``start`` to ``end``, all at once."""
        texts = decoded(self._span(start, end)).split(_TERMINATOR.decode())[:-1]
        # More pieces than texts: a text has a zero itself.
        return texts if len(texts) == end - start else [self[i] for i in range(start, end)]

    def raws(self, start: int = 0, end: int | None = None) -> list[bytes]:
        """The same as bytes, or all."""
        end = len(self) if end is None else end
        texts = self._span(start, end).split(_TERMINATOR)[:-1]
        return texts if len(texts) == end - start else [self.raw(i) for i in range(start, end)]

    def raw(self, at: int) -> bytes:
        """Text ``at`` as bytes, which sort like texts by code points."""
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            # Numbers of texts come from files.
            raise CorruptArray(f"there is no text {at} of {len(self)}")
        return self._span(at, at + 1)[:-1]

    def _span(self, start: int, end: int) -> bytes:
        """The bytes of some texts, with the zeros after them."""
        return self.data[self.starts[start] : self.starts[end]].tobytes()


class BytesColumn:
    """Column of byte strings, written as ``name``, read and checked one by one.

    Value ``i`` is ``data`` from ``starts[i]`` to ``starts[i + 1]``.
    """

    __slots__ = ("data", "starts")

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.data = file.bulk(name, "|u1", None)
        self.starts = file.bulk(name + "_starts", "u", None)
        if not len(self.starts):
            raise CorruptArray(f"{file.name} has no values of {name}")

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, at: int) -> bytes:
        if at < 0:
            raise IndexError(at)
        return self.span(at, at + 1)

    def span(self, start: int, end: int) -> bytes:
        """The values from ``start`` to ``end``, concatenated. Raises CorruptArray."""
        self.starts.ensure(start, end + 1)
        first, last = self.starts.view[start], self.starts.view[end]
        self.data.ensure(first, last)
        return self.data.view[first:last].tobytes()


class BulkTexts(Texts):
    """Texts of which only those that are read are checked."""

    __slots__ = ("_column",)

    def __init__(self, file: ArrayFile, name: str) -> None:
        self._column = BytesColumn(file, name)
        super().__init__(self._column.data.array, self._column.starts.array)

    def _span(self, start: int, end: int) -> bytes:
        found = self._column.span(start, end)
        if end > start and found[-1:] != _TERMINATOR:
            raise CorruptArray("texts do not end where they should")
        return found


def decoded(raw: bytes) -> str:
    """Decodes bytes of a file. Raises CorruptArray."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise CorruptArray(f"a text is no UTF-8 ({error.reason})") from error


def check_starts(starts: Array, end: int, least: int = 0) -> Array:
    """Checks that ``starts`` ascend from 0 to ``end`` by steps of ``least`` or more.

    Raises CorruptArray.
    """
    if starts.ndim != 1 or not len(starts) or starts[0] != 0 or starts[-1] != end:
        raise CorruptArray("offsets do not fit what they are of")
    if len(starts) > 1 and (
        (starts[1:] < starts[:-1]).any() or (least and int(np.diff(starts).min()) < least)
    ):
        raise CorruptArray("offsets do not ascend")
    return starts


def check_codes(codes: Array, count: int, least: int = 0) -> Array:
    """Checks that ``codes`` are from ``least`` to below ``count``. Raises CorruptArray."""
    if codes.size and (int(codes.min()) < least or int(codes.max()) >= count):
        raise CorruptArray("codes of what there is not")
    return codes


def _block_sums(file: BinaryIO, end: int) -> npt.NDArray[np.uint64]:
    file.flush()
    if end == DATA_START:
        return np.empty(0, dtype=np.uint64)
    with mmap.mmap(file.fileno(), end, access=mmap.ACCESS_READ) as mapped:
        words = np.frombuffer(mapped, np.uint64, offset=DATA_START)
        sums: npt.NDArray[np.uint64] = words.reshape(-1, _WORDS).sum(axis=1, dtype=np.uint64)
        del words
    return sums
