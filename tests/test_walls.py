"""The house: which room may know which, and what the client's card fixes."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("search", "indexer", "webui")
MAY_KNOW = {"search": {"search"}, "indexer": {"search", "indexer"}, "webui": {"search", "webui"}}


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Imported module names, and whether the import stands inside a function named serve."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    in_serve = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "serve"
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in in_serve
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, id(node) in in_serve


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for name, in_serve in imports(path):
        top = name.split(".")[0]
        if top not in PACKAGES or top in MAY_KNOW[room]:
            continue
        allowed = top == "webui" and path == ROOT / "indexer/cli.py" and in_serve
        assert allowed, f"{room} must not know {name}"


def test_only_the_analysis_room_imports_estnltk() -> None:
    for path in modules():
        if not path.is_relative_to(ROOT / "search/analysis"):
            assert not any(name.split(".")[0] == "estnltk" for name, _ in imports(path)), path


def test_only_the_engine_room_imports_whoosh() -> None:
    for path in modules():
        if not path.is_relative_to(ROOT / "search/engines/whoosh"):
            assert not any(name.split(".")[0] == "whoosh" for name, _ in imports(path)), path


def test_only_the_registry_imports_an_engine() -> None:
    for path in modules():
        if path.is_relative_to(ROOT / "search/engines/whoosh"):
            continue
        known = [name for name, _ in imports(path) if name.startswith("search.engines.whoosh")]
        assert not known or path == ROOT / "search/engines/registry.py", path


def test_the_rooms_of_the_engine_know_only_those_below() -> None:
    below = {
        "execution": {"snapshot", "segment", "kernels"},
        "snapshot": {"segment"},
        "segment": {"kernels"},
        "kernels": set(),
    }
    engine = "search.engines.whoosh."
    for room, may_know in below.items():
        for path in sorted((ROOT / "search/engines/whoosh" / room).glob("*.py")):
            known = {
                name.removeprefix(engine).split(".")[0]
                for name, _ in imports(path)
                if name.startswith(engine)
            }
            assert known <= {room, *may_know}, path


def test_nothing_is_done_at_import() -> None:
    """Importing everything must not load EstNLTK, its pandas or a server."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules()
        if path.name != "__main__.py"
    ]
    code = f"""
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
heavy = [name for name in ("estnltk", "pandas", "matplotlib", "waitress") if name in sys.modules]
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_what_answers_on_the_command_line_loads_no_babel() -> None:
    """An answer in English needs no catalogue; starting is most of what a search there costs."""
    code = (
        "import sys, indexer.cli, indexer.factory, search.service\n"
        "assert 'babel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_card_is_kept() -> None:
    for name in ("pyproject.toml", "README.md", "indexer", "webui", "index", "tests"):
        assert (ROOT / name).exists(), name


def test_files_have_at_most_600_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 600
    }
    assert not long
