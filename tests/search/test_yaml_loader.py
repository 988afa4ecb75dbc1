"""What every hand-written YAML file may suffer: file, line and remedy in one line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.extract import load_gazetteer, load_overrides
from search.errors import GazetteerError, KlastriError, OverridesError, TaxonomyError
from search.taxonomy import load_taxonomy

Load = Callable[[Path], object]
LOADERS: list[tuple[Load, type[KlastriError]]] = [
    (load_taxonomy, TaxonomyError),
    (load_gazetteer, GazetteerError),
    (load_overrides, OverridesError),
]
CONTENTS: dict[str, tuple[bytes, str]] = {
    "latin": (b"areas:\n  - id: \xe4\n", "is not UTF-8 (byte 15). Save it again with the enc"),
    "tab": (b"areas:\n\t- id: a\n", "line 2: is not valid YAML"),
    "control": (b"a: 1\nb: \x07\n", "line 2: is not valid YAML (character U+0007 may not st"),
    "bracket": (b"a: [1\nb: 2\n", "line 2: is not valid YAML"),
    "two documents": (b"a: 1\n---\nb: 2\n", "line 2: is not valid YAML"),
    "alias": (b"a: *b\n", "line 1: is not valid YAML (found undefined alias"),
    "key": (b"? [a]\n: 1\n", "line 1: a key of "),
    "list": (b"- a\n", "line 1: "),
    "deep": (b"a: 1\nb: " + b"[" * 5000, "line 2: is nested too deeply. Write it flat"),
    "lists in lists": (b"- " * 5000 + b"a", "line 1: is nested too deeply. Write it flat"),
    "levels": (
        "\n".join(f"{' ' * level}a:" for level in range(400)).encode(),
        "line 301: is nested too deeply. Write it flat",
    ),
    "large": (b" " * 10_000_001, "is larger than 10 MB. Split it or leave entries out"),
}


@pytest.mark.parametrize(("load", "error"), LOADERS)
@pytest.mark.parametrize("name", CONTENTS)
def test_files(tmp_path: Path, load: Load, error: type[KlastriError], name: str) -> None:
    content, said = CONTENTS[name]
    path = tmp_path / "vigane.yaml"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("load", "error"), LOADERS)
def test_paths(tmp_path: Path, load: Load, error: type[KlastriError]) -> None:
    with pytest.raises(error, match=r"cannot be read .no such file or directory.. Check the path"):
        load(tmp_path / "puudub.yaml")
    with pytest.raises(error, match=r"cannot be read .is a directory.. Check the path"):
        load(tmp_path)


def test_letters_and_their_marks_written_apart_are_one(tmp_path: Path) -> None:
    path = tmp_path / "g.yaml"
    path.write_text("organisations: [{name: O\u0303i Liit}]", encoding="utf-8")
    assert load_gazetteer(path).entries[0].name == "Õi Liit"
