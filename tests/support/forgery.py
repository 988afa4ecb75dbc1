"""Forges array files of an index: changes them and updates all checksums.

Block sums, the checksum of the head and the manifest are valid, to test whether readers trust the
numbers of a file.
"""

import json
import math
import random
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from search.engines.whoosh.manifest import MANIFEST, Manifest, read_facts
from search.engines.whoosh.segment.arrays import BLOCK, DATA_START, Array

_PREFIX = struct.Struct("<8sQQI")
_MOST_CHANGES = 3
#: A string or number of JSON, which may be replaced by a text that is not longer.
_SCALAR = re.compile(rb'"[^"\\]{0,40}"|-?\d+(?:\.\d+)?|null|true|false')
_SCALARS = (b"0", b"-1", b"7", b"99999999999", b"1e999", b"NaN", b"null", b"true", b'""', b"[]")
_DTYPES = ("|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f8", "|O")


def sign(path: Path) -> None:
    """Updates the checksum of ``path`` in the manifest."""
    file = path.with_name(MANIFEST)
    if path != file:
        manifest = Manifest.from_json(file.read_text(encoding="utf-8"))
        files = {**manifest.files, path.name: read_facts(path)}
        file.write_text(replace(manifest, files=files).to_json(), encoding="utf-8")


def is_array_file(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"KLARR"


def forge(path: Path, draw: random.Random) -> str:
    """Changes an array file and signs it; describes the changes."""
    file = _File(path.read_bytes())
    said = [file.change(draw) for _ in range(draw.randint(1, _MOST_CHANGES))]
    path.write_bytes(file.signed())
    sign(path)
    return f"{path.name}: " + ", ".join(said)


class _File:
    """An array file whose arrays can be written."""

    def __init__(self, content: bytes) -> None:
        _, at, length, _ = _PREFIX.unpack_from(content)
        self.head: dict[str, Any] = json.loads(content[at : at + length])
        self._begin = content[:DATA_START]
        self._data = np.frombuffer(content, np.uint8, at - DATA_START, DATA_START).copy()
        self._data = self._data[: len(self._data) // (BLOCK + 8) * BLOCK]
        self._arrays: dict[str, Array] = {}
        for name, (dtype, shape, place) in self.head["arrays"].items():
            size = math.prod(shape) * np.dtype(dtype).itemsize
            self._arrays[name] = self._data[place : place + size].view(dtype)

    def change(self, draw: random.Random) -> str:
        if draw.random() < 0.06:
            return self._change_head(draw)
        name = draw.choice(sorted(name for name, each in self._arrays.items() if each.size))
        array = self._arrays[name]
        if array.dtype != np.uint8:
            way = draw.choice((*_ANY, *_NUMBERS, *_NUMBERS))
        elif name in ("article", "listing"):
            way = draw.choice((*_ANY, _scalar, _scalar, _scalar))
        elif name.endswith("_forward"):
            way = draw.choice((_bits, partial(_packed, self._arrays[name + "_starts"])))
        else:
            way = draw.choice(_ANY)
        way(array.view(np.uint8) if way in _ANY else array, draw)
        return f"{name} {getattr(way, '__name__', '_packed')}"

    def signed(self) -> bytes:
        sums = self._data.view(np.uint64).reshape(-1, BLOCK // 8).sum(axis=1, dtype=np.uint64)
        head = json.dumps(self.head).encode()
        at = DATA_START + self._data.nbytes + sums.nbytes
        prefix = _PREFIX.pack(self._begin[:8], at, len(head), zlib.crc32(head))
        begin = prefix + self._begin[len(prefix) :]
        return b"".join((begin, self._data.tobytes(), sums.tobytes(), head))

    def _change_head(self, draw: random.Random) -> str:
        arrays = self.head["arrays"]
        name = draw.choice(sorted(arrays))
        dtype, shape, at = arrays[name]
        way = draw.randrange(5)
        if way == 0:
            del arrays[name]
        elif way == 1:
            arrays[name] = draw.choice(_DTYPES), shape, at
        elif way == 2:
            longer = [max(each + draw.choice((-1, 1, 16, -each, 1 << 40)), 0) for each in shape]
            arrays[name] = (
                dtype,
                draw.choice((longer, [*shape, 1], [*shape, 0], [1, *shape], [1 << 40, 0], [])),
                at,
            )
        elif way == 3:
            arrays[name] = dtype, shape, draw.choice((0, at + 16, at + 1, 1 << 50, -16, None))
        else:
            arrays[name] = arrays[draw.choice(sorted(arrays))]
        return f"head of {name}: {arrays.get(name)}"


def _bits(raw: Array, draw: random.Random) -> None:
    for _ in range(draw.choice((1, 1, 2, 8))):
        raw[draw.randrange(len(raw))] ^= np.uint8(1 << draw.randrange(8))


def _bytes(raw: Array, draw: random.Random) -> None:
    for _ in range(draw.choice((1, 1, 2, 8, 64))):
        raw[draw.randrange(len(raw))] = draw.choice((0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF))


def _stretch(raw: Array, draw: random.Random) -> None:
    """Overwrites a range with zeros, noise or another piece."""
    size = min(draw.choice((2, 8, 64, 4096, 1 << 30)), len(raw))
    at, other = (draw.randrange(len(raw) - size + 1) for _ in range(2))
    noise = np.frombuffer(draw.randbytes(min(size, 4096)), np.uint8)
    piece = draw.choice((np.zeros(size, np.uint8), np.resize(noise, size), raw[other:][:size]))
    raw[at : at + size] = piece.copy()


def _number(numbers: Array, draw: random.Random) -> None:
    """Changes some numbers to the least, the greatest, or one near the old value."""
    limits, size = np.iinfo(numbers.dtype), len(numbers)
    for _ in range(draw.choice((1, 1, 1, 2, 10))):
        at = draw.choice((0, size - 1, draw.randrange(size)))
        was = int(numbers[at])
        near = (was - 1, was + 1, was * 2, was // 2, int(numbers.max()), int(numbers.max()) + 1)
        far = (0, -1, size, limits.min, limits.max, limits.max >> 1, 1 << 16, 1 << 31)
        value = draw.choice(draw.choice((near, far)))
        numbers[at] = min(max(value, limits.min), limits.max)


def _swapped(numbers: Array, draw: random.Random) -> None:
    one, other = draw.randrange(len(numbers)), draw.randrange(len(numbers))
    numbers[one], numbers[other] = numbers[other], numbers[one]


def _all(numbers: Array, draw: random.Random) -> None:
    """Makes all numbers equal, reversed, sorted, shifted or greater."""
    numbers[:] = draw.choice(
        (
            np.full_like(numbers, numbers[draw.randrange(len(numbers))]),
            numbers[::-1].copy(),
            np.sort(numbers),
            np.roll(numbers, draw.choice((1, -1))),
            numbers + numbers.dtype.type(1),
            numbers * numbers.dtype.type(draw.choice((2, 3))),
        )
    )


def _scalar(raw: Array, draw: random.Random) -> None:
    """Changes the type of a JSON value."""
    content = raw.tobytes()
    found = _SCALAR.search(content, draw.randrange(len(content)))
    if found:
        fits = [each for each in _SCALARS if len(each) <= len(found[0])]
        value = draw.choice(fits).ljust(len(found[0]))
        raw[found.start() : found.end()] = np.frombuffer(value, np.uint8)


def _packed(starts: Array, raw: Array, draw: random.Random) -> None:
    """Changes the content of a compressed value, and compresses it again if it fits."""
    at = draw.randrange(len(starts) - 1)
    start, end = int(starts[at]), int(starts[at + 1])
    try:
        data = np.frombuffer(zlib.decompress(raw[start:end]), np.uint8).copy()
    except zlib.error:  # changed before
        return
    draw.choice((_bits, _bytes))(data[: draw.choice((24, len(data)))], draw)
    packed = zlib.compress(data.tobytes(), 9)
    if len(packed) <= end - start:
        raw[start : start + len(packed)] = np.frombuffer(packed, np.uint8)


_Way = Callable[[Array, random.Random], None]
_ANY: tuple[_Way, ...] = (_bits, _bytes, _stretch)
_NUMBERS: tuple[_Way, ...] = (_number, _number, _swapped, _all)
