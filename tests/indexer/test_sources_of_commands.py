"""Every kind of source through the real command line: read, indexed, told in the report."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from command_line import printed, run
from one_of_each import MAKERS, TEXT, write_one_of_each

from indexer.cli import klastriotsing

pytestmark = pytest.mark.usefixtures("working_directory")


@pytest.fixture
def each_kind(tmp_path: Path) -> dict[str, str]:
    return write_one_of_each(tmp_path / "kaust")


def as_dict(result: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def test_a_directory_of_every_kind_is_indexed_and_then_unchanged(tmp_path, each_kind):
    kaust = tmp_path / "kaust"
    (kaust / "katki.pdf").write_bytes(b"%PDF-1.4\nkatki")
    (kaust / "vana.doc").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 100)
    (kaust / "pilt.jpg").write_bytes(b"\xff\xd8\xff")
    (kaust / "arve.xml").write_text("<?xml version='1.0'?><arve/>")
    (kaust / "leht").write_bytes(b"\x00\x01")
    shown = as_dict(run("read", "kaust", "--json"))
    assert sorted(each["title"] for each in shown["articles"]) == sorted(each_kind.values())
    assert all(TEXT in " ".join(each["body"]) for each in shown["articles"])
    dates = {each["title"]: each["date"] for each in shown["articles"]}
    assert dates["Klaster eksport"] == dates["Klaster voog"] == "2016-12-01"
    assert not (tmp_path / "index").exists()
    first = run("reindex", "kaust", "--report", "aruanne.json")
    assert first.exit_code == 0, first.output
    count = len(MAKERS)
    last = first.stdout.splitlines()[-1]
    counts = f"{count + 2} read: {count} new, 0 changed, 0 unchanged, 2 failed"
    assert last == f"{counts}; 3 skipped (2 drafts, 1 of no known kind)"
    assert "kaust/eksport.xml: post 8: is a draft" in first.stdout.splitlines()
    report = json.loads((tmp_path / "aruanne.json").read_text(encoding="utf-8"))
    assert {each["code"] for each in report["skipped"]} == {"draft", "foreign"}
    assert {each["source"] for each in report["errors"]} == {"kaust/katki.pdf", "kaust/vana.doc"}
    assert all(set(each) == {"source", "member", "code", "message"} for each in report["errors"])
    (source,) = report["sources"]
    assert (source["source"], source["kind"], source["read"], source["skipped"]) == (
        "kaust",
        "files",
        count + 2,
        3,
    )
    again = printed("index", "kaust")
    assert (again["unchanged"], again["added"], again["updated"]) == (count, 0, 0)
    assert printed("search", "katsetehas", "--limit", "100")["total"]


def test_wrong_endings_are_read_as_what_they_are(tmp_path):
    (tmp_path / "leht.txt").write_bytes(MAKERS["leht.html"]("Klaster leht"))
    (tmp_path / "tabel.docx").write_bytes(MAKERS["raamat.xlsx"]("Klaster raamat"))
    found = as_dict(run("read", "leht.txt", "tabel.docx", "--json"))
    assert [each["title"] for each in found["articles"]] == ["Klaster leht", "Klaster raamat"]
    assert found["notes"] == [
        "leht.txt: is an HTML page, whatever its ending says, and was read so",
        "tabel.docx: is a workbook (XLSX), whatever its ending says, and was read so",
    ]


def test_the_same_address_from_two_places_is_a_duplicate(tmp_path):
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_bytes(MAKERS["leht.html"]("leht"))
    data = printed("reindex", "a.html", "b.html")
    assert (data["added"], data["failed"]) == (1, 0)
    assert data["duplicates"] == [{"id": "klaster.example/leht", "copies": ["a.html", "b.html"]}]
    assert "1 duplicate" in run("index", "a.html", "b.html").stdout


def test_standard_input():
    runner = CliRunner()
    text = MAKERS["tabel.csv"]("Klaster tabel")
    result = runner.invoke(klastriotsing, ["read", "-", "--format", "csv", "--json"], input=text)
    (found,) = as_dict(result)["articles"]
    assert (found["title"], found["id"], found["source"]) == ("Klaster tabel", "stdin/2", "-")
    for title in ("Esimene", "Teine"):
        data = f"{title}\n\n{TEXT}".encode()
        assert runner.invoke(klastriotsing, ["reindex", "-"], input=data).exit_code == 0
    assert runner.invoke(klastriotsing, ["index", "-", "--prune"], input="Kolmas").exit_code == 0
    assert printed("stats")["articles"] == 2
    assert runner.invoke(klastriotsing, ["watch", "-"]).exit_code == 2


def test_what_a_source_holds_does_not_steer_the_terminal(tmp_path):
    (tmp_path / "a.csv").write_text(
        "Pealkiri;Tekst\nUu\x1b[31mdis;Tekst \x1b]0;x\x07siin\n\x1b[2J;\n", encoding="utf-8"
    )
    for command in ("read", "reindex"):
        result = run(command, "a.csv")
        assert not {"\x1b", "\x07"} & set(result.output)


def test_a_title_of_unseen_characters_is_none(tmp_path):
    (tmp_path / "a.csv").write_text("Pealkiri;Tekst\n\u200b;Tekst siin\nUudis;Tekst\n", "utf-8")
    found = as_dict(run("read", "a.csv", "--json"))
    assert [each["title"] for each in found["articles"]] == ["Uudis"]
    assert [each["code"] for each in found["errors"]] == ["empty"]


def test_a_long_line_is_cut_and_found_whole(tmp_path):
    words = " ".join(f"sõna{number}" for number in range(20_000))
    (tmp_path / "rida.txt").write_text(f"{words} lõpp " + "x" * 5000, encoding="utf-8")
    (found,) = as_dict(run("read", "rida.txt", "--json"))["articles"]
    assert len(found["title"]) <= 300
    assert found["title"].endswith("…")
    assert all(len(each) <= 100_000 for each in found["body"])
    assert "lõpp" in found["body"][-1]
    assert max(map(len, " ".join(found["body"]).split())) <= 201


def test_a_hundred_megabytes_of_one_line_are_one_line_of_the_report(tmp_path):
    for name in ("a.txt", "a.csv", "a.jsonl", "a.html"):
        with (tmp_path / name).open("wb") as file:
            file.write(b'{"body": "')
            file.truncate(100_000_000)
    (tmp_path / "hea.txt").write_text("Pealkiri", encoding="utf-8")
    data = as_dict(run("read", str(tmp_path), "--json"))
    assert [each["title"] for each in data["articles"]] == ["Pealkiri"]
    assert len(data["errors"]) == 4


SETTINGS = """
[[source]]
path = "tabel.csv"
format = "csv"
columns = { title = "Uudise nimi", body = "Sisu", url = "Link" }
exclude = ["/reklaam"]
language = "en"

[[source]]
path = "kaust"
"""


def test_sources_of_the_configuration_bring_their_settings(tmp_path, each_kind):
    (tmp_path / "tabel.csv").write_text(
        "Uudise nimi;Sisu;Link\n"
        f"Esimene;{TEXT};https://klaster.example/uudised/1\n"
        f"Teine;{TEXT};https://klaster.example/reklaam/2\n",
        encoding="utf-8",
    )
    (tmp_path / "klastriotsing.toml").write_text(SETTINGS, encoding="utf-8")
    report = printed("reindex")
    assert [each["source"] for each in report["sources"]] == ["tabel.csv", "kaust"]  # type: ignore[attr-defined]
    assert report["added"] == len(each_kind) + 1
    assert printed("index")["unchanged"] == len(each_kind) + 1
    # A source of the configuration keeps its settings where it is named.
    shown = as_dict(run("read", "./tabel.csv", "--json"))
    (found,) = shown["articles"]
    assert (found["title"], found["language"]) == ("Esimene", "en")
    assert [(each["code"], each["member"]) for each in shown["skipped"]] == [
        ("excluded", "https://klaster.example/reklaam/2")
    ]


def test_what_left_a_container_is_pruned_and_a_failed_one_is_left(tmp_path):
    rows = [f"{number};Uudis {number};{TEXT}" for number in range(1, 6)]
    table = tmp_path / "tabel.csv"
    table.write_text("\n".join(["id;Pealkiri;Tekst", *rows]), encoding="utf-8")
    run("reindex", "tabel.csv")
    table.write_text(
        "\n".join(["id;Pealkiri;Tekst", *rows[:2], "3;;", *rows[3:4]]), encoding="utf-8"
    )
    report = printed("index", "tabel.csv", "--prune")
    assert (report["failed"], report["removed"]) == (1, 0)
    table.write_text("\n".join(["id;Pealkiri;Tekst", *rows[:3]]), encoding="utf-8")
    report = printed("index", "tabel.csv", "--prune")
    assert (report["unchanged"], report["removed"], report["articles"]) == (3, 2, 3)


def test_what_left_an_archive_is_pruned_and_a_broken_one_is_left(tmp_path):
    def pack(*names: str) -> None:
        with zipfile.ZipFile(tmp_path / "pakk.zip", "w") as archive:
            for name in names:
                archive.writestr(f"{name}.txt", f"Uudis {name}\n\n{TEXT}")

    (tmp_path / "muu.txt").write_text(f"Muu\n\n{TEXT}", encoding="utf-8")
    pack("a", "b", "c")
    run("reindex", "pakk.zip", "muu.txt")
    pack("a", "b")
    assert printed("index", "pakk.zip", "--prune")["removed"] == 1
    (tmp_path / "pakk.zip").write_bytes((tmp_path / "pakk.zip").read_bytes()[:-30])
    assert run("index", "pakk.zip", "muu.txt", "--prune").exit_code == 0
    assert printed("stats")["articles"] == 3
    (tmp_path / "pakk.zip").unlink()
    report = printed("index", str(tmp_path), "--prune", "--yes")
    assert (report["removed"], report["articles"]) == (2, 1)


def test_entries_that_left_a_feed_have_not_vanished(tmp_path):
    feed = tmp_path / "voog.rss"
    feed.write_bytes(MAKERS["voog.rss"]("esimene"))
    run("reindex", "voog.rss")
    feed.write_bytes(MAKERS["voog.rss"]("teine"))
    report = printed("index", "voog.rss", "--prune")
    assert (report["added"], report["removed"], report["articles"]) == (1, 0, 2)


def test_nothing_is_imported_before_its_format_is_met(tmp_path):
    (tmp_path / "uudis.txt").write_text("Pealkiri", encoding="utf-8")
    code = (
        "import sys\n"
        "from indexer.cli import klastriotsing\n"
        "klastriotsing(['read', 'uudis.txt'], standalone_mode=False)\n"
        "heavy = 'lxml trafilatura feedparser pypdf openpyxl htmldate urllib3 protego'\n"
        "print(sorted(set(heavy.split()) & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
