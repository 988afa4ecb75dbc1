"""Array files give back what was written, or say that they do not."""

import json
import random
import struct
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from search.engines.whoosh.segment.arrays import (
    BLOCK,
    DATA_START,
    Array,
    ArrayFile,
    ArrayWriter,
    BulkTexts,
    BytesColumn,
    CorruptArray,
    Texts,
    check_codes,
    check_starts,
    write_arrays,
)

WORDS = ["", "mets", "õun\0ja", "🌲", ""]
ARRAYS: dict[str, Array] = {
    "numbers": np.arange(6000, dtype=np.int32),
    "rows": np.arange(12, dtype=np.uint16).reshape(3, 4),
    "none": np.empty(0, dtype=np.int64),
    "flags": np.ones(3, dtype=np.uint8),
    **Texts.of(WORDS).arrays("words"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_arrays(tmp_path / "some", ARRAYS)
    return tmp_path / "some"


def test_arrays_come_back(path: Path) -> None:
    file = ArrayFile(path)
    assert list(file) == list(ARRAYS)
    assert len(file) == len(ARRAYS)
    for name, array in ARRAYS.items():
        assert file[name].dtype == array.dtype
        assert np.array_equal(file[name], array)
        assert not file[name].flags.writeable
    assert list(file.texts("words")) == WORDS
    assert "puudub" not in file
    with pytest.raises(CorruptArray, match="puudub"):
        file["puudub"]


def test_what_is_streamed_comes_back(tmp_path: Path) -> None:
    writer = ArrayWriter(tmp_path / "some")
    bulk, more, starts = writer.stream("a"), writer.stream("a"), [0]
    draw = random.Random(1)
    values = [draw.randbytes(draw.choice((0, 9, 70_000))) for _ in range(60)]
    for each in values:
        bulk.write(each)
        starts.append(starts[-1] + len(each))
    more.write(bytes(range(3)))
    writer.update({"a_starts": np.array(starts, dtype=np.uint64)})
    writer.finish()
    file = ArrayFile(tmp_path / "some")
    column = BytesColumn(file, "a")
    assert [column[at] for at in range(len(column))] == values
    assert file["a"][-3:].tolist() == [0, 1, 2]


def test_blocks_are_compared_when_they_are_read(path: Path) -> None:
    content = bytearray(path.read_bytes())
    block = 6000 * 4 // BLOCK  # where the numbers end and the rows begin
    first = block * BLOCK // 4  # of its numbers
    content[DATA_START + block * BLOCK + 5] ^= 1
    path.write_bytes(content)
    numbers = ArrayFile(path).bulk("numbers", "<i4", 6000)
    assert numbers.read(0, first).tolist() == list(range(first))
    for read in (lambda: numbers.read(first, first + 1), lambda: ArrayFile(path)["rows"]):
        with pytest.raises(CorruptArray, match="has changed"):
            read()
    for start, end in ((-1, 1), (0, 6001), (2, 1)):
        with pytest.raises(CorruptArray):
            numbers.ensure(start, end)


def test_every_flipped_bit_is_noticed(path: Path) -> None:
    """Where it can matter: what fills up a file holds nothing."""
    content = path.read_bytes()
    padding = range(28, DATA_START)
    draw = random.Random(2)
    noticed = 0
    for at in [*range(28), *draw.sample(range(28, len(content)), 300)]:
        path.write_bytes(
            content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :]
        )
        try:
            found = dict(ArrayFile(path))
        except CorruptArray:
            noticed += 1
        else:
            assert at in padding or at >= DATA_START
            for name, array in ARRAYS.items():
                assert np.array_equal(found[name], array)
    assert noticed > 200


@pytest.mark.parametrize(
    "described",
    [
        ["<f8", [3], 0],
        ["|O8", [3], 0],
        ["<i4", [-3], 0],
        ["<i4", [True], 0],
        ["<i4", [10**20], 0],
        ["<i4", [2**62, 4], 0],
        ["<i4", [3], 8],
        ["<i4", [3], -16],
        ["<i4", [3], 2**40],
        ["<i4", 3, 0],
        ["<i4", [], 0],
        ["<i4", [2**40, 0], 0],
        ["<i4", [3]],
        [["<i4"], [3], 0],
        7,
    ],
)
def test_a_forged_head_points_nowhere(path: Path, described: Any) -> None:
    content = path.read_bytes()
    at, length = struct.unpack_from("<QQ", content, 8)
    head = json.loads(content[at : at + length])
    head["arrays"]["numbers"] = described
    forged = json.dumps(head).encode()
    prefix = content[:8] + struct.pack("<QQI", at, len(forged), crc32(forged)) + content[28:at]
    path.write_bytes(prefix + forged)
    with pytest.raises(CorruptArray):
        ArrayFile(path)["numbers"]


@pytest.mark.parametrize("content", [b"", b"KLARR", bytes(5000), b"[" * 100_000])
def test_anything_else_is_no_array_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(CorruptArray):
        ArrayFile(tmp_path / "other")


def read_one_by_one(file: ArrayFile) -> list[bytes]:
    texts = BulkTexts(file, "a")
    return [texts.raw(at) for at in range(len(texts))]


@pytest.mark.parametrize(
    "starts", [[], [1, 2], [0, 5, 2, 6], [0, 6, 6], [0, 3, 5], [0, 3, 7], [0, 2**32 - 1, 6]]
)
def test_texts_without_sense_are_damage(tmp_path: Path, starts: list[int]) -> None:
    data = np.frombuffer(b"ab\0cd\0", dtype=np.uint8)
    write_arrays(tmp_path / "some", {"a": data, "a_starts": np.array(starts, dtype=np.uint32)})
    file = ArrayFile(tmp_path / "some")
    with pytest.raises(CorruptArray):
        file.texts("a")
    with pytest.raises(CorruptArray):
        read_one_by_one(file)


def test_texts_are_cut() -> None:
    texts = Texts.of(["aa", "mets", "õun"])
    assert texts[-1] == "õun"
    assert texts[::2] == ["aa", "õun"]
    assert Texts.of(WORDS).raws(1, 4) == [each.encode() for each in WORDS[1:4]]
    assert Texts.of(WORDS).between(1, 4) == WORDS[1:4]


def test_checks_of_codes_and_starts() -> None:
    codes = np.array([0, 2])
    assert check_codes(codes, 3) is codes
    for count, least in ((2, 0), (3, 1)):
        with pytest.raises(CorruptArray):
            check_codes(codes, count, least)
    assert check_starts(np.array([0, 0, 4]), 4).tolist() == [0, 0, 4]
    with pytest.raises(CorruptArray):
        check_starts(np.array([0, 0, 4]), 4, least=1)


@pytest.mark.parametrize("at", [3, 32_809, -4])
def test_a_text_that_is_not_there_is_damage(at: int) -> None:
    """Numbers of texts come from files, of which a bit may change once they are open."""
    with pytest.raises(CorruptArray):
        Texts.of(["aa", "mets", "õun"])[at]
