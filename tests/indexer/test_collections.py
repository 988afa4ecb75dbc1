"""What an article is of: the site of its address, else the collection that it was read from."""

import zipfile
from pathlib import Path

import pytest

from indexer.sources import open_source
from search.article import Article, site_of
from search.configuration import SourceSettings

NEWS = "Saeveski avas uksed\n\nKülla tuli pool valda.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Valla kirjad"
    (folder / "2016").mkdir(parents=True)
    (folder / "2016" / "a.txt").write_text(NEWS, encoding="utf-8")
    (folder / "b.txt").write_text(f"---\nurl: https://www.Vald.ee/b\n---\n{NEWS}", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "pakk.v2.zip", "w") as packed:
        packed.writestr("c.txt", NEWS)
    return folder


def publishers(settings: SourceSettings) -> list[str]:
    source = open_source(settings)
    found = [each for file in source.scan() for each in source.read(file)]  # type: ignore[arg-type]
    return [each.publisher for each in found if isinstance(each, Article)]


def test_a_directory_is_the_collection_of_what_has_no_address(folder: Path) -> None:
    assert publishers(SourceSettings(str(folder))) == ["Valla kirjad", "vald.ee"]
    named = SourceSettings(str(folder), name=" Kirjad\n2016 ")
    assert publishers(named) == ["Kirjad 2016", "vald.ee"]


def test_an_archive_is_a_collection_and_a_document_is_of_its_directory(folder: Path) -> None:
    assert publishers(SourceSettings(str(folder.parent / "pakk.v2.zip"))) == ["pakk.v2"]
    assert publishers(SourceSettings(str(folder / "2016" / "a.txt"))) == ["2016"]


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.rmel.ee/uudis?x=1", "rmel.ee"),
        ("HTTP://RMEL.ee:8080/", "rmel.ee"),
        ("https://uudised.rmel.ee", "uudised.rmel.ee"),
        ("mailto:a@rmel.ee", ""),
        ("rmel.ee/uudis", ""),
        ("http://[vigane", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_site_is_a_host_without_www(url: str | None, site: str) -> None:
    assert site_of(url) == site
