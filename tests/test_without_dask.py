"""The program without the extra that spreads analysis. Where it is installed, it is hidden."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "uudised"
EXTRA = ("dask", "distributed")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the packages of the extra cannot be imported, and whoever tries is told of."""
    folder = tmp_path_factory.mktemp("hidden")
    for each in EXTRA:
        (folder / f"{each}.py").write_text(
            f"import sys\nsys.stderr.write({each!r})\n"
            f"raise ModuleNotFoundError('hidden', name={each!r})\n"
        )
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"}


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ([], 0, ""),
        (
            ["--scheduler", "local"],
            1,
            "daskklastriotsing: The scheduler local cannot be used (dask is not installed). The "
            "index was left as it was. Install it: make dask, or pip install "
            '"klastriotsing[dask]"\n',
        ),
    ],
)
def test_only_who_asks_for_a_scheduler_needs_it(
    environment: dict[str, str], tmp_path: Path, options: list[str], status: int, said: str
) -> None:
    (article,) = EXAMPLES.glob("*saepuru*")
    command = ["reindex", str(article), "--index", str(tmp_path / "index"), *options]
    done = subprocess.run(
        [sys.executable, "-m", "indexer", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stderr, done.returncode) == (said, status)
    assert (tmp_path / "index" / "CURRENT").exists() == (not status)
