"""Other programs' packages of the same names: said plainly, instead of failing somewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from indexer.start import foreign_package

ROOT = Path(__file__).parent.parent.parent


def test_ours_are_recognised() -> None:
    assert foreign_package() is None


@pytest.mark.parametrize("name", ["search", "webui"])
@pytest.mark.parametrize("form", ["package", "module", "directory"])
def test_another_programs_package_is_named(tmp_path: Path, name: str, form: str) -> None:
    """As the working directory, whose modules ``python -m`` finds first, may hold one."""
    if form == "module":
        (tmp_path / f"{name}.py").write_text('"""Somebody else\'s."""\n')
    else:
        (tmp_path / name).mkdir()
    if form == "package":
        (tmp_path / name / "__init__.py").write_text('"""Somebody else\'s."""\n')
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "--help"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if form == "directory":  # a package goes before a directory without __init__.py
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 1
        assert done.stderr.startswith(f"klastriotsing: the package “{name}” found ({tmp_path}")
        assert done.stderr.count("\n") == 1
