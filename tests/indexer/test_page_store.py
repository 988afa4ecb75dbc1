"""The store of pages: kept from run to run, for one process, begun anew where it is damaged."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.sources.web.page_store import PageStore, StoredPage
from search.errors import StoreLocked

PAGE = StoredPage(200, {"etag": '"a-gzip"', "x-robots-tag": "õ"}, b"Klaster " * 100, 5.0)


@contextmanager
def opened(file: Path | None, *, keeps: bool = True) -> Iterator[PageStore]:
    store = PageStore(file, keeps=keeps)
    store.open("allikas")
    yield store
    store.close()


def test_pages_are_kept_with_what_the_server_said(tmp_path):
    file = tmp_path / "index" / "web.sqlite"
    with opened(file) as store:
        store.keep("https://a/", PAGE)
        store.touch("https://a/", PAGE, 9.0)
        store.note_listed("allikas", ["https://a/"])
        store.note_listed("muu", ["https://b/"])
        store.begin("allikas", 7.0)
    with opened(file) as store:
        assert store.page("https://a/") == StoredPage(200, PAGE.headers, PAGE.body, 9.0)
        assert store.page("https://c/") is None
        assert (store.status("https://a/"), store.status("https://c/")) == (200, 0)
        assert store.listed("allikas") == ["https://a/"]
        assert (store.begun("allikas"), store.begun("muu")) == (7.0, None)
        store.end("allikas")
        assert store.begun("allikas") is None
        assert store.notes == []


def test_what_only_looks_uses_the_file_and_leaves_it(tmp_path):
    file = tmp_path / "web.sqlite"
    with opened(file, keeps=False) as store:
        store.keep("https://a/", PAGE)
    assert list(tmp_path.iterdir()) == []
    with opened(file) as store:
        store.keep("https://a/", PAGE)
        before = file.read_bytes()
        with opened(file, keeps=False) as looking:
            assert looking.page("https://a/") == PAGE
            looking.touch("https://a/", PAGE, 9.0)
            looking.keep("https://b/", PAGE)
            assert looking.page("https://a/") == StoredPage(200, PAGE.headers, PAGE.body, 9.0)
        assert file.read_bytes() == before


def test_one_process_at_a_time(tmp_path):
    file = tmp_path / "web.sqlite"
    with opened(file), pytest.raises(StoreLocked):
        PageStore(file).open("teine")
    with opened(file):
        pass


@pytest.mark.parametrize("damage", ["rubbish", "cut", "holes", "newer"])
def test_a_damaged_file_is_one_line_and_begun_anew(tmp_path, damage):
    file = tmp_path / "web.sqlite"
    with opened(file) as store:
        for number in range(200):
            store.keep(f"https://a/{number}", PAGE)
    data = bytearray(file.read_bytes())
    if damage == "rubbish":
        data[:] = b"mitte midagi" * 1000
    elif damage == "cut":
        del data[5000:]
    elif damage == "newer":
        data[60:64] = (99).to_bytes(4, "big")
    else:
        data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    with opened(file) as store:
        for number in range(200):
            store.page(f"https://a/{number}")
        store.keep("https://a/", PAGE)
        assert store.page("https://a/") == PAGE
        (line,) = store.notes
        assert "begun anew" in line
    with opened(file) as store:
        assert store.page("https://a/") == PAGE
        assert store.notes == []


def test_what_cannot_be_written_is_one_line_and_nothing_is_kept(tmp_path):
    (tmp_path / "index").write_text("a file where the directory should be", encoding="utf-8")
    with opened(tmp_path / "index" / "web.sqlite") as store:
        store.keep("https://a/", PAGE)
        assert store.page("https://a/") == PAGE
        (line,) = store.notes
        assert "pages are not kept" in line


def test_a_process_that_is_killed_leaves_whole_pages(tmp_path):
    file = tmp_path / "web.sqlite"
    code = (
        "import itertools, sys\n"
        "from pathlib import Path\n"
        "from indexer.sources.web.page_store import PageStore, StoredPage\n"
        f"store = PageStore(Path({str(file)!r}))\n"
        "store.open('x')\n"
        "for number in itertools.count():\n"
        "    store.keep(f'https://a/{number}', StoredPage(200, {}, b'x' * 50_000, 1.0))\n"
        "    print(number, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while int(process.stdout.readline()) < 5:
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    with opened(file) as store:
        assert all(store.page(f"https://a/{number}") for number in range(6))
        assert store.notes == []
