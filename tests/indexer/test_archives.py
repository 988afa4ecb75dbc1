"""Archives: members are articles, bombs and damage are one line each, the rest is read."""

import gzip
import io
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.sources import CombinedSource, Limits, open_source, read_files
from search.article import Article

TEXT = "Klaster kolis\n\nUus kontor asub Valgas."
SMALL = replace(
    Limits(),
    member_megabytes=1,
    archive_megabytes=2,
    archive_members=20,
    packing_floor_megabytes=0.1,
)


def zipped(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def read(
    folder: Path, name: str, data: bytes, limits: Limits = SMALL
) -> tuple[list[str], list[str]]:
    """The ids of the articles in a file, and what is said of the rest."""
    (folder / name).write_bytes(data)
    source = CombinedSource([open_source(folder, limits)])
    found = [each for _, each in read_files(source, source.scan()) if each is not None]
    ids = [each.id for each in found if isinstance(each, Article)]
    lines = [str(each) for each in found if not isinstance(each, Article)]
    return ids, [each.removeprefix(f"{folder}/") for each in lines]


def test_members_are_read_as_files_of_a_directory_are(tmp_path):
    inner = zipped({"sees.md": TEXT})
    data = zipped(
        {
            "2016/uudis.txt": TEXT,
            "2016/uudis.txt.gz": gzip.compress(TEXT.encode()),
            "__MACOSX/2016/._uudis.txt": b"\0",
            "leht.html": "<html></html>",
            "leht_files/reklaam.txt": TEXT,
            "logo.png": b"\x89PNG",
            "sisu.zip": inner,
            "../../välja.txt": TEXT,
            "C:\\kaust\\dos.txt": TEXT,
        }
    )
    ids, _ = read(tmp_path, "pakk.zip", data)
    assert ids == [
        "pakk/2016/uudis",
        "pakk/2016/uudis.txt.gz",
        "pakk/C:/kaust/dos",
        "pakk/sisu/sees",
        "pakk/välja",
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["pakk.zip"]


def test_names_of_dos_are_read(tmp_path):
    data = zipped({"k_ik.txt": TEXT}).replace(b"k_ik", "kõik".encode("cp775"))
    assert read(tmp_path, "pakk.zip", data)[0] == ["pakk/kõik"]


def test_a_gzip_file_is_what_it_holds(tmp_path):
    assert read(tmp_path, "uudis.txt.gz", gzip.compress(TEXT.encode())) == (["uudis"], [])


BOMB = b"a" * 900_000


def lying() -> bytes:
    """The directory says that a member is small; it is not."""
    data = bytearray(zipped({"uudis.txt": TEXT * 1000}))
    size = struct.pack("<I", len((TEXT * 1000).encode()))
    return bytes(data.replace(size, struct.pack("<I", 30)))


def overlapping() -> bytes:
    """Two entries of the directory for the same bytes."""
    data = zipped({"a.txt": TEXT, "b.txt": TEXT}, zipfile.ZIP_STORED)
    at = data.rindex(b"PK\x01\x02")
    second = bytearray(data[at:])
    second[42:46] = struct.pack("<I", 0)
    return data[:at] + bytes(second)


def locked() -> bytes:
    data = bytearray(zipped({"a.txt": TEXT}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def nested(depth: int) -> bytes:
    data = zipped({"a.txt": TEXT})
    for _ in range(depth - 1):
        data = zipped({"sees.zip": data})
    return data


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.zip", zipped({"pomm.txt": BOMB}), "x.zip!pomm.txt: unpacks to more than 200 times"),
        ("x.zip", zipped({"suur.txt": b"ab\n" * 400_000}), "unpacks to more than"),
        ("x.zip", zipped({f"{n}.txt": "" for n in range(21)}), "holds more than 20 members"),
        ("x.zip", lying(), "x.zip!uudis.txt: is no whole member"),
        ("x.zip", overlapping(), "is no whole member"),
        ("x.zip", locked(), "x.zip!a.txt: is locked with a password"),
        ("x.zip", nested(3), "more than 2 archives deep"),
        ("x.zip", zipped({"a.txt": TEXT})[:-30], "x.zip: is no whole ZIP archive"),
        ("x.zip", b"PK\x03\x04", "x.zip: is no whole ZIP archive"),
        ("x.txt.gz", gzip.compress(BOMB), "x.txt.gz: unpacks to more than 200 times"),
        ("x.txt.gz", gzip.compress(TEXT.encode())[:-9], "x.txt.gz: is no whole gzip file"),
        (
            "x.zip",
            zipped(
                {f"{n}.gz": gzip.compress(BOMB[:99_000]) for n in range(9)}
                | {"b.gz": gzip.compress(BOMB)}
            ),
            "x.zip!b.gz: unpacks to more than 200 times",
        ),
        ("x.tar.gz", gzip.compress(b"a" * 257 + b"ustar"), "is a TAR archive"),
    ],
)
def test_bad_archives_are_one_line(tmp_path, name, data, said):
    (tmp_path / "muu.txt").write_text(TEXT, encoding="utf-8")
    ids, lines = read(tmp_path, name, data)
    assert "muu" in ids
    (line,) = lines
    assert said in line
    assert "\n" not in line


def test_two_archives_deep_is_read(tmp_path):
    assert read(tmp_path, "x.zip", nested(2)) == (["x/sees/a"], [])


def test_all_of_an_archive_together_is_counted(tmp_path):
    noise = {f"{n}.txt": (f"{n}\n\n" + "sõna " * 100_000).encode() for n in range(8)}
    ids, lines = read(tmp_path, "x.zip", zipped(noise, zipfile.ZIP_STORED))
    assert 0 < len(ids) < 8
    assert "unpacks to more than 2 MB in all" in lines[-1]


def test_a_bad_member_leaves_the_others(tmp_path):
    data = zipped(
        {"a.txt": TEXT, "b.txt": BOMB, "c.txt": "", "d.doc": b"\xd0\xcf\x11\xe0", "e.md": TEXT}
    )
    ids, lines = read(tmp_path, "x.zip", data)
    assert ids == ["x/a", "x/e"]
    assert [each.partition(":")[0] for each in lines] == [
        f"x.zip!{n}" for n in ("b.txt", "c.txt", "d.doc")
    ]
