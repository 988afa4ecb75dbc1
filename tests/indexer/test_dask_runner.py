"""Analysis over real workers of Dask: the same index, nothing lost, and one clear error."""

import contextlib
import os
import pickle
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from dask_cluster import DaskCluster, dask_cluster
from meant_news import TopicEmbedder
from odd_articles import OddFactory, fresh, pickled
from opensearch_cluster import OpenSearchCluster
from tls_proxy import authority, certificate

import indexer.pool as module
from indexer.analysis_limits import AnalysisLimits
from indexer.dask_runner import DaskRunner
from indexer.dask_worker import WorkerRuns
from indexer.document_builder import TaskResult
from indexer.factory import index_of, pipeline
from indexer.pool import BatchBuilder
from indexer.report import Report
from indexer.scheduler_errors import (
    NoWorkers,
    SchedulerLost,
    SchedulerUnavailable,
    WorkerMismatch,
)
from indexer.vector_filler import VectorFiller
from search.configuration import Configuration, DaskSettings, OpenSearchSettings
from search.engines.contract import Index
from search.engines.registry import fingerprint

pytestmark = pytest.mark.dask

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "uudised"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NO_TLS = DaskSettings()
COUNT = 16


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A scheduler with two workers."""
    with dask_cluster(tmp_path_factory.mktemp("dask")) as running:
        for name in ("esimene", "teine"):
            running.worker(name)
        yield running


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_TASKS", 2)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "uudised"
    folder.mkdir()
    for each in sorted(EXAMPLES.glob("*.txt"))[:COUNT]:
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
    assert work.reindex(indexes[1], [news]).unchanged == COUNT


@pytest.mark.opensearch
def test_what_workers_write_keeps_its_vectors(
    cluster: DaskCluster, opensearch: OpenSearchCluster, news: Path, tmp_path: Path
) -> None:
    configuration, embedder = on_server(opensearch, tmp_path), TopicEmbedder()
    index = index_of(configuration)
    reindexed(configuration, news)
    VectorFiller(index, fingerprint(configuration), embedder, batch=COUNT).run()
    changed = sorted(news.iterdir())[0]
    changed.write_text("Uus pealkiri\n\nUus tekst.\n", encoding="utf-8")
    reindexed(configuration, news, cluster.address)
    assert index.verify() == []
    with contextlib.closing(index.open_stored()) as live:
        assert live.vector_status(embedder.digest).done == COUNT - 1


def test_what_is_done_at_the_moment_of_a_look_is_not_lost(
    cluster: DaskCluster, news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Future

    waited, result = set(), Future.result

    def too_late(future: Future[Any], timeout: float | None = None) -> Any:
        if future.key in waited:
            return result(future, timeout)
        waited.add(future.key)
        result(future)
        raise TimeoutError

    monkeypatch.setattr(Future, "result", too_late)
    configuration = Configuration(index=tmp_path / "index", jobs=1)
    assert reindexed(configuration, news, cluster.address).articles == COUNT
    assert len(waited) == COUNT / 2


def test_workers_of_this_machine_give_the_embedded_engine_the_same(
    news: Path, tmp_path: Path
) -> None:
    """And nothing of theirs listens but on loopback."""
    configurations = [Configuration(index=tmp_path / each, jobs=2) for each in "ab"]
    listening: set[str] = set()

    def look(_count: int) -> None:
        own = psutil.Process()
        for process in (own, *own.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                sockets = process.net_connections("tcp")
                # A server of other tests, in Java, has its address in the form of IPv6.
                found = (each.laddr.ip for each in sockets if each.status == "LISTEN")
                listening.update(each.removeprefix("::ffff:") for each in found)

    reports = [
        reindexed(each, news, scheduler, look)
        for each, scheduler in zip(configurations, (None, "local"), strict=True)
    ]
    assert listening == {"127.0.0.1"}
    assert reports[0] == reports[1]
    documents = []
    for each in configurations:
        with contextlib.closing(index_of(each).open_stored()) as stored:
            documents.append([stored.document(number) for number in range(COUNT)])
    assert documents[0] == documents[1]


def spread(address: str, *titles: str, **options: Any) -> list[TaskResult]:
    """What comes of articles with these titles over the workers of the scheduler there."""
    settings = options.pop("settings", NO_TLS)
    tasks = [fresh(number, title=title) for number, title in enumerate(titles)]
    return list(DaskRunner(OddFactory(), address, settings, **options).run(tasks, pickled))


def test_an_article_that_cannot_be_analysed_is_named_and_its_worker_goes_on(
    cluster: DaskCluster,
) -> None:
    titles = ("Uudis", "tapa", "viga", "Uudis", "arvuta", "Uudis")
    done = spread(cluster.address, *titles, limits=AnalysisLimits(seconds=0.5))
    assert [name for each in done for name, _ in each.articles] == ["0", "3", "5"]
    problems = [str(error) for each in done for _, error in each.failures]
    said = ("killed by signal 9", "ValueError: vale arv", "it takes more than 0.5 seconds")
    assert all(text in problem for text, problem in zip(said, problems, strict=True))
    assert all(each.poll() is None for each in cluster.processes[:3])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://127.0.0.1:1", "Check that it runs: dask scheduler"),
        ("tcp://8.8.8.8:8786", "over a public network without encryption"),
        ("http://127.0.0.1:8786", "that is no address of a scheduler"),
    ],
)
def test_a_scheduler_that_cannot_be_used_is_one_line(address: str, said: str) -> None:
    with pytest.raises(SchedulerUnavailable) as caught:
        spread(address, "Uudis", timeout=0.3)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_worker_of_another_version_is_refused(cluster: DaskCluster, tmp_path: Path) -> None:
    for package in ("search", "indexer"):
        shutil.copytree(ROOT / package, tmp_path / package)
    with (tmp_path / "indexer" / "document.py").open("a", encoding="utf-8") as file:
        file.write("# of another day\n")
    other = cluster.worker("teisiti", tmp_path)
    with pytest.raises(WorkerMismatch, match="it has source files of klastriotsing"):
        spread(cluster.address, "Uudis")
    other.kill()


def test_a_scheduler_that_is_lost_leaves_what_was_live(news: Path, tmp_path: Path) -> None:
    configuration = Configuration(index=tmp_path / "index", jobs=1)
    reindexed(configuration, news)
    live = index_of(configuration).current()
    with dask_cluster(tmp_path / "dask") as cluster:
        with pytest.raises(NoWorkers, match=r"Start workers .*: dask worker tcp://127\.0\.0\.1"):
            spread(cluster.address, "Uudis", patience=0.1)
        cluster.worker("ainus")
        with pytest.raises(SchedulerLost, match="does not answer any more"):
            reindexed(configuration, news, cluster.address, lambda _: cluster.processes[0].kill())
    assert index_of(configuration).current() == live
    assert index_of(configuration).names() == (live,)


@pytest.mark.openssl
def test_certificates_are_those_of_the_settings(tmp_path: Path) -> None:
    ca = authority(tmp_path, "authority")
    ours = certificate(tmp_path, "authority", "ours")
    key = ours.with_suffix(".key")
    tls = ("--protocol", "tls", "--tls-ca-file", ca, "--tls-cert", ours, "--tls-key", key)
    with dask_cluster(tmp_path / "dask", list(map(str, tls))) as cluster:
        cluster.worker("krüpteeritud")
        assert cluster.address.startswith("tls://")
        (done,) = spread(cluster.address, "Uudis", settings=DaskSettings(ca, ours, key))
        assert done.articles == (("0", "0.txt"),)
        for settings in (NO_TLS, DaskSettings(authority(tmp_path, "teine"), ours, key)):
            with pytest.raises(SchedulerUnavailable):
                spread(cluster.address, "Uudis", settings=settings, timeout=0.5)


def test_processes_of_a_worker_end_with_what_they_are_for() -> None:
    analysts = WorkerRuns(idle=0.1)
    builder = pickle.dumps(BatchBuilder(OddFactory(), pickled, False, AnalysisLimits()))
    ((done,),) = (analysts.build("a", builder, [fresh(1)]),)
    (document,) = pickle.loads(done.packed)  # noqa: S301
    process = int(document.findings)
    assert process != os.getpid()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
