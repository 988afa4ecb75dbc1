"""What a run did is kept in the generation that it writes, as the run itself told it."""

import json
from pathlib import Path

import pytest
from command_line import printed, run
from manifests import alter_manifest

from search.engines.contract import Index
from search.engines.registry import open_index
from search.engines.whoosh.manifest import MANIFEST, Manifest
from search.errors import EmptyDocument, IndexDamaged, SourceError
from search.index_status import index_status
from search.run_record import MOST_KEPT, RECORD, RunRecord

pytestmark = pytest.mark.usefixtures("working_directory", "news")


def generations() -> Index:
    return open_index(Path("index"))


def recorded() -> RunRecord:
    found = generations().record()
    assert found is not None
    return found


def test_a_run_is_kept_as_it_was_told() -> None:
    Path("uudised/tühi.txt").write_text("", encoding="utf-8")
    told = printed("reindex", "uudised")
    kept = recorded()
    for count in ("added", "updated", "unchanged", "removed", "failed", "articles"):
        assert getattr(kept, count) == told[count], count
    assert [str(each) for each in kept.errors] == [each["message"] for each in told["errors"]]  # type: ignore[union-attr, index, attr-defined]
    assert isinstance(kept.errors[0], EmptyDocument)
    assert 0 < kept.seconds <= float(str(told["seconds"])) + 0.001
    assert kept.started == generations().generation().built


def test_the_record_is_one_of_the_files_of_its_generation() -> None:
    run("reindex", "uudised")
    live = generations()
    file = Path("index", live.current() or "", RECORD)
    file.write_text(file.read_text(encoding="utf-8").replace("3", "4", 1), encoding="utf-8")
    assert live.verify() == [f"{RECORD} has changed"]
    file.unlink()
    with pytest.raises(IndexDamaged, match=RECORD):
        live.open()


def test_an_update_has_a_record_of_its_own_and_a_run_without_changes_none() -> None:
    run("reindex", "uudised")
    Path("uudised/uus.txt").write_text("Uus uudis\n\nPuit kasvab.", encoding="utf-8")
    run("index", "uudised")
    assert (recorded().added, recorded().unchanged, recorded().articles) == (1, 3, 4)
    run("index", "uudised")
    assert (recorded().added, generations().current()) == (1, "gen-000002")
    run("rollback")
    assert (recorded().added, recorded().articles) == (3, 3)


def test_notes_are_kept() -> None:
    Path("klastriotsing.toml").write_text('overrides = "o.yaml"\n', encoding="utf-8")
    Path("o.yaml").write_text("articles: {puudub: {year: 2016}}", encoding="utf-8")
    told = printed("reindex", "uudised")
    assert recorded().notes == tuple(told["notes"])  # type: ignore[arg-type, var-annotated]
    assert recorded().noted == 1


def test_a_generation_of_an_earlier_version_has_none() -> None:
    run("reindex", "uudised")
    live = generations()
    folder = Path("index", live.current() or "")
    (folder / RECORD).unlink()
    files = dict(Manifest.from_json((folder / MANIFEST).read_text(encoding="utf-8")).files)
    del files[RECORD]
    alter_manifest(folder, files=files)
    assert live.verify() == []
    live.open().close()
    assert live.record() is None
    assert index_status(live).record is None
    assert index_status(live).problem is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"errors": 3}', "\x00"])
def test_what_is_no_record_is_said_in_one_line(text: str) -> None:
    run("reindex", "uudised")
    Path("index", generations().current() or "", RECORD).write_text(text, encoding="utf-8")
    with pytest.raises(IndexDamaged, match=RECORD):
        generations().record()
    seen = index_status(generations())
    assert seen.record is None
    assert RECORD in str(seen.problem)


def test_upkeep_lists_the_generations_newest_first() -> None:
    run("reindex", "uudised")
    Path("uudised/uus.txt").write_text("Uus uudis\n\nPuit kasvab.", encoding="utf-8")
    run("index", "uudised")
    run("rollback")
    newest, oldest = index_status(generations()).generations
    assert (newest.name, newest.is_live, newest.facts.articles) == ("gen-000002", False, 4)
    assert (oldest.name, oldest.is_live, oldest.facts.articles) == ("gen-000001", True, 3)
    Path("index/gen-000002", MANIFEST).write_text("{", encoding="utf-8")
    assert index_status(generations()).generations[0].facts is None
    assert index_status(open_index(Path("nowhere"))).generations == ()


def test_a_long_list_of_failures_is_cut_and_counted() -> None:
    for number in range(MOST_KEPT + 3):
        Path(f"uudised/{number}.txt").write_text("", encoding="utf-8")
    run("reindex", "uudised")
    assert len(recorded().errors) == MOST_KEPT
    assert recorded().failed == MOST_KEPT + 3


def test_an_error_of_another_version_keeps_its_message() -> None:
    run("reindex", "uudised")
    data = json.loads(recorded().to_json())
    strange = {"code": "mauled", "message": "a.txt: is mauled", "values": {"file": "a.txt"}}
    data["errors"] = [strange, {**strange, "code": "empty"}, {**strange, "code": "too-large"}]
    mauled, empty, incomplete = RunRecord.from_json(json.dumps(data)).errors
    assert (type(mauled), str(mauled)) == (SourceError, "a.txt: is mauled")
    assert isinstance(empty, EmptyDocument)
    assert str(incomplete) == "a.txt: is mauled"
