"""docs/security.md: every point of level 1 stands there, every test it names exists; and what no
other test shows of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
#: OWASP ASVS 5.0, level 1: section → its points of that level.
LEVEL_ONE = {
    "1.2": "1 2 3 4 5", "1.3": "1 2", "1.5": "1", "2.1": "1", "2.2": "1 2", "2.3": "1",
    "3.2": "1 2", "3.3": "1", "3.4": "1 2", "3.5": "1 2 3", "4.1": "1", "4.4": "1",
    "5.2": "1 2", "5.3": "1 2", "6.1": "1", "6.2": "1 2 3 4 5 6 7 8", "6.3": "1 2",
    "6.4": "1 2", "7.2": "1 2 3 4", "7.4": "1 2", "8.1": "1", "8.2": "1 2", "8.3": "1",
    "9.1": "1 2 3", "9.2": "1", "10.4": "1 2 3 4 5", "11.3": "1 2", "11.4": "1",
    "12.1": "1", "12.2": "1 2", "13.4": "1", "14.2": "1", "14.3": "1", "15.1": "1",
    "15.2": "1", "15.3": "1",
}  # fmt: skip
#: Statements that stand in a variable: made by its own module, of names of our tables and columns.
NAMES_OF_TABLES = {"of"}
HANDED_ON = {"each", "query", "sql", "statement", "query.format(f'{place}.{table}')"}
#: What runs text as a program, or hands it to a shell.
RUNS_TEXT = {"eval", "exec", "os.system", "os.popen", "subprocess.getoutput", "marshal.loads"}


def calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every call in the program."""
    for package in ("search", "indexer", "webui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield path, node


def test_every_point_of_level_one_has_its_row() -> None:
    rows = [line.split("|")[1].split() for line in TEXT.splitlines() if re.match(r"\| \d", line)]
    listed = [point for row in rows for point in row]
    wanted = [f"{section}.{each}" for section, some in LEVEL_ONE.items() for each in some.split()]
    assert sorted(listed) == sorted(wanted)


def test_every_test_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)
    assert len(named) > 50
    for file, function in named:
        path = ROOT / file
        assert path.is_file(), file
        source = path.read_text(encoding="utf-8")
        assert not function or re.search(rf"(?m)^def {function}\(", source), f"{file}::{function}"


def test_programs_of_other_documents_exist() -> None:
    """What a stranger is told to run: files of tests, and targets of make."""
    targets = set(re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for name in (
        "docs/reliability.md",
        "docs/reliability-serving.md",
        "docs/dependencies.md",
        "docs/operation.md",
        "docs/security.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        for file in re.findall(r"\btests/[\w/]+\.(?:py|tsv)\b", text):
            assert (ROOT / file).is_file(), f"{name}: {file}"
        for target in re.findall(r"(?:`|^    )make ([a-z]+)", text, re.MULTILINE):
            assert target in targets, f"{name}: make {target}"


def test_what_has_no_test_is_not_here() -> None:
    """Only what does not exist may go without one."""
    for line in TEXT.splitlines():
        if re.match(r"\| \d", line) and line.rstrip().endswith("| – |"):
            assert "not here" in line or "nothing is encrypted here" in line, line


def test_nothing_is_evaluated_and_no_shell_is_used() -> None:
    for path, call in calls():
        assert ast.unparse(call.func) not in RUNS_TEXT, path
        shells = [each for each in call.keywords if each.arg == "shell"]
        assert not shells, path


def test_statements_of_sql_are_constant() -> None:
    for path, call in calls():
        named = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if named in ("execute", "executemany", "executescript") and call.args:
            said = call.args[0]
            known = is_constant(said) or ast.unparse(said) in HANDED_ON
            assert known, f"{path}: {ast.unparse(call)}"


def is_constant(said: ast.expr) -> bool:
    """A text, a name in capitals, or a text made of such."""
    if isinstance(said, ast.JoinedStr):
        return all(map(is_constant, said.values))
    if isinstance(said, ast.FormattedValue):
        return is_constant(said.value)
    if isinstance(said, ast.IfExp):
        return is_constant(said.body) and is_constant(said.orelse)
    if isinstance(said, ast.Name):
        return said.id.isupper() or said.id in NAMES_OF_TABLES
    return isinstance(said, ast.Constant)
