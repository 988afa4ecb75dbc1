"""A real OpenSearch on this machine, for tests: one node, or three JVMs on loopback.

    python tests/support/opensearch_cluster.py --nodes 3 --port 9200

A node ends when its standard input does. That is a named pipe, which every process that uses the
cluster holds open for writing: when the last of them has ended, even by SIGKILL, so do the nodes.
"""

import argparse
import contextlib
import fcntl
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from opensearch_jars import SOURCES, SUPPORTED, Build, build

from search.configuration import OpenSearchSettings

#: Seconds within which a busy machine starts three nodes.
PATIENCE = 180.0
#: Settings of every node; most tests do not want disk watermarks.
SETTINGS: Mapping[str, str] = {
    "network.host": "127.0.0.1",
    "action.auto_create_index": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "indices.breaker.total.use_real_memory": "false",
    "node.processors": "2",
}
#: Shorter timeouts, so that tests of faults do not wait half a minute until a hung node is removed.
IMPATIENT: Mapping[str, str] = {
    f"cluster.fault_detection.{who}_check.{what}": value
    for who in ("leader", "follower")
    for what, value in (("interval", "500ms"), ("timeout", "2s"), ("retry_count", "2"))
}


@dataclass
class ClusterNode:
    """One JVM: its ports, process, and directory of data and logs."""

    name: str
    home: Path
    http_port: int
    transport_port: int
    pid: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def is_running(self) -> bool:
        """False also for a zombie process."""
        with contextlib.suppress(OSError):
            os.waitpid(self.pid, os.WNOHANG)
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        except OSError:
            return False
        return state.split()[0] != "Z"

    @property
    def log(self) -> str:
        """The end of the node's log."""
        return (self.home / "log").read_text(encoding="utf-8", errors="replace")[-4000:]


@dataclass
class OpenSearchCluster:
    """A cluster in ``folder``; it runs until all processes that use it call ``leave``."""

    folder: Path
    build: Build
    nodes: list[ClusterNode]
    heap: int
    settings: dict[str, str]
    java: tuple[str, ...] = ()
    held: int = field(default=-1)

    @property
    def urls(self) -> list[str]:
        return [each.url for each in self.nodes]

    def ask(self, method: str, path: str, body: object = None, **options: Any) -> Any:
        """Sends a request to the first node that answers; returns the JSON of the answer.

        Raises errors of ``urllib``. ``timeout`` is in seconds, ``node`` selects one node.
        """
        node = options.get("node") or next(each for each in self.nodes if each.is_running)
        request = urllib.request.Request(
            f"{node.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=options.get("timeout", 30)) as answer:
            return json.loads(answer.read() or b"null")

    def wait(self, status: str = "green", nodes: int | None = None) -> None:
        """Waits until all running nodes are one cluster, and its indexes have ``status``."""
        expected = nodes or sum(each.is_running for each in self.nodes)
        path = f"/_cluster/health?wait_for_nodes={expected}&wait_for_status={status}&timeout=1s"
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError, StopIteration):
                if not self.ask("GET", path).get("timed_out", True):
                    return
            if not any(each.is_running for each in self.nodes) or time.monotonic() > deadline:
                said = "\n".join(f"{each.name}: {each.log}" for each in self.nodes)
                raise AssertionError(f"OpenSearch has not come up:\n{said}")
            time.sleep(0.1)

    def start(self, node: ClusterNode) -> None:
        """Starts ``node``, which is not running, with its stored data; see ``wait``."""
        (node.home / "config").mkdir(parents=True, exist_ok=True)
        (node.home / "config/opensearch.yml").touch()
        reading = os.open(self.folder / "held", os.O_RDONLY | os.O_NONBLOCK)
        # A node must not inherit the writing end, which would keep it running.
        os.set_blocking(reading, True)
        log = os.open(node.home / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # Not by ``subprocess``, which warns if a node outlives the process that started it.
            node.pid = os.posix_spawn(
                self.build.java,
                [str(self.build.java), *self._arguments(node)],
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, reading, 0),
                    (os.POSIX_SPAWN_DUP2, log, 1),
                    (os.POSIX_SPAWN_DUP2, log, 2),
                ],
                setpgroup=0,
            )
        finally:
            os.close(reading)
            os.close(log)
        self.save()

    def _arguments(self, node: ClusterNode) -> Iterator[str]:
        yield from (f"-Xms{self.heap}m", f"-Xmx{self.heap}m", "-XX:+UseG1GC")
        yield from ("-XX:TieredStopAtLevel=1", "-Xshare:auto")
        yield from self.java
        yield f"-Dlog4j2.configurationFile={SOURCES / 'log4j2.properties'}"
        yield from ("-cp", self.build.classpath, "Server", str(node.home))
        settings = {
            **SETTINGS,
            "cluster.name": "tests",
            "node.name": node.name,
            "http.port": str(node.http_port),
            "transport.port": str(node.transport_port),
            "path.repo": str(self.folder / "snapshots"),
        }
        if len(self.nodes) == 1:
            settings["discovery.type"] = "single-node"
        else:
            others = [f"127.0.0.1:{each.transport_port}" for each in self.nodes]
            settings["discovery.seed_hosts"] = ",".join(others)
            names = [each.name for each in self.nodes]
            settings["cluster.initial_cluster_manager_nodes"] = ",".join(names)
        yield from (f"{name}={value}" for name, value in {**settings, **self.settings}.items())

    def kill(self, node: ClusterNode) -> None:
        """Kills the node at once, as by a power cut."""
        os.kill(node.pid, signal.SIGKILL)
        while node.is_running:
            time.sleep(0.01)

    @contextmanager
    def frozen(self, node: ClusterNode) -> Iterator[None]:
        """Stops the node with its sockets open, and continues it after the block in any case."""
        # A stopped process does not see the end of its input: this continues it if we are killed.
        thaw = f"read held; kill -CONT {node.pid}"
        with subprocess.Popen(["/bin/sh", "-c", thaw], stdin=subprocess.PIPE) as thawing:
            os.kill(node.pid, signal.SIGSTOP)
            try:
                yield
            finally:
                assert thawing.stdin is not None
                thawing.stdin.close()

    def restore(self) -> None:
        """Restores the cluster with all nodes and without any index."""
        for each in self.nodes:
            if not each.is_running:
                self.start(each)
        self.wait("red", len(self.nodes))
        settings = {"persistent": {"*": None}, "transient": {"*": None}}
        self.ask("PUT", "/_cluster/settings", settings)
        self.ask("DELETE", "/*?expand_wildcards=all")
        self.wait()

    def save(self) -> None:
        """Saves the addresses of the nodes for other processes."""
        told = [{**asdict(each), "home": str(each.home)} for each in self.nodes]
        new = self.folder / "nodes.new"
        new.write_text(json.dumps(told), encoding="utf-8")
        new.replace(self.folder / "nodes")

    def load(self) -> None:
        """Loads what another process has saved."""
        told = json.loads((self.folder / "nodes").read_text(encoding="utf-8"))
        self.nodes = [ClusterNode(**{**each, "home": Path(each["home"])}) for each in told]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Context manager: exclusive use of the cluster among processes that use this."""
        with (self.folder / "alone").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.load()
            yield

    def leave(self) -> None:
        """Stops using the cluster."""
        os.close(self.held)


def join_cluster(
    folder: Path,
    count: int = 1,
    settings: Mapping[str, str] | None = None,
    made: Build | None = None,
    first_port: int | None = None,
    heap: int | None = None,
    java: Sequence[str] = (),
) -> OpenSearchCluster:
    """Joins the cluster in ``folder``, which all processes share; the first one starts it.

    ``settings`` are those of its nodes besides SETTINGS, ``java`` further options of their JVMs.
    Each has ``heap`` megabytes, by default 512 for a single node, 320 for each of three.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        heap = heap or (512 if count == 1 else 320)
        cluster = OpenSearchCluster(
            folder, made or build(SUPPORTED), [], heap, dict(settings or {}), tuple(java)
        )
        if (folder / "nodes").exists():
            # Fails if there is no reader any more, which does not happen in a test run.
            cluster.held = os.open(folder / "held", os.O_WRONLY | os.O_NONBLOCK)
            cluster.load()
            return cluster
        os.mkfifo(folder / "held")
        reading = os.open(folder / "held", os.O_RDONLY | os.O_NONBLOCK)
        cluster.held = os.open(folder / "held", os.O_WRONLY)
        ports = _free_ports(2 * count)
        for number in range(count):
            http = ports[2 * number] if first_port is None else first_port + number
            name = f"n{number + 1}"
            cluster.nodes.append(ClusterNode(name, folder / name, http, ports[2 * number + 1]))
        try:
            for each in cluster.nodes:
                cluster.start(each)
            os.close(reading)
            cluster.wait(nodes=count)
        except BaseException:
            cluster.leave()
            raise
        return cluster


def server_settings(cluster: OpenSearchCluster, name: str) -> OpenSearchSettings:
    """Settings of the index ``name`` on ``cluster``, with timeouts for a busy machine."""
    return OpenSearchSettings(tuple(cluster.urls), name, replicas=0, timeout=60)


def _free_ports(count: int) -> list[int]:
    """Free ports below the range of ephemeral ports."""
    found: set[int] = set()
    while len(found) < count:
        port = random.randint(15_000, 32_000)
        with socket.socket() as trying, contextlib.suppress(OSError):
            trying.bind(("127.0.0.1", port))
            found.add(port)
    return list(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="OpenSearch on loopback until Ctrl-C.")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--port", type=int, help="of the first node, next ones follow; else free")
    parser.add_argument("--heap", type=int, help="megabytes of each node; else 512, of three 320")
    parser.add_argument(
        "--java", action="append", default=[], help="an option of the JVM, --java=-X…"
    )
    parser.add_argument("--folder", type=Path, help="where it stores; else a temporary directory")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        cluster = join_cluster(
            folder,
            options.nodes,
            first_port=options.port,
            heap=options.heap,
            java=options.java,
        )
        print(*cluster.urls, flush=True)
        # Like Ctrl-C, so that the directory is removed.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
        cluster.leave()
        while any(each.is_running for each in cluster.nodes):
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
