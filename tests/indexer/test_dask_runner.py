"""Analysis over real workers of Dask: the same index, nothing lost, and one clear error."""

import contextlib
import dataclasses
import shutil
import signal
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import DaskCluster, dask_cluster
from opensearch_cluster import OpenSearchCluster
from tls_proxy import authority, certificate

import indexer.pool as module
from indexer.dask_runner import DaskRunner
from indexer.factory import index_of, pipeline
from indexer.report import Report
from indexer.scheduler_errors import (
    NoWorkers,
    SchedulerLost,
    SchedulerUnavailable,
    WorkerMismatch,
)
from search.configuration import Configuration, DaskSettings, OpenSearchSettings
from search.engines.contract import Index
from search.errors import KlastriError, NoIndex

pytestmark = pytest.mark.dask

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "uudised"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NO_TLS = DaskSettings()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler with two workers."""
    with dask_cluster(tmp_path_factory.mktemp("dask")) as running:
        for name in ("esimene", "teine"):
            running.worker(name)
        yield running


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_TASKS", 4)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "uudised"
    folder.mkdir()
    for each in sorted(EXAMPLES.glob("*.txt"))[:32]:
        (folder / each.name).write_bytes(each.read_bytes())
    return folder


def on_server(server: OpenSearchCluster, folder: Path) -> Configuration:
    """Settings for an index of its own on a server."""
    name = f"dask-{uuid.uuid4().hex}"
    settings = OpenSearchSettings((server.urls[0],), name, replicas=0, timeout=60)
    return Configuration(index=folder / "index", engine="opensearch", opensearch=settings, jobs=1)


def reindexed(
    configuration: Configuration,
    news: Path,
    scheduler: str | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Report:
    """``reindex --fresh``; ``advance`` is told how many more articles are done."""
    work = pipeline(
        configuration,
        lambda _: contextlib.nullcontext(advance),
        lambda: NOON,
        scheduler=scheduler,
    )
    return work.reindex(index_of(configuration), [news], fresh=True)


def written(server: OpenSearchCluster, index: Index) -> dict[str, list[Any]]:
    """Everything that the live generation has on the server, but for its name."""
    found = {}
    for name in (index.current(), f"{index.current()}-words"):
        body = {"size": 10_000, "query": {"match_all": {}}}
        hits = server.ask("POST", f"/{name}/_search", body)["hits"]["hits"]
        found[name.removeprefix(str(index.current()))] = sorted(
            ((each["_id"], each["_source"]) for each in hits), key=lambda each: str(each[0])
        )
    return found


@pytest.mark.opensearch
def test_workers_write_the_same_index_also_when_one_is_killed(
    cluster: DaskCluster, opensearch: OpenSearchCluster, news: Path, tmp_path: Path
) -> None:
    plain, spread = (on_server(opensearch, tmp_path) for _ in range(2))
    told = reindexed(plain, news)
    doomed = cluster.worker("kolmas")
    done: list[int] = []

    def killing(count: int) -> None:
        if not done:
            doomed.kill()
        done.append(count)

    assert reindexed(spread, news, cluster.address, killing).changes == told.changes
    assert "Run out-of-band function" in cluster.log("kolmas"), "it was there"
    indexes = [index_of(each) for each in (plain, spread)]
    assert written(opensearch, indexes[0]) == written(opensearch, indexes[1])
    assert indexes[1].verify() == []
    (aliases,) = opensearch.ask("GET", f"/{indexes[1].current()}/_alias").values()
    assert list(aliases["aliases"]) == [spread.opensearch and spread.opensearch.index]
    # What has not changed is taken over from the server, by the workers, too.
    work = pipeline(spread, clock=lambda: NOON, scheduler=cluster.address)
    assert work.reindex(indexes[1], [news]).unchanged == 32


def test_workers_of_this_machine_give_the_embedded_engine_the_same(
    news: Path, tmp_path: Path
) -> None:
    configurations = [Configuration(index=tmp_path / each, jobs=2) for each in "ab"]
    reports = [
        reindexed(each, news, scheduler)
        for each, scheduler in zip(configurations, (None, "local"), strict=True)
    ]
    assert reports[0] == reports[1]
    documents = []
    for each in configurations:
        with contextlib.closing(index_of(each).open_stored()) as stored:
            documents.append([stored.document(number) for number in range(32)])
    assert documents[0] == documents[1]
