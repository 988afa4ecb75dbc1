"""The real program in a process of its own: start-up, pipes, signals and the server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from command_line import printed, run

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.usefixtures("working_directory")


def program(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "indexer", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
        **options,  # type: ignore[call-overload]
    )


def test_help_is_quick_and_imports_nothing_heavy():
    code = (
        "import sys, indexer.cli;"
        "heavy = {'flask', 'waitress', 'numpy', 'whoosh', 'yaml', 'babel', 'watchfiles', 'webui'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    checked = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.usefixtures("indexed")
def test_search_imports_no_web(tmp_path):
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from indexer.cli import klastriotsing\n"
        f"index = {str(tmp_path / 'index')!r}\n"
        "result = CliRunner().invoke(klastriotsing, ['search', 'x', '--index', index])\n"
        "assert result.exit_code == 0, result.output\n"
        "assert not {'flask', 'waitress', 'webui', 'indexer.extract'} & set(sys.modules)\n"
    )
    checked = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.usefixtures("news")
def test_the_real_program_in_a_pipe(tmp_path):
    done = program("reindex", "uudised", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    found = program("search", "klaster", "--json", cwd=tmp_path)
    assert json.loads(found.stdout)["total"] == 3
    undecodable = program("search", b"\xff", cwd=tmp_path)  # type: ignore[arg-type]
    assert (undecodable.returncode, undecodable.stderr) == (0, "")
    missing = program("search", "x", "--index", "puudub", cwd=tmp_path)
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)


@pytest.mark.usefixtures("indexed")
def test_a_reader_that_goes_away_is_no_error(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m indexer search klaster | true"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.usefixtures("indexed")
def test_ctrl_c_is_one_line_and_leaves_the_index(tmp_path):
    many = tmp_path / "palju"
    many.mkdir()
    for number in range(3000):
        (many / f"{number}.txt").write_text(
            f"Klaster number {number}\n\n" + f"Uudis {number} räägib koostööst. " * 40, "utf-8"
        )
    running = subprocess.Popen(
        [sys.executable, "-m", "indexer", "reindex", "palju"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 30
    while not (tmp_path / "index" / "gen-000002").exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=30)
    assert (stdout, stderr) == ("", "klastriotsing: interrupted\n")
    # Python itself may end by the signal, where it came while a class was being made: a shell says
    # 130 of either.
    assert running.returncode in (130, -signal.SIGINT)
    assert printed("verify")["generation"] == "gen-000001"


@pytest.mark.usefixtures("news")
def test_serve_starts_without_an_index_and_finds_the_next(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "indexer", "serve", "--port", str(port)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        line = running.stdout.readline()
        address = f"http://127.0.0.1:{port}/"
        assert line == f"Klastriotsing answers at {address} (Ctrl-C ends it)\n"
        assert status_of(address + "healthz") == 503
        taken = program("serve", "--port", str(port), cwd=tmp_path)
        assert (taken.returncode, taken.stderr.count("\n")) == (1, 1)
        assert run("reindex", "uudised").exit_code == 0
        assert status_of(address + "healthz") == 200
        running.terminate()
        assert running.wait(20) == 0
    finally:
        running.kill()
        _, stderr = running.communicate()
    assert stderr.startswith(
        "klastriotsing: There is no index in index yet. Build it: klastriotsing reindex SOURCE\n"
    )


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
