"""A working directory with a few articles, for tests of the command line."""

from pathlib import Path

import pytest
from command_line import NEWS, run


@pytest.fixture
def working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty one, and no setting from outside."""
    monkeypatch.delenv("KLASTRIOTSING_INDEX", raising=False)
    monkeypatch.delenv("KLASTRIOTSING_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """The directory ``uudised`` with a few articles."""
    folder = tmp_path / "uudised"
    for name, text in NEWS.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def indexed(news: Path, working_directory: None) -> Path:
    """The same, indexed."""
    del working_directory
    assert run("reindex", "uudised").exit_code == 0
    return news
