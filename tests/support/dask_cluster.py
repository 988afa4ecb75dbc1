"""A Dask scheduler and its workers on loopback, by Dask's own commands, as operators run them."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds within which a busy machine starts a process.
PATIENCE = 60.0
SUPPORT = Path(__file__).parent


@dataclass
class DaskCluster:
    """A scheduler at ``address``; it and its workers get ``options``, such as certificates."""

    folder: Path
    options: Sequence[str] = ()
    address: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> "subprocess.Popen[bytes]":
        """Starts the scheduler; returns when it can be reached."""
        told = self.folder / "scheduler.json"
        command = ("scheduler", "--port", "0", "--scheduler-file", str(told))
        process = self._begun("scheduler", *command)
        self._wait(told.exists, process)
        self.address = json.loads(told.read_text(encoding="utf-8"))["address"]
        return process

    def worker(self, name: str, path: Path | None = None) -> "subprocess.Popen[bytes]":
        """Starts a worker with one thread, which is not restarted.

        Modules in ``path`` precede installed ones. Returns when the scheduler has registered it.
        """
        environment = {**os.environ, "PYTHONPATH": str(path or SUPPORT)}
        command = ("worker", self.address, "--no-nanny", "--nthreads", "1", "--name", name)
        process = self._begun(name, *command, environment=environment)
        self._wait(lambda: "Registered to" in self.log(name), process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def close(self) -> None:
        """Kills all processes in reverse order of their start."""
        for each in reversed(self.processes):
            each.kill()
            each.wait()

    def _begun(
        self, name: str, *command: str, environment: dict[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        loopback = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
        options = (*loopback, *self.options)
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [Path(sys.executable).with_name("dask"), *command, *options],
                cwd=self.folder,
                env={**(environment or os.environ), "DASK_TEMPORARY_DIRECTORY": str(self.folder)},
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def _wait(self, is_there: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_there():
            assert process.poll() is None, self.folder
            assert time.monotonic() < deadline, self.folder
            time.sleep(0.02)


@contextmanager
def dask_cluster(folder: Path, options: Sequence[str] = ()) -> Iterator[DaskCluster]:
    """Runs a scheduler, without workers yet."""
    folder.mkdir(exist_ok=True)
    cluster = DaskCluster(folder, options)
    with contextlib.closing(cluster):
        cluster.start()
        yield cluster
