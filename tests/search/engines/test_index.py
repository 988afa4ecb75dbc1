"""Nothing is ever half-written: generations are whole, live or absent."""

import errno
import os
import threading
from pathlib import Path

import pytest
from corpus import NOW, Model, document, models
from forgery import sign

from search.engines.whoosh import WhooshIndex
from search.errors import (
    IndexDamaged,
    IndexLocked,
    IndexMismatch,
    NoIndex,
    NoPreviousGeneration,
    NoSoundGeneration,
)


def fill(generations: WhooshIndex, documents: list[Model]) -> None:
    with generations.build(["uudised"], "f", NOW) as writer:
        for each in documents:
            writer.add(document(each))


def ids(generations: WhooshIndex) -> set[str]:
    reader = generations.open("f")
    found = set(reader.article_ids())
    reader.close()
    return found


def test_an_empty_directory_has_no_index(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path / "nowhere")
    assert generations.current() is None
    assert generations.names() == ()
    for call in (generations.open, generations.verify, generations.rollback):
        with pytest.raises(NoIndex, match="klastriotsing reindex"):
            call()


def test_a_build_goes_live_when_it_is_whole(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    fill(generations, models(5, 1))
    assert generations.current() == "gen-000001"
    assert generations.manifest().articles == 5
    assert generations.manifest().sources == ("uudised",)
    assert generations.verify() == []
    assert len(ids(generations)) == 5


def test_a_failed_build_leaves_the_old_one(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    fill(generations, models(5, 1))

    def fail() -> None:
        with generations.build([], "f", NOW) as writer:
            writer.add(document(models(1, 2)[0]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert generations.current() == "gen-000001"
    assert [each.name for each in tmp_path.glob("gen-*")] == ["gen-000001"]
    fill(generations, models(6, 2))
    assert len(ids(generations)) == 6


def test_an_update_shares_files_and_leaves_its_base_alone(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    fill(generations, models(30, 1))
    before = {p.name: p.read_bytes() for p in (tmp_path / "gen-000001").iterdir()}
    with generations.extend(["teine"], "f", NOW) as writer:
        writer.delete("uudis-003")
        writer.add(document(models(1, 2, first=90)[0]))
    assert generations.current() == "gen-000002"
    assert {p.name: p.read_bytes() for p in (tmp_path / "gen-000001").iterdir()} == before
    shared = [p for p in (tmp_path / "gen-000002").iterdir() if p.stat().st_nlink > 1]
    assert shared, "unchanged segment files are hard links"
    assert generations.verify() == []
    assert generations.manifest().sources == ("uudised", "teine")
    assert len(ids(generations)) == 30
    assert "uudis-003" not in ids(generations)


def test_without_hard_links_files_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    generations = WhooshIndex(tmp_path)
    fill(generations, models(30, 1))
    monkeypatch.setattr(os, "link", refuse)
    with generations.extend([], "f", NOW) as writer:
        writer.add(document(models(1, 2, first=90)[0]))
    assert generations.current() == "gen-000002"
    assert generations.verify() == []
    assert {each.stat().st_nlink for each in (tmp_path / "gen-000002").iterdir()} == {1}


def test_what_the_disk_does_not_confirm_is_said_and_lives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last flush fails, behind the switch: what could be lost is told, and nothing removed."""
    generations = WhooshIndex(tmp_path, keep=1)
    fill(generations, models(3, 1))
    flush = os.fsync

    def fail_at_last(descriptor: int) -> None:
        if generations.current() == "gen-000002":
            raise OSError(errno.EIO, "Input/output error")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fail_at_last)
    fill(generations, models(5, 2))
    assert len(ids(generations)) == 5
    assert generations.names() == ("gen-000001", "gen-000002")
    (said,) = caplog.messages
    assert said.startswith("gen-000002 is live, but the disk has not confirmed it")
    assert "gen-000001 may be live again" in said


def test_a_head_that_was_signed_again_is_no_sound_one(tmp_path: Path) -> None:
    """The manifest fits the bytes, and yet the file cannot be opened."""
    generations = WhooshIndex(tmp_path)
    for count in (3, 5):
        fill(generations, models(count, count))
        path = tmp_path / str(generations.current()) / "snapshot.arrays"
        path.write_bytes(b"k" + path.read_bytes()[1:])
        sign(path)
    assert generations.verify() == ["gen-000002: snapshot.arrays is no array file"]
    with pytest.raises(NoSoundGeneration, match="no array file"):
        generations.rollback()
    assert generations.current() == "gen-000002"


def test_verify_says_that_an_index_does_not_fit(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    fill(generations, models(3, 1))
    assert generations.verify("f") == []
    with pytest.raises(IndexMismatch, match="reindex"):
        generations.verify("another")


def test_an_update_without_changes_makes_no_generation(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    fill(generations, models(3, 1))
    with generations.extend([], "f", NOW):
        pass
    assert generations.current() == "gen-000001"
    assert generations.names() == ("gen-000001",)


def test_the_last_few_generations_are_kept(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path, keep=2)
    for seed in range(4):
        fill(generations, models(3, seed))
    assert generations.names() == ("gen-000003", "gen-000004")


def test_rollback_goes_back_and_the_next_build_goes_on(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    fill(generations, models(3, 1))
    fill(generations, models(7, 2))
    assert generations.rollback() == "gen-000001"
    assert len(ids(generations)) == 3
    with pytest.raises(NoPreviousGeneration):
        generations.rollback()
    fill(generations, models(4, 3))
    assert generations.current() == "gen-000003"
    assert len(ids(generations)) == 4


def test_nobody_goes_back_to_what_was_gone_back_from(tmp_path: Path) -> None:
    """Of three that are kept, the good one before it stays."""
    generations = WhooshIndex(tmp_path)
    for seed in (1, 2):
        fill(generations, models(3, seed))
    for made in ("gen-000003", "gen-000004", "gen-000005"):
        assert generations.rollback() == "gen-000001"
        fill(generations, models(4, int(made[-1])))
        assert generations.current() == made
    fill(generations, models(5, 6))
    assert generations.rollback() == "gen-000005"
    assert generations.rollback() == "gen-000001"
    with pytest.raises(NoPreviousGeneration):
        generations.rollback()


def test_where_nothing_else_is_sound_it_is_gone_back_to(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    for seed in (1, 2):
        fill(generations, models(3, seed))
    generations.rollback()
    with generations.extend([], "f", NOW) as writer:
        writer.add(document(models(1, 3)[0]))
    (tmp_path / "gen-000001/snapshot.arrays").write_bytes(b"")
    assert generations.rollback() == "gen-000002"


def test_another_configuration_does_not_fit(tmp_path: Path) -> None:
    generations = WhooshIndex(tmp_path)
    fill(generations, models(3, 1))
    with pytest.raises(IndexMismatch, match="reindex"):
        generations.open("another")
    with pytest.raises(IndexMismatch), generations.extend([], "another", NOW):
        pass
    assert generations.current() == "gen-000001"


def test_only_one_process_writes(tmp_path: Path) -> None:
    first, second = WhooshIndex(tmp_path), WhooshIndex(tmp_path)
    with first.build([], "f", NOW) as writer:
        writer.add(document(models(1, 1)[0]))
        with pytest.raises(IndexLocked), second.build([], "f", NOW):
            pass
    assert len(ids(second)) == 1


@pytest.mark.parametrize("harm", ["shorten", "flip", "remove", "manifest", "a digit", "pointer"])
def test_damage_is_named_and_nothing_is_wiped(tmp_path: Path, harm: str) -> None:
    generations = WhooshIndex(tmp_path)
    fill(generations, models(20, 1))
    directory = tmp_path / "gen-000001"
    victim = max(directory.glob("MAIN_*"), key=lambda path: path.stat().st_size)
    content = victim.read_bytes()
    if harm == "shorten":
        victim.write_bytes(content[:-1])
    elif harm == "flip":
        victim.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    elif harm == "remove":
        victim.unlink()
    elif harm == "manifest":
        (directory / "manifest.json").write_text("{", encoding="utf-8")
    elif harm == "a digit":
        text = (directory / "manifest.json").read_text(encoding="utf-8")
        (directory / "manifest.json").write_text(text.replace("20", "21", 1), encoding="utf-8")
    else:
        (tmp_path / "CURRENT").write_text("../elsewhere\n", encoding="ascii")
    files = sorted(tmp_path.rglob("*"))
    if harm in ("manifest", "a digit", "pointer"):
        with pytest.raises(IndexDamaged):
            generations.verify()
    else:
        assert victim.name in generations.verify()[0]
    if harm != "flip":  # opening looks at sizes only; verify reads every byte
        with pytest.raises(IndexDamaged, match="rollback"):
            generations.open("f")
    assert sorted(tmp_path.rglob("*")) == files
    fill(generations, models(4, 2))
    assert generations.verify() == []
    assert len(ids(generations)) == 4


def test_readers_never_notice_a_switch(tmp_path: Path) -> None:
    """Threads search while generations come and go; each sees a whole one."""
    generations = WhooshIndex(tmp_path)
    fill(generations, models(5, 0))
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                assert len(ids(generations)) % 5 == 0
            except BaseException as error:  # noqa: BLE001, RUF100 - reported by the main thread
                failures.append(error)
                return

    threads = [threading.Thread(target=read) for _ in range(2)]
    for each in threads:
        each.start()
    for count in range(2, 12):
        fill(generations, models(5 * count, count))
    done.set()
    for each in threads:
        each.join()
    assert not failures
