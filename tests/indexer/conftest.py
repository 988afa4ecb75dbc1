"""A working directory with a few articles, for tests of the command line."""

import shutil
from pathlib import Path

import pytest
from command_line import NEWS, run


def empty_directory(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Lets ``folder`` be the working directory, and no setting come from outside."""
    patch.delenv("KLASTRIOTSING_INDEX", raising=False)
    patch.delenv("KLASTRIOTSING_CONFIG", raising=False)
    patch.chdir(folder)


def write_news(folder: Path) -> Path:
    """The directory ``uudised`` in ``folder``, with a few articles."""
    news = folder / "uudised"
    for name, text in NEWS.items():
        file = news / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return news


@pytest.fixture(scope="session")
def indexed_news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the news and their index, to be copied."""
    folder = tmp_path_factory.mktemp("indexed")
    write_news(folder)
    with pytest.MonkeyPatch.context() as patch:
        empty_directory(patch, folder)
        assert run("reindex", "uudised").exit_code == 0
    return folder


@pytest.fixture
def working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty one, and no setting from outside."""
    empty_directory(monkeypatch, tmp_path)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """The directory ``uudised`` with a few articles."""
    return write_news(tmp_path)


@pytest.fixture
def indexed(indexed_news: Path, tmp_path: Path, working_directory: None) -> Path:
    """The same, indexed."""
    del working_directory
    shutil.copytree(indexed_news, tmp_path, dirs_exist_ok=True)
    return tmp_path / "uudised"
