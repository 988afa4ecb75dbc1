"""Whatever a power cut leaves of what was not flushed: the old or the new answers, and no damage.

``ATTACK=full`` cuts after every call and draws many states for each.
"""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from disk_calls import Call, DiskCalls
from index_operations import (
    INDEX,
    OPERATIONS,
    Operation,
    answers,
    build,
    copy,
    prepare,
    wrong_after,
)
from power_loss import states, write_state

pytestmark = pytest.mark.slow
FULL = os.environ.get("ATTACK") == "full"
SEED = os.environ.get("ATTACK_SEED") or "klaster"
#: States drawn for each moment, beside all lost and nothing lost.
DRAWS = 40 if FULL else 1
#: After this share of the moments the next run is tried, too, which takes most of the time.
HEALED = 0.3
#: Moments of each operation in a short run, beside those after a rename.
FEW = 6


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    prepare(folder)
    return folder


def attacked(
    start: Path, calls: list[Call], cut: int, allowed: dict[str, str], here: Path, *, heals: bool
) -> Iterator[str]:
    """Of each state that a power cut after ``cut`` of the calls may leave what is wrong."""
    draws = [random.Random(f"{SEED} {calls[0]} {cut} {number}") for number in range(DRAWS)]
    for state in states(start, calls, cut, draws):
        write_state(state, here)
        is_done = cut == len(calls) and any("uus" in each.to for each in calls)
        wrong = wrong_after(here, allowed, heals=heals, is_backed_up=is_done)
        yield wrong and f"after {cut} calls ({calls[cut - 1]}): {wrong}"
        shutil.rmtree(here)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_a_power_cut_leaves_the_old_or_the_new(
    operation: Operation, template: Path, tmp_path: Path
) -> None:
    folder = copy(template, tmp_path / "watched", empty=operation.starts_empty)
    start = copy(template, tmp_path / "start", empty=operation.starts_empty)
    before = answers(folder / INDEX)
    with DiskCalls(folder).watched() as watching:
        operation.run(folder)
    calls, allowed = watching.calls, {"old": before, "new": answers(folder / INDEX)}
    draw = random.Random(f"{SEED} {operation.name}")
    cuts = list(range(len(calls) + 1))
    found: list[str] = []
    few = {*draw.sample(cuts, min(FEW, len(cuts))), cuts[-1]}
    few.update(number for number, each in enumerate(calls, 1) if each.name == "rename")
    for cut in cuts if FULL else sorted(few):
        # Once it has ended, what it has said stays.
        expected = {**allowed, "old": allowed["new"]} if cut == len(calls) else allowed
        heals = draw.random() < HEALED
        found += attacked(start, calls, cut, expected, tmp_path / "here", heals=heals)
    wrong = [each for each in found if each]
    print(f"{operation.name}: {len(calls)} calls, {len(found)} states, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong[:10])


def test_what_is_never_flushed_would_be_noticed(template: Path, tmp_path: Path) -> None:
    """The attack finds what it is for: without any fsync there are bad states."""
    folder, start = copy(template, tmp_path / "watched"), copy(template, tmp_path / "start")
    before = answers(folder / INDEX)
    with DiskCalls(folder).watched() as watching:
        build(folder)
    calls = [each for each in watching.calls if each.name != "fsync"]
    allowed = {"old": before, "new": answers(folder / INDEX)}
    here = tmp_path / "here"
    assert any(attacked(start, calls, len(calls), allowed, here, heals=False))
