"""Commands with an index on OpenSearch, behind TLS and a password."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import NEWS, run
from opensearch_cluster import OpenSearchCluster
from tls_proxy import GuardedServer, guarded

pytestmark = [pytest.mark.opensearch, pytest.mark.nginx, pytest.mark.openssl]

USER, PASSWORD = "otsing", "väga salajane: 1%"


@pytest.fixture
def guard(opensearch: OpenSearchCluster, tmp_path: Path) -> Iterator[GuardedServer]:
    with guarded(opensearch.urls[0], tmp_path, USER, PASSWORD) as server:
        yield server


@pytest.fixture
def settings(guard: GuardedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings for an index of its own, in a directory with articles."""
    monkeypatch.chdir(tmp_path)
    for name, text in NEWS.items():
        file = tmp_path / "uudised" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    file = tmp_path / "klastriotsing.toml"
    file.write_text(
        f'engine = "opensearch"\n[opensearch]\nurls = ["{guard.url}"]\nca = "{guard.ca.name}"\n'
        f'login = "salasõna"\nindex = "guarded-{uuid.uuid4().hex}"\nreplicas = 0\n',
        encoding="utf-8",
    )
    (tmp_path / "salasõna").write_text(f"{USER}\n{PASSWORD}\n", encoding="utf-8")
    return file


def test_all_goes_through_tls_with_a_password(settings: Path) -> None:
    for command, said in (
        (["reindex", "uudised"], "3 read: 3 new"),
        (["index", "uudised"], "3 unchanged"),
        (["search", "puiduklaster"], "Puiduklaster"),
        (["verify"], "is sound"),
        (["doctor"], "live, 3 articles"),
    ):
        result = run(*command)
        assert result.exit_code == 0, result.output
        assert said in result.output.replace("**", "")
        assert PASSWORD not in result.output
    assert settings.exists()


@pytest.mark.parametrize("command", [["reindex", "uudised"], ["search", "klaster"], ["doctor"]])
def test_a_wrong_password_or_certificate_is_one_line(settings: Path, command: list[str]) -> None:
    (settings.parent / "salasõna").write_text(f"{USER}\nvale\n", encoding="utf-8")
    result = run(*command)
    assert result.exit_code == 1
    assert "does not let this program in (401: the login is missing or wrong)" in result.output
    assert "vale" not in result.output
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('ca = "authority.pem"\n', ""), encoding="utf-8")
    result = run(*command)
    assert result.exit_code == 1
    assert "cannot be trusted (unable to get local issuer certificate)" in result.output
    assert "Traceback" not in result.output


def test_the_doctor_knows_the_cluster_and_what_to_do(
    settings: Path, opensearch: OpenSearchCluster
) -> None:
    """A copy that has no place, a disk that was full, and a server that does not answer."""
    text = settings.read_text(encoding="utf-8")
    count = len(opensearch.nodes)
    settings.write_text(text.replace("replicas = 0", f"replicas = {count}"), encoding="utf-8")
    assert run("reindex", "uudised").exit_code == 0
    said = run("doctor")
    assert said.exit_code == 0
    assert "version 2.19" in said.output
    assert f"shards have no place: replicas = {count} with " in said.output
    assert f"→ Set replicas = {count - 1} in [opensearch]" in said.output
    name = re.findall(r'index = "(.*)"', text)[0]
    blocked = {"index.blocks.read_only_allow_delete": True}
    opensearch.ask("PUT", f"/{name}-gen-*/_settings", blocked)
    said = run("doctor")
    assert said.exit_code == 1
    assert "nothing can be written: a disk was full → Give the nodes disk space" in said.output
    settings.write_text('engine = "opensearch"\n[opensearch]\nurls = ["http://127.0.0.1:9"]\n')
    said = run("doctor")
    assert "cannot be reached (Connection refused)" in said.output
    assert "reindex" not in said.output, "nothing is wrong with the index"
    assert "disk           ok" in said.output
