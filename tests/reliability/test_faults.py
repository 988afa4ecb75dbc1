"""Every call that changes the disk fails once: old or new answers stay, and the next run heals.

``ATTACK=full`` tries every call in every way; without it each operation has a share drawn anew for
every seed (``ATTACK_SEED``).
"""

import logging
import os
import random
import shutil
from pathlib import Path

import pytest
from disk_calls import KINDS, DiskCalls
from index_operations import (
    INDEX,
    OPERATIONS,
    Operation,
    answers,
    copy,
    prepare,
    wrong_after,
)

pytestmark = pytest.mark.slow
FULL = os.environ.get("ATTACK") == "full"
SEED = os.environ.get("ATTACK_SEED") or "klaster"
#: Faults of each operation in a short run.
FEW = 40


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    prepare(folder)
    return folder


def calls_of(
    operation: Operation, template: Path, folder: Path
) -> tuple[DiskCalls, dict[str, str]]:
    """What an operation changes on the disk, and what the index answers before and after."""
    copy(template, folder, empty=operation.starts_empty)
    before = answers(folder / INDEX)
    with DiskCalls(folder).watched() as calls:
        operation.run(folder)
    return calls, {"old": before, "new": answers(folder / INDEX)}


def chosen(calls: DiskCalls, operation: Operation) -> list[tuple[int, str]]:
    every = [(number, kind) for number in range(len(calls.calls)) for kind in KINDS]
    if FULL:
        return every
    return random.Random(f"{SEED} {operation.name}").sample(every, min(FEW, len(every)))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_a_fault_leaves_the_old_or_the_new(
    operation: Operation,
    template: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)
    calls, allowed = calls_of(operation, template, tmp_path / "watched")
    assert len(calls.calls) > 3
    assert (allowed["old"] != allowed["new"]) == operation.changes
    wrong, tried = [], 0
    for number, kind in chosen(calls, operation):
        folder = copy(template, tmp_path / "here", empty=operation.starts_empty)
        wrong += [
            f"{number} {calls.calls[number].name} {calls.calls[number].path} {kind}: {each}"
            for each in ended(operation, folder, number, kind, allowed)
        ]
        shutil.rmtree(folder)
        tried += 1
    print(f"{operation.name}: {len(calls.calls)} calls, {tried} faults, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong[:20])


def ended(
    operation: Operation, folder: Path, number: int, kind: str, allowed: dict[str, str]
) -> list[str]:
    """What is wrong after an operation in which a call has failed."""
    error: Exception | None = None
    watching = DiskCalls(folder, number, kind)
    with watching.watched():
        try:
            operation.run(folder)
        except Exception as found:
            error = found
    if watching.failed is None:
        return ["the call did not come"]
    if kind != "kill":
        # What the exit status says is what lives.
        expected = allowed["old"] if error else allowed["new"]
        if error and not isinstance(error, OSError):
            return [f"raises {error!r}"]
        is_backed_up = operation.name == "backup" and not error
        wrong = wrong_after(folder, {"old": expected}, is_backed_up=is_backed_up)
    else:
        wrong = wrong_after(folder, allowed)
    return [wrong] if wrong else []
