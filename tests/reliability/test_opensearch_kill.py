"""A reindex to OpenSearch that is killed leaves what was live, and the next one cleans up."""

import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from opensearch_cluster import OpenSearchCluster

pytestmark = pytest.mark.opensearch

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "uudised"


class Site:
    """Settings in ``folder`` for an index of its own on ``cluster``; its commands."""

    def __init__(self, folder: Path, cluster: OpenSearchCluster) -> None:
        self.name = f"kill-{uuid.uuid4().hex}"
        self.cluster = cluster
        self._settings = folder / "klastriotsing.toml"
        self._settings.write_text(
            f'engine = "opensearch"\nindex = "{folder}/index"\n[opensearch]\n'
            f'urls = ["{cluster.urls[0]}"]\nindex = "{self.name}"\nreplicas = 0\n',
            encoding="utf-8",
        )

    def begun(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "indexer", "--config", str(self._settings), *command],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def said(self, *command: str) -> str:
        with self.begun(*command) as process:
            told = process.communicate(timeout=120)[0]
        assert process.returncode == 0, told
        return told

    def live(self) -> list[str]:
        return sorted(self.cluster.ask("GET", f"/_alias/{self.name}"))

    def made(self) -> dict[str, int]:
        """How many documents have been written to each of its indexes, found yet or not."""
        told = self.cluster.ask("GET", f"/{self.name}-gen-*/_stats/indexing")["indices"]
        return {index: each["primaries"]["indexing"]["index_total"] for index, each in told.items()}


@pytest.mark.parametrize("moment", ["", "-words"])
def test_killed_amid_writing(opensearch: OpenSearchCluster, tmp_path: Path, moment: str) -> None:
    """Of the articles, and of their words after them."""
    site = Site(tmp_path, opensearch)
    old, new = tmp_path / "old", tmp_path / "new"
    for source, count in ((old, 3), (new, 20)):
        source.mkdir()
        for each in sorted(EXAMPLES.glob("*.txt"))[:count]:
            (source / each.name).write_bytes(each.read_bytes())
    site.said("reindex", str(old))
    first = site.live()
    waited = f"{site.name}-gen-000002{moment}"
    with site.begun("reindex", str(new), "--jobs", "1") as process:
        while not site.made().get(waited) and process.poll() is None:
            time.sleep(0.005)
        process.kill()
    assert site.live() == first
    assert "Articles:      3\n" in site.said("stats")
    assert "is sound" in site.said("verify")
    # The lock was of a process that is no more.
    site.said("reindex", str(new))
    (second,) = site.live()
    assert [second] != first
    kept = {*first, second}
    assert set(site.made()) == kept | {f"{each}-words" for each in kept}
    assert first[0] in site.said("rollback")
    assert site.live() == first
