"""The files of a segment, and where its arrays stand among them.

Large ones are apart; of a small segment all is one file (Whoosh: compound) with the arrays in
front, where Whoosh does not look.
"""

import mmap
import pickle
import struct
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from whoosh.codec.whoosh3 import W3Segment

from search.engines.whoosh.storage.arrays import Array, Arrays, dump_arrays

_SUFFIX = "arrays"
_BUFFER = 1 << 18
#: Where Whoosh finds the directory of a compound file.
_START = struct.Struct("!qi")
#: Where the arrays stand in one.
_ARRAYS = 16


def segment_arrays(directory: Path, segment: str) -> Arrays:
    """Map the arrays of a segment into memory. Raises OSError or ValueError."""
    try:
        return Arrays(directory / f"{segment}{W3Segment.COMPOUND_EXT}", _ARRAYS)
    except FileNotFoundError:
        return Arrays(directory / f"{segment}.{_SUFFIX}")


class MappedFiles:
    """The files of a segment, mapped into memory."""

    def __init__(self, directory: Path, segment: str) -> None:
        self._directory = directory
        self._segment = segment
        self._one: mmap.mmap | None = None
        self._contents: Mapping[str, Mapping[str, int]] = {}

    def read(self, extension: str) -> memoryview:
        """What a file holds. Raises OSError, KeyError, or whatever unpickling may raise."""
        name = self._segment + extension
        path = self._directory / name
        if self._one is None and path.exists():
            return memoryview(_mapped(path))
        if self._one is None:
            one = _mapped(self._directory / f"{self._segment}{W3Segment.COMPOUND_EXT}")
            at, size = _START.unpack_from(one)
            self._contents = pickle.loads(one[at : at + size])  # noqa: S301, RUF100 - ours
            self._one = one
        place = self._contents[name]
        return memoryview(self._one)[place["offset"] : place["offset"] + place["length"]]


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class SegmentFiles:
    """The files of a segment while they are written: apart, or in ``is_one``.

    A compound file has a place for where its directory is, the files, and the pickled directory.
    """

    def __init__(self, directory: Path, segment: Any, *, is_one: bool) -> None:
        self._directory = directory
        self._segment = segment
        self.is_one = is_one
        self._open: dict[str, BinaryIO] = {}

    def create(self, extension: str) -> BinaryIO:
        name = self._segment.make_filename(extension)
        path = self._directory / name
        file: BinaryIO = BytesIO() if self.is_one else path.open("wb", buffering=_BUFFER)
        self._open[name] = file
        return file

    def read(self, extension: str) -> bytes | memoryview:
        """What has been written to a file so far."""
        name = self._segment.make_filename(extension)
        file = self._open[name]
        if isinstance(file, BytesIO):
            return file.getvalue()
        file.flush()
        path: Path = self._directory / name
        return path.read_bytes()

    def finish(self, arrays: Mapping[str, Array]) -> None:
        """End all files, ``arrays`` among them."""
        if self.is_one:
            self._write_one(arrays)
        else:
            with self.create(f".{_SUFFIX}") as file:
                dump_arrays(file, arrays)
        self.close()

    def close(self) -> None:
        """Let go of all files, whatever they hold."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def _write_one(self, arrays: Mapping[str, Array]) -> None:
        path = self._directory / self._segment.make_filename(self._segment.COMPOUND_EXT)
        with path.open("wb") as one:
            one.write(bytes(_ARRAYS))
            dump_arrays(one, arrays)
            contents: dict[str, dict[str, int]] = {}
            for name, file in self._open.items():
                contents[name] = {"offset": one.tell(), "length": file.tell()}
                file.seek(0)
                one.write(file.read())
            at = one.tell()
            described = pickle.dumps(contents, 2) + pickle.dumps({}, 2)
            one.write(described)
            one.seek(0)
            one.write(_START.pack(at, len(described)))
