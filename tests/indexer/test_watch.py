"""Watching directories: what settles is indexed, with a line for each file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from command_line import run
from local_runner import LocalRunner
from one_of_each import MAKERS

from indexer.document import AnalysedDocument
from indexer.pipeline import Pipeline
from indexer.report import Report
from indexer.sources import Input, open_source
from indexer.watch import RETRY_SECONDS, SETTLE_SECONDS, Watcher
from search.configuration import SourceSettings
from search.engines.contract import IndexedDocument
from search.engines.registry import open_index
from search.errors import IndexLocked


class AsItIs:
    """An enricher that finds nothing."""

    def extract(self, analysed: AnalysedDocument) -> IndexedDocument:
        return analysed.document

    def form(self, document: IndexedDocument) -> IndexedDocument:
        return document


class Desk:
    """A watcher over a directory with its index; time goes on only when told to."""

    def __init__(self, folder: Path, analyzer, prune: bool = False) -> None:
        self.news = folder / "uudised"
        self.news.mkdir()
        self.write("esimene.txt", "Esimene uudis")
        self.write("teine.txt", "Teine uudis")
        self.index = open_index(folder / "index")
        self.pipeline = Pipeline(LocalRunner(analyzer, AsItIs()), "ühtne")
        self.lines: list[str] = []
        self.now = 0.0
        self.locked = False
        self.pipeline.reindex(self.index, [self.news])
        self.watcher = Watcher(
            [self.news], self.update, self.lines.append, lambda: self.now, prune=prune
        )

    def update(self, files: Sequence[Input] | None, prune: bool) -> Report:
        if self.locked:
            raise IndexLocked(index="index")
        return self.pipeline.update(self.index, [self.news], prune=prune, files=files)

    def write(self, name: str, text: str) -> None:
        (self.news / name).write_text(text, encoding="utf-8")

    def look(self, after: float = 0.0) -> list[str]:
        """The lines said at a look ``after`` seconds, without the directory."""
        self.now += after
        self.lines.clear()
        self.watcher.poll()
        return [each.replace(f"{self.news}/", "") for each in self.lines]

    def titles(self) -> set[str]:
        reader = self.index.open()
        try:
            numbers = [reader.find(each) for each in reader.article_ids()]
            return {reader.article(each).title for each in numbers if each is not None}
        finally:
            reader.close()


@pytest.fixture
def desk(tmp_path, analyzer) -> Desk:
    return Desk(tmp_path, analyzer)


def test_it_starts_by_catching_up(desk):
    desk.write("kolmas.txt", "Kolmas uudis")
    desk.write("teine.txt", "Teine uudis, parandatud")
    report = desk.watcher.start()
    assert (report.added, report.updated, report.unchanged) == (1, 1, 1)
    assert [each.rpartition("/")[2] for each in desk.lines] == [
        "kolmas.txt: added",
        "teine.txt: updated",
    ]


def test_a_file_is_read_once_it_has_stopped_changing(desk):
    desk.watcher.start()
    desk.write("kolmas.txt", "Kolm")
    assert desk.look() == []
    desk.write("kolmas.txt", "Kolmas uudis")
    assert desk.look(SETTLE_SECONDS) == []
    assert desk.watcher.is_pending
    assert desk.look(SETTLE_SECONDS) == ["kolmas.txt: added"]
    assert not desk.watcher.is_pending
    assert desk.titles() == {"Esimene uudis", "Teine uudis", "Kolmas uudis"}
    assert desk.look(60) == []


def test_changes_errors_and_touches_have_a_line_each(desk):
    desk.watcher.start()
    desk.write("esimene.txt", "Esimene uudis, parandatud")
    desk.write("tühi.txt", "")
    os.utime(desk.news / "teine.txt", (1, 1))
    desk.look()
    assert desk.look(SETTLE_SECONDS) == [
        "esimene.txt: updated",
        "tühi.txt: holds no text. Write a title, an empty line and the paragraphs",
        "teine.txt: unchanged",
    ]
    assert desk.look(60) == []


def test_a_deleted_file_is_reported_and_its_article_stays(desk):
    desk.watcher.start()
    (desk.news / "teine.txt").unlink()
    desk.look()
    assert desk.look(SETTLE_SECONDS) == [
        "teine.txt: is gone, its article stays (--prune would remove it)"
    ]
    assert "Teine uudis" in desk.titles()


def test_prune_removes_deleted_files_but_not_more_than_half(tmp_path, analyzer):
    desk = Desk(tmp_path, analyzer, prune=True)
    desk.watcher.start()
    (desk.news / "teine.txt").unlink()
    desk.look()
    assert desk.look(SETTLE_SECONDS) == ["teine.txt: is gone", "teine.txt: removed"]
    (desk.news / "esimene.txt").unlink()
    desk.write("uus.txt", "Uus uudis")
    desk.look()
    assert desk.look(SETTLE_SECONDS)[:2] == ["uus.txt: added", "esimene.txt: is gone"]
    assert desk.titles() == {"Uus uudis"}


def test_saving_by_rename_is_no_deletion(desk):
    desk.watcher.start()
    (desk.news / "teine.txt").unlink()
    desk.look()
    desk.write("teine.txt", "Teine uudis, parandatud")
    assert desk.look(SETTLE_SECONDS / 2) == []
    assert desk.look(SETTLE_SECONDS) == ["teine.txt: updated"]


def test_files_of_every_kind_are_followed_and_unfinished_ones_are_not(desk):
    desk.watcher.start()
    for name in ("tabel.csv", "pakk.zip", "leht.html"):
        (desk.news / name).write_bytes(MAKERS[name](name))
    (desk.news / "fail.pdf.part").write_bytes(b"%PDF")
    (desk.news / "~$kiri.docx").write_bytes(b"x")
    desk.look()
    assert desk.look(SETTLE_SECONDS) == [
        "leht.html: added",
        "pakk.zip!2016/sees.txt: added",
        "tabel.csv: added",
    ]
    assert desk.look(60) == []


def test_the_same_article_from_another_file_is_a_copy(desk):
    desk.watcher.start()
    for name in ("a.html", "b.html"):
        (desk.news / name).write_bytes(MAKERS["leht.html"]("leht"))
        desk.look()
        said = desk.look(SETTLE_SECONDS)
    assert said == [f"b.html: is a copy of {desk.news}/a.html".replace(f"{desk.news}/", "")]


def test_sites_are_asked_when_their_time_has_come(desk):
    asked = []

    class Site:
        name = "https://klaster.example/"
        every = 60.0

        def scan(self):
            raise AssertionError("a site is not looked at with the files")

    def update(files, prune, some=None):
        asked.append(some)
        return desk.update(files, prune)

    given = SourceSettings("https://klaster.example/")
    watcher = Watcher(
        [desk.news, given],
        update,
        desk.lines.append,
        lambda: desk.now,
        open_source=lambda each: Site() if each is given else open_source(each),
    )
    watcher.start()
    assert watcher.paths == [desk.news]

    def passing():
        for _ in range(3):
            desk.now += 40.0
            yield ()

    watcher.run(passing())
    assert asked == [None, [given]]


def test_trouble_is_said_once_and_tried_again(desk):
    desk.watcher.start()
    desk.locked = True
    desk.write("kolmas.txt", "Kolmas uudis")
    desk.look()
    (said,) = desk.look(SETTLE_SECONDS)
    assert said.startswith("Another process is writing")
    assert said.endswith("trying again")
    assert desk.look(RETRY_SECONDS) == []
    desk.locked = False
    assert desk.look(RETRY_SECONDS) == ["kolmas.txt: added"]


def test_a_vanished_source_deletes_nothing(desk):
    desk.watcher.start()
    desk.news.rename(desk.news.with_name("ära"))
    (said,) = desk.look()
    assert "there is no such file or directory" in said
    assert desk.look(SETTLE_SECONDS) == []
    desk.news.with_name("ära").rename(desk.news)
    assert desk.look(SETTLE_SECONDS) == []
    assert desk.titles() == {"Esimene uudis", "Teine uudis"}


def test_looks_follow_news_and_pending_files(desk):
    desk.watcher.start()
    desk.write("kolmas.txt", "Kolmas uudis")
    wakes = iter([set(), set(), set()])

    def passing():
        for each in wakes:
            desk.now += SETTLE_SECONDS
            yield each

    desk.watcher.run(passing())
    assert desk.lines == [f"{desk.news}/kolmas.txt: added"]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_follows_a_directory_until_it_is_ended(tmp_path, ending):
    news = tmp_path / "uudised"
    news.mkdir()
    (news / "esimene.txt").write_text("Esimene uudis", encoding="utf-8")
    program = [sys.executable, "-m", "indexer", "--index", str(tmp_path / "index")]
    assert run("--index", str(tmp_path / "index"), "reindex", str(news)).exit_code == 0
    output = tmp_path / "väljund"
    with output.open("w") as file:
        running = subprocess.Popen([*program, "watch", str(news)], stdout=file, stderr=file)
    try:
        wait_for(output, "Watching for changes")
        (news / "teine.txt").write_text("Teine uudis", encoding="utf-8")
        wait_for(output, "teine.txt: added")
        running.send_signal(ending)
        assert running.wait(20) == 0
    finally:
        running.kill()
        running.wait()
    assert output.read_text(encoding="utf-8").splitlines()[-1] == "Watching has ended"


def wait_for(output: Path, text: str) -> None:
    end = time.monotonic() + 30
    while text not in output.read_text(encoding="utf-8"):
        assert time.monotonic() < end, output.read_text(encoding="utf-8")
        time.sleep(0.05)
