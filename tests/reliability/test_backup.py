"""A backup is a whole generation whatever writers do meanwhile, and so is a copy made by hand."""

import shutil
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from command_line import run
from corpus import NOW, document, models
from manifests import alter_manifest

from search.engines.contract import Index
from search.engines.registry import open_index
from search.engines.whoosh.manifest import MANIFEST, read_facts
from search.errors import (
    BackupExists,
    BackupUnusable,
    IndexDamaged,
    IndexLocked,
    KlastriError,
    NoIndex,
)

SIZES = (4, 7, 11)


def write(index: Index, size: int) -> None:
    with index.build(["made up"], "f", NOW) as writer:
        for model in models(size, seed=size):
            writer.add(document(model))


def articles(path: Path) -> int:
    assert open_index(path).verify("f") == []
    return open_index(path).open("f").document_count


@pytest.fixture
def index(tmp_path: Path) -> Index:
    index = open_index(tmp_path / "index")
    for size in SIZES:
        write(index, size)
    return index


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Path]:
    """An index of which a thread writes generations, one after the other, until the test ends."""
    path, done = tmp_path / "index", threading.Event()
    index = open_index(path, keep=2)
    write(index, SIZES[0])

    def go_on() -> None:
        while not done.is_set():
            for size in SIZES:
                write(index, size)
            with index.extend([], "f", NOW) as writer:
                writer.delete("uudis-001")

    writer = threading.Thread(target=go_on)
    writer.start()
    yield path
    done.set()
    writer.join()


def test_a_backup_is_an_index_that_can_be_restored(index: Index, tmp_path: Path) -> None:
    made = index.backup(tmp_path / "varu")
    assert (made.name, made.articles) == ("gen-000003", 11)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
    assert articles(tmp_path / "varu") == 11
    write(index, 5)
    assert index.restore(tmp_path / "varu", "f") == "gen-000005"
    assert articles(tmp_path / "index") == 11
    assert index.rollback() == "gen-000004"
    assert articles(tmp_path / "index") == 5
    new = tmp_path / "uus" / "index"
    assert open_index(new).restore(tmp_path / "varu") == "gen-000001"
    assert articles(new) == 11


def test_the_generation_before_is_kept_though_only_one_is(tmp_path: Path) -> None:
    index = open_index(tmp_path / "index", keep=1)
    write(index, 4)
    index.backup(tmp_path / "varu")
    write(index, 5)
    index.restore(tmp_path / "varu")
    assert index.names() == ("gen-000002", "gen-000003")


def test_nothing_is_written_over(index: Index, tmp_path: Path) -> None:
    place = tmp_path / "varu"
    place.mkdir()
    index.backup(place)
    with pytest.raises(BackupExists, match="not empty"):
        index.backup(place)
    with pytest.raises(BackupExists):
        index.backup(tmp_path / "index")
    with pytest.raises(NoIndex):
        open_index(tmp_path / "puudub").backup(tmp_path / "teine")
    assert not (tmp_path / "teine").exists()


def test_damage_is_neither_backed_up_nor_restored(index: Index, tmp_path: Path) -> None:
    index.backup(tmp_path / "varu")
    for path in (tmp_path / "varu", tmp_path / "index"):
        victim = path / "gen-000003" / "snapshot.arrays"
        content = victim.read_bytes()
        victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(IndexDamaged, match=r"snapshot\.arrays has changed"):
        index.backup(tmp_path / "teine")
    with pytest.raises(BackupUnusable, match=r"snapshot\.arrays has changed"):
        index.restore(tmp_path / "varu")
    assert sorted(tmp_path.rglob("*")) == before
    for path in (tmp_path / "puudub", tmp_path):
        with pytest.raises(BackupUnusable, match="there is no index"):
            index.restore(path)
    assert index.current() == "gen-000003"


def test_a_backup_of_another_version_is_refused(index: Index, tmp_path: Path) -> None:
    index.backup(tmp_path / "varu")
    with pytest.raises(BackupUnusable, match="analysed by another version"):
        index.restore(tmp_path / "varu", "teine")


def test_two_backups_to_one_place(index: Index, tmp_path: Path) -> None:
    """What a killed one has left is no hindrance, one that runs is."""
    part = open_index(tmp_path / ".varu.part")
    with part.build([], "f", NOW), pytest.raises(IndexLocked):
        index.backup(tmp_path / "varu")
    index.backup(tmp_path / "varu")
    assert articles(tmp_path / "varu") == 11


def test_a_backup_while_generations_come_and_go(writing: Path, tmp_path: Path) -> None:
    found: set[int] = set()
    for number in count(1):
        if number > 12 and len(found) > 1:
            break
        index = open_index(writing)
        index.backup(tmp_path / f"varu-{number}")
        found.add(articles(tmp_path / f"varu-{number}"))
    assert found <= {*SIZES, *(size - 1 for size in SIZES)}


def copied_by_hand(source: Path, target: Path) -> None:
    """As ``cp -r`` does it: file by file, and what has gone meanwhile is only a complaint."""
    target.mkdir()
    for each in sorted(source.iterdir(), reverse=target.name.endswith("1")):
        try:
            if each.is_dir():
                copied_by_hand(each, target / each.name)
            else:
                shutil.copyfile(each, target / each.name)
        except FileNotFoundError:
            continue


def test_a_copy_by_hand_while_generations_come_and_go(writing: Path, tmp_path: Path) -> None:
    """It is answered from a whole generation, or said to be damaged."""
    answered = 0
    for number in count(1):
        if number > 20 and answered > 5:
            break
        copy = tmp_path / f"koopia-{number}"
        copied_by_hand(writing, copy)
        index = open_index(copy)
        for name in (None, *index.fallbacks()):
            try:
                found = index.open("f", name=name).document_count
            except KlastriError:
                continue
            assert index.verify("f", name) == []
            assert found in {*SIZES, *(size - 1 for size in SIZES)}
            answered += 1
            break
        write(index, 3)
        assert articles(copy) == 3


def test_the_commands(index: Index, tmp_path: Path) -> None:
    at = ("--index", str(tmp_path / "index"))
    made = run("backup", str(tmp_path / "varu"), *at)
    assert made.output == f"gen-000003 with 11 articles is in {tmp_path / 'varu'}\n"
    again = run("backup", str(tmp_path / "varu"), *at)
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    refused = run("restore", str(tmp_path / "varu"), *at)
    assert (refused.exit_code, "another version" in refused.output) == (1, True)
    assert index.current() == "gen-000003"


@pytest.mark.parametrize("place", ["../../ohver", "{}/ohver"])
def test_a_forged_backup_writes_nowhere_else(tmp_path: Path, place: str) -> None:
    """A manifest that names a path instead of a file would have it overwritten."""
    victim = tmp_path / "ohver"
    victim.write_text("alles", encoding="utf-8")
    made = open_index(tmp_path / "varu")
    with made.build(["made up"], "f", NOW) as writer:
        writer.add(document(models(1, seed=1)[0]))
    generation = tmp_path / "varu" / "gen-000001"
    held = generation / MANIFEST
    alter_manifest(generation, files={place.format(tmp_path): read_facts(held)})
    with pytest.raises(BackupUnusable, match="no manifest"):
        open_index(tmp_path / "index").restore(tmp_path / "varu")
    assert victim.read_text(encoding="utf-8") == "alles"
