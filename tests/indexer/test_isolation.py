"""Parsing in a child process: what hangs, swells or dies is one clear error, and the next works."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from indexer.sources.isolation import ParserProcess
from indexer.sources.limits import Limits
from search.errors import EmptyDocument, ReadingFailed, TooMuchMemory, TooSlow


def double(number: int, *, times: int = 2) -> int:
    return number * times


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def swell(megabytes: int) -> int:
    return len(bytearray(megabytes * 1_000_000))


def fail() -> None:
    raise ValueError("vale arv")


def find_nothing() -> None:
    raise EmptyDocument(file="tühi")


def own_id() -> int:
    return os.getpid()


def end() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.fixture
def parser() -> Iterator[ParserProcess]:
    process = ParserProcess(replace(Limits(), parse_seconds=3.0, parse_megabytes=600))
    yield process
    process.close()


def test_results_and_errors_come_back(parser):
    assert parser("a", double, 4) == 8
    assert parser("a", double, 4, times=3) == 12
    with pytest.raises(ReadingFailed, match=r"a.pdf: cannot be read \(ValueError: vale arv, at"):
        parser("a.pdf", fail)
    with pytest.raises(EmptyDocument):
        parser("a", find_nothing)
    assert parser("a", own_id) == parser("a", own_id) != os.getpid()


def test_what_hangs_swells_or_dies_leaves_the_next(parser):
    first = parser("a", own_id)
    with pytest.raises(TooMuchMemory, match=r"a\.pdf: takes more than 600 MB"):
        parser("a.pdf", swell, 700)
    second = parser("a", own_id)
    with pytest.raises(ReadingFailed, match="ended with status -11"):
        parser("a.pdf", end)
    with pytest.raises(TooSlow, match=r"a\.pdf: takes more than 3 s"):
        parser("a.pdf", sleep, 60)
    assert len({first, second, parser("a", own_id)}) == 3


def test_the_child_ends_with_its_parent():
    code = (
        "import os, signal\n"
        "from indexer.sources.isolation import ParserProcess\n"
        "from indexer.sources.limits import Limits\n"
        "if __name__ == '__main__':\n"
        "    print(ParserProcess(Limits())('a', os.getpid), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    child = int(ended.stdout)
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the child still runs")
