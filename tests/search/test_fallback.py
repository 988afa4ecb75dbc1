"""What answers while the live generation cannot be read, and how the next command heals it."""

import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import run

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer
from search.configuration import Configuration
from search.request import FacetName, SearchRequest
from search.review import Reviewed
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import AdminContext, Metrics, create_admin_app, create_app

NO_LISTS = Reviewed("", None, is_pending=False)
TEXTS = {
    "puit.txt": "Puiduklaster kohtus\n\nLiikmed rääkisid metsast.\n",
    "vesi.txt": "Veepäev Tartus\n\nKlaster näitas puhastit.\n",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two generations that share no file: one article, then two."""
    folder = tmp_path_factory.mktemp("fallback")
    news, configuration = folder / "uudised", Configuration(index=folder / "index", jobs=1)
    news.mkdir()
    for name, text in TEXTS.items():
        (news / name).write_text(text, encoding="utf-8")
        pipeline(configuration).reindex(index_of(configuration), [news])
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "here"))


def random_bytes(index: Path) -> None:
    (index / "CURRENT").write_bytes(bytes(range(236, 256)))


def empty(index: Path) -> None:
    (index / "CURRENT").write_bytes(b"")


def lost(index: Path) -> None:
    (index / "CURRENT").unlink()


def a_directory(index: Path) -> None:
    lost(index)
    (index / "CURRENT").mkdir()
    (index / "CURRENT" / "mis").touch()


def a_pipe(index: Path) -> None:
    lost(index)
    os.mkfifo(index / "CURRENT")


def names_nothing(index: Path) -> None:
    (index / "CURRENT").write_text("gen-000009\n", encoding="ascii")


def without_manifest(index: Path) -> None:
    (index / "gen-000002" / "manifest.json").unlink()


def bad_manifest(index: Path) -> None:
    (index / "gen-000002" / "manifest.json").write_bytes(b'{"schema_version": [')


def shortened(index: Path) -> None:
    snapshot = index / "gen-000002" / "snapshot.arrays"
    content = snapshot.read_bytes()
    snapshot.unlink()
    snapshot.write_bytes(content[:-9])


def bad_head(index: Path) -> None:
    snapshot = index / "gen-000002" / "snapshot.arrays"
    content = snapshot.read_bytes()
    snapshot.unlink()
    snapshot.write_bytes(bytes([content[0] ^ 1]) + content[1:])


LOST_POINTER = (random_bytes, empty, lost, a_directory, a_pipe, names_nothing)
HARMS = (*LOST_POINTER, without_manifest, bad_manifest, shortened, bad_head)


@pytest.fixture
def answering(folder: Path, analyzer: Analyzer) -> Iterator[Callable[[], SearchService]]:
    made: list[SearchService] = []

    def make() -> SearchService:
        taxonomy = load_taxonomy(None)
        made.append(SearchService(folder / "index", Configuration(), analyzer, taxonomy))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("harm", HARMS)
def test_the_newest_sound_generation_answers_and_everything_says_so(
    folder: Path,
    answering: Callable[[], SearchService],
    harm: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    index = folder / "index"
    harm(index)
    service = answering()
    expected = "gen-000002" if harm in LOST_POINTER else "gen-000001"
    found = service.search(SearchRequest("klaster"))
    assert found.total == int(expected[-1])
    said = [each.getMessage() for each in caplog.records]
    assert len(said) == 1
    assert "is damaged" in said[0]
    assert said[0].endswith(f"Until then {expected} answers")
    client = create_app(service, Configuration()).test_client()
    health = client.get("/healthz")
    assert (health.status_code, health.json["status"]) == (200, "degraded")
    assert (health.json["generation"], health.json["problem"]) == (expected, "index-damaged")
    assert str(index) not in health.text
    for page in ("/", "/?q=klaster", "/api/search?q=klaster"):
        assert client.get(page).status_code == 200
    operator = create_admin_app(
        service, Configuration(), Metrics(), AdminContext(lambda: NO_LISTS)
    ).test_client()
    counted = operator.get("/metrics").text
    assert "klastriotsing_index_fallback 1.0" in counted
    # Once, or again where the pages took so long that it was time to.
    assert re.search(r"^klastriotsing_index_open_failures [1-9]", counted, re.MULTILINE)
    assert "on rikutud" in operator.get("/admin").text
    at = ("--index", str(index))
    stats = run("stats", "--json", *at)
    assert stats.exit_code == 0
    shown = json.loads(stats.stdout)
    assert (shown["generation"], "is damaged" in shown["problem"]) == (expected, True)
    verified = run("verify", *at)
    assert verified.exit_code == 1
    assert "is damaged" in verified.output


@pytest.mark.parametrize("harm", HARMS)
def test_a_reindex_heals(folder: Path, harm: Callable[[Path], None]) -> None:
    index, at = folder / "index", ("--index", str(folder / "index"))
    harm(index)
    before = run("search", "klaster", *at)
    assert before.exit_code == 0
    healed = run("reindex", str(folder / "uudised"), "--jobs", "1", *at)
    assert healed.exit_code == 0, healed.output
    assert run("verify", *at).exit_code == 0
    assert json.loads(run("search", "klaster", "--json", *at).stdout)["total"] == 2


@pytest.mark.parametrize("harm", HARMS)
def test_a_rollback_finds_a_sound_generation(folder: Path, harm: Callable[[Path], None]) -> None:
    index, at = folder / "index", ("--index", str(folder / "index"))
    harm(index)
    back = run("rollback", *at)
    assert back.exit_code == 0, back.output
    assert run("verify", *at).exit_code == 0
    expected = "gen-000002" if harm in LOST_POINTER else "gen-000001"
    assert back.output == f"{expected} is live again\n"


@pytest.mark.parametrize("harm", [without_manifest, bad_manifest])
def test_the_only_generation_without_a_manifest(folder: Path, harm: Callable[[Path], None]) -> None:
    index, at = folder / "index", ("--index", str(folder / "index"))
    shutil.rmtree(index / "gen-000001")
    harm(index)
    refused = run("rollback", *at)
    assert (refused.exit_code, "no earlier generation" in refused.output) == (1, True)
    assert run("search", "klaster", *at).exit_code == 1
    assert run("reindex", str(folder / "uudised"), "--jobs", "1", *at).exit_code == 0
    assert run("verify", *at).exit_code == 0


def flip(path: Path, at: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])


def test_a_rollback_does_not_go_to_what_is_damaged(folder: Path) -> None:
    index, at = folder / "index", ("--index", str(folder / "index"))
    victim = index / "gen-000001" / "snapshot.arrays"
    flip(victim, 4100)
    refused = run("rollback", *at)
    assert refused.exit_code == 1
    assert "snapshot.arrays has changed" in refused.output
    assert (index / "CURRENT").read_text() == "gen-000002\n"
    flip(victim, 4100)
    assert run("rollback", *at).exit_code == 0


def test_nothing_is_built_on_what_has_changed(folder: Path) -> None:
    index, at = folder / "index", ("--index", str(folder / "index"))
    (segment,) = (index / "gen-000002").glob("*.seg")
    flip(segment, segment.stat().st_size - 2 - segment.stat().st_size // 3)
    (folder / "uudised" / "uus.txt").write_text("Uus uudis\n\nKolmas klaster.\n", encoding="utf-8")
    refused = run("index", str(folder / "uudised"), *at)
    assert refused.exit_code == 1
    assert "is damaged" in refused.output
    assert (index / "CURRENT").read_text() == "gen-000002\n"
    assert sorted(each.name for each in index.glob("gen-*")) == ["gen-000001", "gen-000002"]
    assert run("reindex", str(folder / "uudised"), "--jobs", "1", *at).exit_code == 0
    assert run("verify", *at).exit_code == 0


def test_a_good_open_generation_stays_when_the_next_is_damaged(
    folder: Path, answering: Callable[[], SearchService]
) -> None:
    index = folder / "index"
    service = answering()
    assert service.search(SearchRequest("klaster")).total == 2
    bad = Path(shutil.copytree(index / "gen-000001", index / "gen-000003"))
    (bad / "manifest.json").write_text("{}", encoding="utf-8")
    (index / "CURRENT").write_text("gen-000003\n", encoding="ascii")
    assert service.search(SearchRequest("klaster")).total == 2
    served = service.served()
    assert (served.name, served.failures) == ("gen-000002", 1)
    assert served.problem
    assert service.statistics().generation == "gen-000002"
    (index / "CURRENT").write_text("gen-000002\n", encoding="ascii")
    assert service.search(SearchRequest("klaster")).total == 2
    assert service.served().problem is None


def test_a_generation_that_cannot_be_looked_into_is_damaged_and_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a run of another user, or on a share that answers ESTALE."""
    index, at = folder / "index", ("--index", str(folder / "index"))
    closed = f"{index / 'gen-000002'}/"

    def stale(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **named: Any) -> Any:
            if str(path).startswith(closed):
                raise OSError(errno.ESTALE, "Stale file handle", str(path))
            return real(path, *arguments, **named)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", stale(os.stat))
        patched.setattr(os, "open", stale(os.open))
        found = run("search", "klaster", "--json", *at)
        assert found.exit_code == 0, found.output
        assert json.loads(found.stdout)["total"] == 1
        assert run("rollback", *at).exit_code == 0
    assert (index / "gen-000002" / "manifest.json").exists()


def test_a_page_is_of_one_generation_though_another_goes_live_while_it_is_made(
    folder: Path, analyzer: Analyzer
) -> None:
    configuration = Configuration(index=folder / "index")

    class SwitchingService(SearchService):
        """A service beside which somebody goes back once it has been asked for the facets."""

        def facets(self) -> tuple[FacetName, ...]:
            found = super().facets()
            (folder / "index" / "CURRENT").write_text("gen-000001\n", encoding="ascii")
            return found

    taxonomy = load_taxonomy(configuration.taxonomy)
    service = SwitchingService(configuration.index, configuration, analyzer, taxonomy)
    client = create_app(service, configuration).test_client()
    assert "1 artikkel" not in client.get("/").text
    assert service.document_count() == 1
    assert "1 artikkel" in client.get("/").text
    service.close()
