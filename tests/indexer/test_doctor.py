"""The doctor names what is wrong in one page, whatever it is, and never breaks down itself."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import NEWS, run

from indexer.diagnosis import Finding, Subject, diagnose
from indexer.factory import index_of

INDEX = Path("index")
SETTINGS = 'index = "index"\nsources = ["uudised"]\n'


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with sources, configuration and an index of two generations."""
    folder = tmp_path_factory.mktemp("doctor")
    for name, text in NEWS.items():
        file = folder / "uudised" / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(text, encoding="utf-8")
    (folder / "klastriotsing.toml").write_text(SETTINGS, encoding="utf-8")
    arguments = ("--config", str(folder / "klastriotsing.toml"), "--jobs", "1")
    for _ in range(2):
        assert run("reindex", *arguments).exit_code == 0
    return folder


@pytest.fixture
def here(healthy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Path(shutil.copytree(healthy, tmp_path / "here"))
    monkeypatch.chdir(folder)
    return folder


def examined(*options: str) -> tuple[int, dict[str, Any]]:
    result = run("doctor", "--json", *options)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, json.loads(result.stdout)


def wrong(data: dict[str, Any]) -> list[str]:
    return [each["message"] for each in data["findings"] if each["state"] == "wrong"]


@pytest.mark.usefixtures("here")
def test_nothing_is_wrong() -> None:
    for options in ((), ("--full",)):
        status, data = examined(*options)
        assert (status, data["healthy"], wrong(data)) == (0, True, [])
    said = run("doctor")
    assert said.exit_code == 0
    assert len(said.output.splitlines()) < 15
    assert "gen-000002: live, 3 articles" in said.output
    assert "uudised: 3 files to look at" in said.output


def lost_pointer() -> None:
    (INDEX / "CURRENT").unlink()


def bad_pointer() -> None:
    (INDEX / "CURRENT").write_bytes(bytes(range(240, 256)))


def lost_segment() -> None:
    for each in (INDEX / "gen-000002").glob("*.seg"):
        each.unlink()


def bad_settings() -> None:
    Path("klastriotsing.toml").write_text("sources = 7\n", encoding="utf-8")


def binary_settings() -> None:
    Path("klastriotsing.toml").write_bytes(bytes(range(128, 256)))


def bad_taxonomy() -> None:
    text = SETTINGS + 'taxonomy = "valdkonnad.yaml"\n'
    Path("klastriotsing.toml").write_text(text, encoding="utf-8")
    Path("valdkonnad.yaml").write_text("areas: [", encoding="utf-8")


def no_source() -> None:
    shutil.rmtree("uudised")


def empty_source() -> None:
    shutil.rmtree("uudised")
    Path("uudised").mkdir()


def an_odd_file_instead_of_the_index() -> None:
    shutil.rmtree(INDEX)
    INDEX.write_text("x", encoding="utf-8")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lost_pointer, "gen-000002 answers instead"),
        (bad_pointer, "CURRENT names nothing"),
        (lost_segment, "gen-000001 answers instead"),
        (bad_settings, "klastriotsing.toml"),
        (binary_settings, "is not UTF-8"),
        (bad_taxonomy, "valdkonnad.yaml"),
        (no_source, "uudised: there is no such file"),
        (empty_source, "uudised: 0 files"),
        (an_odd_file_instead_of_the_index, "cannot be written"),
    ],
)
def test_what_is_wrong_is_named(harm: Callable[[], None], said: str) -> None:
    harm()
    for options in ((), ("--full",)):
        status, data = examined(*options)
        assert status == 1
        assert any(said in each for each in wrong(data)), wrong(data)
    shown = run("doctor")
    assert shown.exit_code == 1
    assert said in shown.output
    assert "Traceback" not in shown.output


@pytest.mark.usefixtures("here")
def test_only_a_full_examination_reads_every_byte() -> None:
    (victim,) = (INDEX / "gen-000002").glob("*.toc")  # which is not read to open a generation
    content = victim.read_bytes()
    victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert examined()[0] == 0
    status, data = examined("--full")
    assert status == 1
    assert any("has changed" in each for each in wrong(data))


@pytest.mark.usefixtures("here")
def test_a_full_disk_is_said_before_it_is_full() -> None:
    subject = Subject(None, None, os.environ, index_of, free=lambda _: 1_000_000)
    (found,) = [each for each in diagnose(subject) if each.state == "wrong"]
    assert found == Finding(
        "disk",
        "wrong",
        "1 MB are free at index",
        "Make room: the next generation may need 200 MB",
    )


@pytest.mark.usefixtures("here")
def test_a_check_that_breaks_down_is_a_finding() -> None:
    def fail(_: Path) -> int:
        raise ZeroDivisionError("vaba ruum")

    found = diagnose(Subject(None, None, os.environ, index_of, free=fail))
    (broken,) = [each for each in found if each.state == "wrong"]
    assert (broken.area, broken.remedy) == ("disk", "Report this")
    assert "ZeroDivisionError: vaba ruum" in broken.message
