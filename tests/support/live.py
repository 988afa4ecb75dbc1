"""Runs the real program and a real browser for a test or a script."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path

from browser_program import chromium_path
from command_line import run
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent.parent
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def run_program(*arguments: str) -> None:
    """Runs ``klastriotsing ARGUMENTS`` in this process, which must succeed."""
    with chdir(ROOT):
        done = run(*arguments)
    assert done.exit_code == 0, done.output


@contextmanager
def serving(index: Path, *options: str) -> Iterator[str]:
    """Runs ``klastriotsing serve`` over ``index`` on a free port; yields its address."""
    with _served(index, options, 1) as (address,):
        yield address


@contextmanager
def operating(index: Path) -> Iterator[tuple[str, str]]:
    """The same with the operator's view; yields the addresses of both."""
    with _served(index, ("--admin-port", "0"), 2) as (address, admin):
        yield address, admin.removesuffix("/admin")


@contextmanager
def program(index: Path) -> Iterator[tuple[str, int]]:
    """The same without the operator's view; yields its address and its process."""
    with _process(index, (), 1) as ((address,), process):
        yield address, process


@contextmanager
def _served(index: Path, options: Sequence[str], addresses: int) -> Iterator[list[str]]:
    with _process(index, options, addresses) as (told, _):
        yield told


@contextmanager
def _process(index: Path, options: Sequence[str], count: int) -> Iterator[tuple[list[str], int]]:
    server = subprocess.Popen(
        [sys.executable, "-m", "indexer", "--index", str(index), "serve", "--port", "0", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        told = [server.stdout.readline() for _ in range(count)]
        addresses = [
            next(word for word in line.split() if word.startswith("http")).rstrip("/")
            for line in told
        ]
        yield addresses, server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of :func:`browser_program.chromium_path`, headless."""
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=flags)
        yield browser
        browser.close()
