"""An index that another version of the program has written asks for a reindex, and nothing else."""

import json
from pathlib import Path

import pytest
from command_line import run
from corpus import NOW, document, models
from manifests import alter_manifest

from search.engines.contract import Index
from search.engines.registry import open_index
from search.engines.whoosh.manifest import SCHEMA_VERSION
from search.errors import BackupUnusable, IndexMismatch

#: From this version on a manifest ended with a digest of itself, and told of rules and findings.
DIGEST_SINCE = 9
VERSIONS = (*range(1, SCHEMA_VERSION), SCHEMA_VERSION + 1, SCHEMA_VERSION + 100)


def write(index: Index) -> None:
    with index.build(["made up"], "f", NOW) as writer:
        for model in models(4, seed=1):
            writer.add(document(model))


def rewrite(generation: Path, version: int) -> None:
    """Let a generation say that another version has written it, as that did."""
    path = generation / "manifest.json"
    alter_manifest(generation, schema_version=version)
    if version < DIGEST_SINCE:
        said, _, _ = path.read_text(encoding="utf-8").rpartition(', "digest"')
        data = json.loads(said + "}")
        del data["rules"], data["findings"]
        path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    elif version > SCHEMA_VERSION + 1:  # of which nothing else is known
        path.write_text(json.dumps({"schema_version": version, "segments": [1]}), encoding="utf-8")


@pytest.mark.parametrize("version", VERSIONS)
def test_an_index_of_another_version_says_reindex(tmp_path: Path, version: int) -> None:
    index = open_index(tmp_path / "index")
    write(index)
    index.backup(tmp_path / "varu")
    for path in (tmp_path / "index", tmp_path / "varu"):
        rewrite(path / "gen-000001", version)
    for asked in (
        index.open,
        index.open_stored,
        index.verify,
        lambda: list(index.stored_articles()),
    ):
        with pytest.raises(IndexMismatch, match="klastriotsing reindex"):
            asked()
    with pytest.raises(IndexMismatch), index.extend([], "f", NOW):
        pass
    with pytest.raises(BackupUnusable, match="another version"):
        index.restore(tmp_path / "varu")
    assert index.names() == ("gen-000001",)
    write(index)
    assert index.verify("f") == []


def test_every_command_says_so_in_one_line(tmp_path: Path) -> None:
    index = open_index(tmp_path / "index")
    write(index)
    rewrite(tmp_path / "index" / "gen-000001", 3)
    at = ("--index", str(tmp_path / "index"))
    for command in ("search puit", "stats", "verify", "review", f"index {tmp_path}"):
        result = run(*command.split(), *at)
        assert result.exit_code == 1
        assert result.output.splitlines()[-1].endswith("reindex SOURCE")
        assert "Traceback" not in result.output
    assert "another version" in run("doctor", *at).output
